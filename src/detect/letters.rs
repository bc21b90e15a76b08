//! What folding makes of one character: small, without diacritics, in up to three letters.

use std::sync::LazyLock;

/// What one character becomes: none, or up to three.
#[derive(Clone, Debug, Default)]
pub(super) struct Chars {
    /// The last one first.
    chars: [char; 3],
    pub(super) left: usize,
}

impl Iterator for Chars {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        self.left = self.left.checked_sub(1)?;
        self.chars.get(self.left).copied()
    }
}

/// What [`fold_char`] makes of a character.
pub(super) fn folded(c: char) -> Chars {
    match two_bytes(c) {
        Some(known) => known.chars.clone(),
        None => Chars::of(c),
    }
}

impl Chars {
    fn of(c: char) -> Self {
        let mut folded = String::new();
        fold_char(c, &mut folded);
        let mut all = Self::default();
        for c in folded.chars().rev() {
            if let Some(slot) = all.chars.get_mut(all.left) {
                *slot = c;
                all.left += 1;
            }
        }
        all
    }
}

/// What is known of a character of two bytes, U+0080 to U+07FF.
#[derive(Debug)]
pub(super) struct TwoBytes {
    pub(super) chars: Chars,
    /// What it becomes as UTF-8, filled up with zeros, if it is a letter and becomes letters of at most four bytes.
    pub(super) letters: Option<[u8; 4]>,
    /// Whether it parts words.
    pub(super) is_sign: bool,
}

impl TwoBytes {
    fn of(c: char) -> Self {
        let chars = Chars::of(c);
        let text: String = chars.clone().collect();
        let mut bytes = [0; 4];
        let letters = (!text.is_empty() && text.len() <= 4 && text.chars().all(char::is_alphanumeric)).then(|| {
            bytes.iter_mut().zip(text.bytes()).for_each(|(to, from)| *to = from);
            bytes
        });
        Self { chars, letters, is_sign: !text.is_empty() && !text.contains(char::is_alphanumeric) }
    }

    /// The character of these two bytes.
    #[inline]
    pub(super) fn get(first: u8, second: u8) -> Option<&'static Self> {
        let place = usize::from(first.checked_sub(0xc2)?) * 64 + usize::from(second.checked_sub(0x80)?);
        TWO_BYTES.get(place)
    }
}

/// The letters of Europe that are not ASCII: to fold one costs many times as much as to look it up.
static TWO_BYTES: LazyLock<Box<[TwoBytes]>> = LazyLock::new(|| ('\u{80}'..='\u{7ff}').map(TwoBytes::of).collect());

fn two_bytes(c: char) -> Option<&'static TwoBytes> {
    let place = u32::from(c).checked_sub(0x80)?;
    TWO_BYTES.get(usize::try_from(place).ok()?)
}

/// Combining marks, soft hyphen, zero-width characters and ordinal signs: folded text has none.
pub(super) fn is_removed(c: char) -> bool {
    matches!(
        c,
        '\u{300}'..='\u{36f}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '°' | 'º' | 'ª'
    )
}

fn fold_char(c: char, into: &mut String) {
    let base = match c {
        'À'..='Å' | 'à'..='å' | 'Ā'..='ą' | 'Ǎ' | 'ǎ' | 'Ạ'..='ặ' => 'a',
        'Ç' | 'ç' | 'Ć'..='č' => 'c',
        'Ď'..='đ' | 'Ð' | 'ð' => 'd',
        'È'..='Ë' | 'è'..='ë' | 'Ē'..='ě' | 'Ẹ'..='ệ' => 'e',
        'Ĝ'..='ģ' => 'g',
        'Ĥ'..='ħ' => 'h',
        'Ì'..='Ï' | 'ì'..='ï' | 'Ĩ'..='ı' | 'Ǐ' | 'ǐ' | 'Ỉ'..='ị' => 'i',
        'Ĵ' | 'ĵ' => 'j',
        'Ķ'..='ĸ' => 'k',
        'Ĺ'..='ł' => 'l',
        'Ñ' | 'ñ' | 'Ń'..='ŋ' => 'n',
        'Ò'..='Ö' | 'ò'..='ö' | 'Ø' | 'ø' | 'Ō'..='ő' | 'Ǒ' | 'ǒ' | 'Ọ'..='ợ' => 'o',
        'Ŕ'..='ř' => 'r',
        'Ś'..='š' | 'Ș' | 'ș' => 's',
        'Ţ'..='ŧ' | 'Ț' | 'ț' => 't',
        'Ù'..='Ü' | 'ù'..='ü' | 'Ũ'..='ų' | 'Ǔ'..='ǜ' | 'Ụ'..='ự' => 'u',
        'Ŵ' | 'ŵ' => 'w',
        'Ý' | 'ý' | 'ÿ' | 'Ŷ'..='Ÿ' | 'Ỳ'..='ỹ' => 'y',
        'Ź'..='ž' => 'z',
        'Ά' | 'ά' => 'α',
        'Έ' | 'έ' => 'ε',
        'Ή' | 'ή' => 'η',
        'Ί' | 'ί' | 'ϊ' | 'ΐ' => 'ι',
        'Ό' | 'ό' => 'ο',
        'Ύ' | 'ύ' | 'ϋ' | 'ΰ' => 'υ',
        'Ώ' | 'ώ' => 'ω',
        'ς' => 'σ',
        '’' | '‘' | 'ʼ' | '´' => '\'',
        // full-width forms of ASCII
        '\u{ff01}'..='\u{ff5e}' => {
            let ascii = u8::try_from(u32::from(c) - 0xfee0).unwrap_or(b' ');
            char::from(ascii.to_ascii_lowercase())
        }
        'ß' | 'ẞ' => return into.push_str("ss"),
        'Æ' | 'æ' => return into.push_str("ae"),
        'Œ' | 'œ' => return into.push_str("oe"),
        c if is_removed(c) => return,
        c => return into.extend(c.to_lowercase()),
    };
    into.push(base);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looked_up_is_as_folded() {
        for c in '\u{80}'..='\u{2100}' {
            let mut slow = String::new();
            fold_char(c, &mut slow);
            assert_eq!(folded(c).collect::<String>(), slow, "{c:?}");
            let mut bytes = [0; 4];
            let (2, [first, second, ..]) = (c.encode_utf8(&mut bytes).len(), bytes) else { continue };
            let known = TwoBytes::get(first, second).unwrap();
            let letters = known.letters.map(|letters| letters.into_iter().filter(|byte| *byte != 0).collect());
            let is_word = !slow.is_empty() && slow.chars().all(char::is_alphanumeric);
            assert_eq!(letters, is_word.then(|| slow.clone().into_bytes()), "{c:?}");
            assert_eq!(known.is_sign, !slow.is_empty() && !slow.contains(char::is_alphanumeric), "{c:?}");
        }
        assert!(TwoBytes::get(b'a', 0x80).is_none() && TwoBytes::get(0xe2, 0x80).is_none());
    }
}
