//! From glyphs back to characters: an embedded TrueType font knows which characters its glyphs show,
//! even where the PDF does not say.
//!
//! Format: OpenType 1.9, the `cmap` table.

use std::collections::HashMap;

/// Glyph ids of a font are two bytes.
const MAX_GLYPHS: usize = 65_536;

/// The character of each glyph, by the tables of a TrueType font.
pub(super) fn characters(font: &[u8]) -> HashMap<u32, char> {
    let mut found = HashMap::new();
    if let Some(table) = cmap_table(font) {
        let count = u16_at(table, 2).unwrap_or(0);
        let mut subtables: Vec<(u32, &[u8])> = (0..usize::from(count).min(64))
            .filter_map(|index| {
                let at = 4 + index * 8;
                let (platform, encoding) = (u16_at(table, at)?, u16_at(table, at + 2)?);
                let offset = usize::try_from(u32_at(table, at + 4)?).ok()?;
                Some((rank(platform, encoding), table.get(offset..)?))
            })
            .collect();
        subtables.sort_by_key(|(rank, _)| *rank);
        for (rank, subtable) in subtables {
            read(subtable, rank, &mut found);
        }
    }
    found
}

/// Unicode tables first, then symbol tables, then those of old Macs.
fn rank(platform: u16, encoding: u16) -> u32 {
    match (platform, encoding) {
        (3, 10) | (0, 4 | 6) => 0,
        (3, 1) | (0, _) => 1,
        (3, 0) => 2,
        _ => 3,
    }
}

fn cmap_table(font: &[u8]) -> Option<&[u8]> {
    let start = match font.get(..4)? {
        b"ttcf" => usize::try_from(u32_at(font, 12)?).ok()?,
        _ => 0,
    };
    let count = usize::from(u16_at(font, start.checked_add(4)?)?);
    (0..count).find_map(|index| {
        let at = start.checked_add(12 + index * 16)?;
        let offset = usize::try_from(u32_at(font, at + 8)?).ok()?;
        (font.get(at..at + 4)? == b"cmap").then(|| font.get(offset..)).flatten()
    })
}

fn read(table: &[u8], rank: u32, found: &mut HashMap<u32, char>) -> Option<()> {
    let mut note = |code: u32, glyph: u32| {
        if glyph != 0
            && found.len() < MAX_GLYPHS
            && let Some(c) = character(code, rank)
        {
            found.entry(glyph).or_insert(c);
        }
    };
    match u16_at(table, 0)? {
        0 => {
            for code in 0..256_u16 {
                note(u32::from(code), u32::from(*table.get(6 + usize::from(code))?));
            }
        }
        4 => {
            let double = usize::from(u16_at(table, 6)?) & !1;
            let mut mapped = 0;
            for segment in (0..double).step_by(2) {
                let end = u16_at(table, 14 + segment)?;
                let start = u16_at(table, 16 + double + segment)?;
                let delta = u16_at(table, 16 + 2 * double + segment)?;
                let range_at = 16 + 3 * double + segment;
                let range = usize::from(u16_at(table, range_at)?);
                for code in start..=end.min(0xfffe) {
                    mapped += 1;
                    if mapped > MAX_GLYPHS {
                        return None;
                    }
                    let glyph = if range == 0 {
                        code.wrapping_add(delta)
                    } else {
                        match u16_at(table, range_at + range + 2 * usize::from(code - start)) {
                            Some(0) | None => 0,
                            Some(glyph) => glyph.wrapping_add(delta),
                        }
                    };
                    note(u32::from(code), u32::from(glyph));
                }
            }
        }
        6 => {
            let first = u32::from(u16_at(table, 6)?);
            for index in 0..u16_at(table, 8)? {
                let glyph = u16_at(table, 10 + 2 * usize::from(index))?;
                note(first + u32::from(index), u32::from(glyph));
            }
        }
        12 => {
            let groups = usize::try_from(u32_at(table, 12)?).ok()?.min(MAX_GLYPHS);
            let mut mapped = 0;
            for group in 0..groups {
                let at = 16 + group * 12;
                let (start, end) = (u32_at(table, at)?, u32_at(table, at + 4)?);
                let glyph = u32_at(table, at + 8)?;
                for code in start..=end {
                    mapped += 1;
                    if mapped > MAX_GLYPHS {
                        return None;
                    }
                    note(code, glyph.wrapping_add(code - start));
                }
            }
        }
        _ => {}
    }
    Some(())
}

/// What a code of a table means; symbol tables shift their codes into the private area.
fn character(code: u32, rank: u32) -> Option<char> {
    let code = if (0xf000..0xf100).contains(&code) { code - 0xf000 } else { code };
    let c = char::from_u32(code)?;
    let known = match rank {
        0 | 1 => !c.is_control() && !('\u{e000}'..='\u{f8ff}').contains(&c),
        _ => c.is_ascii_graphic() || c == ' ',
    };
    known.then_some(c)
}

fn u16_at(data: &[u8], at: usize) -> Option<u16> {
    let bytes = data.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes(bytes.try_into().ok()?))
}

fn u32_at(data: &[u8], at: usize) -> Option<u32> {
    let bytes = data.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A font of one table with one subtable.
    fn font(platform: u16, encoding: u16, subtable: &[u16]) -> Vec<u8> {
        let mut words = vec![0x0001, 0, 1, 0, 0, 0];
        words.extend([0x636d, 0x6170, 0, 0, 0, 28, 0, 100]);
        words.extend([0, 1, platform, encoding, 0, 12]);
        words.extend(subtable);
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    #[test]
    fn segments_are_turned_around() {
        // A..C are glyphs 7..9, by their delta; x is glyph 3, by the array.
        let segments = [4, 0, 0, 6, 0, 0, 0, 0x43, 0x78, 0xffff, 0, 0x41, 0x78, 0xffff];
        let rest = [7_u16.wrapping_sub(0x41), 0, 1, 0, 4, 0, 3];
        let found = characters(&font(3, 1, &[&segments[..], &rest[..]].concat()));
        assert_eq!(found.get(&8), Some(&'B'));
        assert_eq!(found.get(&3), Some(&'x'));
        assert_eq!(found.len(), 4);
    }

    #[test]
    fn symbol_codes_come_back_from_the_private_area() {
        let found = characters(&font(3, 0, &[6, 0, 0, 0xf041, 1, 5]));
        assert_eq!(found.get(&5), Some(&'A'));
    }

    #[test]
    fn damage_gives_less_and_never_fails() {
        let whole = font(3, 1, &[4, 0, 0, 2, 0, 0, 0, 0xffff, 0, 0, 0, 0]);
        for length in 0..whole.len() {
            characters(&whole[..length]);
        }
    }
}
