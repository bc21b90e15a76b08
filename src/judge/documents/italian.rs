//! Italian documents that hold sensitive data of a person.

use crate::model::Category::{
    Biometric, Criminal, EthnicOrigin, Genetic, Health, Payroll, PoliticalOpinion, Religion, SexLife, TradeUnion,
};

use super::{check, check_mail};

#[test]
fn a_payslip_with_union_dues() {
    check(
        "AZIENDA ESEMPIO S.P.A.  Via delle Officine 12, 10156 Torino\n\
         PROSPETTO PAGA  MARZO 2024\n\n\
         Matricola 004512  Cognome e nome: BIANCHI LAURA  Codice fiscale: BNCLRA85C52L219K\n\
         Data di nascita 12/03/1985  Livello C2  Data assunzione 01/09/2011\n\n\
         0001 Retribuzione ordinaria  168,00 ore   1.987,44\n\
         0220 Straordinario 25%         6,00 ore      93,12\n\
         0420 Tratt. sind. FIOM-CGIL     1,00 %        19,87\n\
         Totale competenze 2.080,56   Totale trattenute 512,03\n\
         Imponibile INPS 2.081,00     Imponibile IRPEF 1.889,76\n\n\
         NETTO IN BUSTA   1.568,00\n",
        &[Payroll, TradeUnion],
    );
}

#[test]
fn a_payslip_without_dues_is_pay_only() {
    check(
        "CEDOLINO STIPENDIO aprile 2024\n\
         Dipendente: ROSSETTI PAOLO   C.F. RSSPLA78H14F205C\n\n\
         Paga base 1.654,12\n\
         Scatti di anzianità 75,00\n\
         Ritenute IRPEF 312,55\n\n\
         NETTO A PAGARE 1.402,77\n",
        &[Payroll],
    );
}

#[test]
fn leave_to_care_for_a_disabled_relative() {
    check(
        "Spett.le Ufficio Personale\n\n\
         Il/La sottoscritto/a Giulia Ferrari, nata a Bologna il 04/11/1979, C.F. FRRGLI79S44A944L, dipendente di codesta azienda,\n\n\
         CHIEDE\n\n\
         di poter fruire dei permessi di cui all'art. 33, comma 3, della legge 104/92 per assistere la madre convivente, \
         riconosciuta in situazione di gravità dalla competente commissione.\n\n\
         Bologna, 15 gennaio 2024\n",
        &[Health],
    );
}

#[test]
fn a_sick_note() {
    check(
        "CERTIFICATO DI MALATTIA TELEMATICO\n\
         Numero protocollo 298765432\n\n\
         Dati del lavoratore\n\
         Cognome VERDI  Nome MARCO\n\
         Codice fiscale VRDMRC82E15H501Q\n\n\
         Data rilascio 12/02/2024\n\
         Dichiaro che il lavoratore è ammalato dal 12/02/2024 a tutto il 16/02/2024. Visita ambulatoriale. Inizio.\n",
        &[Health],
    );
}

#[test]
fn a_disciplinary_letter_that_tells_of_drink() {
    check(
        "Raccomandata a mano\n\
         Egr. Sig. Antonio Russo, matricola 10233\n\n\
         Oggetto: contestazione disciplinare ai sensi dell'art. 7 L. 300/1970\n\n\
         Le contestiamo che in data 3 maggio, alle ore 14.20, Lei si presentava in reparto in evidente stato di alterazione; \
         il medico competente La giudicava temporaneamente non idoneo alla mansione. Ci risulta inoltre che Lei sia seguito dal SerD \
         per alcoldipendenza.\n",
        &[Health],
    );
}

#[test]
fn a_list_for_the_works_council() {
    check(
        "Matricola\tCognome\tNome\tReparto\tLista RSU\n\
         10021\tGallo\tStefano\tVerniciatura\tFIOM-CGIL\n\
         10154\tConti\tMaria\tMontaggio\tFIM-CISL\n\
         10342\tGreco\tPietro\tLogistica\tUILM\n",
        &[TradeUnion],
    );
}

#[test]
fn a_table_of_deductions_by_person() {
    check(
        "COD_FISC\tCognome Nome\tTratt. sind.\tImporto\n\
         BNCLRA85C52L219K\tBianchi Laura\tFILCAMS\t14,20\n\
         VRDMRC82E15H501Q\tVerdi Marco\t\t\n",
        &[TradeUnion],
    );
}

#[test]
fn a_diagnosis_in_a_column_of_its_own() {
    check(
        "CF\tData visita\tDiagnosi\n\
         BNCLRA85C52L219K\t12/01/2024\trinite vasomotoria\n\
         VRDMRC82E15H501Q\t14/01/2024\tnulla da segnalare\n",
        &[Health],
    );
}

#[test]
fn a_fitness_judgement() {
    check(
        "GIUDIZIO DI IDONEITÀ ALLA MANSIONE SPECIFICA (art. 41 D.Lgs. 81/08)\n\n\
         Lavoratore: Ferri Davide   nato il 22/07/1990 a Modena   C.F. FRRDVD90L22F257O\n\
         Mansione: addetto al magazzino\n\n\
         Il medico competente, visti gli accertamenti, esprime il seguente giudizio:\n\
         ☐ idoneo   ☒ idoneo con limitazioni   ☐ non idoneo\n\
         Limitazioni: evitare movimentazione manuale di carichi superiori a 10 kg per lombalgia cronica.\n",
        &[Health],
    );
}

