//! How a zip archive and its members are encrypted, with the evidence.

use std::collections::BTreeMap;

use crate::model::{Protection, State};

use super::directory::Entry;
use super::unlock::Unlock;
use crate::open::{ReadError, Sink};

/// The verdict on one member; none when it is plain.
pub(super) fn of_member(entry: &Entry) -> Option<Protection> {
    if !entry.is_encrypted() {
        return None;
    }
    let (protection, evidence) = scheme(entry);
    Some(Protection { evidence, ..protection }.with_names_exposed())
}

fn scheme(entry: &Entry) -> (Protection, String) {
    match entry.aes {
        _ if entry.is_strong() => (
            Protection { scheme: Some("zip-pkware".into()), ..Protection::unknown("") },
            "PKWARE strong encryption (general purpose bit 6)".into(),
        ),
        Some(aes) if aes.bits > 0 => (
            Protection::strong(format!("zip-aes{}", aes.bits), ""),
            format!("AES-{} (extra field 0x9901, AE-{})", aes.bits, aes.version),
        ),
        Some(_) => (Protection::unknown(""), "extra field 0x9901 with an unknown strength".into()),
        None if entry.method == 99 => (Protection::unknown(""), "method 99 (AES) without its extra field".into()),
        None => {
            (Protection::weak("zip-zipcrypto", ""), "ZipCrypto (general purpose bit 0, no extra field 0x9901)".into())
        }
    }
}

/// Counts members by how they are encrypted. Directories and empty members hold nothing.
#[derive(Default)]
pub(super) struct Tally {
    holding: u64,
    encrypted: u64,
    schemes: BTreeMap<String, (Protection, u64)>,
}

impl Tally {
    pub(super) fn count(&mut self, entry: &Entry) {
        if entry.is_directory || entry.is_symlink() || entry.size == Some(0) {
            return;
        }
        self.holding += 1;
        if entry.is_encrypted() {
            self.encrypted += 1;
            let (protection, evidence) = scheme(entry);
            self.schemes.entry(evidence).or_insert((protection, 0)).1 += 1;
        }
    }

    pub(super) fn all_encrypted(&self) -> bool {
        self.encrypted > 0 && self.encrypted == self.holding
    }

    /// The verdict again, after known passwords were tried on all members; an error if
    /// everything is encrypted and not all of it opened.
    pub(super) fn end(&self, unlock: &Unlock, sink: &mut dyn Sink) -> Result<(), ReadError> {
        if !self.all_encrypted() {
            return Ok(());
        }
        if let (Some(key), Some(protection)) = (unlock.found().cloned(), self.verdict()) {
            sink.protection(key.weaken(protection));
        } else if let (Some(protection), 1..) = (self.verdict(), unlock.left) {
            let evidence = format!("{}; {} known passwords were not tried (budget)", protection.evidence, unlock.left);
            sink.protection(Protection { evidence, ..protection });
        }
        if unlock.opened >= self.encrypted { Ok(()) } else { Err(ReadError::Encrypted) }
    }

    /// All encrypted: the weakest member's verdict. Some: plain, saying how many.
    pub(super) fn verdict(&self) -> Option<Protection> {
        let (_, (weakest, _)) = self.schemes.iter().min_by_key(|(_, (protection, _))| protection.state)?;
        let schemes: Vec<String> = self
            .schemes
            .iter()
            .map(
                |(scheme, (_, count))| {
                    if self.schemes.len() == 1 { scheme.clone() } else { format!("{count} by {scheme}") }
                },
            )
            .collect();
        let schemes = schemes.join("; ");
        Some(if self.all_encrypted() {
            let evidence = format!("{} of {} members encrypted, {schemes}", self.encrypted, self.holding);
            Protection { evidence, names_exposed: true, ..weakest.clone() }
        } else {
            let evidence = format!("{} of {} members are encrypted ({schemes})", self.encrypted, self.holding);
            Protection { state: State::Plain, evidence, ..Protection::default() }
        })
    }
}
