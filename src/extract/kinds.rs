//! Tells what a block of lines is: prose that was wrapped, a form, a list, or lines that stand for themselves.

/// What a block is; see [`super::passages`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Prose,
    Form,
    List,
    Loose,
}

/// A line of a block: from where to where it lies in the text of the block.
#[derive(Clone, Copy, Debug)]
pub(super) struct LineOf {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) number: u64,
}

impl LineOf {
    pub(super) fn of<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// More lines than these of no other kind stand for themselves.
const FEW_LINES: usize = 12;
/// Characters in which a label ends, if there is one.
const LABEL_CHARS: usize = 48;

/// As `str::trim`; quick for what has no white space at its ends.
pub(super) fn trim(text: &str) -> &str {
    let bytes = text.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(0x21..=0x7e), Some(0x21..=0x7e)) => text,
        _ => text.trim(),
    }
}

/// The kind of a block of one line or more.
pub(super) fn kind_of(text: &str, block: &[LineOf]) -> Kind {
    let n = block.len();
    let lines = || block.iter().map(|line| line.of(text));
    if n < 2 {
        let tuples = lines().next().is_some_and(|line| tuples(line).nth(1).is_some());
        return if tuples { Kind::List } else { Kind::Prose };
    }
    let most = |count: usize, share: usize| count * 100 >= n * share;
    if n >= 3 && most(lines().filter(|line| starts_with_time_or_number(line)).count(), 70) {
        return Kind::List;
    }
    if is_wrapped(text, block) {
        return Kind::Prose;
    }
    if n >= 3 && are_alike(lines().map(columns), n) {
        return Kind::List;
    }
    let labelled = lines().filter(|line| label(line).is_some()).count();
    let amounts = || lines().filter(|line| ends_in_amount(line)).count();
    if most(labelled, 50) || (labelled >= 2 && most(labelled + amounts(), 60)) {
        return Kind::Form;
    }
    if n >= 3 && are_alike(lines().map(signature), n) {
        return Kind::List;
    }
    if n > FEW_LINES { Kind::Loose } else { Kind::Prose }
}

/// Whether seven of ten among `n` lines have the same value. Stops as soon as too few can.
fn are_alike<T: Copy + PartialEq>(values: impl Iterator<Item = Option<T>>, n: usize) -> bool {
    let others = n - (n * 70).div_ceil(100);
    // A block has 40 lines at most: beyond 13 different values there are too many others.
    let mut seen: [Option<(T, usize)>; 16] = [None; 16];
    let mut most = 0;
    for (before, value) in values.enumerate() {
        for slot in value.is_some().then_some(&mut seen).into_iter().flatten() {
            match slot {
                Some((same, count)) if Some(*same) == value => {
                    *count += 1;
                    most = most.max(*count);
                    break;
                }
                Some(_) => {}
                None => {
                    *slot = value.map(|value| (value, 1));
                    most = most.max(1);
                    break;
                }
            }
        }
        if before + 1 - most > others {
            return false;
        }
    }
    true
}

/// Prose with line breaks put in by a program: long lines of like length, of which the next goes on in lower case.
fn is_wrapped(text: &str, block: &[LineOf]) -> bool {
    const WIDTHS: std::ops::RangeInclusive<usize> = 35..=160;
    let Some((last, body)) = block.split_last() else { return false };
    let mut width = 0;
    for line in body {
        // A character takes four bytes at most.
        if line.end - line.start > 4 * WIDTHS.end() {
            return false;
        }
        width = width.max(line.of(text).chars().count());
    }
    if !WIDTHS.contains(&width) || last.end - last.start > 4 * width {
        return false;
    }
    let full = body.iter().filter(|line| line.of(text).chars().count() * 10 >= width * 7).count();
    if full * 10 < body.len() * 7 {
        return false;
    }
    let goes_on = block.iter().skip(1).filter(|line| {
        let text = line.of(text).trim_start_matches(['>', ' ', '\t', '*', '#', '/']);
        text.chars().next().is_some_and(char::is_lowercase) && label(text).is_none() && !text.contains(['{', ';', '='])
    });
    goes_on.count() * 2 >= body.len()
}

