//! English documents: those that hold sensitive data of a person, and those that only sound so.

use crate::model::Category::{
    Biometric, Criminal, EthnicOrigin, Genetic, Health, Payroll, Religion, SexLife, TradeUnion,
};

use super::{check, check_mail};

#[test]
fn a_payslip_with_subs() {
    check(
        "PAYSLIP  March 2024  Example Engineering Ltd\n\n\
         Employee: Mr James Porter   Employee No 3307   NI number QQ123456C   Date of birth 14/02/1984\n\n\
         Basic salary   2,450.00\n\
         PAYE tax         280.40\n\
         UNISON union subs  14.35\n\n\
         Net pay        1,890.22\n",
        &[Payroll, TradeUnion],
    );
}

#[test]
fn an_occupational_health_report() {
    check(
        "Occupational health report\n\n\
         Employee: Mrs Helen Ward, date of birth 03/09/1972, employee number 1188\n\n\
         She was diagnosed with multiple sclerosis in 2015 and is fit for work with adjustments.\n",
        &[Health],
    );
}

#[test]
fn a_vetting_result() {
    check(
        "DBS certificate\n\nName: Mr Alan Fisher\nDate of birth: 22/12/1990\n\nPrevious convictions: 2016, convicted of theft, suspended sentence.\n",
        &[Criminal],
    );
}

#[test]
fn a_diversity_survey() {
    check(
        "Employee ID\tFull name\tEthnicity\tReligion\tSexual orientation\tDisability\n\
         1188\tHelen Ward\tWhite British\tNone stated\tHeterosexual\tYes\n\
         3307\tJames Porter\tBlack Caribbean\tChristian\tGay\tNo\n",
        &[EthnicOrigin, Religion, SexLife, Health],
    );
}

#[test]
fn gossip_in_a_mail() {
    check_mail(
        "From: Rachel Stone <rachel.stone@example-engineering.co.uk>\n\
         To: Peter Nash <peter.nash@example-engineering.co.uk>\n\
         Subject: rota\n\n\
         Mr Oliver Grant (employee number 2214) has been signed off sick with clinical depression again.",
        &[Health],
    );
}

#[test]
fn a_genetic_result() {
    check(
        "Patient: Mrs Laura Bishop, date of birth 12/05/1979\n\nGenetic test result: heterozygous, pathogenic variant in BRCA1.\n",
        &[Genetic],
    );
}

#[test]
fn a_fingerprint_terminal() {
    check(
        "employee_id\tname\temail\tfingerprint_template\n\
         2214\tOliver Grant\toliver.grant@example.org\t464D520020323000\n",
        &[Biometric],
    );
}

#[test]
fn a_privacy_notice() {
    check(
        "Privacy notice for staff. The data controller processes special categories of personal data: health (sick notes, occupational health \
         referrals), trade union membership (union dues), religious beliefs, ethnic origin and sexual orientation. Contact \
         jane.doe@example.org, tel. 020 7946 0000.\n",
        &[],
    );
}

#[test]
fn an_equal_opportunities_statement() {
    check(
        "We are an equal opportunities employer and decide regardless of race, religious belief, sexual orientation or disability. \
         Apply to Mr John Hill, john.hill@example.org.\n",
        &[],
    );
}

#[test]
fn a_handbook() {
    check(
        "Employee handbook. In case of illness call your manager before 9 am. If you are off for more than seven days send a sick note. Sick pay \
         is paid for 12 weeks. Maternity leave lasts 52 weeks.\n",
        &[],
    );
}

#[test]
fn a_newspaper() {
    check(
        "Former councillor Martin Webb was sentenced to four years in prison. Webb, a member of the Labour Party, was diagnosed with cancer last \
         year, the court heard.\n",
        &[],
    );
}

#[test]
fn a_log_of_software() {
    check(
        "2024-03-04 10:00:01 INFO charging service was arrested by watchdog; diagnosis of the race condition follows\n\
         2024-03-04 10:00:02 user james.porter@example.org session=3307 health check passed, union of sets computed\n",
        &[],
    );
}
