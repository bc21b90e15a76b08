//! A pattern as a table of states that was made when the program was built: it costs nothing to start with.
//!
//! A search begins at one place and goes on until no longer match is possible. A table holds, one
//! after the other, each number with the lower byte first:
//!
//! | bytes | what |
//! |---|---|
//! | 256 | the class of each byte |
//! | 2 | classes, the end of the text among them as the last |
//! | 2 | the first state in which a match has ended; all that follow are such too |
//! | 5 × 2 | the state with which a search begins, by [`Before`] |
//! | states × classes × 2 | the state that follows each state at each class; state 0 leads nowhere |
//!
//! What follows a match decides whether it is one (a word must end there), so a state says that a
//! match has ended before the last byte.

#[cfg(test)]
mod make;

use serde::Deserialize;

/// The tables of all patterns.
static TABLES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/automata"));

/// Where the table of a pattern stands among [`TABLES`].
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Prepared {
    from: usize,
    length: usize,
}

/// What stands before a search.
#[derive(Clone, Copy)]
enum Before {
    Nothing,
    LineFeed,
    CarriageReturn,
    Word,
    Other,
}

impl Before {
    const COUNT: usize = 5;

    #[inline]
    fn of(byte: Option<u8>) -> Self {
        match byte {
            None => Self::Nothing,
            Some(b'\n') => Self::LineFeed,
            Some(b'\r') => Self::CarriageReturn,
            Some(byte) if byte.is_ascii_alphanumeric() || byte == b'_' => Self::Word,
            Some(_) => Self::Other,
        }
    }
}

/// The states of one pattern.
#[derive(Clone, Copy, Debug)]
pub(super) struct Automaton<'t> {
    class: &'t [u8; 256],
    classes: usize,
    first_match: usize,
    starts: [usize; Before::COUNT],
    next: &'t [u8],
}

impl Automaton<'static> {
    pub(super) fn load(prepared: Prepared) -> Option<Self> {
        Self::read(TABLES.get(prepared.from..prepared.from + prepared.length)?)
    }
}

impl<'t> Automaton<'t> {
    fn read(table: &'t [u8]) -> Option<Self> {
        let (class, rest) = table.split_first_chunk::<256>()?;
        let (numbers, next) = rest.split_at_checked(2 * (2 + Before::COUNT))?;
        let mut starts = [0; Before::COUNT];
        for (i, start) in starts.iter_mut().enumerate() {
            *start = number(numbers, 2 + i);
        }
        Some(Self { class, classes: number(numbers, 0), first_match: number(numbers, 1), starts, next })
    }

    /// Where the match that begins at `start` ends.
    #[inline]
    pub(super) fn end_at(&self, content: &[u8], start: usize) -> Option<usize> {
        let before = start.checked_sub(1).and_then(|before| content.get(before).copied());
        let mut state = self.starts.get(Before::of(before) as usize).copied().unwrap_or(0);
        let mut end = None;
        for (i, byte) in content.get(start..)?.iter().enumerate() {
            state = number(self.next, state * self.classes + usize::from(self.class[usize::from(*byte)]));
            if state == 0 {
                return end;
            }
            if state >= self.first_match {
                end = Some(start + i);
            }
        }
        // The last class is the end.
        state = number(self.next, state * self.classes + self.classes - 1);
        if state != 0 && state >= self.first_match { Some(content.len()) } else { end }
    }
}

/// The `i`th number; none is 0.
#[inline]
fn number(numbers: &[u8], i: usize) -> usize {
    let bytes = numbers.get(2 * i..2 * i + 2).and_then(|bytes| <[u8; 2]>::try_from(bytes).ok());
    bytes.map_or(0, |bytes| usize::from(u16::from_le_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use regex_automata::meta::Regex;
    use regex_automata::{Anchored, Input};

    use super::*;

    #[test]
    fn ends_are_those_of_the_expression() {
        let patterns = [
            r"(?-u:\b)[0-9]{3}(?-u:\b)",
            r"(?-u:\b)(?:ab|abc|a)(?-u:\b)",
            r"(?:ab|abcd)?[a-z]+?c",
            r"(?m)^x+$",
            r"[A-ZÀ-Ý][a-zà-ÿ]+(?: [A-ZÀ-Ý][a-zà-ÿ]+){0,2}",
            r"(?i)nr\.? ?[0-9]+",
            r"a.{0,5}?b",
            r"(?s)a.*z",
        ];
        let texts = [
            "",
            "a",
            "123",
            "1234",
            "x123",
            "123 ",
            "_123_",
            "é123é",
            "abc",
            "abcd",
            "ab-abc a",
            "xx\nxxx\r\nx",
            "Änne Élan Zoë",
            "NR. 12 nr7",
            "a12345b a.b",
            "azbz",
            "a\nz",
        ];
        let mut matched = 0;
        for pattern in patterns {
            let table = make::table(pattern).unwrap().unwrap();
            let automaton = Automaton::read(&table).unwrap();
            let regex = Regex::new(pattern).unwrap();
            for text in texts {
                for start in (0..=text.len()).filter(|start| text.is_char_boundary(*start)) {
                    let input = Input::new(text).range(start..).anchored(Anchored::Yes);
                    let expected = regex.search_half(&input).map(|end| end.offset());
                    assert_eq!(automaton.end_at(text.as_bytes(), start), expected, "{pattern} at {start} of {text:?}");
                    matched += usize::from(expected.is_some());
                }
            }
        }
        assert!(matched > 25, "{matched}");
    }

    #[test]
    fn a_pattern_with_too_many_states_has_no_table() {
        assert!(make::table(r"[ab]*a[ab]{18}c").unwrap().is_none());
    }

    #[test]
    fn a_table_that_is_none_is_refused_and_one_that_is_cut_ends_the_search() {
        assert!(Automaton::read(&[0; 100]).is_none());
        let mut table = make::table("[0-9]{3}").unwrap().unwrap();
        table.truncate(256 + 2 * (2 + Before::COUNT) + 3);
        assert_eq!(Automaton::read(&table).unwrap().end_at(b"123", 0), None);
    }
}
