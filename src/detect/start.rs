//! What a pattern can begin with: by this the engine finds where it is worth trying.
//!
//! Everything here is an over-estimate: what is said to be impossible is impossible.

use regex_syntax::hir::{Class, Hir, HirKind};
use serde::{Deserialize, Serialize};

use super::byte_set::ByteSet;
use super::first_number::FirstNumber;
use super::opening::Opening;
use super::start_words::{StartWord, start_words};

/// What the matches of one pattern have in common.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Start {
    /// The bytes with which a match can begin.
    pub(super) first: ByteSet,
    /// What stands behind the first word; none if that tells nothing.
    pub(super) opening: Option<Opening>,
    /// If every match holds a digit: the run that holds the first one.
    pub(super) number: Option<FirstNumber>,
    /// The most bytes that a match can have; none if there is no end to it.
    pub(super) longest: Option<usize>,
    /// If every match begins with one of a few words: those.
    pub(super) words: Option<Vec<StartWord>>,
}

impl Start {
    /// With `holds_digit`, matches without a digit are none.
    pub(super) fn of(hir: &Hir, holds_digit: bool) -> Self {
        let mut first = ByteSet::default();
        let nullable = first_bytes(hir, &mut first);
        if nullable {
            first = ByteSet::ALL;
        }
        Self {
            first,
            opening: Opening::of(hir),
            number: FirstNumber::of(hir, holds_digit),
            longest: hir.properties().maximum_len(),
            words: start_words(hir),
        }
    }
}

/// Adds the bytes with which a match of `hir` can begin; whether it can be empty.
fn first_bytes(hir: &Hir, into: &mut ByteSet) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => match literal.0.first() {
            Some(&byte) => {
                into.insert(byte);
                false
            }
            None => true,
        },
        HirKind::Class(class) => {
            for_each_range(class, |from, to| {
                // Of longer characters the first bytes ascend with the characters.
                (first_byte(from)..=first_byte(to)).for_each(|byte| into.insert(byte));
            });
            false
        }
        HirKind::Repetition(repetition) => first_bytes(&repetition.sub, into) || repetition.min == 0,
        HirKind::Capture(capture) => first_bytes(&capture.sub, into),
        HirKind::Concat(parts) => parts.iter().all(|part| first_bytes(part, into)),
        HirKind::Alternation(parts) => {
            // Every part adds its bytes, also after one that can be empty.
            let mut nullable = false;
            for part in parts {
                nullable |= first_bytes(part, into);
            }
            nullable
        }
    }
}

pub(super) fn first_byte(c: u32) -> u8 {
    let mut buffer = [0; 4];
    char::from_u32(c).and_then(|c| c.encode_utf8(&mut buffer).bytes().next()).unwrap_or(0xff)
}

pub(super) fn for_each_range(class: &Class, each: impl FnMut(u32, u32)) {
    // The Kelvin sign and the long s come with `k` and `s` where case is no matter; no identifier has them.
    let mut each = each;
    let mut each = |from, to| {
        if !(from == to && matches!(from, 0x212a | 0x17f)) {
            each(from, to);
        }
    };
    match class {
        Class::Unicode(class) => class.iter().for_each(|range| each(u32::from(range.start()), u32::from(range.end()))),
        Class::Bytes(class) => class.iter().for_each(|range| each(u32::from(range.start()), u32::from(range.end()))),
    }
}

/// The most bytes before the first place where a match holds `part`, as far as a literal in the
/// pattern tells.
pub(super) fn farthest(hir: &Hir, part: &str) -> Option<usize> {
    match hir.kind() {
        HirKind::Literal(literal) => memchr::memmem::find(&literal.0, part.as_bytes()),
        HirKind::Capture(capture) => farthest(&capture.sub, part),
        HirKind::Repetition(repetition) if repetition.min > 0 => farthest(&repetition.sub, part),
        HirKind::Alternation(parts) => parts.iter().try_fold(0, |most, one| Some(farthest(one, part)?.max(most))),
        HirKind::Concat(parts) => {
            let mut before = 0_usize;
            for one in parts {
                if let Some(within) = farthest(one, part) {
                    return Some(before + within);
                }
                before += one.properties().maximum_len()?;
            }
            None
        }
        _ => None,
    }
}

