//! Shows a value of a Parquet column as a person reads it.

use crate::extract::rows::{decimal, moment, real};

use super::footer::{Leaf, Shows};

/// None for bytes that are to be looked at: text or a document, perhaps.
pub(super) fn show(leaf: &Leaf, bytes: &[u8]) -> Option<String> {
    match (leaf.kind, leaf.shows) {
        (0, _) => Some(if bytes == [0] { "false" } else { "true" }.to_owned()),
        (1, shows) => Some(number(i32::from_le_bytes(*bytes.first_chunk()?).into(), shows, 32)),
        (2, shows) => Some(number(i64::from_le_bytes(*bytes.first_chunk()?), shows, 64)),
        (3, _) => {
            // Nanoseconds since midnight, and a Julian day.
            let (nanoseconds, day) = bytes.split_first_chunk::<8>()?;
            let day = i64::from(i32::from_le_bytes(*day.first_chunk()?));
            let seconds = i64::from_le_bytes(*nanoseconds) / 1_000_000_000;
            moment((day - 2_440_588).checked_mul(86_400)?.checked_add(seconds)?, 1)
        }
        (4, _) => Some(f32::from_le_bytes(*bytes.first_chunk()?).to_string()),
        (5, _) => Some(real(f64::from_le_bytes(*bytes.first_chunk()?))),
        (_, Shows::Text) => std::str::from_utf8(bytes).ok().map(str::to_owned),
        (_, Shows::Decimal(scale)) if bytes.len() <= 16 => {
            let start = if bytes.first().is_some_and(|byte| byte & 0x80 != 0) { -1i128 } else { 0 };
            Some(decimal(bytes.iter().fold(start, |number, byte| (number << 8) | i128::from(*byte)), scale))
        }
        (_, Shows::Uuid) => {
            let number = bytes.first_chunk().map(|bytes| u128::from_be_bytes(*bytes))?;
            let part = |bits: u32, mask: u128| (number >> bits) & mask;
            let (first, second, third) = (part(96, 0xffff_ffff), part(80, 0xffff), part(64, 0xffff));
            Some(format!(
                "{first:08x}-{second:04x}-{third:04x}-{:04x}-{:012x}",
                part(48, 0xffff),
                part(0, 0xffff_ffff_ffff)
            ))
        }
        _ => None,
    }
}

fn number(value: i64, shows: Shows, bits: u32) -> String {
    let shown = match shows {
        Shows::Date => value.checked_mul(86_400).and_then(|seconds| moment(seconds, 1)),
        Shows::Moment(unit) => i64::try_from(unit).ok().and_then(|unit| moment(value, unit)),
        Shows::Time(unit) => u64::try_from(value).ok().map(|value| {
            let seconds = value / unit;
            format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
        }),
        Shows::Decimal(scale) => Some(decimal(value.into(), scale)),
        Shows::Unsigned if bits == 32 => Some((value & 0xffff_ffff).to_string()),
        Shows::Unsigned => Some(value.cast_unsigned().to_string()),
        _ => None,
    };
    shown.unwrap_or_else(|| value.to_string())
}
