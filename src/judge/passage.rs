//! What the words around a match say: a form left blank, an amount of money, the wording of a policy.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// Words of notices, registers and laws about personal data.
static POLICY: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| phrases(include_str!("policy.txt")));

/// One word or phrase a line, a `#` before what is none; `·` is a space at its edge. The case of ASCII letters does
/// not matter.
pub(super) fn phrases(list: &str) -> Option<AhoCorasick> {
    let phrases =
        list.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| line.replace('·', " "));
    AhoCorasick::builder().ascii_case_insensitive(true).match_kind(MatchKind::LeftmostFirst).build(phrases).ok()
}

/// Whether the passage speaks about data protection: two such words within 500 bytes.
pub(super) fn speaks_of_data_protection(content: &str, span: &Range<usize>) -> bool {
    let Some(words) = &*POLICY else { return false };
    let passage = window(content, span.start.saturating_sub(500), span.end.saturating_add(500));
    let mut seen = None;
    words.find_iter(passage).any(|word| {
        let new = seen.is_some_and(|first| first != word.pattern());
        seen.get_or_insert(word.pattern());
        new
    })
}

/// Words that open what may happen and has not.
static CONDITIONS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| phrases(include_str!("conditions.txt")));

/// Whether the sentence before the match says that it speaks of a possibility: `in caso di ...`.
pub(super) fn is_conditional(content: &str, span: &Range<usize>) -> bool {
    let before = window(content, span.start.saturating_sub(250), span.start);
    let sentence = sentence_in(before);
    // The words of the match itself may begin with the condition.
    let clause = before.get(sentence..).unwrap_or_default();
    CONDITIONS.as_ref().is_some_and(|words| words.is_match(clause))
}

/// Where the last sentence begins: after a sign that ends one, an empty line or a tab.
fn sentence_in(before: &str) -> usize {
    let bytes = before.as_bytes();
    let ends = |(at, byte): (usize, &u8)| match (byte, bytes.get(at + 1)) {
        (b';' | b'\t', _) => Some(at + 1),
        (b'.' | b'!' | b'?', Some(b' ')) | (b'.' | b'\n', Some(b'\n')) => Some(at + 2),
        _ => None,
    };
    bytes.iter().enumerate().rev().find_map(ends).unwrap_or(0)
}

/// Whether the match is a label of a form that nobody filled in: before underscores, dots or
/// an empty date mask, before a colon and nothing, or beside an empty box. In a labelled field
/// the value ends with its line.
pub(super) fn is_blank(content: &str, span: &Range<usize>, fields: bool) -> bool {
    let before = window(content, span.start.saturating_sub(40), span.start);
    let before = before.rsplit(['\n', '\t']).next().unwrap_or_default();
    // All boxes have one of these.
    if before.bytes().any(|byte| byte >= 0x80 || matches!(byte, b'[' | b'(' | b'|')) {
        let checked = last_box(before, CHECKED);
        let unchecked = last_box(before, UNCHECKED);
        if checked.is_some() || unchecked.is_some() {
            return unchecked > checked;
        }
    }
    let after = window(content, span.end, span.end.saturating_add(160));
    let gap = after.chars().take_while(|c| c.is_alphabetic() || " '’()/,°-".contains(*c)).map(char::len_utf8).sum();
    let Some(rest) = after.get(gap..) else { return false };
    let words = window(after, 0, gap.min(60));
    // All masks have one of these.
    if words.contains(['/', '-', '.']) {
        let words = words.to_lowercase();
        if DATE_MASKS.iter().any(|mask| words.contains(mask)) {
            return true;
        }
    }
    let label = gap <= 40;
    if label && starts_blank(rest.trim_start_matches([':', ' ', '\u{a0}', '.', '=']), rest) {
        return true;
    }
    let line = after.split(['\n', '\t']).next().unwrap_or_default();
    if let Some((_, value)) = line.split_once(':').filter(|(label, _)| label.len() <= 40)
        && starts_blank(value.trim_start(), value)
    {
        return true;
    }
    let Some(value) = rest.strip_prefix(':').filter(|_| gap <= 3) else { return false };
    let mut lines = value.split('\n');
    if !lines.next().unwrap_or_default().trim().is_empty() {
        return false;
    }
    // Nothing on its line: in prose the value may stand on the next one.
    match lines.map(str::trim).find(|line| !line.is_empty()) {
        Some(next) if !fields => starts_blank(next, next) || next.chars().take(40).any(|c| c == ':'),
        _ => true,
    }
}

