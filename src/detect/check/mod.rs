//! Checks of values by rule: check digits, dates, code tables. Named in patterns/, tri-state.

pub mod account;
pub mod bank;
pub mod card;
pub mod date;
pub mod de;
pub mod email;
pub mod es;
pub mod eu;
pub mod fr;
pub mod gb;
pub mod it;
pub mod mrz;
pub mod number;
pub mod person;
pub mod phone;
pub mod secret;
#[cfg(test)]
mod testing;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

/// What a check says of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The value obeys a rule that chance seldom obeys.
    Certain,
    /// The value cannot be one of these.
    Refuted,
    /// Nothing speaks for or against it.
    Silent,
}

macro_rules! checks {
    ($($(#[doc = $doc:literal])* $variant:ident $name:literal => $run:path,)*) => {
        /// The checks that a detector can name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Check {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Check {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in patterns/ and in `why`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The law, standard or rule that it follows; empty where its name says it.
            pub fn rule(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),*).trim_ascii(),)*
                }
            }

            /// Judges a normalised value.
            pub fn run(self, value: &str) -> Verdict {
                match self {
                    $(Self::$variant => $run(value),)*
                }
            }
        }
    };
}

checks! {
    /// ISO/IEC 7812-1 Annex B over plain digits.
    Luhn "luhn" => luhn,
    /// A day between 1900 and today.
    Birth "birth" => date::birth,
    /// DM 23.12.1976.
    CodiceFiscale "codice_fiscale" => it::codice_fiscale,
    /// DPR 633/1972 art. 35.
    PartitaIva "partita_iva" => it::partita_iva,
    /// European health insurance card.
    HealthCard "health_card" => it::health_card,
    /// ISO 13616-1 and the SWIFT IBAN Registry.
    Iban "iban" => bank::iban,
    /// The check digits that a country puts into its account numbers.
    IbanNational "iban_national" => account::national,
    /// ISO/IEC 7812-1.
    PaymentCard "payment_card" => card::payment_card,
    /// The ranges in which brands give out cards, and no GTIN.
    CardBrand "card_brand" => card::card_brand,
    /// ICAO Doc 9303.
    Mrz "mrz" => mrz::mrz,
    /// Sec. 139b AO.
    SteuerId "steuer_id" => de::steuer_id,
    /// Sec. 147 SGB VI.
    Rvnr "rvnr" => de::rvnr,
    /// Sec. 290 SGB V.
    Kvnr "kvnr" => de::kvnr,
    /// German identity card and passport.
    GermanDocument "german_document" => de::document,
    /// Numéro de sécurité sociale.
    Nir "nir" => fr::nir,
    /// Numéro fiscal.
    Spi "spi" => fr::spi,
    /// Spanish DNI, NIE, NIF of a person.
    Dni "dni" => es::dni,
    /// Spanish social security number.
    Nuss "nuss" => es::nuss,
    /// British National Insurance number.
    Nino "nino" => gb::nino,
    /// NHS number.
    Nhs "nhs" => gb::nhs,
    /// British driving licence.
    GbLicence "gb_licence" => gb::licence,
    /// Irish PPS number.
    Pps "pps" => gb::pps,
    Pesel "pesel" => eu::pesel,
    Bsn "bsn" => eu::bsn,
    /// Portuguese NIF of a person.
    Nif "nif" => eu::nif,
    Cnp "cnp" => eu::cnp,
    /// Austrian Versicherungsnummer.
    Svnr "svnr" => eu::svnr,
    /// Belgian national number.
    Rijksregister "rijksregister" => eu::rijksregister,
    /// Swiss AHV number.
    Ahv "ahv" => eu::ahv,
    /// Letters and digits with at least two digits: for shapes that words fit too.
    Mixed "mixed" => mixed,
    /// ITU-T E.164.
    Phone "phone" => phone::international,
    MobilePhone "mobile_phone" => phone::mobile,
    NationalPhone "national_phone" => phone::national,
    /// An e-mail address of a person.
    Email "email" => email::personal,
    /// An e-mail address of a function.
    RoleEmail "role_email" => email::role,
    FullName "full_name" => person::full_name,
    PartOfName "part_of_name" => person::part_of_name,
    /// A first name of the list and a surname, as written.
    KnownName "known_name" => person::known_name,
    /// The same in any order.
    KnownNameAlone "known_name_alone" => person::known_name_alone,
    Password "password" => secret::password,
    /// A password that is one without a colon before it.
    StrongPassword "strong_password" => secret::strong_password,
    Token "token" => secret::token,
    /// RFC 7519.
    Jwt "jwt" => secret::jwt,
}

impl Check {
    /// Whether it judges the value as it is written, not its normal form.
    pub fn reads_written(self) -> bool {
        matches!(self, Self::KnownName | Self::KnownNameAlone)
    }
}

/// The words of a list; lines that begin with `#` are about it.
fn word_list(list: &'static str) -> HashSet<&'static str> {
    list.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect()
}

fn luhn(value: &str) -> Verdict {
    match number::digits(value) {
        Some(digits) if !digits.is_empty() && number::luhn(&digits) => Verdict::Certain,
        _ => Verdict::Refuted,
    }
}

fn mixed(value: &str) -> Verdict {
    if value.bytes().filter(u8::is_ascii_digit).count() >= 2 { Verdict::Silent } else { Verdict::Refuted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_has_one_name_in_toml_and_in_why() {
        for check in Check::ALL {
            assert_eq!(serde_json::to_value(check).unwrap(), check.name());
        }
    }

    #[test]
    fn no_check_trips_over_odd_values() {
        for check in Check::ALL {
            for value in ["", " ", "é", "ééééééééééééé", "0", "IT", "+", "@", "IT60é", "RSSMRA80A01H50é", "1.2.3"]
            {
                let _ = check.run(value);
            }
        }
    }
}
