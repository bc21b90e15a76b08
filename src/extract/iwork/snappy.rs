//! Unpacks blocks of Snappy, which iWork and other programs compress with.
//!
//! <https://github.com/google/snappy/blob/main/format_description.txt>

/// The unpacked block, or what there was before a fault; none if it claims more than `most` bytes.
pub(super) fn unpack(packed: &[u8], most: usize) -> Option<(Vec<u8>, bool)> {
    let (length, mut rest) = varint(packed)?;
    let length = usize::try_from(length).ok().filter(|length| *length <= most)?;
    let mut out = Vec::new();
    while let Some((tag, after)) = rest.split_first() {
        let number = |bytes: usize| {
            let low = after.get(..bytes)?;
            Some(low.iter().rev().fold(0_usize, |number, byte| number << 8 | usize::from(*byte)))
        };
        let copy = match tag & 3 {
            0 => {
                let short = usize::from(tag >> 2);
                let (length, head) = match short {
                    0..=59 => (short, 0),
                    _ => match number(short - 59) {
                        Some(length) => (length, short - 59),
                        None => return Some((out, false)),
                    },
                };
                let end = length.checked_add(1 + head)?;
                let Some(literal) = after.get(head..end) else { return Some((out, false)) };
                out.extend_from_slice(literal);
                rest = after.get(end..).unwrap_or_default();
                None
            }
            1 => number(1).map(|low| (usize::from(tag >> 2 & 7) + 4, usize::from(tag >> 5) << 8 | low, 1)),
            2 => number(2).map(|offset| (usize::from(tag >> 2) + 1, offset, 2)),
            _ => number(4).map(|offset| (usize::from(tag >> 2) + 1, offset, 4)),
        };
        if tag & 3 != 0 {
            let Some((length, offset, head)) = copy else { return Some((out, false)) };
            let Some(start) = out.len().checked_sub(offset).filter(|_| offset > 0) else { return Some((out, false)) };
            // What is copied may overlap what it makes.
            for at in start..start + length {
                let Some(byte) = out.get(at).copied() else { return Some((out, false)) };
                out.push(byte);
            }
            rest = after.get(head..).unwrap_or_default();
        }
        if out.len() > length {
            return Some((out, false));
        }
    }
    let whole = out.len() == length;
    Some((out, whole))
}

/// A number in groups of seven bits, and what follows it.
pub(super) fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (at, byte) in bytes.iter().enumerate().take(10) {
        number |= u64::from(byte & 0x7F).checked_shl(u32::try_from(7 * at).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(at + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_copies() {
        // "Mario " then a copy of it, and an overlapping run.
        let packed = [15, 5 << 2, b'M', b'a', b'r', b'i', b'o', b' ', (2 << 2) | 1, 6, (2 << 2) | 2, 1, 0];
        assert_eq!(unpack(&packed, 100), Some((b"Mario Mario    ".to_vec(), true)));
        assert_eq!(unpack(&[200, 1, 0, b'x'], 100), None);
        assert_eq!(unpack(&[5, 1, 9], 100), Some((Vec::new(), false)));
        assert_eq!(unpack(&[], 100), None);
    }
}
