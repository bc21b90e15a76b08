//! Tells the tables of dBase and FoxPro, which have no magic, by how well the numbers of their header agree.

use crate::model::Name;

use super::format::Format;

/// dBase II to IV, FoxPro, Visual FoxPro, and their tables with memos.
const VERSIONS: &[u8] = &[0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8b, 0x8e, 0xcb, 0xe5, 0xf5, 0xfb];
const TYPES: &[u8] = b"CNFDLMGPBITYVQW+@O0";

/// A table, or a memo file by its name and the numbers of its header.
pub(super) fn sniff(head: &[u8], name: &Name) -> Option<Format> {
    if is_table(head, name).unwrap_or(false) {
        return Some(Format::Dbase);
    }
    let block = head.get(6..8).and_then(|bytes| bytes.try_into().ok()).map_or(0, u16::from_be_bytes);
    let is_memo = match name.extension().as_str() {
        "fpt" => (1..=16_384).contains(&block) && head.get(8..16) == Some(&[0; 8]),
        "dbt" => head.get(3..8) == Some(&[0; 5]) || head.get(16) == Some(&3),
        _ => false,
    };
    (is_memo && head.len() > 512).then_some(Format::DbaseMemo)
}

/// The columns must fill the header and the row to the byte: that is no chance.
fn is_table(head: &[u8], name: &Name) -> Option<bool> {
    let header = head.first_chunk::<32>()?;
    let named = name.extension() == "dbf";
    if !VERSIONS.contains(&header[0]) || header[2] > 12 || header[3] > 31 {
        return None;
    }
    if !named && (header[2] == 0 || header[3] == 0) {
        return None;
    }
    let length = usize::from(u16::from_le_bytes([header[8], header[9]]));
    let row = usize::from(u16::from_le_bytes([header[10], header[11]]));
    let (fields, _) = head.get(32..length.min(head.len()))?.as_chunks::<32>();
    let foxpro = (0x30..=0x32).contains(&header[0]);
    let mut sum = 1;
    let mut count = 0;
    for field in fields.iter().take_while(|field| !matches!(field[0], 0x0d | 0)) {
        let end = field.iter().take(11).position(|byte| *byte == 0).unwrap_or(11);
        let is_name = field.get(..end).is_some_and(|name| name.iter().all(|byte| *byte > 0x20));
        let kind = field[11].to_ascii_uppercase();
        if !is_name || !TYPES.contains(&kind) {
            return None;
        }
        sum += usize::from(field[16]) + if kind == b'C' && !foxpro { usize::from(field[17]) << 8 } else { 0 };
        count += 1;
    }
    // Some programs count the mark at the end of the columns, some what stands behind it.
    Some(count > 0 && (33 + 32 * count..=33 + 32 * count + 600).contains(&(length + 1)) && sum == row)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &[u8], name: &str, expected: Option<Format>) {
        assert_eq!(sniff(head, &Name::from(name)), expected, "{name}");
    }

    fn fixture(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/fixtures/dbase/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    #[test]
    fn tables_are_known_without_their_name() {
        check(&fixture("people.dbf"), "a.bin", Some(Format::Dbase));
        check(&fixture("foxpro.dbf"), "a", Some(Format::Dbase));
        check(&fixture("people.dbt"), "people.dbt", Some(Format::DbaseMemo));
        check(&fixture("foxpro.fpt"), "FOXPRO.FPT", Some(Format::DbaseMemo));
    }

    #[test]
    fn other_bytes_are_no_table() {
        let mut seed = 5u64;
        for _ in 0..2000 {
            let mut noise: Vec<u8> = std::iter::repeat_with(|| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (seed >> 56) as u8
            })
            .take(600)
            .collect();
            noise[..4].copy_from_slice(&[3, 124, 2, 29]);
            check(&noise, "a.dbf", None);
        }
        let mut changed = fixture("people.dbf");
        changed[10] += 1;
        check(&changed, "people.dbf", None);
    }
}
