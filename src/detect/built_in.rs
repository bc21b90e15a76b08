//! The pattern files that are part of the program.

/// Every file of patterns/, by its path below it. A test compares the list with the folder.
pub const FILES: &[(&str, &str)] = &[
    ("credential/keys.toml", include_str!("../../patterns/credential/keys.toml")),
    ("credential/passwords.toml", include_str!("../../patterns/credential/passwords.toml")),
    ("de/person.toml", include_str!("../../patterns/de/person.toml")),
    ("defence/markings.toml", include_str!("../../patterns/defence/markings.toml")),
    ("eu/bank.toml", include_str!("../../patterns/eu/bank.toml")),
    ("fr/person.toml", include_str!("../../patterns/fr/person.toml")),
    ("intl/card.toml", include_str!("../../patterns/intl/card.toml")),
    ("intl/contact.toml", include_str!("../../patterns/intl/contact.toml")),
    ("intl/mrz.toml", include_str!("../../patterns/intl/mrz.toml")),
    ("intl/person.toml", include_str!("../../patterns/intl/person.toml")),
    ("it/business.toml", include_str!("../../patterns/it/business.toml")),
    ("it/person.toml", include_str!("../../patterns/it/person.toml")),
];
