//! Papers about one person, chats and mails in which somebody is called by a name, and what looks like them.

use crate::model::Category;

use super::{check, check_mail};

#[test]
fn chats_call_people_by_first_names() {
    check(
        "[14/05/24, 10:02] Ornella: hai sentito di Fabrizio?\n[14/05/24, 10:03] Mirella: no\n[14/05/24, 10:03] Ornella: ha fatto \
         coming out, e Loredana è in terapia per depressione\n",
        &[Category::Health, Category::SexLife],
    );
    check(
        "Ruxandra: ai auzit că Mihnea e gay?\nAlina: da, de mult, și Raluca are cancer la sân\n",
        &[Category::Health, Category::SexLife],
    );
}

#[test]
fn a_chat_about_a_course_calls_nobody() {
    check("[14/05/24, 10:02] Ornella: ciao Marco\n[14/05/24, 10:03] Marco: domani il corso sulla depressione\n", &[]);
}

#[test]
fn papers_about_one_person_tell_who_he_is() {
    check(
        "Detenuto: MANCUSO Rocco. Pena residua anni uno per il reato di cui all'art. 624 c.p., furto aggravato.\n",
        &[Category::Criminal],
    );
    check(
        "Antragstellerin: KARIMI, Leila\nFrage: Welcher Volksgruppe gehören Sie an? Antwort: Hazara.\nFrage: Religion? Antwort: \
         Schiitin.\n",
        &[Category::EthnicOrigin, Category::Religion],
    );
    check("Fingeravtryck (höger pekfinger) för Göran Ekström registrerat i passersystemet.\n", &[Category::Biometric]);
    check(
        "Ich, Wolfgang Petri, erkläre hiermit meinen Austritt: aus der Kirche ausgetreten am 3. Mai.\n",
        &[Category::Religion],
    );
}

#[test]
fn a_mail_may_call_somebody_by_his_first_name() {
    check_mail(
        "From: Ingrid Vogt <vogt@holzbau.example>\nTo: Team <team@holzbau.example>\nSubject: Torsten\n\nHallo zusammen, Torsten \
         ist in der Klinik wegen Burnout, bitte nicht weitersagen.\n\nLG Ingrid",
        &[Category::Health],
    );
}

#[test]
fn contacts_and_teachers_are_not_meant() {
    for text in [
        "Vortrag: Depression, was tun? Referent: Dr. Jan Pohl. Anmeldung bei Birgit Kurz.\n",
        "Corso di Genetica Medica, 6 CFU. Docente: Prof. Roberto Lenzi. Programma: BRCA1, fibrosi cistica.\n",
        "Suchtberatung und Schwerbehindertenabgabe: Ansprechpartnerin Frau Sommerfeld, App. 214.\n",
        "Census 2021: 46.2% of residents described themselves as Christian, 3.2% as gay, lesbian or bisexual.\n",
    ] {
        check(text, &[]);
    }
}
