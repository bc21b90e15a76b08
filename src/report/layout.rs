//! How numbers, sizes, paths and paragraphs are set on a terminal.

use std::fmt::Write as _;

/// `1,234,567`.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 file`, `2,000 files`: the plural is the singular with an s.
pub(super) fn count(n: u64, thing: &str) -> String {
    format!("{} {thing}{}", number(n), if n == 1 { "" } else { "s" })
}

/// `1 person`, `214 people`.
pub fn people(n: u64) -> String {
    format!("{} {}", number(n), if n == 1 { "person" } else { "people" })
}

/// In units of a thousand, as disks are sold: `38.2 MB`.
pub fn bytes(n: u64) -> String {
    let mut value = n as f64;
    for unit in ["bytes", "kB", "MB", "GB", "TB", "PB"] {
        // What would print as 1000.0 belongs to the next unit.
        if value < 999.95 {
            return match unit {
                "bytes" => count(n, "byte"),
                _ if value < 99.95 => format!("{value:.1} {unit}"),
                _ => format!("{value:.0} {unit}"),
            };
        }
        value /= 1000.0;
    }
    format!("{value:.1} EB")
}

pub(super) fn duration(seconds: f64) -> String {
    if seconds < 59.95 {
        return format!("{seconds:.1} seconds");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 60")]
    let whole = seconds.round() as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    match hours {
        0 => format!("{minutes} min {seconds} s"),
        _ => format!("{} h {minutes} min", number(hours)),
    }
}

/// Cut in the middle to `width` characters: both the top folder and the name of the file
/// say something, the name more.
pub(super) fn shorten(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width {
        return text.to_owned();
    }
    let kept = width.saturating_sub(1);
    let head = kept / 3;
    let mut short: String = text.chars().take(head).collect();
    short.push('…');
    short.extend(text.chars().skip(length - (kept - head)));
    short
}

/// Broken at spaces to lines that end before `width`; all start at column `indent`, to which
/// the first was already moved.
pub fn wrap(text: &str, width: usize, indent: usize) -> String {
    let mut wrapped = String::new();
    let mut column = indent;
    for (i, word) in text.split(' ').enumerate() {
        let length = word.chars().count();
        if i > 0 && column + 1 + length > width {
            let _ = write!(wrapped, "\n{:indent$}", "");
            column = indent;
        } else if i > 0 {
            wrapped.push(' ');
            column += 1;
        }
        wrapped.push_str(word);
        column += length;
    }
    wrapped
}

/// `a`, `a and b`, `a, b and c`.
pub fn list(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_plurals() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_000), "1,000");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "file"), "0 files");
        assert_eq!(people(1), "1 person");
        assert_eq!(people(1_214), "1,214 people");
        assert_eq!(list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
    }

    #[test]
    fn sizes_and_times() {
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(999), "999 bytes");
        assert_eq!(bytes(1_000), "1.0 kB");
        assert_eq!(bytes(38_249_000), "38.2 MB");
        assert_eq!(bytes(999_960), "1.0 MB");
        assert_eq!(bytes(412_000_000_000), "412 GB");
        assert_eq!(duration(0.04), "0.0 seconds");
        assert_eq!(duration(61.2), "1 min 1 s");
        assert_eq!(duration(7_260.0), "2 h 1 min");
    }

    #[test]
    fn long_paths_lose_their_middle() {
        assert_eq!(shorten("HR/a.pdf", 8), "HR/a.pdf");
        assert_eq!(shorten("HR/medical/visits/2024.pdf", 16), "HR/me…s/2024.pdf");
        assert_eq!(shorten("èèèèèè", 4), "è…èè");
        assert_eq!(shorten("abc", 0), "…");
    }

    #[test]
    fn paragraphs_break_at_spaces() {
        assert_eq!(wrap("one two three", 10, 2), "one two\n  three");
        assert_eq!(wrap("unbreakable", 4, 2), "unbreakable");
    }
}
