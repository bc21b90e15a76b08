//! From glyphs back to characters: an embedded TrueType font knows which characters its glyphs show,
//! even where the PDF does not say; and how wide they are.
//!
//! Format: OpenType 1.9, the tables `cmap`, `head`, `hhea` and `hmtx`.

use std::collections::HashMap;

/// Glyph ids of a font are two bytes.
const MAX_GLYPHS: usize = 65_536;

/// The character of each glyph, by the tables of a TrueType font.
pub(super) fn characters(font: &[u8]) -> HashMap<u32, char> {
    let mut found = HashMap::new();
    if let Some(table) = table(font, *b"cmap") {
        let count = u16_at(table, 2).unwrap_or(0);
        let mut subtables: Vec<(u32, &[u8])> = (0..usize::from(count).min(64))
            .filter_map(|index| {
                let at = 4 + index * 8;
                let (platform, encoding) = (u16_at(table, at)?, u16_at(table, at + 2)?);
                let offset = usize::try_from(u32_at(table, at + 4)?).ok()?;
                Some((rank(platform, encoding)?, table.get(offset..)?))
            })
            .collect();
        subtables.sort_by_key(|(rank, _)| *rank);
        for (rank, subtable) in subtables {
            read(subtable, rank, &mut found);
        }
    }
    found
}

/// Unicode tables first, then symbol tables, then those of old Macs for Latin letters. What other tables say is no Unicode.
fn rank(platform: u16, encoding: u16) -> Option<u32> {
    match (platform, encoding) {
        (3, 10) | (0, 4 | 6) => Some(0),
        (3, 1) | (0, _) => Some(1),
        (3, 0) => Some(2),
        (1, 0) => Some(3),
        _ => None,
    }
}

/// How far a glyph moves the pen by the font's own word, in thousandths of its size.
pub(super) fn advance(font: &[u8], glyph: u32) -> Option<f32> {
    let units = u16_at(table(font, *b"head")?, 18).filter(|units| *units > 0)?;
    let last = u16_at(table(font, *b"hhea")?, 34)?.checked_sub(1)?;
    let at = usize::from(u16::try_from(glyph).ok()?.min(last)) * 4;
    let advance = u16_at(table(font, *b"hmtx")?, at)?;
    Some(f32::from(advance) * 1000.0 / f32::from(units))
}

fn table(font: &[u8], tag: [u8; 4]) -> Option<&[u8]> {
    let start = match font.get(..4)? {
        b"ttcf" => usize::try_from(u32_at(font, 12)?).ok()?,
        _ => 0,
    };
    let count = usize::from(u16_at(font, start.checked_add(4)?)?);
    (0..count).find_map(|index| {
        let at = start.checked_add(12 + index * 16)?;
        let offset = usize::try_from(u32_at(font, at + 8)?).ok()?;
        (font.get(at..at + 4)? == tag).then(|| font.get(offset..)).flatten()
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
    use crate::extract::pdf::Pdf;
    use crate::extract::pdf::sample::Sample;
    use crate::open::collect::collect;

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

    /// A font whose glyphs are half as wide as high, and a quarter from the second on.
    fn measured() -> Vec<u8> {
        let tables: [(&[u8; 4], Vec<u16>); 4] = [
            (b"head", [&[1, 0, 0, 0, 0, 0, 0x5f0f, 0x3cf5, 0, 2048][..], &[0; 17]].concat()),
            (b"hhea", [&[1, 0][..], &[0; 15], &[2]].concat()),
            (b"hmtx", vec![1024, 0, 512, 0]),
            (b"maxp", vec![0, 0x5000, 3]),
        ];
        let mut words = vec![1, 0, 4, 0, 0, 0];
        let mut start = 12 + 16 * 4;
        for (tag, table) in &tables {
            let length = u16::try_from(table.len() * 2).unwrap();
            words.extend([u16::from_be_bytes([tag[0], tag[1]]), u16::from_be_bytes([tag[2], tag[3]])]);
            words.extend([0, 0, 0, start, 0, length]);
            start += length;
        }
        words.extend(tables.into_iter().flat_map(|(_, table)| table));
        words.iter().flat_map(|word| word.to_be_bytes()).collect()
    }

    #[test]
    fn advances_are_scaled_and_the_last_one_counts_on() {
        let font = measured();
        assert_eq!([0, 1, 9].map(|glyph| advance(&font, glyph)), [Some(500.0), Some(250.0), Some(250.0)]);
        for length in 0..font.len() {
            advance(&font[..length], 0);
        }
        assert_eq!(advance(&font[..100], 0), None);
    }

    #[test]
    fn a_font_tells_its_widths_where_the_pen_goes_back() {
        let digits = measured().into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let hex: String = digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect();
        let mut sample = Sample::new();
        let program = sample.stream("/Filter/ASCIIHexDecode", &format!("{hex}>"));
        let map = sample.stream("", "1 beginbfrange<0000><0002><0041>endbfrange");
        let descendant = format!(
            "<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)\
             /Supplement 0>>/FontDescriptor<</Type/FontDescriptor/Flags 4/FontFile2 {program} 0 R>>>>"
        );
        let font = sample.add(&format!(
            "<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[{descendant}]/ToUnicode {map} 0 R>>"
        ));
        let resources = format!("/Resources<</Font<</F {font} 0 R>>>>");
        let content = "BT /F 10 Tf 9 99 Td [<0000> 500 <0001> 750 <0002> 500 <0000>] TJ 0 -30 Td <000000010002> Tj ET";
        let collected = collect(&Pdf, "a.pdf", &sample.page(content, &resources).bytes());
        // The third glyph stands a quarter of the size behind its own end.
        assert_eq!(collected.content(), "ABC A\nABC\n");
    }

    #[test]
    fn tables_of_other_scripts_are_left_alone() {
        let table = [6, 0, 0, 0x41, 1, 5];
        assert_eq!(characters(&font(1, 0, &table)).get(&5), Some(&'A'));
        assert!(characters(&font(1, 4, &table)).is_empty());
        assert!(characters(&font(3, 3, &table)).is_empty());
    }

    #[test]
    fn damage_gives_less_and_never_fails() {
        let whole = font(3, 1, &[4, 0, 0, 2, 0, 0, 0, 0xffff, 0, 0, 0, 0]);
        for length in 0..whole.len() {
            characters(&whole[..length]);
        }
    }
}
