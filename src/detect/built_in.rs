//! The pattern files that are part of the program.

/// Every file of patterns/, by its path below it. A test compares the list with the folder.
pub const FILES: &[(&str, &str)] = &[("it/person.toml", include_str!("../../patterns/it/person.toml"))];
