//! Hands out the pages of an Access database, unscrambled, and the rows on them.

use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::{Encoding, WINDOWS_1252};

use crate::model::Protection;
use crate::open::Input;
use crate::open::reader::ReadError;

/// What the header says.
pub(super) struct Header {
    pub(super) page_size: usize,
    /// Jet 3, of Access 97 and before: letters of one byte, and shorter numbers.
    pub(super) jet3: bool,
    /// Of the pages, where they are scrambled.
    pub(super) key: Option<u32>,
    pub(super) letters: &'static Encoding,
}

/// The database is encrypted with a password.
pub(super) struct Sealed(pub(super) Protection);

/// Bytes over which the header is masked, from its byte 58 on, always the same.
const MASK: [u8; 8] = [0xe4, 0xc3, 0x7b, 0x42, 0xfb, 0x8a, 0xbc, 0x4e];

impl Header {
    pub(super) fn read(input: &mut Input<'_>) -> Result<Result<Self, Sealed>, ReadError> {
        let mut page = Vec::new();
        input.take(4096).read_to_end(&mut page)?;
        let version = page.get(20).copied().ok_or_else(|| ReadError::Io(io::ErrorKind::UnexpectedEof.into()))?;
        if page.get(4..8) == Some(b"MSIS") {
            return Err(ReadError::Unsupported("a file of Microsoft Money"));
        }
        if version > 6 {
            return Err(ReadError::Unsupported("this version of Access"));
        }
        let masked = page.get(58..66).ok_or_else(|| ReadError::Io(io::ErrorKind::UnexpectedEof.into()))?;
        let clear: Vec<u8> = masked.iter().zip(MASK).map(|(byte, mask)| byte ^ mask).collect();
        let number = |at: usize| clear.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes);
        let (code_page, key) = (number(0) >> 16, number(4));
        if version >= 2
            && key != 0
            && let Some(info) = office_encryption(&page)
        {
            return Ok(Err(Sealed(verdict(info))));
        }
        let jet3 = version == 0;
        Ok(Ok(Self {
            page_size: if jet3 { 2048 } else { 4096 },
            jet3,
            key: (key != 0).then_some(key),
            letters: letters(code_page),
        }))
    }
}

/// What [MS-OFFCRYPTO] calls `EncryptionInfo`, in the first page.
fn office_encryption(page: &[u8]) -> Option<&[u8]> {
    let length = usize::from(u16_at(page, 0x299)?);
    let info = page.get(0x29b..0x29b + length.min(page.len()))?;
    (length > 8).then_some(info)
}

fn verdict(info: &[u8]) -> Protection {
    let (major, minor) = (u16_at(info, 0).unwrap_or(0), u16_at(info, 2).unwrap_or(0));
    let algorithm = u32_at(info, 20);
    match (major, minor, algorithm) {
        (4, 4, _) => Protection::strong("access-agile", "EncryptionInfo in the first page: agile encryption"),
        (_, 2, Some(0x6801)) => {
            Protection::weak("access-rc4-cryptoapi", "EncryptionInfo in the first page: RC4 (CryptoAPI)")
        }
        (_, 2, Some(0x660e..=0x6610)) => {
            Protection::strong("access-aes", "EncryptionInfo in the first page: AES (standard encryption)")
        }
        _ => Protection::strong("access-office", "EncryptionInfo in the first page"),
    }
}

fn letters(code_page: u32) -> &'static Encoding {
    let label = match code_page {
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        page => format!("windows-{page}"),
    };
    Encoding::for_label(label.as_bytes()).unwrap_or(WINDOWS_1252)
}

pub(super) struct Pages<'p, 'i> {
    input: &'p mut Input<'i>,
    pub(super) header: Header,
    /// The last page, which is often asked for again.
    last: Option<(u32, Vec<u8>)>,
}

impl<'p, 'i> Pages<'p, 'i> {
    pub(super) fn new(input: &'p mut Input<'i>, header: Header) -> Self {
        Self { input, header, last: None }
    }

