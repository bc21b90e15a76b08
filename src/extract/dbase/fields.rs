//! Reads the columns of a dBase table and shows their values as a person sees them.

use encoding_rs::{
    BIG5, EUC_KR, Encoding, GBK, IBM866, SHIFT_JIS, WINDOWS_874, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252,
    WINDOWS_1253, WINDOWS_1254, WINDOWS_1255, WINDOWS_1256,
};

use crate::extract::code_pages::CodePage;
use crate::extract::encoding::{Charset, guess};
use crate::extract::rows::real;

/// Versions of Visual FoxPro, whose types are its own.
const FOXPRO: [u8; 3] = [0x30, 0x31, 0x32];

pub(super) struct Field {
    pub(super) name: Vec<u8>,
    kind: u8,
    pub(super) start: usize,
    pub(super) length: usize,
    foxpro: bool,
}

/// The columns that the header describes, 32 bytes each, up to its end mark.
pub(super) fn fields(descriptors: &[u8], version: u8) -> Vec<Field> {
    let mut fields = Vec::new();
    // The first byte of a row marks it as deleted.
    let mut start = 1;
    let (described, _) = descriptors.as_chunks::<32>();
    for field in described {
        if matches!(field[0], 0x0d | 0) {
            break;
        }
        let name = field.iter().take(11).take_while(|byte| **byte != 0).copied().collect();
        let kind = field[11].to_ascii_uppercase();
        let mut length = usize::from(field[16]);
        // Clipper writes the upper half of the length of a text where others have the decimals.
        if kind == b'C' && !FOXPRO.contains(&version) {
            length += usize::from(field[17]) << 8;
        }
        fields.push(Field { name, kind, start, length, foxpro: FOXPRO.contains(&version) });
        start += length;
    }
    fields
}

impl Field {
    /// Whether the value is written with letters.
    fn is_text(&self) -> bool {
        matches!(self.kind, b'C' | b'V')
    }

    /// The value as text; none if there is none, or if it lies in another file.
    pub(super) fn show(&self, bytes: &[u8], letters: &Letters) -> Option<String> {
        let eight = || bytes.first_chunk::<8>().copied();
        let text = match self.kind {
            b'I' | b'+' => {
                let number = bytes.first_chunk().map(|bytes| i32::from_le_bytes(*bytes))?;
                // FoxPro counts like this processor; dBase 7 writes its numbers so that they sort.
                if self.foxpro { number.to_string() } else { (number.swap_bytes() ^ i32::MIN).to_string() }
            }
            b'Y' => money(i64::from_le_bytes(eight()?)),
            b'B' if self.foxpro => real(f64::from_le_bytes(eight()?)),
            b'T' | b'@' if self.length == 8 => moment(eight()?)?,
            b'D' => date(bytes)?,
            b'L' => letters.decode(bytes).trim_matches(['?', ' ', '\0']).to_owned(),
            // What lies in the memo file, and bytes that are no text.
            b'M' | b'G' | b'P' | b'W' | b'B' | b'Q' | b'0' | b'O' => return None,
            _ => letters.decode(bytes).trim_matches([' ', '\0']).to_owned(),
        };
        (!text.is_empty()).then_some(text)
    }
}

/// Ten thousandths.
fn money(value: i64) -> String {
    let (whole, part) = (value.unsigned_abs() / 10_000, value.unsigned_abs() % 10_000);
    let sign = if value < 0 { "-" } else { "" };
    if part == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part:04}") }
}

/// `YYYYMMDD`; what is no date stays as it is.
fn date(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?.trim_matches([' ', '\0']);
    Some(match (text.get(..4), text.get(4..6), text.get(6..8)) {
        (Some(year), Some(month), Some(day)) if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{year}-{month}-{day}")
        }
        _ => text.to_owned(),
    })
}

/// A Julian day and the thousandths of a second since midnight.
fn moment(bytes: [u8; 8]) -> Option<String> {
    let both = i64::from_le_bytes(bytes);
    let (day, seconds) = (both & 0xffff_ffff, (((both >> 32) & 0xffff_ffff) + 500) / 1000);
    if day == 0 {
        return None;
    }
    let days = jiff::Span::new().try_days(day - 2_440_588).ok()?;
    let date = jiff::civil::date(1970, 1, 1).checked_add(days).ok()?;
    let time = format!(" {:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    Some(if seconds == 0 { date.to_string() } else { date.to_string() + &time })
}

/// How the texts of a table are written.
pub(super) enum Letters {
    Known(&'static Encoding),
    /// UTF-8, where it is that, else this one.
    OrUtf8(&'static Encoding),
    Page(CodePage),
}

impl Letters {
    /// By the mark in the header, or else by what the first rows hold.
    pub(super) fn of(mark: u8, fields: &[Field], rows: &[u8], row_length: usize) -> Self {
        match mark {
            0x01 | 0x02 | 0x08..=0x12 | 0x14..=0x1b | 0x1d | 0x22 | 0x24 | 0x25 | 0x37 | 0x66 => {
                Self::Page(CodePage::Dos850)
            }
            0x1f | 0x23 | 0x40 | 0x64 | 0x87 => Self::Page(CodePage::Dos852),
            0x6a => Self::Page(CodePage::Dos737),
            0x6b => Self::Page(CodePage::Dos857),
            0x26 | 0x65 => Self::Known(IBM866),
            0x13 | 0x7b => Self::Known(SHIFT_JIS),
            0x4d | 0x7a => Self::Known(GBK),
            0x4e | 0x79 => Self::Known(EUC_KR),
            0x4f | 0x78 => Self::Known(BIG5),
            0x50 | 0x7c => Self::Known(WINDOWS_874),
            0xc8 => Self::Known(WINDOWS_1250),
            0xc9 => Self::Known(WINDOWS_1251),
            0xca => Self::Known(WINDOWS_1254),
            0xcb => Self::Known(WINDOWS_1253),
            0x7d => Self::Known(WINDOWS_1255),
            0x7e => Self::Known(WINDOWS_1256),
            // Windows-1252, which programs write whatever the letters are.
            0x03 | 0x57..=0x59 => Self::OrUtf8(WINDOWS_1252),
            _ => Self::found(fields, rows, row_length),
        }
    }

    fn found(fields: &[Field], rows: &[u8], row_length: usize) -> Self {
        let mut words = Vec::new();
        for row in rows.chunks(row_length) {
            for field in fields.iter().filter(|field| field.is_text()) {
                words.extend_from_slice(
                    row.get(field.start..field.start + field.length).unwrap_or_default().trim_ascii(),
                );
                words.push(b'\n');
            }
        }
        words.truncate(64 * 1024);
        match guess(&words, None).0 {
            Charset::Other(encoding) if encoding.is_ascii_compatible() => Self::Known(encoding),
            Charset::Utf8Or(encoding) => Self::OrUtf8(encoding),
            Charset::Page(page) => Self::Page(page),
            _ => Self::OrUtf8(WINDOWS_1252),
        }
    }

    pub(super) fn decode(&self, bytes: &[u8]) -> String {
        if bytes.is_ascii() {
            return String::from_utf8_lossy(bytes).into_owned();
        }
        match self {
            Self::Known(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
            Self::OrUtf8(encoding) => match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                Err(_) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
            },
            Self::Page(page) => {
                let mut out = String::new();
                page.decode(bytes, &mut out);
                out
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_name_the_code_page() {
        assert_eq!(Letters::of(0x64, &[], &[], 1).decode(b"\xe6koda P\xfd\xa1bor"), "Škoda Příbor");
    }
}
