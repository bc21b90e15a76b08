//! Reads what a camera or a scanner wrote into a picture: who, where, when, and with which device.
//!
//! Exif 2.32 (CIPA DC-008) within TIFF 6.0 directories. An own reader of some hundred lines: it takes
//! the few entries that name people, places and devices, and nothing by a declared size.

use std::ops::Range;

/// Bytes of one entry that are read.
const MOST: usize = 64 * 1024;
/// Entries of a directory that are looked at.
const ENTRIES: u16 = 512;

/// What the directories say.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Exif {
    /// 1 to 8, as in the specification; 1 is upright.
    pub(super) orientation: u8,
    /// Label and value.
    pub(super) fields: Vec<(&'static str, String)>,
    pub(super) xmp: Option<Vec<u8>>,
    pub(super) iptc: Option<Vec<u8>>,
}

/// The bytes of the file or of the block, wherever they are kept.
pub(super) trait Bytes {
    /// As many as there are from here on, at most so many.
    fn at(&mut self, offset: u64, length: usize) -> Option<Vec<u8>>;
}

impl Bytes for &[u8] {
    fn at(&mut self, offset: u64, length: usize) -> Option<Vec<u8>> {
        let rest = self.get(usize::try_from(offset).ok()?..)?;
        Some(rest.get(..length.min(rest.len()))?.to_vec())
    }
}

const ORIENTATION: u16 = 0x0112;
const XMP: u16 = 0x02bc;
const IPTC: u16 = 0x83bb;
const EXIF_DIRECTORY: u16 = 0x8769;
const GPS_DIRECTORY: u16 = 0x8825;
const USER_COMMENT: u16 = 0x9286;

/// Entries of text in the first directory and in that of Exif.
const LABELS: &[(u16, &str)] = &[
    (0x010d, "Document"),
    (0x010e, "Description"),
    (0x010f, "Camera make"),
    (0x0110, "Camera"),
    (0x011d, "Page"),
    (0x0131, "Software"),
    (0x0132, "Date"),
    (0x013b, "Author"),
    (0x013c, "Computer"),
    (0x8298, "Copyright"),
    (0x9003, "Taken"),
    (0x9c9b, "Title"),
    (0x9c9c, "Comment"),
    (0x9c9d, "Author"),
    (0x9c9e, "Keywords"),
    (0x9c9f, "Subject"),
    (0xa430, "Owner"),
    (0xa431, "Camera serial number"),
    (0xa435, "Lens serial number"),
];

/// Reads a block that begins with the header of TIFF.
pub(super) fn read(bytes: &mut dyn Bytes) -> Option<Exif> {
    let header = bytes.at(0, 16)?;
    let order = match header.get(..2)? {
        b"II" => Order::Little,
        b"MM" => Order::Big,
        _ => return None,
    };
    let first = match order.number(header.get(2..4)?)? {
        42 => order.number(header.get(4..8)?)?,
        43 => order.number(header.get(8..16)?)?,
        _ => return None,
    };
    let is_big = order.number(header.get(2..4)?)? == 43;
    let mut reading = Reading { bytes, order, is_big, exif: Exif { orientation: 1, ..Exif::default() } };
    reading.directory(first, false)?;
    Some(reading.exif)
}

#[derive(Clone, Copy)]
enum Order {
    Little,
    Big,
}

impl Order {
    fn number(self, bytes: &[u8]) -> Option<u64> {
        if bytes.len() > 8 {
            return None;
        }
        let push = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
        Some(match self {
            Self::Little => bytes.iter().rev().fold(0, push),
            Self::Big => bytes.iter().fold(0, push),
        })
    }
}

struct Reading<'b> {
    bytes: &'b mut dyn Bytes,
    order: Order,
    /// BigTIFF: 64-bit offsets.
    is_big: bool,
    exif: Exif,
}

/// One entry of a directory.
struct Entry {
    tag: u16,
    /// Bytes of one value: 1, 2, 4 or 8.
    width: usize,
    value: Vec<u8>,
}

