//! The first names that are known.

/// Each with whether it is an ordinary word too; folded.
pub(super) fn first_names() -> impl Iterator<Item = (&'static str, bool)> {
    let lines = include_str!("first_names.txt").lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(|line| {
        let is_word = line.starts_with('?');
        line.trim_start_matches('?').split_whitespace().map(move |name| (name, is_word))
    })
}
