//! Files without any mark that look like ciphertext: volumes of VeraCrypt, databases of SQLCipher, old disk images.
//!
//! Nothing in such a file proves encryption: its bytes are as those of a good random generator,
//! and those of some compressed formats come near. The verdict is never more than unknown.

use crate::identify::Format;
use crate::model::{Name, Protection};

/// Bytes from which the statistics say something.
const LEAST: usize = 4096;
/// Bits a byte; 4096 random bytes have about 7.955.
const RANDOM: f64 = 7.9;
/// The last bytes of a file that [`unmarked`] looks at.
const MARK_V1: &[u8] = b"cdsaencr";

/// The verdict on a file that has no header, by its first bytes (64 KiB or all of it), its
/// last eight, its size where it is known, and its name; none if it does not look random.
pub fn unmarked(format: Format, head: &[u8], tail: &[u8], size: Option<u64>, name: &Name) -> Option<Protection> {
    if !matches!(format, Format::Binary | Format::Database | Format::DiskImage | Format::Iso) || head.len() < LEAST {
        return None;
    }
    // Counters and tables have all bytes alike often, but in an order.
    let steps: Vec<u8> = head.iter().zip(head.iter().skip(1)).map(|(a, b)| b.wrapping_sub(*a)).collect();
    let bits = entropy(head).min(entropy(&steps));
    if bits <= RANDOM {
        return None;
    }
    if tail.ends_with(MARK_V1) {
        let evidence = "encrypted disk image of macOS (cdsaencr at its end, version 1: AES-128, 3DES-wrapped keys)";
        return Some(Protection::strong("dmg-encrypted", evidence));
    }
    let sectors = size.is_some_and(|size| size % 512 == 0);
    let says = match name.extension().as_str() {
        "db" | "db3" | "sqlite" | "sqlite3" | "sdb" | "sqlitedb" | "edb" if sectors => {
            "no header and whole pages: so is a database of SQLCipher, and so is a compressed or random file"
        }
        "dmg" | "img" | "vhd" | "raw" | "hc" | "tc" | "iso" | "vol" if sectors => {
            "no header and whole sectors: so is a volume of VeraCrypt, and so is a random file"
        }
        _ if memchr::memmem::find(name.as_bytes(), b".sparsebundle/bands/").is_some() => {
            "a band of a sparse bundle: sealed if its neighbour `token` begins with encrcdsa"
        }
        _ if sectors && size.is_some_and(|size| size >= 256 << 10) => {
            "no header and whole sectors: a volume of VeraCrypt looks so, and so do compressed and random data"
        }
        _ => "no known header: encrypted, compressed or random",
    };
    Some(Protection::unknown(format!("random-looking bytes ({bits:.2} bits of entropy a byte), {says}")))
}

/// Shannon entropy in bits per byte.
fn entropy(bytes: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for &byte in bytes {
        counts[usize::from(byte)] += 1;
    }
    let total = bytes.len() as f64;
    counts.iter().filter(|&&n| n > 0).map(|&n| f64::from(n) / total).map(|p| -p * p.log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::State;

    /// A fixed sequence that looks random.
    fn random(length: usize) -> Vec<u8> {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut next = || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed.to_be_bytes()[0]
        };
        (0..length).map(|_| next()).collect()
    }

    fn check(head: &[u8], name: &str, size: u64, expected: Option<(State, &str)>) {
        let tail = head.get(head.len().saturating_sub(8)..).unwrap_or_default();
        let found = unmarked(Format::Binary, head, tail, Some(size), &Name::from(name));
        let said = found.as_ref().map(|protection| (protection.state, protection.evidence.as_str()));
        assert_eq!(said.map(|(state, _)| state), expected.map(|(state, _)| state), "{name}");
        assert!(said.zip(expected).is_none_or(|((_, said), (_, part))| said.contains(part)), "{name}: {said:?}");
    }

    #[test]
    fn random_bytes_are_unknown_by_what_they_may_be() {
        let bytes = random(65_536);
        check(&bytes, "clienti.db", 65_536, Some((State::Unknown, "SQLCipher")));
        check(&bytes, "archivio.hc", 1 << 20, Some((State::Unknown, "VeraCrypt")));
        check(&bytes, "Time.sparsebundle/bands/1f", 8 << 20, Some((State::Unknown, "sparse bundle")));
        check(&bytes, "x", 65_537, Some((State::Unknown, "no known header")));
        check(&[&bytes, &b"cdsaencr"[..]].concat(), "x.dmg", 65_544, Some((State::Strong, "version 1")));
        check(&random(4095), "x", 4095, None);
        let counted: Vec<u8> = (0..8192_u32).map(|i| (i * 7 % 251).to_le_bytes()[0]).collect();
        check(&counted, "x.img", 8192, None);
        check(&b"the quick brown fox ".repeat(400), "x", 8000, None);
        let mut cdsa = b"the quick brown fox ".repeat(400);
        cdsa.extend(b"cdsaencr");
        check(&cdsa, "x.dmg", 8008, None);
    }
}