/// The label of a line `Label: value`: a few words before a colon, equals sign, tab or run of dots.
pub(super) fn label(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(['>', ' ', '\t', '-', '*', '|', '"']);
    if !line.chars().next()?.is_alphabetic() {
        return None;
    }
    let start = line.as_bytes().get(..LABEL_CHARS).unwrap_or(line.as_bytes());
    let end = if start.is_ascii() { ascii_label_end(line, start) } else { label_end(line) }?;
    let label = line.get(..end)?.trim();
    let words = label.split_whitespace().count();
    (words <= 6 && !label.contains(['{', '(', ';', '"', '<'])).then_some(label)
}

fn label_end(line: &str) -> Option<usize> {
    line.char_indices().take(LABEL_CHARS).find_map(|(i, c)| {
        let after = line.get(i..)?;
        match c {
            // Not a time of day, nor the scheme of an address.
            ':' => (!after.starts_with("://")).then_some(i),
            '=' | '\t' | '\u{2026}' => Some(i),
            '.' => is_dotted(after.as_bytes()).then_some(i),
            _ => None,
        }
    })
}

/// As [`label_end`], for a line whose first characters are ASCII.
fn ascii_label_end(line: &str, start: &[u8]) -> Option<usize> {
    let after = |at: usize| line.as_bytes().get(at..).unwrap_or_default();
    let mark = memchr::memchr3_iter(b':', b'=', b'\t', start).find(|at| !after(*at).starts_with(b"://"));
    let before = start.get(..mark.unwrap_or(start.len())).unwrap_or_default();
    memchr::memchr_iter(b'.', before).find(|at| is_dotted(after(*at))).or(mark)
}

fn is_dotted(after: &[u8]) -> bool {
    after.starts_with(b"...") || after.starts_with(b". . ")
}

