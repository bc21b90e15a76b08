//! German documents: those that hold sensitive data of a person, and those that only sound so.

use crate::model::Category::{
    Criminal, EthnicOrigin, Health, Payroll, PoliticalOpinion, Religion, SexLife, TradeUnion,
};

use super::{check, check_mail};

#[test]
fn a_payslip_with_church_tax_and_dues() {
    check(
        "Entgeltabrechnung März 2024   Beispiel GmbH, Werkstraße 1, 70173 Stuttgart\n\n\
         Personalnummer 004711   Herr Thomas Brandt   geb. 14.05.1979   Steuerklasse III   Konfession ev\n\n\
         Grundgehalt              3.480,00\n\
         Kirchensteuer ev            31,20\n\
         Gewerkschaftsbeitrag IG Metall  34,80\n\n\
         Auszahlungsbetrag        2.391,17\n",
        &[Payroll, Religion, TradeUnion],
    );
}

#[test]
fn a_note_of_sickness() {
    check(
        "Arbeitsunfähigkeitsbescheinigung\n\n\
         Frau Sabine Keller, geb. 02.11.1983, Personalnummer 20817\n\n\
         arbeitsunfähig seit 04.03.2024, voraussichtlich bis 15.03.2024, Diagnose F32.1 G\n",
        &[Health],
    );
}

#[test]
fn a_list_of_severely_disabled_staff() {
    check(
        "Personalnummer\tName\tGeburtsdatum\tGdB\n\
         10023\tKrüger, Jens\t12.03.1970\t50\n\
         10088\tHofmann, Petra\t30.09.1965\t80\n",
        &[Health],
    );
}

#[test]
fn gossip_in_a_mail() {
    check_mail(
        "Von: Uwe Lang <uwe.lang@beispiel-gmbh.de>\n\
         An: Karin Voss <karin.voss@beispiel-gmbh.de>\n\
         Betreff: Schichtplan\n\n\
         Herr Stefan Maurer (Personalnummer 3391) ist wieder krankgeschrieben, angeblich eine schwere Depression.",
        &[Health],
    );
}

#[test]
fn a_record_of_conduct() {
    check(
        "Führungszeugnis\n\n\
         Angaben zur Person: Name Wagner, Vorname Dirk, geboren am 19.08.1977 in Köln, Herr Dirk Wagner\n\n\
         Inhalt: Amtsgericht Köln, wegen Diebstahls verurteilt zu einer Geldstrafe von 40 Tagessätzen.\n",
        &[Criminal],
    );
}

#[test]
fn a_refugee_in_a_personnel_file() {
    check(
        "Personalbogen\n\nMitarbeiter: Herr Amir Rahimi, geboren am 01.01.1996, Personalnummer 5512\n\n\
         Aufenthalt: anerkannter Flüchtling, Bescheid des Bundesamts, Flüchtlingseigenschaft zuerkannt.\n",
        &[EthnicOrigin],
    );
}

#[test]
fn politics_and_private_life_in_a_note() {
    check(
        "Vermerk über Frau Claudia Berg, geb. 07.07.1980, Personalnummer 811: ist Mitglied der SPD, lebt in eingetragener \
         Lebenspartnerschaft (eingetragene Lebenspartnerschaft seit 2012).\n",
        &[PoliticalOpinion, SexLife],
    );
}

#[test]
fn a_privacy_notice() {
    check(
        "Datenschutzhinweise für Beschäftigte. Verantwortlicher ist die Beispiel GmbH. Wir verarbeiten besondere Kategorien \
         personenbezogener Daten: Gesundheitsdaten (Arbeitsunfähigkeitsbescheinigungen, Schwerbehinderung), Religionszugehörigkeit für die \
         Kirchensteuer, Gewerkschaftszugehörigkeit. Kontakt: datenschutz@beispiel-gmbh.de\n",
        &[],
    );
}

#[test]
fn a_job_ad() {
    check(
        "Wir suchen eine Buchhalterin (m/w/d). Schwerbehinderte Menschen werden bei gleicher Eignung bevorzugt. Bruttogehalt ab 3.200 Euro. \
         Bewerbung an Frau Julia Stein, julia.stein@beispiel-gmbh.de\n",
        &[],
    );
}

#[test]
fn a_works_agreement() {
    check(
        "Betriebsvereinbarung Krankmeldung. Im Krankheitsfall legt die Mitarbeiterin oder der Mitarbeiter am vierten Tag ein ärztliches Attest vor. \
         Nach sechs Wochen beginnt das betriebliche Eingliederungsmanagement. Der Tarifvertrag der IG Metall bleibt unberührt.\n",
        &[],
    );
}

#[test]
fn a_package_leaflet() {
    check(
        "Packungsbeilage: Nehmen Sie das Arzneimittel nicht ein, wenn Sie schwanger sind oder an Epilepsie leiden. Nebenwirkungen: \
         Kopfschmerzen, Depression, Thrombose.\n",
        &[],
    );
}

#[test]
fn a_newspaper() {
    check(
        "Der frühere Stadtrat Klaus Reimann (CDU) wurde zu einer Freiheitsstrafe von zwei Jahren verurteilt. Seine Anwältin sagte, er sei an \
         Krebs erkrankt.\n",
        &[],
    );
}
