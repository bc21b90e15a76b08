//! Which detectors of numbers are worth trying at a number: by its shape, what touches it, and the words near by.

use std::collections::HashMap;
use std::ops::Range;

use super::beginnings::{Beginning, push_at};
use super::bits::Bits;
use super::byte_set::ByteSet;
use super::candidates::Candidate;
use super::catalogue::Detector;
use super::context::Label;
use super::first_number::{FirstNumber, LONGEST_RUN, MOST_DIGITS, Shapes};
use super::start::Start;
use super::words::Number;

/// Words near by are gathered for so many bytes at once.
const BLOCK: usize = 128;

/// The detectors whose matches all hold a digit, each with a bit.
#[derive(Debug)]
pub(super) struct Numbers {
    /// The detector of each bit.
    detectors: Vec<usize>,
    /// What stands before the number, by bit.
    leads: Vec<Lead>,
    /// Those that need no word near by.
    bare: Bits,
    /// Those that need a first name near by.
    pub(super) beside_name: Bits,
    /// By digits and length of a run: what may go on after it, and what may end with it.
    shapes: Vec<Bits>,
    last: Vec<Bits>,
    /// By digits and length of the run that one byte parts from it; by none if that has no digit.
    next: Vec<Bits>,
    no_number_next: Bits,
    /// Those of which any shape may follow: until [`Numbers::complete`] puts them into `next`.
    any_next: Bits,
    /// By the bytes after a run: the next, and the one after that.
    after: [Vec<Bits>; 2],
    /// By the byte after a run that is all digits, for each length of it.
    after_digits: Vec<Vec<Bits>>,
    /// By the byte after the run that one byte parts from it.
    after_next: Vec<Bits>,
    /// By the bytes before a run with which no match begins.
    before: [Vec<Bits>; 2],
    /// By its first byte: what may begin with it.
    first: Vec<Bits>,
    /// Bytes that say the same, as one: for `after`, `before`, `first` and `after_next`.
    classes: [[u8; 256]; 6],
}

/// What stands in a match before its first number.
#[derive(Debug)]
struct Lead {
    /// The most bytes, and which these can be.
    most: usize,
    bytes: ByteSet,
    beginning: Beginning,
}

/// By part of the text, the detectors that have a word near by; and what is known of surroundings of numbers.
#[derive(Debug, Default)]
pub(super) struct Near {
    blocks: Vec<Bits>,
    known: Vec<Known>,
}

/// The detectors that surroundings of a number leave, whatever words are near by.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    /// What the surroundings are, all of it; 0 is none.
    key: u128,
    /// Those that may begin with the number, and those that may have it behind other characters.
    begins: Bits,
    leads: Bits,
    /// Which parts of these have members at all, and which have some that need no word near by; one bit each.
    parts: u8,
    bare: u8,
}

/// Numbers of a file stand in few kinds of surroundings: so many are kept.
const KNOWN: usize = 512;

impl Near {
    pub(super) fn clear(&mut self, length: usize) {
        self.blocks.clear();
        self.blocks.resize(length / BLOCK + 1, Bits::default());
        self.known.resize(KNOWN, Known::default());
    }

    /// `bits` may stand from `from` to `to`.
    pub(super) fn add(&mut self, bits: &Bits, from: usize, to: usize) {
        let last = (to / BLOCK).min(self.blocks.len() - 1);
        for block in self.blocks.get_mut(from / BLOCK..=last).unwrap_or_default() {
            block.add(bits);
        }
    }
}

impl Numbers {
    pub(super) fn new() -> Self {
        let bytes = || vec![Bits::default(); 256];
        let shapes = || vec![Bits::default(); (MOST_DIGITS + 1) * (LONGEST_RUN + 1)];
        Self {
            detectors: Vec::new(),
            leads: Vec::new(),
            bare: Bits::default(),
            beside_name: Bits::default(),
            shapes: shapes(),
            last: shapes(),
            next: shapes(),
            no_number_next: Bits::default(),
            any_next: Bits::default(),
            after: [bytes(), bytes()],
            after_digits: (0..MOST_DIGITS).map(|_| bytes()).collect(),
            after_next: bytes(),
            before: [bytes(), bytes()],
            first: bytes(),
            classes: [[0; 256]; 6],
        }
    }