const UNCHECKED: &[&str] = &["☐", "□", "❑", "❏", "◻", "[ ]", "[]", "( )", "|_|", "[_]"];
const CHECKED: &[&str] = &["☑", "☒", "✓", "✔", "■", "🗹", "[x]", "[X]", "(x)", "(X)", "|x|", "|X|"];

const DATE_MASKS: &[&str] = &[
    "gg/mm", "dd/mm", "mm/dd", "tt/mm", "jj/mm", "mm/aaaa", "dd-mm", "gg-mm", "dd.mm", "zz.ll", "zz/ll", "rrrr-mm",
    "rrrr/mm", "pp.kk", "dd. mm",
];

fn last_box(before: &str, boxes: &[&str]) -> Option<usize> {
    boxes.iter().filter_map(|mark| before.rfind(mark)).max()
}

/// `trimmed` is `rest` without the punctuation of a label.
fn starts_blank(trimmed: &str, rest: &str) -> bool {
    const MASKS: &[&str] = &["tt.mm", "|__", "/  /", "xx/xx", "<", "«", "{"];
    let lower = trimmed.get(..8).unwrap_or(trimmed).to_lowercase();
    trimmed.starts_with("__")
        || rest.trim_start_matches([':', ' ']).starts_with("....")
        || trimmed.starts_with("……")
        || trimmed.starts_with('…')
        || UNCHECKED.iter().any(|mark| trimmed.starts_with(mark))
        || MASKS.iter().any(|mark| lower.starts_with(mark))
}

/// Whether an amount of money stands within 120 bytes after the match or 40 before it.
pub(super) fn has_amount(content: &str, span: &Range<usize>) -> bool {
    let near = window(content, span.start.saturating_sub(40), span.end.saturating_add(120));
    is_amount(near)
}

/// How amounts name their currency.
const SIGNS: &[&str] = &[
    "€", "EUR", "Euro", "euro", "CHF", "£", "Fr.", "USD", "zł", "PLN", "lei", "RON", "Kč", "CZK", "Ft", "HUF", "kr",
    "SEK", "DKK", "NOK", "лв", "BGN",
];

/// `1.234,56`, `1234.56`, `€ 1200`, `1 200 EUR`; not a date, a time or a version.
pub(super) fn is_amount(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let dot = |i: usize| bytes.get(i).is_some_and(|b| matches!(b, b'.' | b',' | b'\'' | b'/' | b'-' | b':'));
    let cents = |i: usize| {
        matches!(bytes.get(i), Some(b',' | b'.'))
            && i.checked_sub(1).is_some_and(digit)
            && digit(i + 1)
            && digit(i + 2)
            && !digit(i + 3)
            && !(dot(i + 3) && digit(i + 4))
    };
    if (0..bytes.len()).any(|i| cents(i) && !follows_date(bytes, i)) {
        return true;
    }
    SIGNS.iter().any(|sign| {
        text.match_indices(sign).any(|(at, sign)| {
            let after = text.get(at + sign.len()..).unwrap_or_default();
            // `12 kranten`, `30 leien`
            if sign.len() < 4 && sign.is_ascii() && after.starts_with(char::is_alphabetic) {
                return false;
            }
            let after = after.trim_start();
            let before = text.get(..at).unwrap_or_default().trim_end();
            after.starts_with(|c: char| c.is_ascii_digit())
                || before.trim_end_matches(['-', '–', '.', ',']).ends_with(|c: char| c.is_ascii_digit())
        })
    })
}

