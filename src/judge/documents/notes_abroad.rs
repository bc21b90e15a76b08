//! What people write of people they know, in Polish, Dutch, Portuguese, Romanian and further languages.

use super::{check, check_mail};
use crate::model::Category::{self, *};

/// A mail between colleagues.
fn letter(body: &str, expected: &[Category]) {
    let head = "From: p.ferri@zaklad-example.eu\nTo: l.conti@zaklad-example.eu\nSubject: info";
    check_mail(&format!("{head}\n\n{body}\n"), expected);
}

#[test]
fn polish() {
    check("Nowakowa znowu na zwolnieniu lekarskim, podobno depresja, koleżanki biorą jej zmianę.\n", &[Health]);
    letter("Cześć, podobno Wrona zapisał się do związku zawodowego, szef jest wściekły.", &[TradeUnion]);
    letter("Dzień dobry, mam orzeczenie o niepełnosprawności, proszę o zmianę grafiku. Irena Kos", &[Health]);
    check("Notatka z rozmowy, poufne: Sikora jest w ciąży, trzeba znaleźć zastępstwo.\n", &[Health]);
}

#[test]
fn dutch() {
    letter("Hallo, Verbeek heeft zich weer ziek gemeld, het schijnt een hartinfarct te zijn.", &[Health]);
    check("Onder ons: Hofstra is vakbondslid, de leidinggevende weet het nog niet.\n", &[TradeUnion]);
    check("Gespreksnotitie, vertrouwelijk. De Boer is zwanger, vervanging vanaf mei.\n", &[Health]);
    letter("Goedemorgen, ik ben arbeidsongeschikt verklaard door de bedrijfsarts. Groet, Wilma Postma", &[Health]);
}

#[test]
fn portuguese() {
    letter("Olá, o Tavares está de baixa médica outra vez, dizem que é do coração.", &[Health]);
    check("Entre nós: Quaresma é delegado sindical e o chefe não gosta.\n", &[TradeUnion]);
    check("Nota interna confidencial. A Lurdes está grávida, é preciso substituir no turno da noite.\n", &[Health]);
    letter("Bom dia, fui ao psiquiatra e estou de baixa médica até sexta. Cumprimentos, Rui Antunes", &[Health]);
}

#[test]
fn romanian() {
    letter("Salut, Popescu este iar în concediu medical, se zice că are cancer.", &[Health]);
    check("Între noi: Dobre este membru de sindicat, șeful nu știe.\n", &[TradeUnion]);
    check("Notă internă: colega Ioana este gravidă, o înlocuim din mai.\n", &[Health]);
    letter("Bună ziua, sunt în concediu medical până vineri. Cu stimă, Radu Marin", &[Health]);
}

#[test]
fn policies_and_rules() {
    check(
        "Klauzula informacyjna RODO. Administratorem danych osobowych jest spółka. Przetwarzamy szczególne kategorie danych: zwolnienia \
         lekarskie, przynależność do związku zawodowego. Kontakt: jan.kos@example.org, tel. 22 123 45 67\n",
        &[],
    );
    check(
        "Pracownik: w razie choroby zwolnienie lekarskie dostarcza się do kierownika. Jan Kos odpowiada na pytania.\n",
        &[],
    );
    check(
        "Privacyverklaring. De verwerkingsverantwoordelijke verwerkt bijzondere categorieën van persoonsgegevens: ziekmeldingen, \
         vakbondslidmaatschap. Vragen: privacy@example.org\n",
        &[],
    );
    check("Personeelshandboek. Bij ziekte belt de medewerker voor negen uur; ziekteverlof wordt doorbetaald.\n", &[]);
    check(
        "Política de privacidade. O responsável pelo tratamento trata dados pessoais de categorias especiais: baixa médica, filiação \
         sindical. Contacto: rui.antunes@example.org\n",
        &[],
    );
    check("Em caso de baixa médica, o trabalhador avisa o chefe até às nove. Rui Antunes está disponível.\n", &[]);
    check(
        "Notă de informare. Operatorul de date prelucrează categorii speciale de date cu caracter personal: concediu medical, \
         cotizație de sindicat. Contact: radu.marin@example.org\n",
        &[],
    );
    check("Regulament intern. În caz de concediu medical salariatul anunță șeful. Radu Marin răspunde.\n", &[]);
}

