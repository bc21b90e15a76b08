//! How much the letters beyond ASCII look like words, to tell which code page a text was written in.

/// What stands around a character in the same word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
    None,
}

fn script(c: char) -> Script {
    match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => Script::Latin,
        '\u{370}'..='\u{3ff}' => Script::Greek,
        '\u{400}'..='\u{52f}' => Script::Cyrillic,
        _ => Script::None,
    }
}

/// Letters with which the languages of Europe are written, the frequent ones first.
const FREQUENT: &str = "àèéìòùäöüßáíóúñçãêõøåæ";
const USUAL: &str = "âîôûëïąćęłńśźżčďěňřšťůýžőűășțşţđğıāēīņūļķģėįųœþð";

/// The letters beyond ASCII of one language each: Italian, French, German, Spanish, Portuguese, Dutch, Danish and
/// Norwegian, Swedish and Finnish, Polish, Czech and Slovak, Hungarian, Romanian, Croatian and Slovene, Turkish,
/// Estonian, Latvian, Lithuanian, Catalan, Icelandic.
const ALPHABETS: [&str; 19] = [
    "àèéìòùî",
    "àâæçéèêëîïôùûüÿœ",
    "äöüß",
    "áéíñóúü",
    "áâãàçéêíóôõúü",
    "áéèëïóöü",
    "æøåéö",
    "åäöé",
    "ąćęłńóśźż",
    "áčďéěíňóřšťúůýžäľĺŕô",
    "áéíóöőúüű",
    "ăâîșțşţ",
    "čćđšž",
    "çğıöşüâîi",
    "äöõüšž",
    "āčēģīķļņšūž",
    "ąčęėįšųūž",
    "àçéèíïóòúü",
    "áðéíóúýþæö",
];

/// What the Latin letters of a text, with their counts, are worth together: those of one language, or of none.
fn together(letters: &[(char, i64)]) -> i64 {
    let worth = |alphabet: &str| -> i64 {
        letters.iter().map(|(c, count)| if alphabet.contains(*c) { 2 * count } else { -4 * count }).sum()
    };
    ALPHABETS.iter().map(|alphabet| worth(alphabet)).max().unwrap_or(0)
}

/// The sum over all bytes beyond ASCII, and how many there are. `upper` are the characters from 0x80 on.
pub(super) fn score(bytes: &[u8], upper: &[char; 128]) -> (i64, i64) {
    let character = |byte: u8| match byte.checked_sub(0x80) {
        None => char::from(byte),
        Some(index) => upper.get(usize::from(index)).copied().unwrap_or('\u{fffd}'),
    };
    let (mut sum, mut count) = (0, 0);
    let mut letters: Vec<(char, i64)> = Vec::new();
    for (at, byte) in bytes.iter().enumerate().filter(|(_, byte)| **byte >= 0x80) {
        let near = |offset: Option<usize>| offset.and_then(|at| bytes.get(at)).map_or(' ', |byte| character(*byte));
        let (before, c, after) = (near(at.checked_sub(1)), character(*byte), near(at.checked_add(1)));
        count += 1;
        sum += if c.is_alphabetic() { letter(before, c, after) } else { sign(before, c, after) };
        if script(c) == Script::Latin {
            let small = lower(c);
            match letters.iter_mut().find(|(known, _)| *known == small) {
                Some((_, times)) => *times += 1,
                None => letters.push((small, 1)),
            }
        }
    }
    (sum + together(&letters), count)
}

/// In lower case; the Turkish capital with a dot goes with the small one without.
fn lower(c: char) -> char {
    if c == 'İ' { 'ı' } else { c.to_lowercase().next().unwrap_or(c) }
}

fn letter(before: char, c: char, after: char) -> i64 {
    let own = script(c);
    let mixes = |other: char| other.is_alphabetic() && script(other) != own;
    if own == Script::None || mixes(before) || mixes(after) {
        return -6;
    }
    let mut score = match own {
        Script::Latin => {
            let small = lower(c);
            if FREQUENT.contains(small) {
                3
            } else if USUAL.contains(small) {
                2
            } else {
                -2
            }
        }
        // Russian and Bulgarian have these, their neighbours a few more.
        Script::Cyrillic if !matches!(c, 'А'..='я') => 2,
        _ if script(before) == own || script(after) == own => 4,
        _ => 2,
    };
    // Two accents side by side are rare but for long vowels.
    if own == Script::Latin && !before.is_ascii() && script(before) == own && before != c {
        score -= 4;
    }
    if c.is_uppercase() && before.is_lowercase() {
        score -= 6;
    } else if c.is_uppercase() && after.is_lowercase() && before.is_uppercase() {
        score -= 3;
    } else if c.is_lowercase() && before.is_uppercase() && after.is_uppercase() {
        score -= 4;
    }
    // A word of one letter is one of few.
    if !before.is_alphanumeric()
        && !after.is_alphanumeric()
        && own == Script::Latin
        && !"àèéòóáíöåæøßÀÈÉÒÓÁÍÖÅÆØ".contains(c)
    {
        score -= 3;
    }
    score
}

fn sign(before: char, c: char, after: char) -> i64 {
    let in_word = before.is_alphabetic() && after.is_alphabetic();
    match c {
        '\u{80}'..='\u{9f}' | '\u{fffd}' | '\u{e000}'..='\u{f8ff}' => -10,
        '’' if in_word => 2,
        // Words trail off: as likely as that they end in an accent.
        '…' if before.is_alphabetic() && !after.is_alphabetic() => 5,
        // Set at the end of a word, of a number.
        '’' | '”' | '…' | '»' | '\u{a0}' if !after.is_alphabetic() => 2,
        '“' | '‘' | '„' | '«' | '¿' | '¡' if !before.is_alphabetic() => 2,
        '–' | '—' | '€' | '£' | '°' | 'º' | '§' | '²' | '³' | '½' | '±' | '•' | '·' | '©' | '®' | '™'
            if !before.is_alphabetic() && !after.is_alphabetic() =>
        {
            2
        }
        // Frames of DOS come in rows.
        '\u{2500}'..='\u{259f}' => {
            let is_frame = |c: char| matches!(c, '\u{2500}'..='\u{259f}') || c.is_whitespace();
            if is_frame(before) && is_frame(after) { 1 } else { -4 }
        }
        _ if in_word => -6,
        _ if before.is_alphabetic() || after.is_alphabetic() => -4,
        _ => -1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::code_pages::CodePage;

    fn upper(page: CodePage) -> [char; 128] {
        let mut all = ['\u{fffd}'; 128];
        all.iter_mut().zip(page.upper().chars()).for_each(|(to, from)| *to = from);
        all
    }

    #[test]
    fn words_score_better_in_their_own_code_page() {
        let polish = b"\xbf\xa2\x88\x86 Zar\xa5d \xf2";
        let (central, count) = score(b"wy\xbe\x9dcz prosz\xa9 \x98wiadectwo", &upper(CodePage::Dos852));
        let (western, _) = score(b"wy\xbe\x9dcz prosz\xa9 \x98wiadectwo", &upper(CodePage::Dos850));
        assert_eq!(count, 4);
        assert!(central > western, "{central} {western}");
        assert!(score(polish, &upper(CodePage::Dos850)).0 < 0);
        assert_eq!(score(b"ASCII", &upper(CodePage::Dos850)), (0, 0));
    }
}