    /// Puts bytes together that say the same, when all detectors are known.
    pub(super) fn complete(&mut self) {
        self.next.iter_mut().for_each(|bits| bits.add(&self.any_next));
        let after: Vec<&Vec<Bits>> = std::iter::once(&self.after[0]).chain(&self.after_digits).collect();
        let one = |table| vec![table];
        let [after_that, before, before_that] = [&self.after[1], &self.before[0], &self.before[1]];
        let tables = [after, one(after_that), one(before), one(before_that), one(&self.first), one(&self.after_next)];
        for (classes, tables) in self.classes.iter_mut().zip(tables) {
            let mut different: HashMap<Vec<&Bits>, u8> = HashMap::new();
            for (byte, class) in classes.iter_mut().enumerate() {
                let next = u8::try_from(different.len()).unwrap_or(u8::MAX);
                let says = tables.iter().filter_map(|table| table.get(byte)).collect();
                *class = *different.entry(says).or_insert(next);
            }
        }
    }

    /// Adds a detector; bits are given in order.
    pub(super) fn add(&mut self, index: usize, detector: &Detector, start: &Start, number: &FirstNumber) {
        let bit = self.detectors.len();
        self.detectors.push(index);
        self.leads.push(Lead { most: number.lead, bytes: number.lead_bytes, beginning: Beginning::new(start) });
        if detector.spec.beside_name {
            self.beside_name.insert(bit);
        } else if detector.fires_without_context() {
            self.bare.insert(bit);
        }
        // What may end within a run says nothing of how long that is.
        let next = number.next.as_ref().filter(|_| !detector.spec.unbounded);
        if next.is_none_or(|next| next.0[0] != 0) {
            self.no_number_next.insert(bit);
        }
        match next {
            None => self.any_next.insert(bit),
            Some(next) => insert(&mut self.next, &next.0, bit),
        }
        insert(&mut self.shapes, &number.shapes, bit);
        insert(&mut self.last, &number.last, bit);
        for (bits, digits) in self.after_digits.iter_mut().zip(0..) {
            let bytes = number.after_digits.iter().find(|(length, _)| *length == digits);
            if let Some((_, bytes)) = bytes {
                add_bytes(bits, bytes, bit);
            }
        }
        let begins = if number.begins { start.first } else { ByteSet::default() };
        let [after, after_that] = &mut self.after;
        let [before, before_that] = &mut self.before;
        for (table, bytes) in [
            (after, &number.after[0]),
            (after_that, &number.after[1]),
            (before, &number.before[0]),
            (before_that, &number.before[1]),
            (&mut self.first, &begins),
            (&mut self.after_next, if next.is_some() { &number.after_next } else { &ByteSet::ALL }),
        ] {
            add_bytes(table, bytes, bit);
        }
    }

    /// The places where those may match that hold one of `numbers`.
    pub(super) fn find(
        &self,
        content: &str,
        numbers: &[Number],
        near: &mut Near,
        labelled: &[(Range<usize>, &Label)],
        into: &mut Vec<Candidate>,
    ) {
        if self.detectors.is_empty() {
            return;
        }
        let none = Bits::default();
        let Near { blocks, known } = near;
        let mut labelled = labelled.iter().peekable();
        for (i, number) in numbers.iter().enumerate() {
            while labelled.next_if(|(part, _)| part.end <= number.start).is_some() {}
            let label = labelled.peek().filter(|(part, _)| part.start <= number.start);
            let label = label.map_or(&none, |(_, label)| label.numbers());
            let near = blocks.get(number.start / BLOCK).unwrap_or(&none);
            let next = numbers.get(i + 1).filter(|next| next.start == number.start + number.length + 1);
            let Some(known) = self.known(content.as_bytes(), number, next, known) else { continue };
            let parts = known.bare | (known.parts & (near.parts() | label.parts()));
            for part in (0..Bits::PARTS).filter(|part| parts >> part & 1 == 1) {
                let at = |bits: &Bits| bits.part(part);
                let wanted = at(&self.bare) | at(near) | at(label);
                let (begins, leads) = (wanted & at(&known.begins), wanted & at(&known.leads));
                Bits::each(part, begins | leads, |bit| {
                    let begins = begins >> (bit % 64) & 1 == 1;
                    let leads = leads >> (bit % 64) & 1 == 1;
                    self.push(content, *number, bit, (begins, leads), into);
                });
            }
        }
    }