/// The bytes that can stand in a match before the place that [`farthest`] means; if that is nowhere, in all of it.
pub(super) fn bytes_before(hir: &Hir, part: &str) -> ByteSet {
    let mut bytes = ByteSet::default();
    add_bytes(hir, farthest(hir, part).map(|_| part), &mut bytes);
    bytes
}

/// Adds the bytes of matches, up to `part` if that is looked for.
fn add_bytes(hir: &Hir, part: Option<&str>, into: &mut ByteSet) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => literal.0.iter().for_each(|byte| into.insert(*byte)),
        HirKind::Class(class) => for_each_range(class, |from, to| {
            (from..=to.min(0x7f)).filter_map(|c| u8::try_from(c).ok()).for_each(|byte| into.insert(byte));
            if to > 0x7f {
                into.add(&ByteSet::of(0x80..=0xff));
            }
        }),
        HirKind::Repetition(repetition) => add_bytes(&repetition.sub, part, into),
        HirKind::Capture(capture) => add_bytes(&capture.sub, part, into),
        HirKind::Alternation(parts) => parts.iter().for_each(|one| add_bytes(one, part, into)),
        HirKind::Concat(parts) => {
            for one in parts {
                add_bytes(one, part, into);
                if part.is_some_and(|part| farthest(one, part).is_some()) {
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(pattern: &str) -> Start {
        Start::of(&regex_syntax::parse(pattern).unwrap(), false)
    }

    #[test]
    fn a_start_is_read_as_it_was_written() {
        for pattern in [r"\+?[0-9]{2,30}[ -]?[0-9]{2}", "(?i)pass(?:word|wd) ?:", "[é-ö]+", "[A-Z0-9]*[0-9]"] {
            let start = start(pattern);
            let json = serde_json::to_string(&start).unwrap();
            let read: Start = serde_json::from_str(&json).unwrap();
            assert_eq!(format!("{read:?}"), format!("{start:?}"));
        }
    }

    #[test]
    fn first_bytes_of_all_ways() {
        let first = start(r"(?-u:\b)(?:x|[+(]?[0-9]|é)").first;
        assert_eq!(first.iter().collect::<Vec<u8>>(), [b"(+0123456789x".as_slice(), &[0xc3]].concat());
    }

    #[test]
    fn what_stands_before_a_part() {
        let before = |pattern: &str, part: &str| {
            let bytes = bytes_before(&regex_syntax::parse(pattern).unwrap(), part);
            String::from_utf8(bytes.iter().collect()).unwrap_or("beyond ASCII".into())
        };
        assert_eq!(before("[a-c]x{1,3}(?:@y|[(]@)z", "@"), "(@abcxy");
        assert_eq!(before("[A-C<]+\\n[0-2]", "<<"), "\n012<ABC");
        assert_eq!(before("[é-ö]@", "@"), "beyond ASCII");
    }

    #[test]
    fn words_at_the_start() {
        let words = |pattern: &str| {
            let words = start(pattern).words?;
            Some(
                words
                    .iter()
                    .map(|w| format!("{}{}{}", w.lead, w.text, if w.stem { "*" } else { "" }))
                    .collect::<Vec<_>>(),
            )
        };
        let expect = |pattern: &str, expected: &[&str]| {
            assert_eq!(
                words(pattern).as_deref(),
                Some(expected.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>().as_slice()),
                "{pattern}"
            );
        };
        expect("(?i)pass(?:word|wd) ?:", &["0passwd", "0password"]);
        expect("-----BEGIN (?:RSA )?KEY", &["5begin"]);
        expect("AKIA[A-Z0-9]{16}", &["0akia*"]);
        expect("gh[pous]_[a-z]+", &["0gho", "0ghp", "0ghs", "0ghu"]);
        expect("contrase[nñ]a=", &["0contrasena"]);
        assert_eq!(words("[A-Z]{3}x"), None);
        assert_eq!(words("ab[0-9]+"), None);
    }
}
