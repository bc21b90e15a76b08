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
    ("payroll/pay.toml", include_str!("../../patterns/payroll/pay.toml")),
    ("special/biometric.toml", include_str!("../../patterns/special/biometric.toml")),
    ("special/criminal.toml", include_str!("../../patterns/special/criminal.toml")),
    ("special/ethnic_origin.toml", include_str!("../../patterns/special/ethnic_origin.toml")),
    ("special/genetic.toml", include_str!("../../patterns/special/genetic.toml")),
    ("special/health.toml", include_str!("../../patterns/special/health.toml")),
    ("special/political_opinion.toml", include_str!("../../patterns/special/political_opinion.toml")),
    ("special/religion.toml", include_str!("../../patterns/special/religion.toml")),
    ("special/sex_life.toml", include_str!("../../patterns/special/sex_life.toml")),
    ("special/trade_union.toml", include_str!("../../patterns/special/trade_union.toml")),
];