    /// What the surroundings of a number leave: looked up, or found out.
    fn known<'k>(
        &self,
        bytes: &[u8],
        number: &Number,
        next: Option<&Number>,
        known: &'k mut [Known],
    ) -> Option<&'k Known> {
        // Beyond the ends of the text nothing stands: a space is as good as that.
        let byte = |at: Option<usize>| usize::from(at.and_then(|at| bytes.get(at)).copied().unwrap_or(b' '));
        let end = number.start + number.length;
        let after_next = next.map_or(b' '.into(), |next| byte(Some(next.start + next.length)));
        let around = [
            byte(Some(end)),
            byte(Some(end + 1)),
            byte(number.start.checked_sub(1)),
            byte(number.start.checked_sub(2)),
            byte(Some(number.start)),
            after_next,
        ];
        let (shape, next) = (shape_of(number), next.map(shape_of));
        // Eight bits of each byte, eleven of each shape: no two surroundings have the same key.
        let shapes = 1 | (shape as u64) << 1 | next.map_or(0, |next| next as u64 + 1) << 12;
        let classes = self.classes.iter().zip(around).map(|(classes, byte)| u64::from(classes[byte]));
        let bytes = classes.enumerate().fold(0, |bytes, (i, class)| bytes | class << (8 * i));
        let place = (shapes ^ bytes.rotate_left(23)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 55;
        let key = u128::from(shapes) << 64 | u128::from(bytes);
        let slot = known.get_mut(place as usize)?;
        if slot.key != key {
            let [after, after_that, before, before_that, first, after_next] = around;
            let after_next = if next.is_some() { self.after_next.get(after_next)? } else { &Bits::ALL };
            let next = next.map_or(Some(&self.no_number_next), |next| self.next.get(next))?;
            let [shapes, last] = [self.shapes.get(shape)?, self.last.get(shape)?];
            let only_digits = self.after_digits.get(number.digits).filter(|_| number.digits == number.length);
            let [after, after_that] =
                [only_digits.unwrap_or(&self.after[0]).get(after)?, self.after[1].get(after_that)?];
            let [before, before_that] = [self.before[0].get(before)?, self.before[1].get(before_that)?];
            let first = self.first.get(first)?;
            let possible = Bits::of(|part| {
                let at = |bits: &Bits| bits.part(part);
                at(shapes) & at(after) & at(after_that) & at(next) & at(after_next) | at(last)
            });
            let begins = Bits::of(|part| possible.part(part) & first.part(part));
            let leads = Bits::of(|part| possible.part(part) & before.part(part) & before_that.part(part));
            let both = Bits::of(|part| begins.part(part) | leads.part(part));
            let bare = Bits::of(|part| both.part(part) & self.bare.part(part));
            *slot = Known { key, begins, leads, parts: both.parts(), bare: bare.parts() };
        }
        Some(slot)
    }

    /// The places where a match may begin that has its first digit in `number`: there, and before it.
    fn push(&self, content: &str, number: Number, bit: usize, ways: (bool, bool), into: &mut Vec<Candidate>) {
        let (Some(&detector), Some(lead)) = (self.detectors.get(bit), self.leads.get(bit)) else { return };
        let (begins, leads) = ways;
        if begins {
            push_at(content, number.start, &lead.beginning, detector, into);
        }
        if !leads {
            return;
        }
        for back in 1..=lead.most {
            let Some(start) = number.start.checked_sub(back) else { return };
            match content.as_bytes().get(start) {
                Some(byte) if lead.bytes.contains(*byte) => {
                    push_at(content, start, &lead.beginning, detector, into);
                }
                _ => return,
            }
        }
    }
}

fn add_bytes(table: &mut [Bits], bytes: &ByteSet, bit: usize) {
    for byte in bytes.iter() {
        if let Some(bits) = table.get_mut(usize::from(byte)) {
            bits.insert(bit);
        }
    }
}

fn insert(table: &mut [Bits], shapes: &Shapes, bit: usize) {
    for (digits, lengths) in shapes.iter().enumerate() {
        for length in (0..=LONGEST_RUN).filter(|length| lengths >> length & 1 == 1) {
            if let Some(bits) = table.get_mut(shape(digits, length)) {
                bits.insert(bit);
            }
        }
    }
}

fn shape_of(number: &Number) -> usize {
    shape(number.digits.min(MOST_DIGITS), number.length.min(LONGEST_RUN))
}

fn shape(digits: usize, length: usize) -> usize {
    digits * (LONGEST_RUN + 1) + length
}