    /// Frees the page that is kept.
    pub(super) fn forget(&mut self) {
        self.last = None;
    }

    /// Whole pages of the file.
    pub(super) fn count(&self) -> u64 {
        self.input.size().unwrap_or(0) / self.header.page_size as u64
    }

    pub(super) fn page(&mut self, number: u32) -> Result<&[u8], ReadError> {
        if self.last.as_ref().is_none_or(|(last, _)| *last != number) {
            let page = self.read(number)?;
            self.last = Some((number, page));
        }
        Ok(self.last.as_ref().map_or(&[], |(_, page)| page.as_slice()))
    }

    fn read(&mut self, number: u32) -> Result<Vec<u8>, ReadError> {
        let size = self.header.page_size;
        let start = u64::from(number) * size as u64;
        if u64::from(number) >= self.count() {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        self.input.seek(SeekFrom::Start(start))?;
        let mut page = vec![0; size];
        self.input.read_exact(&mut page)?;
        if let Some(key) = self.header.key.filter(|_| number > 0) {
            rc4((key ^ number).to_le_bytes(), &mut page);
        }
        Ok(page)
    }

    /// The bytes of a row, with the flags of its address: 8000 deleted, 4000 lies elsewhere.
    pub(super) fn row(&mut self, page: u32, row: u16) -> Result<(&[u8], u16), ReadError> {
        let at = if self.header.jet3 { 10 } else { 14 };
        let page = self.page(page)?;
        let damaged = || ReadError::malformed("access", "a row lies outside its page");
        let address = |row: u16| u16_at(page, at + 2 * usize::from(row));
        let start = address(row).ok_or_else(damaged)?;
        let end = match row.checked_sub(1) {
            Some(before) => usize::from(address(before).ok_or_else(damaged)? & 0x1fff),
            None => page.len(),
        };
        let bytes = page.get(usize::from(start & 0x1fff)..end).ok_or_else(damaged)?;
        Ok((bytes, start & 0xc000))
    }

    /// A text as Jet writes it.
    pub(super) fn text(&self, bytes: &[u8]) -> String {
        if self.header.jet3 {
            return self.header.letters.decode_without_bom_handling(bytes).0.into_owned();
        }
        let Some(compressed) = bytes.strip_prefix(b"\xff\xfe") else { return wide(bytes) };
        // Letters of one byte and of two, changing at each zero.
        let mut out = String::new();
        for (index, part) in compressed.split(|byte| *byte == 0).enumerate() {
            if index % 2 == 0 {
                out.extend(part.iter().map(|byte| char::from(*byte)));
            } else {
                out.push_str(&wide(part));
            }
        }
        out
    }
}

fn wide(bytes: &[u8]) -> String {
    let (pairs, _) = bytes.as_chunks::<2>();
    char::decode_utf16(pairs.iter().map(|pair| u16::from_le_bytes(*pair)))
        .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

fn rc4(key: [u8; 4], data: &mut [u8]) {
    let mut state: [u8; 256] = std::array::from_fn(|i| u8::try_from(i).unwrap_or(0));
    let mut j = 0u8;
    for i in 0..=255u8 {
        let k = key[usize::from(i) % 4];
        j = j.wrapping_add(state[usize::from(i)]).wrapping_add(k);
        state.swap(usize::from(i), usize::from(j));
    }
    let (mut i, mut j) = (0u8, 0u8);
    for byte in data {
        i = i.wrapping_add(1);
        j = j.wrapping_add(state[usize::from(i)]);
        state.swap(usize::from(i), usize::from(j));
        *byte ^= state[usize::from(state[usize::from(i)].wrapping_add(state[usize::from(j)]))];
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

/// The address of a row: its number, and the page in three bytes.
pub(super) fn row_address(bytes: &[u8]) -> Option<(u32, u16)> {
    let address = u32_at(bytes, 0)?;
    Some((address >> 8, u16::try_from(address & 0xff).unwrap_or(0)))
}