impl Reading<'_> {
    /// The entries of the first directory, or of that of Exif, which holds no further ones.
    fn directory(&mut self, offset: u64, is_inner: bool) -> Option<()> {
        for entry in self.entries(offset)? {
            match entry.tag {
                ORIENTATION if !is_inner => {
                    let number = self.order.number(&entry.value).and_then(|number| u8::try_from(number).ok());
                    self.exif.orientation = number.filter(|number| (1..=8).contains(number)).unwrap_or(1);
                }
                XMP if !is_inner => self.exif.xmp = Some(entry.value),
                IPTC if !is_inner => self.exif.iptc = Some(entry.value),
                EXIF_DIRECTORY if !is_inner => {
                    let inner = self.order.number(&entry.value);
                    inner.and_then(|inner| self.directory(inner, true));
                }
                GPS_DIRECTORY if !is_inner => {
                    let position = self.order.number(&entry.value).and_then(|gps| self.position(gps));
                    self.exif.fields.extend(position.map(|position| ("GPS position", position)));
                }
                USER_COMMENT => {
                    let text = match entry.value.split_at_checked(8) {
                        Some((b"UNICODE\0", text)) => self.utf16(text),
                        Some((_, text)) => eight_bit(text),
                        None => String::new(),
                    };
                    self.push("Comment", text);
                }
                tag => {
                    let Some((_, label)) = LABELS.iter().find(|(known, _)| *known == tag) else { continue };
                    let text = if tag >> 8 == 0x9c { utf16_little(&entry.value) } else { eight_bit(&entry.value) };
                    self.push(label, text);
                }
            }
        }
        Some(())
    }

    fn push(&mut self, label: &'static str, text: String) {
        let text = text.trim();
        let is_new = !self.exif.fields.iter().any(|(known, value)| *known == label && value == text);
        if text.chars().any(char::is_alphanumeric) && is_new {
            self.exif.fields.push((label, text.to_owned()));
        }
    }

    fn entries(&mut self, offset: u64) -> Option<Vec<Entry>> {
        let (counter, size) = if self.is_big { (8, 20) } else { (2, 12) };
        let count = self.order.number(&self.bytes.at(offset, counter)?)?;
        let count = usize::from(u16::try_from(count).unwrap_or(u16::MAX).min(ENTRIES));
        let table = self.bytes.at(offset.checked_add(counter as u64)?, count * size)?;
        let mut entries = Vec::new();
        for record in table.chunks_exact(size) {
            entries.extend(self.entry(record));
        }
        Some(entries)
    }

    fn entry(&mut self, record: &[u8]) -> Option<Entry> {
        let number = |range: Range<usize>| record.get(range).and_then(|bytes| self.order.number(bytes));
        let tag = u16::try_from(number(0..2)?).ok()?;
        let width = match number(2..4)? {
            1 | 2 | 6 | 7 => 1,
            3 | 8 => 2,
            4 | 9 | 11 | 13 => 4,
            5 | 10 | 12 | 16 | 17 | 18 => 8,
            _ => return None,
        };
        let (counted, held) = if self.is_big { (4..12, 12..20) } else { (4..8, 8..12) };
        let length = usize::try_from(number(counted)?).ok()?.checked_mul(width)?;
        let inside = record.get(held.clone())?;
        let value = if length <= inside.len() {
            inside.get(..length)?.to_vec()
        } else {
            self.bytes.at(number(held)?, length.min(MOST))?
        };
        Some(Entry { tag, width, value })
    }

    /// Latitude and longitude in degrees, as maps take them.
    fn position(&mut self, offset: u64) -> Option<String> {
        let entries = self.entries(offset)?;
        let value = |tag: u16| entries.iter().find(|entry| entry.tag == tag);
        let degrees = |tag: u16| -> Option<f64> {
            let entry = value(tag).filter(|entry| entry.width == 8)?;
            let mut parts = entry.value.chunks_exact(8).map(|pair| {
                let (over, under) = pair.split_at(4);
                let (over, under) = (self.order.number(over)?, self.order.number(under)?);
                (under != 0).then(|| over as f64 / under as f64)
            });
            let (whole, minutes, seconds) = (parts.next()??, parts.next().flatten(), parts.next().flatten());
            Some(whole + minutes.unwrap_or(0.0) / 60.0 + seconds.unwrap_or(0.0) / 3600.0)
        };
        let is = |tag: u16, letter: u8| value(tag).is_some_and(|entry| entry.value.first() == Some(&letter));
        let (latitude, longitude) = (degrees(2)?, degrees(4)?);
        if latitude > 90.0 || longitude > 180.0 || latitude == 0.0 && longitude == 0.0 {
            return None;
        }
        let latitude = if is(1, b'S') { -latitude } else { latitude };
        let longitude = if is(3, b'W') { -longitude } else { longitude };
        Some(format!("{latitude:.5}, {longitude:.5}"))
    }

    fn utf16(&self, bytes: &[u8]) -> String {
        let units = bytes.chunks_exact(2).filter_map(|pair| u16::try_from(self.order.number(pair)?).ok());
        decode_utf16(units)
    }
}

