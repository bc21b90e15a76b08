//! Headers of exports from payroll and personnel programs, and what stands below them.

use std::sync::Arc;

use super::Catalogue;
use super::engine::Engine;
use super::fold::{core_label, label_key};
use crate::model::{Place, Shape, Text};

/// Category, and headers as SAP, DATEV, Zucchetti, TeamSystem, Sage, ADP, AFAS, Comarch, A3, Primavera and
/// their like write them, or somebody by hand.
const HEADERS: &[(&str, &str)] = &[
    (
        "national_id",
        "CF | COD_FISC | COD. FISC. | C.F. | CODFIS | CODFISC | C_FISC | COD_FISCALE | Codice Fiscale | \
         CF_DIP | CF_CONIUGE | CODFISDIP | codiceFiscale | CF_TITOLARE | CF_LAV | CODICE_FISCALE_LAV | PERID | \
         SV_NR | SVNR | SV-Nr. | SVNR_DN | SV-Nummer | VSNR | VSNUM | RVNR | RV-Nummer | RVNUM | \
         Sozialvers.-Nr. | Sozialversicherungsnr. | SozVersNr | Vers.-Nr. | Steuer-ID | STEUERID | \
         STEUER_ID_MA | IDNR | IdNr AN | Identifikationsnummer | Steuer-Identnr. | STIDN | AHV_NR | AHVN13 | \
         AHV-Nr. | NAVS13 | NIR | N_SECU | NUM_SECU | N° SS | NUMSS | NO_SS | Num Sécu | N° Sécurité Sociale | \
         INSEE | NUM_INSEE | DNI | DNI/NIE | NIF | NIF_TRAB | NIE | NAF | NSS | NUM_SS | N_AFILIACION | \
         Nº Afiliación | NUSS | PESEL | PESEL_PRAC | PESEL/NIP | NR_PESEL | Nr ewid. PESEL | BSN | BSN_MDW | \
         SOFINR | SOFI_NR | Burgerservicenr | NISS | N_SEG_SOCIAL | Nº Seg. Social | N_CONT | NIF_COLAB | CNP | \
         CNP_ANGAJAT | CNP_SALARIAT | COD_NUMERIC | NINO | NI_NUM | NI No | NINumber | National Ins No | \
         NAT_INS_NO | NHS_NO | RC_ZAM | RODNE_CISLO | OIB | OIB_RADNIKA | EMSO | EGN | CPR_NR | PERSNR_SE | \
         HETU | TAJ_SZAM | ADOAZON | AMKA | AFM | RIJKSREGISTERNR | INSZ | RRN | PPSN | PPS_NO",
    ),
    (
        "bank_account",
        "IBAN | IBAN_DIP | IBAN_ACC | IBAN_SAL | IBAN_PRAC | IBAN_MA | IBAN1 | COD_IBAN | CONT_IBAN | \
         IBAN conto | COORD_BANC | Coordinate bancarie | CC_BANC | C/C | NUM_CC | KTO | KTONR | KTO-NR | \
         Kontonummer | Kontonr. | Bankverbindung | BANKN | BANK_ACC | ACC_NO | Account No | Bank Account | \
         RIB | CPTE_BANC | N_COMPTE | CUENTA | CTA_BANCARIA | NUM_CTA | Nº cuenta | CCC | NRB | NR_KONTA | \
         RACH_BANK | NR_RACHUNKU | REK_NR | Rekeningnr | REKNR | NIB | CONT_BANCAR | CONTA_BANC",
    ),
    (
        "birth",
        "DT_NASC | DATA_NASC | DTNASC | DATNAS | DT. NASC. | NATO_A_IL | Nato il | D_NASCITA | GBDAT | GEBDAT | \
         GEB_DAT | Geb.-Dat. | Geb.dat. | GEBDATUM | GebTag | GEBURTSTAG | DATE_NAIS | DTNAISS | Date naiss. | \
         DT_NAISSANCE | Né(e) le | F_NACIMIENTO | FECNAC | FEC_NAC | F. Nac. | DATA_UR | DT_UROD | Data ur. | \
         DATA_URODZENIA | DATA_NASTERII | Data naşterii | DT_NASC_COLAB | D.O.B. | DOB | EMP_DOB | BIRTH_DT | \
         BIRTHDATE | Date Of Birth | DOB_DEP",
    ),
    (
        "name",
        "COGNOME_NOME | COGNOM | NOMDIP | Cognome | NOMINATIVO | Nominativo dip. | NACHN | VORNA | \
         Familienname | NAME1 | NACHNAME_MA | VORNAME | Name, Vorname | Mitarbeiter | DN_NAME | ENAME | \
         Nom de naissance | NOM_USAGE | NOM_PRENOM | PRENOM | NOM_SAL | APELLIDO1 | APELLIDOS_NOMBRE | \
         NOM_TRAB | NAZWISKO_IMIE | NAZW | Nazwisko | IMIE | NAZWISKO_I_IMIE | ACHTERNAAM | VOORNAAM | \
         NAAM_MDW | NOME_COLAB | NOME_TRABALHADOR | NUME_PRENUME | NUME_ANGAJAT | LAST_NAME | Legal Last Name | \
         EMP_NAME | SURNAME | LNAME | FNAME | Preferred Name | FullName",
    ),
    (
        "identity_document",
        "NR_DOC | NUM_DOC | N_DOC | N. documento | Documento n. | DOC_NUM | AUSW_NR | PERSO_NR | PASS_NR | \
         Ausweis-Nr. | NUM_CI | N_CI | CIE | N_CARTA_ID | CARTA_IDENT | CNI | N_CNI | NR_DOW | NR_DOWODU | \
         DOWOD_OS | SERIE_CI | SERIE_NR_CI | CI_SERIE | PASSPORT_NUM | PASSPT_NO | Passport No. | ID_CARD_NO | \
         NUM_BI | NUM_CC_BI | N_PATENTE | PATENTE | DRV_LIC_NO | FS_NR | N_PASSEPORT | NUM_PASAPORTE | TEAM | \
         N_PERMESSO_SOGG | TITRE_SEJOUR",
    ),
    (
        "employee_number",
        "PERNR | MATR | MATRICOLA | MATR_DIP | CODDIP | COD_DIP | Cod. Dip. | PNR | PERS_NR | Pers.-Nr. | \
         MA_NR | PERSONALNR | MATRICULE | MAT_SAL | N_MATR | COD_EMPLEADO | NUM_TRAB | COD_TRAB | NR_PRAC | \
         NR_EWID | PERSNR | MDW_NR | Medewerkernr | NUM_FUNC | N_MEC | MARCA | EMP_NO | EMPL_ID | EMPLID | \
         EMPLOYEE_ID | Employee ID | STAFF_NO | WORKER_ID | Payroll No | BADGE_NO",
    ),
    (
        "phone",
        "TEL | TELNR | TEL_CELL | CELL | CELL_PRIV | TELCEL | N_CELL | TEL_PRIV | HANDY | MOBIL | MOBILNR | \
         TEL_PORT | TEL_MOBILE | MOVIL | TFNO | TELEFONO1 | TEL_KOM | NR_TEL | TELEFOONNR | MOB_NR | \
         TELEMOVEL | TLM | HOME_PHONE | MOBILE_NO | Cell Phone | PHONE_NBR",
    ),
    ("email", "EMAIL | E_MAIL | MAIL_PRIV | EMAIL_DIP | ADR_EMAIL | CORREO | COURRIEL | PEC"),
    (
        "address",
        "INDIR | \
         INDRES | IND_RES | INDIRIZZO_RES | VIA_RES | STRAS | STRASSE | STR_HNR | ANSCHRIFT | ADR | ADRESSE1 | \
         ADR_SAL | DOMICILIO | DIRECC | ADRES_ZAM | ADRES | ULICA | STRAAT | MORADA | ADRESA | ADDR1 | \
         ADDRESS_LINE_1 | HOME_ADDR | STREET_ADDR",
    ),
    (
        "trade_union",
        "SIND | SINDACATO | COD_SIND | SIGLA_SIND | ISCR_SIND | TRATT_SIND | TRATT. SIND. | QUOTA_SIND | \
         DELEGA_SIND | SINDIC | OO.SS. | GEWERKSCHAFT | GEW_BEITRAG | SYNDICAT | COTIS_SYND | \
         AFILIACION_SINDICAL | CUOTA_SINDICAL | ZWIAZKI_ZAW | SKLADKA_ZZ | VAKBOND | SINDICATO | \
         QUOTA_SINDICAL | SINDICAT | COTIZ_SINDICAT | UNION_DUES | UNION_CODE | UNION_CD",
    ),
    (
        "religion",
        "KONFE | KONFESSION | Konfession AN | Konf. | KiSt | KIRCHENST | RELIG | RELIGION | WYZNANIE | \
         RELIGIONE",
    ),
    (
        "health",
        "INVALIDITA | PERC_INVAL | %INVAL | INVAL_PERC | INVALIDITA' | L104 | L.104 | LEGGE_104 | CAT_PROT | \
         CATEGORIA_PROTETTA | GDB | GdB | GRAD_BEH | Grad der Behinderung | SCHWBEH | SCHWERBEHINDERT | SBGRU | \
         RQTH | TAUX_IPP | TAUX_INVAL | MINUSVALIA | GRADO_DISC | DISCAPACIDAD | STOPIEN_NIEPELN | \
         NIEPELNOSPRAWNOSC | ZIEKTE | WIA | GRAU_INCAP | GRAD_HANDICAP | DISABILITY | DISAB_FLAG | DIAGNOSI | \
         DIAGN | COD_ICD | ICD10 | SICK_REASON | ABSENCE_REASON | GG_MALATTIA",
    ),
    (
        "payroll",
        "RAL | STIPENDIO | RETRIB_LORDA | LORDO | NETTO_BUSTA | BETRG | GEHALT | BRUTTO | BRUTTOLOHN | \
         SAL_BRUT | SALAIRE_BRUT | NET_A_PAYER | SALARIO_BRUTO | SUELDO | WYNAGR_BRUTTO | BRUTTOLOON | \
         VENC_BASE | SALARIU_BRUT | GROSS_PAY | NET_PAY | ANNUAL_SALARY | BASE_SAL",
    ),
    (
        "credential",
        "PWD | PASSWORD | PASSWD | PASSW | KENNWORT | MDP | MOT_DE_PASSE | HASLO | CONTRASENA | WW | \
         WACHTWOORD | PAROLA",
    ),
];

