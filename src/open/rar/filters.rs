//! Undoes what rar does to data so that it packs better: jumps of programs, tables, sound, pictures.

/// A filter with its parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    /// Bytes of each channel one after the other, each as the difference to the one before.
    Delta { channels: usize },
    /// Targets of x86 calls (and jumps), from relative to absolute.
    X86 { jumps: bool, wraps: bool },
    /// Targets of ARM branches.
    Arm,
    /// Sound: each byte as the difference to one foretold.
    Audio { channels: usize },
    /// True-colour pictures: rows of so many bytes, red at this place.
    Rgb { width: usize, red: usize },
}

impl Filter {
    /// `start` is where in the member the bytes stand.
    pub(super) fn apply(self, bytes: &mut [u8], start: u64) {
        match self {
            Self::Delta { channels } => delta(bytes, channels),
            Self::X86 { jumps, wraps } => x86(bytes, start, jumps, wraps),
            Self::Arm => arm(bytes, start),
            Self::Audio { channels } => audio(bytes, channels),
            Self::Rgb { width, red } => rgb(bytes, width, red),
        }
    }
}

fn delta(bytes: &mut [u8], channels: usize) {
    let packed = bytes.to_vec();
    let mut source = packed.into_iter();
    for channel in 0..channels.min(bytes.len()) {
        let mut before = 0u8;
        for place in bytes.iter_mut().skip(channel).step_by(channels) {
            before = before.wrapping_sub(source.next().unwrap_or(0));
            *place = before;
        }
    }
}

fn x86(bytes: &mut [u8], start: u64, jumps: bool, wraps: bool) {
    const SIZE: u32 = 1 << 24;
    let start = u32::try_from(start & u64::from(u32::MAX)).unwrap_or(0);
    let mut at = 0;
    while at + 4 < bytes.len() {
        let is_target = matches!((bytes.get(at), jumps), (Some(0xe8), _) | (Some(0xe9), true));
        at += 1;
        let Some(field) = bytes.get_mut(at..at + 4).filter(|_| is_target) else { continue };
        let mut offset = start.wrapping_add(u32::try_from(at).unwrap_or(0));
        if wraps {
            offset %= SIZE;
        }
        let address = u32::from_le_bytes([field[0], field[1], field[2], field[3]]);
        let changed = if address >= 1 << 31 {
            (address.wrapping_add(offset) < 1 << 31).then(|| address.wrapping_add(SIZE))
        } else {
            (address < SIZE).then(|| address.wrapping_sub(offset))
        };
        if let Some(changed) = changed {
            field.copy_from_slice(&changed.to_le_bytes());
        }
        at += 4;
    }
}

fn arm(bytes: &mut [u8], start: u64) {
    for (index, word) in bytes.chunks_exact_mut(4).enumerate() {
        let [a, b, c, 0xeb] = *word else { continue };
        let place = (start.wrapping_add(4 * index as u64) / 4) & 0xff_ffff;
        let offset = u32::from_le_bytes([a, b, c, 0]).wrapping_sub(u32::try_from(place).unwrap_or(0)).to_le_bytes();
        word[..3].copy_from_slice(&offset[..3]);
    }
}

fn audio(bytes: &mut [u8], channels: usize) {
    let packed = bytes.to_vec();
    let mut source = packed.into_iter();
    for channel in 0..channels.min(bytes.len()) {
        let (mut before, mut delta) = (0u8, 0i32);
        let (mut d1, mut d2) = (0i32, 0i32);
        let mut weights = [0i32; 3];
        let mut misses = [0i32; 7];
        for (count, place) in bytes.iter_mut().skip(channel).step_by(channels).enumerate() {
            let d3 = d2;
            d2 = delta - d1;
            d1 = delta;
            let foretold = 8 * i32::from(before) + weights[0] * d1 + weights[1] * d2 + weights[2] * d3;
            let foretold = (foretold >> 3).to_le_bytes()[0];
            let own = source.next().unwrap_or(0);
            let value = foretold.wrapping_sub(own);
            delta = i32::from(value.wrapping_sub(before).cast_signed());
            before = value;
            *place = value;
            let miss = i32::from(own.cast_signed()) << 3;
            for (sum, by) in misses.iter_mut().zip([0, -d1, d1, -d2, d2, -d3, d3]) {
                *sum = sum.saturating_add((miss + by).abs());
            }
            if count % 32 == 0 {
                let least = misses.iter().enumerate().min_by_key(|(_, sum)| **sum).map_or(0, |(index, _)| index);
                misses = [0; 7];
                if let Some(weight) = least.checked_sub(1).and_then(|index| weights.get_mut(index / 2)) {
                    if least % 2 == 1 {
                        *weight -= i32::from(*weight >= -16);
                    } else {
                        *weight += i32::from(*weight < 16);
                    }
                }
            }
        }
    }
}

fn rgb(bytes: &mut [u8], width: usize, red: usize) {
    let packed = bytes.to_vec();
    let mut source = packed.into_iter();
    for channel in 0..3 {
        let mut before = 0u8;
        let mut at = channel;
        while at < bytes.len() {
            let mut foretold = before;
            let above =
                at.checked_sub(width).and_then(|above| Some((*bytes.get(above)?, *bytes.get(above.checked_sub(3)?)?)));
            if let Some((upper, corner)) = above {
                let [left, upper_, corner_] = [before, upper, corner].map(i32::from);
                let guess = left + upper_ - corner_;
                let [a, b, c] = [left, upper_, corner_].map(|value| (guess - value).abs());
                foretold = if a <= b && a <= c {
                    before
                } else if b <= c {
                    upper
                } else {
                    corner
                };
            }
            before = foretold.wrapping_sub(source.next().unwrap_or(0));
            if let Some(place) = bytes.get_mut(at) {
                *place = before;
            }
            at += 3;
        }
    }
    for pixel in bytes.get_mut(red..).unwrap_or_default().chunks_exact_mut(3) {
        let green = pixel[1];
        pixel[0] = pixel[0].wrapping_add(green);
        pixel[2] = pixel[2].wrapping_add(green);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(filter: Filter, start: u64, bytes: &[u8], expected: &[u8]) {
        let mut bytes = bytes.to_vec();
        filter.apply(&mut bytes, start);
        assert_eq!(bytes, expected, "{filter:?}");
    }

    #[test]
    fn filters_undo() {
        check(Filter::Delta { channels: 2 }, 0, &[255, 255, 246, 255], &[1, 10, 2, 11]);
        let call = Filter::X86 { jumps: false, wraps: true };
        check(
            call,
            16,
            &[0x90, 0xe8, 0x22, 0, 0, 0, 0xe9, 1, 0, 0, 0, 0],
            &[0x90, 0xe8, 0x10, 0, 0, 0, 0xe9, 1, 0, 0, 0, 0],
        );
        check(Filter::Arm, 8, &[0x05, 0, 0, 0xeb, 1, 2, 3, 4], &[0x03, 0, 0, 0xeb, 1, 2, 3, 4]);
        check(Filter::Rgb { width: 6, red: 0 }, 0, &[0xff, 0xff, 0xfe, 0, 0xfd, 0], &[3, 2, 5, 4, 2, 5]);
        check(Filter::Audio { channels: 1 }, 0, &[0xff, 0xff], &[1, 2]);
        for filter in [Filter::Delta { channels: 9 }, Filter::Audio { channels: 9 }, Filter::Rgb { width: 90, red: 2 }]
        {
            filter.apply(&mut [1, 2], 0);
        }
    }
}