/// A time stamp, a date, a running number or the start of a log or dump line.
fn starts_with_time_or_number(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t', '[', '(', '<', '#', '"', '|']);
    match line.bytes().next() {
        Some(b'0'..=b'9') => {
            let first = line.bytes().take_while(|b| !b" \t]);,|".contains(b));
            let (length, digits) =
                first.fold((0, 0), |(n, digits), b| (n + 1, digits + usize::from(b.is_ascii_digit())));
            digits * 2 >= length
        }
        Some(b'J' | b'F' | b'M' | b'A' | b'S' | b'O' | b'N' | b'D' | b'I' | b'i' | b'V') => {
            const MONTHS: [&str; 12] =
                ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
            let rest = line.get(3..).unwrap_or_default().trim_start();
            let month = line.get(..3).is_some_and(|start| MONTHS.contains(&start));
            (month && rest.bytes().next().is_some_and(|b| b.is_ascii_digit()))
                || ["INSERT INTO", "insert into", "VALUES ("].iter().any(|word| line.starts_with(word))
        }
        _ => false,
    }
}

/// A word and then a number at the end: a line of a payslip or an invoice.
fn ends_in_amount(line: &str) -> bool {
    let line = line.trim_end().trim_end_matches(['€', '%', '-', ' ', '|']);
    let last = line.bytes().rev().take_while(|b| !b" \t.:".contains(b));
    let mut has_digit = false;
    for byte in last {
        match byte {
            b'0'..=b'9' => has_digit = true,
            b',' | b'\'' => {}
            _ => return false,
        }
    }
    has_digit && line.chars().next().is_some_and(char::is_alphabetic)
}

/// The separator of columns and their number, for a line that has some.
fn columns(line: &str) -> Option<(u8, usize)> {
    let bytes = trim(line).as_bytes();
    [(b'\t', 1), (b';', 2), (b'|', 1), (b',', 3)].into_iter().find_map(|(separator, least)| {
        let all = memchr::memchr_iter(separator, bytes).count();
        if all < least {
            return None;
        }
        let n = all - bytes.iter().rev().take_while(|b| **b == separator).count();
        (n >= least).then_some((separator, n))
    })
}

/// Kinds of words that a signature has at most.
const KINDS: usize = 8;
/// Words of a line that are looked at.
const WORDS: usize = 24;

/// The sequence of kinds of words, such as name, name, number; none for lines of plain words.
fn signature(line: &str) -> Option<[u8; KINDS]> {
    let mut kinds = [0; KINDS];
    let mut count = 0;
    let mut add = |kind: Option<u8>| {
        let Some(kind) = kind.filter(|kind| count == 0 || kinds.get(count - 1) != Some(kind)) else { return true };
        let Some(slot) = kinds.get_mut(count) else { return false };
        *slot = kind;
        count += 1;
        true
    };
    if line.is_ascii() {
        let words = line.as_bytes().split(|byte| ends_word(*byte)).filter(|word| !word.is_empty());
        for word in words.take(WORDS) {
            if !add(kind_of_ascii(word)) {
                return None;
            }
        }
    } else {
        let is_between = |c: char| u8::try_from(c).is_ok_and(ends_word) || c.is_whitespace();
        for word in line.split(is_between).filter(|word| !word.is_empty()).take(WORDS) {
            if !add(kind_of_word(word)) {
                return None;
            }
        }
    }
    let seen = kinds.get(..count).unwrap_or_default();
    let plain = seen.iter().all(|kind| *kind == b'w') || seen == b"Nw";
    (!plain).then_some(kinds)
}

/// White space and punctuation that end a word of a signature.
fn ends_word(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ' | b',' | b';' | b':' | b'(' | b')' | b'[' | b']' | b'|' | b'"')
}

fn kind_of_word(word: &str) -> Option<u8> {
    if word.is_ascii() {
        return kind_of_ascii(word.as_bytes());
    }
    let any = |is: fn(&u8) -> bool| word.as_bytes().iter().any(is);
    if any(|byte| *byte == b'@') {
        return Some(b'@');
    }
    if any(u8::is_ascii_digit) {
        return Some(if any(u8::is_ascii_alphabetic) { b'x' } else { b'9' });
    }
    let capital = word.chars().next().is_some_and(char::is_uppercase);
    word.chars().any(char::is_alphabetic).then_some(if capital { b'N' } else { b'w' })
}

fn kind_of_ascii(word: &[u8]) -> Option<u8> {
    let (mut digit, mut letter, mut at) = (false, false, false);
    for byte in word {
        digit |= byte.is_ascii_digit();
        letter |= byte.is_ascii_alphabetic();
        at |= *byte == b'@';
    }
    match (at, digit, letter) {
        (true, ..) => Some(b'@'),
        (_, true, true) => Some(b'x'),
        (_, true, false) => Some(b'9'),
        (_, false, true) => Some(if word.first().is_some_and(u8::is_ascii_uppercase) { b'N' } else { b'w' }),
        _ => None,
    }
}

/// The number of `>` in front of a quoted line of a mail.
pub(super) fn quote_depth(line: &str) -> usize {
    line.bytes().take_while(|b| matches!(b, b'>' | b' ')).filter(|b| *b == b'>').count()
}

/// A line of dashes or the like, which separates.
pub(super) fn is_rule(line: &str) -> bool {
    let may_be = line.bytes().next().is_some_and(|first| first >= 0x80 || b"-=_*~#+ ".contains(&first));
    may_be && line.len() >= 4 && line.chars().all(|c| "-=_*~#+ ─━═".contains(c))
}

/// The line, cut between its tuples if it is a long list of them.
pub(super) fn tuples(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    let cut = line.len() > 256;
    std::iter::from_fn(move || {
        let text = rest?;
        if !cut {
            return rest.take();
        }
        match memchr::memmem::find(text.as_bytes(), b"),(") {
            Some(at) => {
                let (tuple, after) = text.split_at(at + 2);
                rest = Some(after);
                Some(tuple)
            }
            None => rest.take(),
        }
    })
}