/// Whether the two digits before the dot at `i` follow another one: `12.03.24`.
fn follows_date(bytes: &[u8], i: usize) -> bool {
    let run = bytes.get(..i).unwrap_or_default().iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let before = i.checked_sub(run + 1).and_then(|at| bytes.get(at));
    run <= 2 && matches!(before, Some(b'.' | b'/' | b'-' | b':'))
}

/// A stretch of the content, widened to whole characters.
pub(super) fn window(content: &str, start: usize, end: usize) -> &str {
    let start = content.floor_char_boundary(start.min(content.len()));
    let end = content.ceil_char_boundary(end.min(content.len()));
    content.get(start..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blank(text: &str, word: &str) -> bool {
        let start = text.find(word).unwrap();
        is_blank(text, &(start..start + word.len()), false)
    }

    #[test]
    fn forms_that_nobody_filled_in() {
        for (text, word) in [
            ("Diagnosi: ______________", "Diagnosi"),
            ("Diagnosi:\n\n\n", "Diagnosi"),
            ("Diagnosi:\nPrognosi:\n", "Diagnosi"),
            ("assente per malattia dal ___/___/____ al", "malattia"),
            ("affetto da ................................ ", "affetto da"),
            ("malattia dal gg/mm/aaaa", "malattia"),
            ("☐ ferie  ☐ malattia", "malattia"),
            ("[ ] permesso L. 104/92", "L. 104/92"),
            ("iscritto al sindacato ☐ sì ☐ no", "iscritto al sindacato"),
            ("Diagnose: {{diagnose}}", "Diagnose"),
            ("categoria protetta L. 68/99:  [ ] sì  [ ] no", "categoria protetta"),
        ] {
            assert!(blank(text, word), "{text}");
        }
    }

    #[test]
    fn forms_that_somebody_filled_in() {
        for (text, word) in [
            ("Diagnosi: lombalgia acuta", "Diagnosi"),
            ("Diagnosi:\nlombalgia acuta\n", "Diagnosi"),
            ("assente per malattia.", "malattia"),
            ("assente per malattia dal 12/03/2024", "malattia"),
            ("☒ malattia ☐ ferie", "malattia"),
            ("[x] permesso L. 104/92 [ ] ferie", "L. 104/92"),
            ("Trattenuta sindacale CGIL 12,50", "Trattenuta sindacale"),
        ] {
            assert!(!blank(text, word), "{text}");
        }
    }

    #[test]
    fn amounts() {
        for text in [
            "netto 1.234,56",
            "net pay £1,204",
            "1 200 EUR",
            "1'234.50",
            "€ 900",
            "totale 12,00 ",
            "netto 4200 lei",
            "12 000 kr.",
        ] {
            assert!(is_amount(text), "{text}");
        }
        for text in
            ["il 12.03.2024", "il 12.03.24 alle", "ore 10.30.15", "versione 1.2", "art. 42", "12/03/2024", "12 kranten"]
        {
            assert!(!is_amount(text), "{text}");
        }
    }

    #[test]
    fn what_may_happen_has_not() {
        let conditional = |text: &str, word: &str| {
            let start = text.find(word).unwrap();
            is_conditional(text, &(start..start + word.len()))
        };
        assert!(conditional("In caso di malattia Lei invierà il certificato medico", "certificato medico"));
        assert!(conditional("If you are off work, send a sick note", "sick note"));
        assert!(!conditional("In caso di dubbi chiamare. Ha inviato il certificato medico", "certificato medico"));
    }

    #[test]
    fn a_notice_speaks_of_data_protection() {
        let text = "Informativa ai sensi dell'art. 13 del Regolamento (UE) 2016/679: dati sulla salute";
        let at = text.find("salute").unwrap();
        assert!(speaks_of_data_protection(text, &(at..at + 6)));
        assert!(!speaks_of_data_protection("Informativa: stato di salute", &(13..28)));
    }
}
