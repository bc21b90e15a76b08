//! What touches a match: the word, number or line that it is only a part of.

use std::ops::Range;

use crate::model::Text;

use super::fold::fold;

fn before(content: &str, at: usize) -> Option<char> {
    content.get(..at)?.chars().next_back()
}

fn after(content: &str, at: usize) -> Option<char> {
    content.get(at..)?.chars().next()
}

fn is_word(c: Option<char>) -> bool {
    c.is_some_and(char::is_alphanumeric)
}

/// Whether a match may begin at `at`: not within a word, nor within a character.
#[inline]
pub(super) fn may_begin_at(content: &str, at: usize) -> bool {
    let bytes = content.as_bytes();
    let (Some(&here), last) = (bytes.get(at), at.checked_sub(1).and_then(|last| bytes.get(last))) else { return false };
    match last {
        Some(last) if *last < 0x80 && here < 0x80 => !(last.is_ascii_alphanumeric() && here.is_ascii_alphanumeric()),
        Some(_) => content.is_char_boundary(at) && !(is_word(before(content, at)) && is_word(after(content, at))),
        None => true,
    }
}

/// Whether the word at the end of a match goes on after it.
pub(super) fn ends_inside_word(content: &str, end: usize) -> bool {
    is_word(after(content, end)) && is_word(before(content, end))
}

/// Whether digits at the edge of the value go on beyond a joint: parts of a UUID, of a decimal
/// number, of a version, of an IP address, of `12345678901/2024`.
pub(super) fn is_fragment(content: &str, span: &Range<usize>) -> bool {
    let Some(value) = content.get(span.clone()) else { return false };
    let joint = |c: &char| matches!(c, '-' | '_' | '.' | '/' | '\\' | '+' | '=');
    let is_part = |c: &char| c.is_ascii_alphanumeric();
    if value.starts_with(|c: char| c.is_ascii_digit()) {
        let mut chars = content.get(..span.start).unwrap_or_default().chars().rev();
        if chars.next().as_ref().is_some_and(joint)
            && chars.take_while(is_part).take(LONGEST_PART).any(|c| c.is_ascii_digit())
        {
            return true;
        }
    }
    if value.ends_with(|c: char| c.is_ascii_digit()) {
        let tail = content.get(span.end..).unwrap_or_default();
        let mut chars = tail.chars();
        let first = chars.next();
        let part = || chars.clone().take_while(is_part).take(LONGEST_PART);
        // A comma before two digits makes an amount; other commas separate values.
        let cents = || part().count() == 2 && !tail.get(3..).unwrap_or_default().starts_with(',');
        return (first.as_ref().is_some_and(joint) || (first == Some(',') && cents()))
            && part().any(|c| c.is_ascii_digit());
    }
    false
}

/// Whether a sign of code or of a path touches the match: `MS_READ`, `MS-Windows`, `Signal(`.
pub(super) fn is_part_of_code(content: &str, span: &Range<usize>) -> bool {
    matches!(before(content, span.start), Some('_' | '-' | '/' | '\\' | '@' | '#' | '$'))
        || matches!(after(content, span.end), Some('_' | '(' | '=' | '@'))
}

/// How far a part beside a joint is read.
const LONGEST_PART: usize = 40;

/// Whether the match is all of its line, or its cell, but for punctuation, the word `classification`, page and
/// copy numbers, whom the paper may be shown to, the same level in another language, and, in a column of its own,
/// the number of the paper.
pub(super) fn is_whole_line(content: &str, span: &Range<usize>) -> bool {
    let ends = |c: char| matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    let head = content.get(..span.start).unwrap_or_default();
    let tail = content.get(span.end..).unwrap_or_default();
    let before = head.char_indices().rev().take(LONGEST_SIDE + 1).take_while(|(_, c)| !ends(*c));
    let (length, start) = before.fold((0, head.len()), |(length, _), (at, _)| (length + 1, at));
    let after = tail.char_indices().take(LONGEST_SIDE + 1).take_while(|(_, c)| !ends(*c));
    let (other, end) = after.fold((0, 0), |(length, _), (at, c)| (length + 1, at + c.len_utf8()));
    if length.max(other) > LONGEST_SIDE {
        return false;
    }
    let (before, after) = (head.get(start..).unwrap_or_default(), tail.get(..end).unwrap_or_default());
    // In a column of its own the number of the paper may stand.
    let (far_before, before) = before.rsplit_once(GAP).unwrap_or(("", before));
    let (after, far_after) = after.split_once(GAP).unwrap_or((after, ""));
    let is_known = |word: &str| {
        word.bytes().all(|b| b.is_ascii_digit())
            || [BESIDE_MARKING, RELEASED_TO, LEVELS].iter().any(|words| words.contains(&word))
    };
    // Signs of programs and of regular expressions stand on no paper.
    let is_code = |side: &str| side.contains(['$', '^', '~', '\\', '{', '}', '@', '%']);
    let is_beside = |side: &str| {
        !has_other_word(side) && !is_code(side) && fold(side).split(|c: char| !c.is_alphanumeric()).all(is_known)
    };
    is_beside(before)
        && is_beside(after)
        && [far_before, far_after].into_iter().all(|column| is_number_of_paper(column) || is_beside(column))
}

