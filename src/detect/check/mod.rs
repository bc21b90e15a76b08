//! Checks of values by rule: check digits, dates, code tables. Named in patterns/, tri-state.

pub mod at;
pub mod bank;
pub mod be;
pub mod card;
pub mod ch;
pub mod date;
pub mod de;
pub mod email;
pub mod es;
pub mod eu;
pub mod fr;
pub mod gb;
pub mod it;
pub mod li;
pub mod lu;
pub mod mrz;
pub mod nl;
pub mod number;
pub mod person;
pub mod phone;
pub mod pt;
pub mod secret;
pub mod sm;
#[cfg(test)]
mod testing;
pub mod vat;

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

impl Verdict {
    /// Certain if the rule holds, refuted if not.
    pub fn when(holds: bool) -> Self {
        if holds { Self::Certain } else { Self::Refuted }
    }
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
    /// Not one character over and over.
    Varied "varied" => varied,
    /// DM 23.12.1976; of a body, eleven digits.
    CodiceFiscale "codice_fiscale" => it::codice_fiscale,
    /// A day and a Belfiore code that exist.
    LikelyCodiceFiscale "likely_codice_fiscale" => it::likely_codice_fiscale,
    /// DPR 633/1972 art. 35.
    PartitaIva "partita_iva" => it::partita_iva,
    /// Code of an economic operator in San Marino.
    SmOperator "sm_operator" => sm::operator,
    /// European health insurance card.
    HealthCard "health_card" => it::health_card,
    /// ISO 13616, with the Italian CIN.
    Iban "iban" => bank::iban,
    /// ISO/IEC 7812-1.
    PaymentCard "payment_card" => card::payment_card,
    /// ICAO Doc 9303.
    Mrz "mrz" => mrz::mrz,
    /// Sec. 139b AO.
    SteuerId "steuer_id" => de::steuer_id,
    LikelySteuerId "likely_steuer_id" => de::likely_steuer_id,
    /// German VAT number, sec. 27a UStG.
    UstId "ust_id" => de::ust_id,
    /// German Steuernummer, form only.
    Steuernummer "steuernummer" => de::steuernummer,
    /// Number of a German doctor.
    Lanr "lanr" => de::lanr,
    /// Sec. 147 SGB VI.
    Rvnr "rvnr" => de::rvnr,
    /// Sec. 290 SGB V.
    Kvnr "kvnr" => de::kvnr,
    /// German identity card and passport.
    GermanDocument "german_document" => de::document,
    /// Numéro de sécurité sociale.
    Nir "nir" => fr::nir,
    LikelyNir "likely_nir" => fr::likely_nir,
    /// Numéro fiscal.
    Spi "spi" => fr::spi,
    Siren "siren" => fr::siren,
    Siret "siret" => fr::siret,
    /// French VAT number.
    FrTva "fr_tva" => fr::tva,
    /// VAT number of Monaco.
    McTva "mc_tva" => fr::monaco_tva,
    /// Number of a French health professional.
    Rpps "rpps" => fr::rpps,
    /// Spanish DNI.
    Dni "dni" => es::dni,
    /// Spanish number of a foreigner.
    Nie "nie" => es::nie,
    /// Spanish NIF of a firm.
    Cif "cif" => es::cif,
    /// Spanish NIF of a person or firm.
    EsNif "es_nif" => es::nif,
    /// Spanish account.
    Ccc "ccc" => es::ccc,
    EsIban "es_iban" => es::iban,
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
    Cnp "cnp" => eu::cnp,
    Bsn "bsn" => nl::bsn,
    LikelyBsn "likely_bsn" => nl::likely_bsn,
    /// Dutch number of a pupil.
    Onderwijsnummer "onderwijsnummer" => nl::education_number,
    /// Dutch VAT number.
    Btw "btw" => nl::btw,
    FirmBtw "firm_btw" => nl::firm_btw,
    SoleTraderBtw "sole_trader_btw" => nl::sole_trader_btw,
    /// Dutch passport or identity card, form only.
    NlDocument "nl_document" => nl::document,
    /// Portuguese NIF of a person or firm.
    Nif "nif" => pt::nif,
    PersonNif "person_nif" => pt::person_nif,
    FirmNif "firm_nif" => pt::firm_nif,
    /// Portuguese cartão de cidadão.
    CitizenCard "citizen_card" => pt::citizen_card,
    /// Portuguese social security number.
    PtNiss "pt_niss" => pt::niss,
    /// Austrian Versicherungsnummer.
    Svnr "svnr" => at::svnr,
    LikelySvnr "likely_svnr" => at::likely_svnr,
    /// Austrian tax account.
    AtTaxAccount "at_tax_account" => at::tax_account,
    /// Austrian VAT number.
    AtUid "at_uid" => at::uid,
    /// Belgian national number.
    Rijksregister "rijksregister" => be::national_number,
    Bis "bis" => be::bis,
    Insz "insz" => be::insz,
    LikelyInsz "likely_insz" => be::likely_insz,
    /// Belgian identity card.
    BeIdentityCard "be_identity_card" => be::identity_card,
    /// Belgian enterprise number.
    BeVat "be_vat" => be::vat,
    BeIban "be_iban" => be::iban,
    /// Swiss AHV number.
    Ahv "ahv" => ch::ahv,
    /// AHV number until 2008.
    OldAhv "old_ahv" => ch::old_ahv,
    /// Swiss number of a firm.
    ChUid "ch_uid" => ch::uid,
    ChVat "ch_vat" => ch::vat,
    /// Liechtenstein's number of a person or firm, form only.
    Peid "peid" => li::peid,
    /// Luxembourg's number of a person.
    Matricule "matricule" => lu::matricule,
    /// Luxembourg's VAT number.
    LuTva "lu_tva" => lu::tva,
    /// VAT number with its country.
    EuVat "eu_vat" => vat::number,
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
        matches!(self, Self::KnownName | Self::KnownNameAlone | Self::Ahv | Self::BeVat | Self::Btw | Self::EuVat)
    }
}

/// The words of a list; lines that begin with `#` are about it.
fn word_list(list: &'static str) -> HashSet<&'static str> {
    list.lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect()
}

fn varied(value: &str) -> Verdict {
    let mut characters = value.chars();
    let first = characters.next();
    if characters.any(|c| Some(c) != first) { Verdict::Silent } else { Verdict::Refuted }
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
