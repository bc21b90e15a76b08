//! Content of which the archive told size and checksum.

use std::io::{self, Read};

use crate::model::Reason;
use crate::open::budget::{Spent, reason_of};

use super::damaged;

/// Content of which the archive told size and checksum: where it ends early it is cut off, and
/// where it differs it is damaged. Nothing comes beyond the size.
pub(in crate::open) struct Promised<'a> {
    inner: &'a mut dyn Read,
    left: Option<u64>,
    crc: Option<(flate2::Crc, u32)>,
    /// Of what was read, and as promised.
    crc16: Option<(u16, u16)>,
    /// A decoder that has failed is not asked again.
    fault: Option<(io::ErrorKind, Option<Reason>)>,
}

impl<'a> Promised<'a> {
    /// `crc` is a CRC-32; without a size, the content ends where its decoder says.
    pub(in crate::open) fn new(inner: &'a mut dyn Read, size: Option<u64>, crc: Option<u32>) -> Self {
        Self { inner, left: size, crc: crc.map(|crc| (flate2::Crc::new(), crc)), crc16: None, fault: None }
    }

    /// With a checksum of sixteen bits, as LHA and ARC have it.
    pub(in crate::open) fn with_crc16(self, crc: u16) -> Self {
        Self { crc16: Some((0, crc)), ..self }
    }
}

impl Read for Promised<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.fault {
            Some((_, Some(reason))) => return Err(Spent(reason).into()),
            Some((kind, None)) => return Err(kind.into()),
            None if buffer.is_empty() => return Ok(0),
            None => {}
        }
        let read = self.read_on(buffer);
        if let Err(error) = &read
            && error.kind() != io::ErrorKind::Interrupted
        {
            self.fault = Some((error.kind(), reason_of(error)));
        }
        read
    }
}

impl Promised<'_> {
    fn read_on(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.left.map_or(usize::MAX, |left| usize::try_from(left).unwrap_or(usize::MAX));
        let room = buffer.len().min(most);
        let n = if room == 0 { 0 } else { self.inner.read(buffer.get_mut(..room).unwrap_or_default())? };
        if n == 0 {
            if self.left.is_some_and(|left| left > 0) {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            // Told once.
            if self.crc.take().is_some_and(|(crc, expected)| crc.sum() != expected)
                || self.crc16.take().is_some_and(|(crc, expected)| crc != expected)
            {
                return Err(damaged("the checksum does not match"));
            }
            return Ok(0);
        }
        if let Some((crc, _)) = &mut self.crc {
            crc.update(buffer.get(..n).unwrap_or_default());
        }
        if let Some((crc, _)) = &mut self.crc16 {
            *crc = crc16(*crc, buffer.get(..n).unwrap_or_default());
        }
        self.left = self.left.map(|left| left.saturating_sub(n as u64));
        Ok(n)
    }
}

/// CRC-16 with the polynomial 0x8005, the lowest bit first, over more bytes.
pub(in crate::open) fn crc16(start: u16, bytes: &[u8]) -> u16 {
    const TABLE: [u16; 256] = {
        let mut table = [0; 256];
        let mut index = 0u16;
        while index < 256 {
            let mut value = index;
            let mut bit = 0;
            while bit < 8 {
                value = if value & 1 == 1 { value >> 1 ^ 0xa001 } else { value >> 1 };
                bit += 1;
            }
            table[index as usize] = value;
            index += 1;
        }
        table
    };
    bytes.iter().fold(start, |crc, byte| crc >> 8 ^ TABLE[usize::from(crc.to_le_bytes()[0] ^ byte)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(size: Option<u64>, crc: Option<u32>) -> Result<Vec<u8>, io::ErrorKind> {
        let mut source: &[u8] = b"123456789";
        let mut all = Vec::new();
        let mut content = Promised::new(&mut source, size, crc);
        content.read_to_end(&mut all).map_err(|error| error.kind())?;
        Ok(all)
    }

    #[test]
    fn sizes_and_checksums_count() {
        assert_eq!(check(Some(9), Some(0xcbf4_3926)).unwrap(), b"123456789");
        assert_eq!(check(None, Some(0xcbf4_3926)).unwrap(), b"123456789");
        assert_eq!(check(Some(4), None).unwrap(), b"1234");
        assert_eq!(check(Some(10), None), Err(io::ErrorKind::UnexpectedEof));
        assert_eq!(crc16(0, b"123456789"), 0xbb3d);
        assert_eq!(check(Some(9), Some(1)), Err(io::ErrorKind::InvalidData));
    }
}