/// Bytes before what opens a line: `nr ew. 1188  `, `12. Fam. `.
const LONGEST_LEAD: usize = 24;
/// Letters of a title or an abbreviation there, and how many of them may stand there.
const LONGEST_TITLE: usize = 5;
const MOST_TITLES: usize = 2;

/// Whether nothing but numbers, a bullet and an abbreviation or title stands before `start` in its line or cell.
pub fn opens_line(content: &str, start: usize) -> bool {
    // Lines may be very long: only the bytes that count are looked at.
    let from = content.floor_char_boundary(start.saturating_sub(LONGEST_LEAD + 1));
    let head = content.get(from..start).unwrap_or_default();
    let lead = head.rsplit(['\n', '\r', '\t', '|', '\u{c}']).next().unwrap_or_default();
    if lead.len() > LONGEST_LEAD {
        return false;
    }
    let mut words = lead.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    words.by_ref().take(MOST_TITLES).all(|word| word.chars().count() <= LONGEST_TITLE) && words.next().is_none()
}

/// Whether the match opens its line and what follows sets it apart: the end, a gap, a colon, a bracket, a number.
pub(super) fn heads_line(content: &str, span: &Range<usize>) -> bool {
    let tail = content.get(span.end..).unwrap_or_default();
    let mut after = tail.chars();
    let apart = match after.next() {
        None | Some('\n' | '\r' | '\t' | ':' | ',' | ';' | '|') => true,
        Some(' ') => after.next().is_none_or(|c| " -–—(:|.;=+*".contains(c) || c.is_ascii_digit()),
        _ => false,
    };
    // `Czech, German, Greek`: words of a list, and no surname before its first name.
    let listed = tail.starts_with(',') && content.get(span.clone()).is_some_and(|value| value.contains(','));
    apart && !listed && opens_line(content, span.start)
}

/// Whether a plain word is none of those that may stand beside a marking: most lines are told by their first.
fn has_other_word(side: &str) -> bool {
    let mut words = side.split([' ', ',', ';', ':', '(', ')']);
    words.any(|word| {
        word.len() >= 3
            && word.bytes().all(|byte| byte.is_ascii_alphabetic())
            && ![BESIDE_MARKING, RELEASED_TO, LEVELS]
                .iter()
                .any(|words| words.iter().any(|known| word.eq_ignore_ascii_case(known)))
    })
}

/// Capitals and digits, such as `EMAD-OPS-114`.
fn is_number_of_paper(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
        && !text.contains(char::is_lowercase)
        && text.split_whitespace().count() <= 3
}

/// What parts columns of a line.
const GAP: &str = "   ";

/// Characters that may stand in one line with a marking, before it and after it.
const LONGEST_SIDE: usize = 80;

/// Words that stand in one line with a marking. Folded.
const BESIDE_MARKING: &[&str] = &[
    "classifica",
    "classificazione",
    "classificato",
    "classification",
    "classified",
    "di",
    "segretezza",
    "livello",
    "level",
    "einstufung",
    "vs",
    "geheimhaltungsgrad",
    "pagina",
    "pag",
    "page",
    "seite",
    "copia",
    "copy",
    "ausfertigung",
    "esemplare",
    "exemplaire",
    "of",
    "von",
    "su",
    "n",
    "nr",
    "no",
    "sur",
    "de",
    "niveau",
    "mention",
    "marking",
    "security",
    "rel",
    "to",
    "releasable",
    "internal",
    "handling",
    // Descriptors and prefixes of British markings.
    "uk",
    "hmg",
    "commercial",
    "personal",
    "locsen",
];