fn utf16_little(bytes: &[u8]) -> String {
    decode_utf16(bytes.chunks_exact(2).filter_map(|pair| Some(u16::from_le_bytes(pair.try_into().ok()?))))
}

fn decode_utf16(units: impl Iterator<Item = u16>) -> String {
    char::decode_utf16(units.take_while(|unit| *unit != 0)).map(|c| c.unwrap_or(' ')).collect()
}

/// Text of a device: ASCII by the letter of the specification, anything in practice.
fn eight_bit(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    crate::extract::charset::decode(bytes.get(..end).unwrap_or_default())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A block with these entries: tag, kind, values. Text and what does not fit stands behind.
    pub(in crate::extract::image) fn block(directories: &[&[(u16, u16, &[u8])]]) -> Vec<u8> {
        let mut block = b"II*\0\x08\0\0\0".to_vec();
        for entries in directories {
            let behind = block.len() + 2 + entries.len() * 12 + 4;
            let mut data = Vec::new();
            block.extend(u16::try_from(entries.len()).unwrap().to_le_bytes());
            for (tag, kind, value) in *entries {
                let width = match kind {
                    3 => 2,
                    4 => 4,
                    5 => 8,
                    _ => 1,
                };
                block.extend(tag.to_le_bytes());
                block.extend(kind.to_le_bytes());
                block.extend(u32::try_from(value.len() / width).unwrap().to_le_bytes());
                if value.len() <= 4 {
                    block.extend(value.iter().chain(&[0; 4]).take(4));
                } else {
                    block.extend(u32::try_from(behind + data.len()).unwrap().to_le_bytes());
                    data.extend_from_slice(value);
                }
            }
            block.extend([0; 4]);
            block.extend(data);
        }
        block
    }

    fn rationals(values: &[u32]) -> Vec<u8> {
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    #[test]
    fn people_places_and_devices() {
        let (lat, long) = (rationals(&[45, 1, 27, 1, 3600, 100]), rationals(&[9, 1, 30, 2, 0, 1]));
        let first: &[(u16, u16, &[u8])] = &[
            (0x010e, 2, b"Visita medica\0"),
            (ORIENTATION, 3, &[6, 0]),
            (0x013b, 2, b"Elisa Fiorvanti\0"),
            (0x9c9d, 1, b"E\0l\0i\0s\0a\0\0\0"),
            (GPS_DIRECTORY, 4, &[0, 0, 0, 0]),
            (EXIF_DIRECTORY, 4, &[0, 0, 0, 0]),
        ];
        let gps: &[(u16, u16, &[u8])] = &[(1, 2, b"N\0"), (2, 5, &lat), (3, 2, b"W\0"), (4, 5, &long)];
        let inner: &[(u16, u16, &[u8])] =
            &[(0xa431, 2, b"0823456789\0"), (USER_COMMENT, 7, b"ASCII\0\0\0per la commissione")];
        let (at_gps, at_inner) = (block(&[first]).len(), block(&[first, gps]).len());
        let mut whole = block(&[first, gps, inner]);
        for (entry, at) in [(4, at_gps), (5, at_inner)] {
            let place = 8 + 2 + entry * 12 + 8;
            whole[place..place + 4].copy_from_slice(&u32::try_from(at).unwrap().to_le_bytes());
        }
        let exif = read(&mut whole.as_slice()).unwrap();
        assert_eq!(exif.orientation, 6);
        assert_eq!(
            exif.fields,
            [
                ("Description", "Visita medica"),
                ("Author", "Elisa Fiorvanti"),
                ("Author", "Elisa"),
                ("GPS position", "45.46000, -9.25000"),
                ("Camera serial number", "0823456789"),
                ("Comment", "per la commissione"),
            ]
            .map(|(label, value)| (label, value.to_owned()))
        );
        for length in 0..whole.len() {
            read(&mut &whole[..length]);
        }
    }

    #[test]
    fn directories_that_point_to_themselves_end() {
        let whole = block(&[&[(EXIF_DIRECTORY, 4, &[8, 0, 0, 0]), (GPS_DIRECTORY, 4, &[8, 0, 0, 0])]]);
        assert_eq!(read(&mut whole.as_slice()).unwrap().fields, []);
        assert_eq!(read(&mut &b"II*\0\xff\xff\xff\xff"[..]), None);
        assert_eq!(read(&mut &b"no header"[..]), None);
    }
}
