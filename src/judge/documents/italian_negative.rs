//! Italian texts full of sensitive words that are about nobody.

use super::check;

#[test]
fn a_privacy_notice() {
    check(
        "INFORMATIVA AI DIPENDENTI ai sensi dell'art. 13 del Regolamento (UE) 2016/679\n\n\
         Il titolare del trattamento tratta dati particolari idonei a rivelare lo stato di salute (certificati di malattia, infortuni, idoneità \
         alla mansione, permessi L. 104/92), l'appartenenza sindacale (trattenute sindacali), le convinzioni religiose (festività religiose) e \
         le opinioni politiche (permessi per cariche elettive), nonché dati relativi a condanne penali.\n\n\
         Il responsabile della protezione dei dati è contattabile all'indirizzo dpo@azienda-esempio.it, tel. 011 1234567.\n",
        &[],
    );
}

#[test]
fn a_notice_signed_by_somebody() {
    check(
        "Informativa privacy per il personale\n\n\
         Gentile Mario Bertoli, matricola 3321,\n\n\
         la informiamo che il titolare del trattamento, sulla base giuridica dell'art. 9 par. 2 lett. b) GDPR, tratta dati relativi alla salute \
         (assenze per malattia, gravidanza), all'iscrizione sindacale e alle convinzioni religiose.\n",
        &[],
    );
}

#[test]
fn a_union_leaflet() {
    check(
        "LAVORATRICI E LAVORATORI!\n\
         FIOM-CGIL, FIM-CISL e UILM-UIL proclamano lo sciopero di 8 ore. La RSU invita tutti gli iscritti al sindacato al presidio davanti ai \
         cancelli. Per informazioni: segreteria@fiom-esempio.it\n",
        &[],
    );
}

#[test]
fn a_collective_agreement() {
    check(
        "CCNL per i lavoratori addetti al settore. Il giorno 5 febbraio 2021 tra FEDERESEMPIO e FIOM-CGIL, FIM-CISL, UILM-UIL si è stipulato.\n\n\
         Art. 42 Malattia e infortunio. In caso di malattia il lavoratore invia il certificato medico entro due giorni. Il periodo di comporto è di \
         180 giorni. Art. 43 Maternità: congedo di maternità di cinque mesi. Art. 60: paga base 1.588,63 per il livello C1; trattenute sindacali su \
         delega individuale.\n",
        &[],
    );
}

#[test]
fn court_news_in_a_paper() {
    check(
        "Condannato a sei anni di reclusione l'ex assessore Giovanni Rinaldi. Il giudice ha accolto la richiesta del pubblico ministero. \
         Rinaldi, iscritto al Partito Democratico, era agli arresti domiciliari. La moglie, Carla Rinaldi, di religione cattolica, soffre di \
         depressione.\n",
        &[],
    );
}

#[test]
fn a_canteen_menu() {
    check(
        "MENÙ DEL GIORNO\nPrimo: pasta al pomodoro\nSecondo: pollo halal / tofu\nContorno: insalata\n\
         Allergie e intolleranze: chiedere al personale. Opzioni kosher su prenotazione: mensa@azienda-esempio.it\n",
        &[],
    );
}

#[test]
fn statistics() {
    check(
        "Stabilimento\tInfortuni\tGiorni malattia\tIscritti al sindacato %\n\
         Torino\t12\t1402\t43\n\
         Modena\t4\t833\t51\n\
         Bari\t9\t1210\t38\n",
        &[],
    );
}

#[test]
fn a_blank_form() {
    check(
        "RICHIESTA DI ASSENZA\n\n\
         Il/la sottoscritto/a ______________________ nato/a a ______________ il ___/___/____ C.F. ________________\n\n\
         chiede di assentarsi dal ___/___ al ___/___ per:\n\
         ☐ malattia  ☐ infortunio  ☐ permesso L. 104/92  ☐ congedo di maternità  ☐ permesso sindacale\n\n\
         Diagnosi: ____________________\n\
         Sigla sindacale: ..............................\n",
        &[],
    );
}

#[test]
fn a_blank_form_with_the_name_printed() {
    check(
        "RICHIESTA DI ASSENZA\n\n\
         Dipendente: Rossi Carla   C.F. RSSCRL80A41F205C\n\n\
         Motivo:  ☐ malattia  ☐ infortunio  ☐ permesso L. 104/92  ☐ permesso sindacale  ☒ ferie\n\n\
         Diagnosi: ____________________\n",
        &[],
    );
}

#[test]
fn a_code_table() {
    check(
        "Codice\tDescrizione voce\n\
         0001\tRetribuzione ordinaria\n\
         0230\tMalattia c/INPS\n\
         0420\tTrattenuta sindacale\n\
         0421\tTrattenuta sindacale FIOM-CGIL\n\
         0510\tCessione del quinto\n",
        &[],
    );
}

#[test]
fn a_job_ad() {
    check(
        "Cercasi addetto/a al magazzino. La ricerca è rivolta anche a candidati appartenenti alle categorie protette L. 68/99, senza \
         distinzione di origine etnica, orientamento sessuale o religione. Retribuzione lorda annua 26.000 euro. \
         Inviare il CV a selezione@azienda-esempio.it\n",
        &[],
    );
}

#[test]
fn a_drug_leaflet() {
    check(
        "FOGLIO ILLUSTRATIVO: informazioni per il paziente\n\
         Non prenda il medicinale se soffre di asma, diabete o epatite C, o se è in gravidanza. Effetti indesiderati: cefalea, depressione, \
         trombosi. Titolare AIC: Esempio Farma S.r.l., AIC n. 034567012.\n",
        &[],
    );
}

#[test]
fn an_order_confirmation() {
    check(
        "Conferma d'ordine n. 4500123456\n\
         Gentile Laura Monti, grazie per il suo ordine. Spediremo a: Via Roma 12, 10121 Torino. E-mail: laura.monti@esempio.it\n\
         1 x Libro \"Storia della depressione\"  € 18,00\n\
         1 x Chiavetta USB 32 GB  € 9,90\n\
         Totale € 27,90\n",
        &[],
    );
}

#[test]
fn a_contract_of_employment_names_what_may_happen() {
    check(
        "LETTERA DI ASSUNZIONE\n\n\
         Egr. Sig. Luca Martini, nato a Genova il 14/08/1992, C.F. MRTLCU92M14D969F\n\n\
         con la presente Le confermiamo l'assunzione con la qualifica di impiegato.\n\n\
         In caso di malattia Lei dovrà avvisare entro l'inizio del turno e inviare il numero del certificato medico.\n\n\
         Per quanto qui non previsto si rinvia al CCNL siglato da FILCAMS-CGIL e FISASCAT-CISL.\n",
        &[],
    );
}

#[test]
fn a_safety_course() {
    check(
        "Attestato di formazione\n\n\
         Si attesta che Paola Gatti, nata il 11/10/1981, C.F. GTTPLA81R51L219I, ha frequentato il corso di formazione su salute e sicurezza sul \
         lavoro, rischio infortuni e prevenzione degli infortuni sul lavoro, durata 8 ore.\n",
        &[],
    );
}

#[test]
fn an_invoice_with_a_tax_code() {
    check(
        "FATTURA n. 118/2024\n\
         Cliente: Piero Galli, Via Po 3, Torino, C.F. GLLPRI66A01L219R\n\
         Consulenza informatica: diagnosi del guasto al server, 4 ore   € 320,00\n\
         Totale fattura € 390,40\n",
        &[],
    );
}