/// Headers below which nothing of the kind stands.
const OTHERS: &[(&str, &str)] = &[
    ("national_id", "NR_ORDINE"),
    ("national_id", "COD_ARTICOLO"),
    ("bank_account", "SALDO"),
    ("bank_account", "CENTRO_COSTO"),
    ("identity_document", "TIPO_DOC"),
    ("identity_document", "DATA_DOC"),
    ("birth", "DATA_ASSUNZIONE"),
    ("birth", "EINTRITT"),
    ("birth", "DATE_EMBAUCHE"),
    ("employee_number", "NR_FATTURA"),
    ("employee_number", "LIVELLO"),
    ("name", "REPARTO"),
    ("name", "NOME_FILE"),
    ("name", "FILENAME"),
    ("name", "PRODUCT_NAME"),
    ("phone", "INTERNO_COSTI"),
    ("trade_union", "INDUSTRIA"),
    ("health", "STATO"),
    ("religion", "RELEASE"),
    ("religion", "REL"),
    ("payroll", "NETTO_PESO"),
];

#[test]
fn headers_say_what_stands_below_them() {
    let catalogue = Catalogue::built_in().unwrap();
    let engine = Engine::new(&catalogue);
    let says = |category: &str, header: &str| {
        let mut text = Text::new(Shape::Rows);
        text.push("x", Place::line(1), 0, Some(Arc::from(header)));
        let labels = engine.read_labels(&text);
        let read = labels.of_piece(0);
        catalogue.detectors().iter().enumerate().any(|(index, detector)| {
            let spec = &detector.spec;
            // What a value says nothing of, the whole header must say.
            let core = core_label(header);
            let is_whole = |key: &str| key == label_key(header) || core.as_deref() == Some(key);
            let whole = spec.labels.iter().any(|label| is_whole(&label_key(label)));
            spec.category.key() == category
                && (whole || !spec.category.needs_subject() && read.is_some_and(|label| label.supports(index)))
        })
    };
    let missing: Vec<String> = HEADERS
        .iter()
        .flat_map(|(category, headers)| headers.split(" | ").map(move |header| (category, header)))
        .filter(|(category, header)| !says(category, header))
        .map(|(category, header)| format!("{category}: {header}"))
        .collect();
    assert!(missing.is_empty(), "{} headers say nothing:\n{}", missing.len(), missing.join("\n"));
    let wrong: Vec<_> = OTHERS.iter().filter(|(category, header)| says(category, header)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}
