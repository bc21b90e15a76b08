//! Splits the content stream of a PDF page into operators and their operands, in one pass and without recursion.
//!
//! Format: ISO 32000-2, 7.8.2 and 8.9.7 (pictures within content).

use std::borrow::Cow;
use std::ops::Range;

/// Operands beyond this number belong to no operator of text.
const MAX_OPERANDS: usize = 64;
const MAX_NESTING: u32 = 64;

/// What stands before an operator.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand<'c> {
    Number(f64),
    Name(Cow<'c, [u8]>),
    String(Cow<'c, [u8]>),
    /// Strings and numbers, in [`Operators::pieces`].
    Array(Range<usize>),
    /// As it is written, the outer angle brackets included.
    Dict(&'c [u8]),
}

/// A part of the array of the operator `TJ`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece<'c> {
    Shift(f64),
    String(Cow<'c, [u8]>),
}

/// Reads operator after operator; the operands are those of the last one.
pub(super) struct Operators<'c> {
    data: &'c [u8],
    at: usize,
    operands: Vec<Operand<'c>>,
    pieces: Vec<Piece<'c>>,
    in_picture: bool,
}

impl<'c> Operators<'c> {
    pub(super) fn new(data: &'c [u8]) -> Self {
        Self { data, at: 0, operands: Vec::new(), pieces: Vec::new(), in_picture: false }
    }

    /// The next operator; of a picture within the content, `BI` with its dictionary's
    /// entries as operands, its data passed over.
    pub(super) fn next(&mut self) -> Option<&'c [u8]> {
        self.operands.clear();
        self.pieces.clear();
        loop {
            let byte = *self.data.get(self.at)?;
            match byte {
                b'\0' | b'\t' | b'\n' | b'\x0c' | b'\r' | b' ' | b')' | b'>' | b']' | b'{' | b'}' => self.at += 1,
                b'%' => self.skip_comment(),
                b'0'..=b'9' | b'+' | b'-' | b'.' => {
                    let number = self.number();
                    self.push(Operand::Number(number));
                }
                b'/' => {
                    let name = self.name();
                    self.push(Operand::Name(name));
                }
                b'(' => {
                    let text = self.literal();
                    self.push(Operand::String(text));
                }
                b'<' if self.data.get(self.at + 1) == Some(&b'<') => {
                    let start = self.at;
                    self.skip_dict();
                    let dict = self.data.get(start..self.at).unwrap_or_default();
                    self.push(Operand::Dict(dict));
                }
                b'<' => {
                    let text = self.hexadecimal();
                    self.push(Operand::String(text));
                }
                b'[' => {
                    let pieces = self.array();
                    self.push(Operand::Array(pieces));
                }
                _ => {
                    let word = self.word();
                    match word {
                        b"true" | b"false" | b"null" => {}
                        b"BI" => {
                            self.operands.clear();
                            self.in_picture = true;
                        }
                        b"ID" if self.in_picture => {
                            self.in_picture = false;
                            self.skip_picture();
                            return Some(b"BI");
                        }
                        word => return Some(word),
                    }
                }
            }
        }
    }

    /// The operand at this place, counted from the last: 0 stands right before the operator.
    pub(super) fn operand(&self, from_last: usize) -> Option<&Operand<'c>> {
        self.operands.get(self.operands.len().checked_sub(from_last + 1)?)
    }

    pub(super) fn number_at(&self, from_last: usize) -> Option<f64> {
        match self.operand(from_last) {
            Some(Operand::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// The last operands, all of them numbers.
    pub(super) fn numbers<const N: usize>(&self) -> Option<[f64; N]> {
        let mut found = [0.0; N];
        for (slot, from_last) in found.iter_mut().zip((0..N).rev()) {
            *slot = self.number_at(from_last)?;
        }
        Some(found)
    }

    pub(super) fn string(&self) -> Option<&[u8]> {
        match self.operand(0) {
            Some(Operand::String(text)) => Some(text),
            _ => None,
        }
    }

    pub(super) fn name_operand(&self, from_last: usize) -> Option<&[u8]> {
        match self.operand(from_last) {
            Some(Operand::Name(name)) => Some(name),
            _ => None,
        }
    }

    pub(super) fn pieces(&self) -> &[Piece<'c>] {
        match self.operand(0) {
            Some(Operand::Array(range)) => self.pieces.get(range.clone()).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The number under one of these names in the dictionary of a picture.
    pub(super) fn entry(&self, names: [&[u8]; 2]) -> Option<f64> {
        self.operands.windows(2).find_map(|pair| match pair {
            [Operand::Name(name), Operand::Number(number)] if names.contains(&name.as_ref()) => Some(*number),
            _ => None,
        })
    }

    fn push(&mut self, operand: Operand<'c>) {
        if self.operands.len() == MAX_OPERANDS {
            self.operands.remove(0);
        }
        self.operands.push(operand);
    }

    fn skip_comment(&mut self) {
        let rest = self.data.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|b| matches!(b, b'\r' | b'\n')).unwrap_or(rest.len());
    }

    fn word(&mut self) -> &'c [u8] {
        let rest = self.data.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|b| !is_regular(*b)).unwrap_or(rest.len()).max(1);
        self.at += length;
        rest.get(..length).unwrap_or(rest)
    }

    /// Lenient as readers are: signs within are passed over, a second point ends the number.
    fn number(&mut self) -> f64 {
        let mut negative = false;
        let mut value = 0.0_f64;
        let mut scale = 0.0_f64;
        let start = self.at;
        while let Some(byte) = self.data.get(self.at) {
            match byte {
                b'0'..=b'9' if scale > 0.0 => {
                    value += f64::from(byte - b'0') * scale;
                    scale /= 10.0;
                }
                b'0'..=b'9' => value = value * 10.0 + f64::from(byte - b'0'),
                b'.' if scale == 0.0 => scale = 0.1,
                b'-' if self.at == start => negative = true,
                b'-' | b'+' => {}
                _ => break,
            }
            self.at += 1;
        }
        if self.at == start {
            self.at += 1;
        }
        if negative { -value } else { value }
    }

    fn name(&mut self) -> Cow<'c, [u8]> {
        self.at += 1;
        let rest = self.data.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|b| !is_regular(*b)).unwrap_or(rest.len());
        self.at += length;
        let raw = rest.get(..length).unwrap_or_default();
        if !raw.contains(&b'#') {
            return Cow::Borrowed(raw);
        }
        let mut name = Vec::with_capacity(raw.len());
        let mut bytes = raw.iter();
        while let Some(byte) = bytes.next() {
            let escaped = match (byte, bytes.as_slice()) {
                (b'#', [high, low, ..]) => hex_digit(*high).zip(hex_digit(*low)),
                _ => None,
            };
            match escaped {
                Some((high, low)) => {
                    name.push(high << 4 | low);
                    bytes.nth(1);
                }
                None => name.push(*byte),
            }
        }
        Cow::Owned(name)
    }

    fn literal(&mut self) -> Cow<'c, [u8]> {
        self.at += 1;
        let start = self.at;
        let mut depth = 1_u64;
        let mut plain = true;
        while let Some(byte) = self.data.get(self.at) {
            match byte {
                b'\\' => {
                    plain = false;
                    self.at += 1;
                }
                b'(' => depth += 1,
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                _ => {}
            }
            self.at += 1;
        }
        let raw = self.data.get(start..self.at.min(self.data.len())).unwrap_or_default();
        self.at += 1;
        if plain { Cow::Borrowed(raw) } else { Cow::Owned(unescape(raw)) }
    }

    fn hexadecimal(&mut self) -> Cow<'c, [u8]> {
        self.at += 1;
        let rest = self.data.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|b| *b == b'>').unwrap_or(rest.len());
        self.at += length + 1;
        let mut text = Vec::with_capacity(length / 2);
        let mut high = None;
        for digit in rest.get(..length).unwrap_or_default().iter().filter_map(|b| hex_digit(*b)) {
            match high.take() {
                Some(high) => text.push(high << 4 | digit),
                None => high = Some(digit),
            }
        }
        text.extend(high.map(|high| high << 4));
        Cow::Owned(text)
    }

    fn array(&mut self) -> Range<usize> {
        let start = self.pieces.len();
        self.at += 1;
        while let Some(byte) = self.data.get(self.at) {
            match byte {
                b']' => {
                    self.at += 1;
                    break;
                }
                b'(' => {
                    let text = self.literal();
                    self.pieces.push(Piece::String(text));
                }
                b'<' if self.data.get(self.at + 1) == Some(&b'<') => self.skip_dict(),
                b'<' => {
                    let text = self.hexadecimal();
                    self.pieces.push(Piece::String(text));
                }
                b'0'..=b'9' | b'+' | b'-' | b'.' => {
                    let number = self.number();
                    self.pieces.push(Piece::Shift(number));
                }
                b'%' => self.skip_comment(),
                b'A'..=b'Z' | b'a'..=b'z' => {
                    let start = self.at;
                    match self.word() {
                        // A setting that stands where it must not, and its operand.
                        b"Tc" | b"Tw" | b"Tz" | b"TL" | b"Tr" | b"Ts" => {
                            self.pieces.pop_if(|piece| matches!(piece, Piece::Shift(_)));
                        }
                        b"true" | b"false" | b"null" => {}
                        // The bracket at the end is missing.
                        _ => {
                            self.at = start;
                            break;
                        }
                    }
                }
                b'/' => {
                    self.name();
                }
                _ => self.at += 1,
            }
        }
        start..self.pieces.len()
    }

    fn skip_dict(&mut self) {
        let mut depth = 0_u32;
        while let Some(byte) = self.data.get(self.at) {
            let doubled = self.data.get(self.at + 1) == Some(byte);
            match byte {
                b'<' if doubled => {
                    depth += 1;
                    self.at += 2;
                }
                b'>' if doubled => {
                    depth = depth.saturating_sub(1);
                    self.at += 2;
                }
                // The end of a string and that of the dictionary may stand together: `<41>>>`.
                b'<' => {
                    let rest = self.data.get(self.at + 1..).unwrap_or_default();
                    let digits = rest.iter().take_while(|b| b.is_ascii_hexdigit() || is_white(**b)).count();
                    self.at += 1 + digits + usize::from(rest.get(digits) == Some(&b'>'));
                }
                b'(' => {
                    self.literal();
                }
                b'%' => self.skip_comment(),
                _ => self.at += 1,
            }
            if depth == 0 || depth > MAX_NESTING {
                break;
            }
        }
    }

    /// Moves behind the `EI` that ends a picture: one that stands alone and is followed by text.
    fn skip_picture(&mut self) {
        loop {
            let rest = self.data.get(self.at..).unwrap_or_default();
            let Some(found) = memchr::memmem::find(rest, b"EI") else {
                self.at = self.data.len();
                return;
            };
            let alone = rest.get(found.wrapping_sub(1)).is_none_or(|b| is_white(*b) || *b == b'>');
            let after = rest.get(found + 2..).unwrap_or_default();
            let ends = after.first().is_none_or(|b| is_white(*b));
            let next = after.get(..16.min(after.len())).unwrap_or_default();
            let is_text = next.iter().all(|b| is_white(*b) || (b' '..=b'~').contains(b));
            self.at += found + 2;
            if alone && ends && is_text {
                return;
            }
        }
    }
}