/// Who a paper may be shown to, as markings have it: states by ISO 3166, unions, and the words around them. Folded.
const RELEASED_TO: &[&str] = &[
    "alb", "aus", "aut", "bel", "bgr", "can", "che", "cyp", "cze", "deu", "dnk", "esa", "esp", "est", "eu", "eyes",
    "fin", "fra", "fvey", "gbr", "grc", "hrv", "hun", "irl", "isl", "ita", "ltu", "lux", "lva", "mkd", "mlt", "mne",
    "nato", "nld", "nor", "nzl", "occar", "only", "otan", "pol", "prt", "release", "rou", "svk", "svn", "swe", "tur",
    "ue", "uk", "us", "usa",
];

/// Words of levels: a marking may stand in two languages. Folded.
const LEVELS: &[&str] = &[
    "confidencial",
    "confidencieel",
    "confidential",
    "confidentiel",
    "difusion",
    "diffusion",
    "geheim",
    "limitada",
    "poufne",
    "reservado",
    "restreint",
    "restreinte",
    "restricted",
    "riservatissimo",
    "riservato",
    "ristretto",
    "secret",
    "secreto",
    "segretissimo",
    "segreto",
    "tajne",
    "top",
    "vertraulich",
    "vertrouwelijk",
    "zastrzezone",
];

/// Whether another phrase of the same detector that says something else stands in the same
/// record or line, or in the next or previous one.
pub(super) fn has_different_neighbour(text: &Text, spans: &[Range<usize>], i: usize) -> bool {
    let content = text.content();
    let Some(span) = spans.get(i) else { return false };
    let said = |span: &Range<usize>| fold(content.get(span.clone()).unwrap_or_default());
    let here = said(span);
    let record = text.record(span.start);
    let far = |other: &Range<usize>| {
        let between = if other.start < span.start { other.end..span.start } else { span.end..other.start };
        between.len() > 400 || text.record(other.start).abs_diff(record) > 1 || {
            let between = content.get(between).unwrap_or_default();
            text.record(other.start) != record && between.matches('\n').count() > 2
        }
    };
    // One marking in two languages.
    let is_joined = |other: &Range<usize>| {
        let between = if other.start < span.start { other.end..span.start } else { span.end..other.start };
        let between = content.get(between).unwrap_or_default().trim_matches(' ');
        matches!(between, "/" | "-" | "–" | "—" | "|")
    };
    let differs = |other: &Range<usize>| !is_joined(other) && said(other) != here;
    let (earlier, later) = (spans.get(..i).unwrap_or_default(), spans.get(i + 1..).unwrap_or_default());
    earlier.iter().rev().take_while(|other| !far(other)).any(differs)
        || later.iter().take_while(|other| !far(other)).any(differs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heads(content: &str, value: &str) -> bool {
        let start = content.find(value).unwrap();
        heads_line(content, &(start..start + value.len()))
    }

    #[test]
    fn entries_of_a_list() {
        for (content, value) in [
            ("Alder Kim    41,20", "Alder Kim"),
            ("x\nnr ew. 1188  Alder Kim\t41", "Alder Kim"),
            ("- Alder Kim: ill", "Alder Kim"),
            ("12. Fam. Alder Kim (2012)", "Alder Kim"),
            ("Alder Kim", "Alder Kim"),
            ("Ο Alder Kim, x", "Alder Kim"),
        ] {
            assert!(heads(content, value), "{content}");
        }
        for (content, value) in [
            ("Alder Kim called", "Alder Kim"),
            ("it was then Alder Kim: no", "Alder Kim"),
            ("a far longer line than that, Alder Kim: no", "Alder Kim"),
            ("yesterday Alder Kim: no", "Alder Kim"),
            ("Alder Kim's: no", "Alder Kim"),
            ("Alder, Kim, Birch, Pat", "Alder, Kim"),
            ("0123456789 0123456789 01234 Alder Kim: no", "Alder Kim"),
        ] {
            assert!(!heads(content, value), "{content}");
        }
    }
}
