//! Made-up text for the benches: `mixed(bytes, seed)` and `payroll(bytes, seed)` give a `String` of at most that many bytes that ends with a line, `of_kind(kind, bytes, seed)` one kind of it; the same seed gives the same text.
//!
//! The words are invented from syllables of ten languages, the people from words. Numbers of
//! people are valid by their checksums and belong to nobody. The shares of [`mixed`] are those
//! of a file share: manuals, notes, source code, prose, tables, logs and JSON, with one planted
//! hit in about ten kilobytes.
#![allow(dead_code, unreachable_pub, reason = "each bench uses a part of it")]

mod lines;
mod people;
mod words;

use words::Vocabulary;

/// A generator of random numbers: splitmix64.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x1234_5678_9abc_def1))
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From zero to `n` - 1.
    #[allow(clippy::cast_possible_truncation, reason = "less than n")]
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.roll()) * n as u128) >> 64) as usize
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn pick<'t, T: ?Sized>(&mut self, of: &[&'t T]) -> &'t T {
        of[self.below(of.len())]
    }
}

/// What a file may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Prose like that of manual pages.
    Manual,
    /// Lists of changes, addresses, versions.
    Notes,
    Source,
    /// In ten languages.
    Prose,
    /// CSV of goods and dates, without people.
    Table,
    Log,
    /// JSON Lines.
    Json,
}

impl Kind {
    /// With the share of each in [`mixed`], in percent.
    pub const SHARES: [(Self, usize); 7] = [
        (Self::Manual, 18),
        (Self::Notes, 7),
        (Self::Source, 17),
        (Self::Prose, 18),
        (Self::Table, 17),
        (Self::Log, 13),
        (Self::Json, 10),
    ];

    pub fn any(dice: &mut Dice) -> Self {
        let mut at = dice.below(100);
        for (kind, share) in Self::SHARES {
            if at < share {
                return kind;
            }
            at -= share;
        }
        Self::Prose
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Manual | Self::Prose => "txt",
            Self::Notes => "md",
            Self::Source => "c",
            Self::Table => "csv",
            Self::Log => "log",
            Self::Json => "jsonl",
        }
    }
}

/// Bytes of one kind before the next begins.
const BLOCK: usize = 16 * 1024;
/// Bytes between two planted hits.
const BETWEEN_HITS: usize = 10_000;

/// Text of all kinds in blocks.
pub fn mixed(bytes: usize, seed: u64) -> String {
    let mut writer = Writer::new(seed);
    let mut out = String::with_capacity(bytes + 2048);
    while out.len() < bytes {
        let kind = Kind::any(&mut writer.dice);
        let end = bytes.min(out.len() + BLOCK / 2 + writer.dice.below(BLOCK));
        writer.fill(kind, end, &mut out);
    }
    whole_lines(out, bytes)
}

/// Text of one kind.
pub fn of_kind(kind: Kind, bytes: usize, seed: u64) -> String {
    let mut out = String::with_capacity(bytes + 2048);
    Writer::new(seed).fill(kind, bytes, &mut out);
    whole_lines(out, bytes)
}

/// CSV of employees: every line holds a valid Italian tax code and a valid IBAN.
pub fn payroll(bytes: usize, seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let vocabulary = Vocabulary::new();
    let mut out = String::with_capacity(bytes + 2048);
    out.push_str("matricola;cognome;nome;codice_fiscale;data_nascita;iban;netto\n");
    let mut number = 1000;
    while out.len() < bytes {
        number += 1;
        people::employee(number, &vocabulary, &mut dice, &mut out);
    }
    whole_lines(out, bytes)
}

fn whole_lines(mut text: String, bytes: usize) -> String {
    if text.len() > bytes {
        let end = text.as_bytes()[..bytes].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        text.truncate(end);
    }
    text
}

/// What the generators of lines share.
struct Writer {
    dice: Dice,
    vocabulary: Vocabulary,
    next_hit: usize,
    number: u64,
}

impl Writer {
    fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed), vocabulary: Vocabulary::new(), next_hit: BETWEEN_HITS / 2, number: seed % 1000 }
    }

    /// Appends lines until `out` has this length.
    fn fill(&mut self, kind: Kind, end: usize, out: &mut String) {
        let language = self.dice.below(words::LANGUAGES.len());
        if kind == Kind::Table {
            out.push_str("id;date;article;colour;quantity;price;state;reference\n");
        }
        while out.len() < end {
            self.number += 1;
            match kind {
                Kind::Manual => lines::manual(self, out),
                Kind::Notes => lines::notes(self, out),
                Kind::Source => lines::source(self, out),
                Kind::Prose => lines::prose(self, language, out),
                Kind::Table => lines::table(self, out),
                Kind::Log => lines::log(self, out),
                Kind::Json => lines::json(self, out),
            }
            if out.len() >= self.next_hit {
                self.next_hit = out.len() + BETWEEN_HITS;
                people::hit(kind, &self.vocabulary, &mut self.dice, out);
            }
        }
    }
}
