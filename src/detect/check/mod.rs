//! Checks of values by rule: check digits, dates, code tables. Named in patterns/, tri-state.

pub mod bank;
pub mod bg;
pub mod card;
pub mod cy;
pub mod cz;
pub mod date;
pub mod de;
pub mod dk;
pub mod ee;
pub mod email;
pub mod es;
pub mod eu;
pub mod fi;
pub mod fr;
pub mod gb;
pub mod gr;
pub mod hr;
pub mod hu;
pub mod ie;
pub mod is;
pub mod it;
pub mod lt;
pub mod lv;
pub mod mrz;
pub mod mt;
pub mod no;
pub mod number;
pub mod person;
pub mod phone;
pub mod pl;
pub mod ro;
pub mod se;
pub mod secret;
pub mod si;
pub mod sk;
#[cfg(test)]
mod testing;
pub mod written;

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
    Pps "pps" => ie::pps,
    /// Digits that are not all the same.
    Varied "varied" => written::varied,
    /// British Unique Taxpayer Reference.
    Utr "utr" => gb::utr,
    /// Scottish Community Health Index number.
    Chi "chi" => gb::chi,
    ChiBirth "chi_birth" => gb::chi_birth,
    /// British Unique Pupil Number.
    Upn "upn" => gb::upn,
    GbVat "gb_vat" => gb::vat,
    IeVat "ie_vat" => ie::vat,
    Pesel "pesel" => pl::pesel,
    PeselBirth "pesel_birth" => pl::pesel_birth,
    /// Polish tax number.
    Nip "nip" => pl::nip,
    /// Polish register number.
    Regon "regon" => pl::regon,
    PlIdentityCard "pl_identity_card" => pl::identity_card,
    PlPassport "pl_passport" => pl::passport,
    /// Czech or Slovak birth number.
    RodneCislo "rodne_cislo" => cz::rodne_cislo,
    RodneCisloBirth "rodne_cislo_birth" => cz::rodne_cislo_birth,
    /// Czech tax number.
    CzDic "cz_dic" => cz::dic,
    /// Slovak VAT number.
    IcDph "ic_dph" => sk::ic_dph,
    /// Hungarian social security number.
    Taj "taj" => hu::taj,
    /// Hungarian tax number of a person.
    Adoazonosito "adoazonosito" => hu::ado,
    AdoazonositoBirth "adoazonosito_birth" => hu::ado_birth,
    /// Hungarian personal number.
    SzemelyiSzam "szemelyi_szam" => hu::personal_number,
    /// Hungarian tax number of a firm.
    Adoszam "adoszam" => hu::adoszam,
    Cnp "cnp" => ro::cnp,
    CnpBirth "cnp_birth" => ro::cnp_birth,
    /// Romanian fiscal code of a firm.
    Cui "cui" => ro::cui,
    /// Romanian fiscal code of a firm or person.
    RoFiscalCode "ro_fiscal_code" => ro::fiscal_code,
    /// Bulgarian citizen number.
    Egn "egn" => bg::egn,
    EgnBirth "egn_birth" => bg::egn_birth,
    /// Bulgarian number of a foreigner.
    Lnch "lnch" => bg::lnch,
    BgVat "bg_vat" => bg::vat,
    /// Greek social security number.
    Amka "amka" => gr::amka,
    AmkaBirth "amka_birth" => gr::amka_birth,
    /// Greek tax number.
    Afm "afm" => gr::afm,
    /// Cypriot tax number.
    CyTic "cy_tic" => cy::tic,
    /// Croatian personal identification number.
    Oib "oib" => hr::oib,
    /// Slovenian citizen number, and that of all of Yugoslavia.
    Emso "emso" => si::emso,
    EmsoBirth "emso_birth" => si::emso_birth,
    /// Slovenian tax number.
    Davcna "davcna" => si::davcna,
    /// Estonian personal code.
    Isikukood "isikukood" => ee::isikukood,
    IsikukoodBirth "isikukood_birth" => ee::isikukood_birth,
    /// Estonian VAT number.
    Kmkr "kmkr" => ee::kmkr,
    /// Estonian register code.
    Registrikood "registrikood" => ee::registrikood,
    /// Latvian personal code and VAT number.
    LvPvn "lv_pvn" => lv::pvn,
    /// A Latvian personal code, not the number of a firm.
    PersonasKods "personas_kods" => lv::personal_code,
    /// Lithuanian personal code.
    AsmensKodas "asmens_kodas" => lt::asmens_kodas,
    AsmensKodasBirth "asmens_kodas_birth" => lt::asmens_kodas_birth,
    /// Lithuanian VAT number.
    LtPvm "lt_pvm" => lt::pvm,
    /// Finnish personal identity code.
    Hetu "hetu" => fi::hetu,
    HetuBirth "hetu_birth" => fi::hetu_birth,
    /// Finnish business identity code.
    YTunnus "y_tunnus" => fi::y_tunnus,
    /// Finnish tax number of a worker.
    Veronumero "veronumero" => fi::veronumero,
    /// Swedish personal number.
    Personnummer "personnummer" => se::personnummer,
    PersonnummerBirth "personnummer_birth" => se::personnummer_birth,
    /// Swedish coordination number.
    Samordningsnummer "samordningsnummer" => se::samordningsnummer,
    SeOrgnr "se_orgnr" => se::orgnr,
    SeFirm "se_firm" => se::orgnr_of_firm,
    SeVat "se_vat" => se::vat,
    /// Danish personal number.
    Cpr "cpr" => dk::cpr,
    CprBirth "cpr_birth" => dk::cpr_birth,
    /// Danish number of a firm.
    Cvr "cvr" => dk::cvr,
    /// Norwegian birth number.
    Fodselsnummer "fodselsnummer" => no::fodselsnummer,
    FodselsnummerBirth "fodselsnummer_birth" => no::fodselsnummer_birth,
    NoOrgnr "no_orgnr" => no::orgnr,
    NoMva "no_mva" => no::mva,
    /// Norwegian account number.
    NoKonto "no_konto" => no::konto,
    /// Icelandic identification number.
    Kennitala "kennitala" => is::kennitala,
    KennitalaOfPerson "kennitala_of_person" => is::kennitala_of_person,
    KennitalaOfFirm "kennitala_of_firm" => is::kennitala_of_firm,
    /// Icelandic VAT number.
    Vsk "vsk" => is::vsk,
    MtIdentityCard "mt_identity_card" => mt::identity_card,
    MtVat "mt_vat" => mt::vat,
    Bsn "bsn" => eu::bsn,
    /// Portuguese NIF of a person.
    Nif "nif" => eu::nif,
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
        matches!(
            self,
            Self::KnownName
                | Self::KnownNameAlone
                | Self::Hetu
                | Self::IeVat
                | Self::Personnummer
                | Self::Samordningsnummer
        )
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