fn unescape(raw: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            text.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'n') => text.push(b'\n'),
            Some(b'r') => text.push(b'\r'),
            Some(b't') => text.push(b'\t'),
            Some(b'b') => text.push(8),
            Some(b'f') => text.push(12),
            Some(b'\r') => {
                bytes.next_if_eq(&b'\n');
            }
            Some(b'\n') | None => {}
            Some(digit @ b'0'..=b'7') => {
                let mut code = u32::from(digit - b'0');
                for _ in 0..2 {
                    if let Some(digit) = bytes.next_if(|b| (b'0'..=b'7').contains(b)) {
                        code = code * 8 + u32::from(digit - b'0');
                    }
                }
                text.push(u8::try_from(code & 0xff).unwrap_or_default());
            }
            Some(other) => text.push(other),
        }
    }
    text
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

fn is_white(byte: u8) -> bool {
    matches!(byte, b'\0' | b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

fn is_regular(byte: u8) -> bool {
    !is_white(byte) && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &[u8], expected: &[&str]) {
        let mut operators = Operators::new(content);
        let mut found = Vec::new();
        while let Some(operator) = operators.next() {
            let operands: Vec<String> = operators.operands.iter().map(|operand| show(operand, &operators)).collect();
            found.push(format!("{} {}", operands.join(","), String::from_utf8_lossy(operator)));
        }
        assert_eq!(found, expected);
    }

    fn show(operand: &Operand<'_>, operators: &Operators<'_>) -> String {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        match operand {
            Operand::Number(number) => number.to_string(),
            Operand::Name(name) => format!("/{}", text(name)),
            Operand::String(string) => format!("({})", text(string)),
            Operand::Dict(dict) => text(dict),
            Operand::Array(_) => format!("{:?}", operators.pieces().len()),
        }
    }

    #[test]
    fn operands() {
        check(b"1 0 -.5 +2 4. --3 cm", &["1,0,-0.5,2,4,-3 cm"]);
        check(b"/F#31 12 Tf(a\\(b\\051(c)\\101)Tj", &["/F1,12 Tf", "(a(b)(c)A) Tj"]);
        check(b"<4 1 4>Tj % comment Tj\nT*", &["(A@) Tj", " T*"]);
        check(b"[(a)-250(b)<41>]TJ", &["4 TJ"]);
        check(b"/Span<</ActualText<FEFF00AD>>>BDC (a)Tj", &["/Span,<</ActualText<FEFF00AD>>> BDC", "(a) Tj"]);
        check(b"/Span<</ActualText(>>)/K<</A 1>>>>BDC", &["/Span,<</ActualText(>>)/K<</A 1>>>> BDC"]);
    }

    #[test]
    fn settings_within_an_array_leave_it_whole() {
        check(b"[(a)0.0 Tc\n-250(b)]TJ", &["3 TJ"]);
        check(b"[(a)null(b)]TJ", &["2 TJ"]);
    }

    #[test]
    fn a_picture_within_the_content_is_passed_over() {
        check(b"BI /W 2 /H 1 ID \x80EI\xff EI\nQ", &["/W,2,/H,1 BI", " Q"]);
        check(b"BI /W 2 ID no end", &["/W,2 BI"]);
        check(b"ID (a) Tj", &[" ID", "(a) Tj"]);
    }

    #[test]
    fn damage_ends_and_never_fails() {
        check(b"(open", &[]);
        check(b"[(a) Tj", &["1 Tj"]);
        check(b"<</A<<", &[]);
        check(b"]>)} q", &[" q"]);
    }
}
