//! Checks of values by rule: check digits, dates, code tables. Named in patterns/, tri-state.

pub mod account;
pub mod at;
pub mod bank;
pub mod be;
pub mod bg;
pub mod born;
pub mod card;
pub mod ch;
pub mod cy;
pub mod cz;
pub mod date;
pub mod de;
pub mod dk;
pub mod ee;
pub mod email;
pub mod es;
pub mod fi;
pub mod fr;
pub mod gb;
pub mod gr;
pub mod hr;
pub mod hu;
pub mod ie;
pub mod is;
pub mod it;
pub mod li;
pub mod lt;
pub mod lu;
pub mod lv;
pub mod mrz;
pub mod mt;
pub mod nl;
pub mod no;
pub mod number;
pub mod person;
pub mod phone;
pub mod pl;
pub mod pt;
pub mod ro;
pub mod se;
pub mod secret;
pub mod si;
pub mod sk;
pub mod sm;
#[cfg(test)]
mod testing;
pub mod thing;
pub mod token;
pub mod vat;
mod verdict;
pub mod written;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

pub use verdict::Verdict;

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
    /// ISO/IEC 18013-1.
    LicenceLine "licence_line" => mrz::licence_line,
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
    /// HMRC National Insurance Manual NIM39110.
    Nino "nino" => gb::nino,
    /// NHS Data Dictionary, mod 11.
    Nhs "nhs" => gb::nhs,
    /// DVLA: driver number.
    GbLicence "gb_licence" => gb::licence,
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
    /// Social Welfare Consolidation Act 2005, mod 23.
    Pps "pps" => ie::pps,
    /// HMRC: UTR, mod 11.
    Utr "utr" => gb::utr,
    /// Public Health Scotland: CHI, day of birth and mod 11.
    Chi "chi" => gb::chi,
    /// The day of birth of somebody who may live.
    ChiBirth "chi_birth" => gb::chi_birth,
    /// Department for Education: UPN, local authority and mod 23.
    Upn "upn" => gb::upn,
    /// Value Added Tax Act 1994, mod 97.
    GbVat "gb_vat" => gb::vat,
    /// Revenue Commissioners, mod 23.
    IeVat "ie_vat" => ie::vat,
    /// Ustawa o ewidencji ludności art. 15, date and mod 10.
    Pesel "pesel" => pl::pesel,
    /// The day of birth of somebody who may live.
    PeselBirth "pesel_birth" => pl::pesel_birth,
    /// Ustawa o zasadach ewidencji i identyfikacji podatników, mod 11.
    Nip "nip" => pl::nip,
    /// Ustawa o statystyce publicznej, mod 11.
    Regon "regon" => pl::regon,
    /// Ustawa o dowodach osobistych, weights 7-3-1.
    PlIdentityCard "pl_identity_card" => pl::identity_card,
    /// Ustawa o dokumentach paszportowych, weights 7-3-1.
    PlPassport "pl_passport" => pl::passport,
    /// Zákon č. 133/2000 Sb., zákon č. 301/1995 Z. z., date and mod 11.
    RodneCislo "rodne_cislo" => cz::rodne_cislo,
    /// The day of birth of somebody who may live.
    RodneCisloBirth "rodne_cislo_birth" => cz::rodne_cislo_birth,
    /// Zákon č. 280/2009 Sb., mod 11.
    CzDic "cz_dic" => cz::dic,
    /// Zákon č. 222/2004 Z. z., mod 11.
    IcDph "ic_dph" => sk::ic_dph,
    /// 1996. évi XX. törvény, weights 3 and 7.
    Taj "taj" => hu::taj,
    /// 1996. évi XX. törvény, mod 11.
    Adoazonosito "adoazonosito" => hu::ado,
    /// The day of birth of somebody who may live.
    AdoazonositoBirth "adoazonosito_birth" => hu::ado_birth,
    /// 1996. évi XX. törvény, date and mod 11.
    SzemelyiSzam "szemelyi_szam" => hu::personal_number,
    /// 2017. évi CL. törvény, mod 10.
    Adoszam "adoszam" => hu::adoszam,
    /// Narodowy Bank Polski: NRB, mod 97.
    Nrb "nrb" => pl::nrb,
    /// Vyhláška ČNB č. 169/2011 Sb., mod 11.
    CzAccount "cz_account" => cz::account,
    /// Magyar Nemzeti Bank: pénzforgalmi jelzőszám, mod 10.
    HuAccount "hu_account" => hu::account,
    /// Zakon o Poslovnem registru Slovenije, mod 11.
    SiMaticna "si_maticna" => si::maticna,
    /// OUG 97/2005, date, county and mod 11.
    Cnp "cnp" => ro::cnp,
    /// The day of birth of somebody who may live.
    CnpBirth "cnp_birth" => ro::cnp_birth,
    /// Legea 227/2015, mod 11.
    Cui "cui" => ro::cui,
    /// Legea 227/2015: CUI or CNP.
    RoFiscalCode "ro_fiscal_code" => ro::fiscal_code,
    /// Закон за гражданската регистрация, date and mod 11.
    Egn "egn" => bg::egn,
    /// The day of birth of somebody who may live.
    EgnBirth "egn_birth" => bg::egn_birth,
    /// Закон за чужденците в Република България, mod 10.
    Lnch "lnch" => bg::lnch,
    /// Закон за данък върху добавената стойност, mod 11.
    BgVat "bg_vat" => bg::vat,
    /// Ν. 3655/2008, date and Luhn.
    Amka "amka" => gr::amka,
    /// The day of birth of somebody who may live.
    AmkaBirth "amka_birth" => gr::amka_birth,
    /// Ν. 4174/2013, mod 11.
    Afm "afm" => gr::afm,
    /// Cyprus Tax Department, mod 26.
    CyTic "cy_tic" => cy::tic,
    /// Zakon o osobnom identifikacijskom broju, ISO 7064 mod 11,10.
    Oib "oib" => hr::oib,
    /// Zakon o centralnem registru prebivalstva, date and mod 11.
    Emso "emso" => si::emso,
    /// The day of birth of somebody who may live.
    EmsoBirth "emso_birth" => si::emso_birth,
    /// Zakon o finančni upravi, mod 11.
    Davcna "davcna" => si::davcna,
    /// EVS 585:2007, date and mod 11.
    Isikukood "isikukood" => ee::isikukood,
    /// The day of birth of somebody who may live.
    IsikukoodBirth "isikukood_birth" => ee::isikukood_birth,
    /// Käibemaksuseadus, weights 3-7-1.
    Kmkr "kmkr" => ee::kmkr,
    /// Äriregistri seadus, mod 11.
    Registrikood "registrikood" => ee::registrikood,
    /// Fizisko personu reģistra likums, Pievienotās vērtības nodokļa likums, mod 11.
    LvPvn "lv_pvn" => lv::pvn,
    /// The number of a person who may live, not of a firm.
    PersonasKods "personas_kods" => lv::personal_code,
    /// Gyventojų registro įstatymas, date and mod 11.
    AsmensKodas "asmens_kodas" => lt::asmens_kodas,
    /// The day of birth of somebody who may live.
    AsmensKodasBirth "asmens_kodas_birth" => lt::asmens_kodas_birth,
    /// Pridėtinės vertės mokesčio įstatymas, mod 11.
    LtPvm "lt_pvm" => lt::pvm,
    /// Asetus väestötietojärjestelmästä 128/2010, date and mod 31.
    Hetu "hetu" => fi::hetu,
    /// The day of birth of somebody who may live.
    HetuBirth "hetu_birth" => fi::hetu_birth,
    /// Yritys- ja yhteisötietolaki 244/2001, mod 11.
    YTunnus "y_tunnus" => fi::y_tunnus,
    /// Laki veronumerosta 1231/2011, twelve digits.
    Veronumero "veronumero" => fi::veronumero,
    /// Folkbokföringslag 1991:481, date and Luhn.
    Personnummer "personnummer" => se::personnummer,
    /// The day of birth of somebody who may live.
    PersonnummerBirth "personnummer_birth" => se::personnummer_birth,
    /// Lag 2022:1697, date and Luhn.
    Samordningsnummer "samordningsnummer" => se::samordningsnummer,
    /// Lag 1974:174, Luhn.
    SeOrgnr "se_orgnr" => se::orgnr,
    /// The number of a firm, not of a person.
    SeFirm "se_firm" => se::orgnr_of_firm,
    /// Mervärdesskattelag 2023:200: organisation number and 01.
    SeVat "se_vat" => se::vat,
    /// CPR-loven, date.
    Cpr "cpr" => dk::cpr,
    /// CVR-loven, mod 11.
    Cvr "cvr" => dk::cvr,
    /// Folkeregisterloven, date and mod 11 twice.
    Fodselsnummer "fodselsnummer" => no::fodselsnummer,
    /// Enhetsregisterloven, mod 11.
    NoOrgnr "no_orgnr" => no::orgnr,
    /// Merverdiavgiftsloven: organisation number and MVA.
    NoMva "no_mva" => no::mva,
    /// Bits AS: account number, mod 11.
    NoKonto "no_konto" => no::konto,
    /// Lög um skráningu einstaklinga 140/2019, date and mod 11.
    Kennitala "kennitala" => is::kennitala,
    /// The number of a person who may live, not of a firm.
    KennitalaOfPerson "kennitala_of_person" => is::kennitala_of_person,
    /// The number of a firm, not of a person.
    KennitalaOfFirm "kennitala_of_firm" => is::kennitala_of_firm,
    /// Lög um virðisaukaskatt 50/1988, five or six digits.
    Vsk "vsk" => is::vsk,
    /// Identity Card and other Identity Documents Act (cap. 258).
    MtIdentityCard "mt_identity_card" => mt::identity_card,
    /// Value Added Tax Act (cap. 406), mod 37.
    MtVat "mt_vat" => mt::vat,
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
    /// Whether white space around the value is no matter of the check: python-stdnum's does not strip it.
    pub fn keeps_blanks(self) -> bool {
        matches!(self, Self::Luhn | Self::Svnr)
    }

    /// Whether it judges the value as it is written, not its normal form.
    pub fn reads_written(self) -> bool {
        matches!(
            self,
            Self::FullName
                | Self::PartOfName
                | Self::KnownName
                | Self::KnownNameAlone
                | Self::Ahv
                | Self::BeVat
                | Self::Btw
                | Self::EuVat
                | Self::CzAccount
                | Self::Fodselsnummer
                | Self::Hetu
                | Self::IeVat
                | Self::NoMva
                | Self::Personnummer
                | Self::Samordningsnummer
                | Self::Phone
                | Self::MobilePhone
                | Self::NationalPhone
        )
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
