//! Tables of employees: each row is one subject, and headings are no findings.

use super::{describe, judge_document};
use crate::model::Category;

/// A table under its first line: so many people, these categories in the rows, and nothing in the headings.
#[track_caller]
fn check(table: &str, people: usize, categories: &[Category]) {
    let judgement = judge_document(table);
    let told = describe(&judgement);
    assert_eq!(judgement.subjects.len(), people, "\n{table}\n{told}");
    for category in categories {
        assert!(judgement.categories.contains_key(category), "{category:?} in\n{table}\n{told}");
    }
    let head = table.lines().next().unwrap();
    for finding in &judgement.findings {
        let heading = finding.place.line == Some(1) && finding.category.needs_subject();
        assert!(!heading, "a heading of {head:?} is a finding: {}", finding.detector);
        let person = finding.subject.is_some() || !finding.category.needs_subject();
        assert!(person, "{} of nobody in\n{table}\n{told}", finding.detector);
    }
}

#[test]
fn a_row_is_one_subject() {
    use Category::{BankAccount, EmployeeNumber, Health, Name, NationalId, Religion, TradeUnion};
    check(
        "COGNOME\tNOME\tCOD_FISC\tTRATT_SIND\tPERC_INVAL\nBruni\tAnna\tBRNNNA80A41H501K\t12,50\t\n\
         Neri\tUgo\tNREGUO70A01F205T\t\t46\nGalli\tIvo\tGLLVIO75C12L219Z\t9,90\t\n",
        3,
        &[Name, NationalId, TradeUnion, Health],
    );
    check(
        "Pers.-Nr.\tNACHNAME_MA\tVorname\tKonfession AN\tGRAD_BEH\tGewerkschaftsbeitrag\n1041\tKessler\tAnke\trk\t\t14,20\n\
         1042\tBrandt\tUwe\tev\t50\t\n",
        2,
        &[Name, EmployeeNumber, Religion, TradeUnion, Health],
    );
    check(
        "Matricule\tNom\tPrénom\tSyndicat\tTaux IPP\n20417\tMorel\tLucie\tCGT\t12\n20418\tPetit\tHugo\tCFDT\t\n",
        2,
        &[Name, EmployeeNumber, TradeUnion, Health],
    );
    check(
        "nombre\tnif_trab\tcuota_sindical\tgrado_disc\nLaura Gómez Prieto\t49278305T\t8,40\t\nIván Castro Rey\t71174950R\t\t33\n",
        2,
        &[Name, NationalId, TradeUnion, Health],
    );
    check(
        "Nazwisko i imię\tPESEL_PRAC\tSkładka ZZ\tStopień niepełnosprawności\nKowalik Jan\t61041203735\t15,00\t\n\
         Zięba Ewa\t87122519469\t\tlekki\n",
        2,
        &[Name, NationalId, TradeUnion, Health],
    );
    check(
        "Employee ID\tLast Name\tFirst Name\tUnion Dues\tDisability\nE1001\tHargreaves\tRosalind\t12.40\thearing impairment\n\
         E1002\tTate\tOwen\t0.00\tnone\n",
        2,
        &[Name, EmployeeNumber, TradeUnion, Health],
    );
    check(
        "mdw_nr\tachternaam\tbsn_mdw\tvakbond\tziekte\n4411\tHiemstra\t273164090\tFNV\tburn-out\n4412\tOuali\t188452175\tCNV\t\n",
        2,
        &[Name, NationalId, TradeUnion, Health],
    );
    check(
        "N_MEC\tNOME_COLAB\tNIF\tSINDICATO\tGRAU_INCAP\n3310\tAmadeu Girão Pratas\t217500838\tSTAL\t60\n\
         3311\tMarta Lopes\t190345624\t\t\n",
        2,
        &[Name, NationalId, TradeUnion, Health],
    );
    check(
        "MARCA\tNUME_ANGAJAT\tCNP\tCOTIZ_SINDICAT\tGRAD_HANDICAP\n12\tPopescu Ioana\t2851010410091\t25\t\n\
         13\tIonescu Dan\t1790512221136\t\tmediu\n",
        2,
        &[Name, NationalId, TradeUnion, Health],
    );
    check(
        "Name\tIBAN_MA\tGehalt\nKessler Anke\tDE02120300000000202051\t3.100,00\nBrandt Uwe\tDE02500105170137075030\t2.900,00\n",
        2,
        &[Name, BankAccount, Category::Payroll],
    );
}

#[test]
fn headings_alone_are_nobody() {
    check("Cognome\tNome\tDiagnosi\tTrattenuta sindacale\n\t\t\t\n", 0, &[]);
}