#[test]
fn the_public_is_told() {
    check("Gazeta: poseł Sikora jest w ciąży, powiedziały koleżanki z klubu.\n", &[]);
    check(
        "Poszukujemy spawacza. Osoby z orzeczeniem o niepełnosprawności mile widziane. Oferujemy umowę. Kontakt: Jan Kos\n",
        &[],
    );
    check(
        "Ulotka dla pacjenta: działania niepożądane to migrena i padaczka. Pacjentka jest w ciąży: zapytać lekarza.\n",
        &[],
    );
    check("Persbericht. Wethouder Hofstra is zwanger, vertelde de woordvoerder. Collega's vervangen haar.\n", &[]);
    check(
        "Wij zoeken een lasser. Mensen met een arbeidsbeperking worden uitgenodigd te solliciteren bij Wilma Postma.\n",
        &[],
    );
    check("Bijsluiter: bijwerkingen zijn epilepsie en depressie. Patiënten die zwanger zijn, vragen de arts.\n", &[]);
    check("O jornal conta: o deputado Tavares está de baixa médica, disse o porta-voz aos colegas.\n", &[]);
    check(
        "Procuramos serralheiro. Pessoas com deficiência são bem-vindas. Oferecemos contrato. Contacto: Rui Antunes\n",
        &[],
    );
    check(
        "Folheto informativo: efeitos secundários, depressão e epilepsia. A doente está grávida: fale com o médico.\n",
        &[],
    );
    check("Ziarul scrie: deputatul Popescu este în concediu medical, spune un coleg de partid.\n", &[]);
    check(
        "Căutăm sudor. Persoanele cu handicap sunt încurajate să aplice. Oferim contract. Contact: Radu Marin\n",
        &[],
    );
    check("Prospect. Reacții adverse: epilepsie, depresie. Pacienta este gravidă: întrebați medicul.\n", &[]);
}

#[test]
fn blank_forms() {
    check("Imię i nazwisko: ______\nZwolnienie lekarskie od ______ do ______\n", &[]);
    check("Naam: ______\nZiekmelding: ______\nLid van de vakbond: [ ] ja [ ] nee\n", &[]);
    check("Nome: ______\nBaixa médica desde ___/___/____\nDelegado sindical: [ ] sim [ ] não\n", &[]);
    check("Nume și prenume: ______\nConcediu medical: ______\nMembru de sindicat: [ ] da [ ] nu\n", &[]);
}

#[test]
fn talk_of_illness_that_is_nobodys() {
    letter("Drogie koleżanki, w czwartek szkolenie o padaczce. Padaczka jest tematem wykładu.", &[]);
    letter("Beste collega's, donderdag een lezing over epilepsie. Epilepsie is het thema.", &[]);
    letter("Caros colegas, na quinta há um curso sobre epilepsia na oficina.", &[]);
    letter("Dragi colegi, joi avem un curs despre epilepsie la birou.", &[]);
}

#[test]
fn further_languages() {
    check("Mezi námi: Nováková je zase nemocná, prý má rakovinu.\n", &[Health]);
    check("Karlsson är sjukskriven igen, säger kollegorna. Förtroligt.\n", &[Health]);
    check("Fortroligt: Mortensen er sygemeldt med depression, vi mangler en kollega.\n", &[Health]);
    check("Köztünk maradjon: Szabó megint táppénzen van, a főnök nem tudja.\n", &[Health]);
    check("Kuulemma Virtanen on raskaana, kuka tekee työvuorot?\n", &[Health]);
    check("Povjerljivo: Horvat je opet na bolovanju, kolegica preuzima smjenu.\n", &[Health]);
    check("Поверително: Иванова е в болничен, колежката поема смяната.\n", &[Health]);
    check("Εμπιστευτικά: η συνάδελφος Παππά είναι σε αναρρωτική άδεια.\n", &[Health]);
}
