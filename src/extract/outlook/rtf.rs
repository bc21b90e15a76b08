//! Unpacks the compressed bodies of Outlook messages.

use crate::extract::compound::u32_at;

/// [MS-OXRTFCP] 2.1 and 2.2; none if the header is not one.
pub(super) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    const START: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \
        \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \
        \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
    const WINDOW: usize = 4096;
    let raw = packed.get(16..)?;
    let size = usize::try_from(u32_at(packed, 4)?).ok()?.min(256 << 20);
    match u32_at(packed, 8)? {
        0x414C_454D => return Some(raw.get(..size.min(raw.len()))?.to_vec()),
        0x7546_5A4C => {}
        _ => return None,
    }
    let mut window = [0_u8; WINDOW];
    window.iter_mut().zip(START).for_each(|(to, from)| *to = *from);
    let mut write = START.len();
    let mut out = Vec::new();
    let mut bytes = raw.iter().copied();
    'all: while let Some(control) = bytes.next() {
        for bit in 0..8 {
            if control & (1 << bit) == 0 {
                let Some(byte) = bytes.next() else { break 'all };
                out.push(byte);
                *window.get_mut(write)? = byte;
                write = (write + 1) % WINDOW;
            } else {
                let (Some(high), Some(low)) = (bytes.next(), bytes.next()) else { break 'all };
                let reference = usize::from(u16::from_be_bytes([high, low]));
                let (offset, length) = (reference >> 4, (reference & 0xF) + 2);
                if offset == write {
                    break 'all;
                }
                for step in 0..length {
                    let byte = *window.get((offset + step) % WINDOW)?;
                    out.push(byte);
                    *window.get_mut(write)? = byte;
                    write = (write + 1) % WINDOW;
                }
            }
            if out.len() > size {
                break 'all;
            }
        }
    }
    out.truncate(size);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compressed_bodies_are_unpacked() {
        // The first example of [MS-OXRTFCP] 3.1.
        let packed = [
            0x2d, 0x00, 0x00, 0x00, 0x2b, 0x00, 0x00, 0x00, 0x4c, 0x5a, 0x46, 0x75, 0xf1, 0xc5, 0xc7, 0xa7, 0x03, 0x00,
            0x0a, 0x00, 0x72, 0x63, 0x70, 0x67, 0x31, 0x32, 0x35, 0x42, 0x32, 0x0a, 0xf3, 0x20, 0x68, 0x65, 0x6c, 0x09,
            0x00, 0x20, 0x62, 0x77, 0x05, 0xb0, 0x6c, 0x64, 0x7d, 0x0a, 0x80, 0x0f, 0xa0,
        ];
        let rtf = unpack(&packed).unwrap();
        assert_eq!(String::from_utf8_lossy(&rtf), "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
        assert_eq!(unpack(&[0; 20]), None);
    }
}