#[test]
fn a_letter_from_the_clinic() {
    check(
        "OSPEDALE CIVILE DI ESEMPIO - Unità operativa di Oncologia\n\n\
         Si dimette in data odierna la paziente Sara Marini, nata il 03/02/1968, C.F. MRNSRA68B43D612J.\n\n\
         Diagnosi di dimissione: carcinoma duttale infiltrante della mammella.\n\n\
         Terapia domiciliare: tamoxifene 20 mg. Test genetico: variante patogenetica BRCA2 in eterozigosi.\n",
        &[Health, Genetic],
    );
}

#[test]
fn a_certificate_of_the_criminal_register() {
    check(
        "PROCURA DELLA REPUBBLICA PRESSO IL TRIBUNALE DI TORINO\n\
         CERTIFICATO DEL CASELLARIO GIUDIZIALE (art. 24 D.P.R. 14/11/2002 n. 313)\n\n\
         Al nome di: NERI ALBERTO  nato il 30/06/1975 in TORINO  C.F. NRELRT75H30L219J\n\n\
         sulla richiesta di: interessato, per uso lavoro\n\n\
         NULLA\n",
        &[Criminal],
    );
}

#[test]
fn a_conviction_in_a_personnel_file() {
    check(
        "Nota riservata su Fontana Luca (C.F. FNTLCU80A01F205P): con sentenza del Tribunale di Milano del 2019 è stato condannato \
         a mesi 8 di reclusione, pena sospesa, per furto aggravato.\n",
        &[Criminal],
    );
}

#[test]
fn asylum_papers() {
    check(
        "QUESTURA DI TORINO - Ufficio Immigrazione\n\
         Attestato nominativo\n\n\
         Cognome TRAORE  Nome MAMADOU  nato il 01/01/1995  C.F. TRRMMD95A01Z329Y\n\n\
         Il sopra generalizzato ha presentato domanda di protezione internazionale; permesso di soggiorno per richiesta asilo.\n",
        &[EthnicOrigin],
    );
}

#[test]
fn faith_in_a_request() {
    check(
        "Il sottoscritto Karim Haddad, matricola 20311, di fede musulmana, chiede di poter fruire di una pausa per la preghiera del \
         venerdì e di pasti halal in mensa.\n",
        &[Religion],
    );
}

#[test]
fn a_mandate_and_its_party() {
    check(
        "Oggetto: permessi per cariche elettive\n\n\
         Il dipendente Enrico Sala, matr. 7712, consigliere comunale PD del Comune di Esempio, ha chiesto i permessi ex art. 79 TUEL.\n",
        &[PoliticalOpinion],
    );
}

#[test]
fn a_civil_union() {
    check(
        "Stato di famiglia\n\n\
         Moretti Fabio, C.F. MRTFBA77D12A662N, unito civilmente dal 12/05/2019 con persona dello stesso sesso.\n",
        &[SexLife],
    );
}

#[test]
fn an_attendance_terminal() {
    check(
        "matricola;1201 cognome e nome: Riva Chiara, C.F. RVICHR88P50F205N\n\
         Impronta digitale acquisita: indice destro, qualità 87, template registrato il 02/03/2023\n",
        &[Biometric],
    );
}

#[test]
fn gossip_in_a_mail() {
    check_mail(
        "From: Elena Costa <elena.costa@azienda-esempio.it>\n\
         To: Marco Villa <marco.villa@azienda-esempio.it>\n\
         Subject: turni\n\n\
         Ciao Marco,\n\n\
         la collega Anna Bruni (matr. 3345) è incinta e andrà in maternità anticipata da giugno, dobbiamo trovare un sostituto.\n\n\
         Elena",
        &[Health],
    );
}

#[test]
fn a_mail_that_names_a_colleague_only() {
    check_mail(
        "Da: Elena Costa <elena.costa@azienda-esempio.it>\n\
         A: Marco Villa <marco.villa@azienda-esempio.it>\n\
         Oggetto: assenza\n\n\
         il dipendente Franco Testa è in malattia dal 3 marzo, prognosi di 15 giorni.\n",
        &[Health],
    );
}

#[test]
fn who_left_the_union() {
    check(
        "Oggetto: revoca della delega sindacale\n\n\
         Il sottoscritto Bruno Leone, nato a Napoli il 09/09/1971, matricola 5567, con la presente comunica la disdetta dell'iscrizione \
         alla UILM-UIL e chiede di cessare la trattenuta.\n",
        &[TradeUnion],
    );
}

#[test]
fn not_a_member_is_an_answer_too() {
    check(
        "Il sottoscritto Paolo Sanna, C.F. SNNPLA70B12B354F, dichiara di non essere iscritto ad alcun sindacato.\n",
        &[TradeUnion],
    );
}

#[test]
fn an_accident_report() {
    check(
        "DENUNCIA DI INFORTUNIO\n\
         Lavoratore infortunato: Costa Andrea, nato il 12/12/1984, codice fiscale CSTNDR84T12D969M\n\
         Descrizione: cadendo dalla scala riportava frattura del polso sinistro. Prognosi di 30 giorni.\n",
        &[Health],
    );
}

#[test]
fn a_garnishment_is_pay_and_no_crime() {
    check(
        "Pignoramento presso terzi a carico di Serra Gino, C.F. SRRGNI69C03L219P: trattenuta mensile di 1/5 dello stipendio netto, \
         pari a € 312,00.\n",
        &[Payroll],
    );
}
