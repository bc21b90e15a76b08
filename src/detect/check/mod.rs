//! Checks of values by rule: check digits, dates, code tables. Named in patterns/, tri-state.

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
pub mod thing;
pub mod token;

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
    ($($(#[$doc:meta])* $variant:ident $name:literal => $run:path,)*) => {
        /// The checks that a detector can name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Check {
            $($(#[$doc])* $variant,)*
        }

        impl Check {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in patterns/ and in `why`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
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
    /// ISO 13616, with the Italian CIN.
    Iban "iban" => bank::iban,
    /// ISO/IEC 7812-1.
    PaymentCard "payment_card" => card::payment_card,
    /// ICAO Doc 9303.
    Mrz "mrz" => mrz::mrz,
    /// ISO/IEC 18013-1.
    LicenceLine "licence_line" => mrz::licence_line,
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
    /// 3GPP TS 23.003.
    Imei "imei" => thing::imei,
    /// ITU-T E.118.
    Iccid "iccid" => thing::iccid,
    /// GS1 General Specifications.
    Gtin "gtin" => thing::gtin,
    /// ISO 2108.
    Isbn "isbn" => thing::isbn,
    /// POSIX time.
    Epoch "epoch" => thing::epoch,
    /// None of the numbers of things: for `plausible`.
    NoThing "no_thing" => thing::no_thing,
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
    /// Random characters.
    Token "token" => token::token,
    AwsAccessKey "aws_access_key" => token::aws_access_key,
    /// The first line of a private key without passphrase.
    PrivateKey "private_key" => token::private_key,
    /// crypt(5), RFC 2307, RFC 9106.
    PasswordHash "password_hash" => token::password_hash,
    /// GitHub and npm tokens, with the CRC-32 in base 62 that ends them.
    ChecksumToken "checksum_token" => token::checksum_token,
    /// Random characters beside a word such as `api key`.
    LabelledSecret "labelled_secret" => token::labelled_secret,
    /// BIP 173.
    AgeKey "age_key" => token::age_key,
    DiscordToken "discord_token" => token::discord_token,
    /// RFC 7519.
    Jwt "jwt" => token::jwt,
    /// RFC 7617.
    BasicCredentials "basic_credentials" => token::basic_credentials,
    /// `cpassword` of Windows group policy.
    GroupPolicyPassword "group_policy_password" => token::group_policy_password,
    /// A password in base 64.
    EncodedPassword "encoded_password" => token::encoded_password,
}

impl Check {
    /// Whether it judges the value as it is written, not its normal form.
    pub fn reads_written(self) -> bool {
        matches!(self, Self::KnownName | Self::KnownNameAlone | Self::Phone | Self::MobilePhone | Self::NationalPhone)
    }
}

/// The words of a list; lines that begin with `#` are about it.
fn word_list(list: &'static str) -> HashSet<&'static str> {
    list.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect()
}

fn luhn(value: &str) -> Verdict {
    match number::digits(value) {
        Some(digits) if number::luhn(&digits) => Verdict::Certain,
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
