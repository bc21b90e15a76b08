//! What people write of people they know, and texts that only sound like it.

use super::{check, check_mail};
use crate::model::Category::{self, *};

/// A mail between colleagues.
fn letter(body: &str, expected: &[Category]) {
    let head = "From: Paola Ferri <p.ferri@officine-esempio.it>\nTo: Luca Conti <l.conti@officine-esempio.it>\nSubject: due parole";
    check_mail(&format!("{head}\n\n{body}\n"), expected);
}

#[test]
fn italian_gossip() {
    letter("Ciao Luca, la Bertoni è in cura per un carcinoma, copriamo noi il turno di notte.", &[Health]);
    letter("Hai sentito? Galli si è iscritto alla Fiom, il capo non è contento.", &[TradeUnion]);
    letter("Tra noi: il sig. Walter Moretti è stato arrestato ieri, in reparto lo sanno tutti.", &[Criminal]);
    letter("La sig.ra Dina Orlandi chiede pasti halal per la mensa aziendale.", &[Religion]);
    check("Appunto riservato. Martini è musulmano praticante, chiede di cambiare turno.\n", &[Religion]);
    check("Mi ha detto il capo che Parodi ha la sclerosi multipla, in ufficio non si deve sapere.\n", &[Health]);
    check("Colloquio di rinnovo: Bassi vota a destra, i colleghi si lamentano.\n", &[PoliticalOpinion]);
    check("In reparto dicono che Valli è omosessuale.\n", &[SexLife]);
}

#[test]
fn people_write_of_themselves() {
    letter("Buongiorno, mi hanno diagnosticato il morbo di Crohn e chiedo un permesso.", &[Health]);
    letter("Dear Luca, I have been diagnosed with epilepsy and cannot do the night shift.", &[Health]);
    letter("Bonjour, je suis enceinte, je souhaite adapter mon planning.", &[Health]);
    letter("Hallo Luca, ich bin aus der Kirche ausgetreten, bitte in der Abrechnung beachten.", &[Religion]);
}

#[test]
fn gossip_in_other_languages() {
    check("Unter uns: Frau Brandt ist schwanger, die Schicht muss neu besetzt werden.\n", &[Health]);
    check("File note: Mrs Foster told me she is a shop steward.\n", &[TradeUnion]);
    check("Entre nous, Mme Morel est en dépression, il faut la remplacer.\n", &[Health]);
    check("Cotilleo del taller: la señora Ibarra es bisexual.\n", &[SexLife]);
    check("Keep this between us: Mr Doyle was convicted of theft.\n", &[Criminal]);
}

#[test]
fn a_chat() {
    check("08:10 Pia: wo bleibt Herr Lenz?\n08:12 Uwe: Herr Lenz hat einen Bandscheibenvorfall\n", &[Health]);
}

#[test]
fn columns_that_say_it_all() {
    check("Cognome\tNome\tIntolleranze alimentari\nBassi\tIrene\tcrostacei\n", &[Health]);
    check("Nachname\tVorname\tBekenntnis\nLenz\tHeidi\talt-kath.\n", &[Religion]);
    check("Surname\tFirst name\tSexual orientation\nDoyle\tErin\tprefers women\n", &[SexLife]);
}

#[test]
fn the_news_is_about_nobody_we_know() {
    check("COMUNICATO STAMPA. Il collega Galli è in cura per un carcinoma, riferisce l'ufficio stampa.\n", &[]);
    check("Il ministro Moretti è stato arrestato ieri, dicono i colleghi di partito.\n", &[]);
    check("Der Abgeordnete Brandt ist krankgeschrieben, teilte die Fraktion mit. Bundestag vertagt.\n", &[]);
    check("The goalkeeper Foster is off sick, the club said; the coach is worried.\n", &[]);
    check("Dans le roman, Morel est en dépression ; l'écrivain raconte sa chute.\n", &[]);
    check("El diputado Ibarra fue detenido por estafa, según el periódico.\n", &[]);
}

#[test]
fn advice_and_rules_are_about_nobody() {
    letter("Cari colleghi, giovedì corso sulla prevenzione del diabete in sala riunioni.", &[]);
    letter("Hi all, this week the canteen has halal meals and kosher meals. Thanks!", &[]);
    check("Wir suchen Mitarbeiter (m/w/d). Schwerbehinderte werden bevorzugt. Bewerbungen an die Firma.\n", &[]);
    check("Les salariés enceintes préviennent le service du personnel.\n", &[]);
    check("Il dipendente assente per malattia avvisa il reparto entro le nove.\n", &[]);
    check("Colleagues who went on strike will find their hours in the payroll portal.\n", &[]);
    check("Oggi in reparto si è parlato di epilessia e di primo soccorso.\n", &[]);
}

#[test]
fn forms_and_machines_are_nobody() {
    check("Scheda: Cognome ______ Nome ______\nCategoria protetta L. 68/99: [ ] sì [ ] no\n", &[]);
    check("Rapporto: la macchina soffre di vibrazioni, cuscinetto malato, il collega torna domani.\n", &[]);
}
