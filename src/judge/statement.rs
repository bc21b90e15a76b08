//! What people write of people they know: a colleague's gossip, a note of a talk, a chat; not the news, not a law.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use super::passage::window;

/// How the text around a match speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Statement {
    /// Between people who know each other, and not to the public.
    pub(super) familiar: bool,
    /// As the news, a law or a leaflet do.
    pub(super) public: bool,
    /// Somebody called by one name does or is something: `Rossi è di nuovo`.
    pub(super) named: bool,
    /// The writer speaks of himself or of his family.
    pub(super) own: bool,
}

/// Bytes around a match that say how its text speaks.
const REACH: usize = 1_200;
/// Bytes before a match in which its subject stands.
const BEFORE: usize = 160;
/// Bytes after it: `depressione, dicono, la Rossi`.
const AFTER: usize = 80;

/// Reads the surroundings of a match.
pub(super) fn read(content: &str, span: &Range<usize>) -> Statement {
    let around = window(content, span.start.saturating_sub(REACH), span.end.saturating_add(REACH));
    let (familiar, public) = is_familiar(around);
    if !familiar {
        return Statement { public, ..Statement::default() };
    }
    let before = window(content, span.start.saturating_sub(BEFORE), span.start);
    let before = before.rsplit("\n\n").next().unwrap_or_default();
    let whole = window(content, span.start.saturating_sub(before.len()), span.end.saturating_add(AFTER));
    let sentence = before.rsplit(['.', '!', '?', ';', '\n']).next().unwrap_or_default();
    // The words of the match may begin with the writer: `suis enceinte`.
    let start = span.start.saturating_sub(sentence.len());
    let sentence = window(content, start, span.end);
    Statement {
        familiar,
        public,
        named: names_somebody(whole),
        own: OWN.as_ref().is_some_and(|own| own.is_match(sentence)),
    }
}

/// Words of people at work, in a family, in a chat; a word counts once.
static FAMILIAR: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    words(&[
        // Italian
        " ferie",
        " turno",
        " turni",
        "reparto",
        "colleg",
        " in ufficio",
        " capo",
        "straordinari",
        "busta paga",
        "mansion",
        "matricola",
        " matr",
        " mat. ",
        "dipendente",
        "colloquio",
        " cantiere",
        "magazzin",
        "riservat",
        "mi ha detto",
        "mi dice",
        "mi hanno",
        "dicono",
        "pare che",
        "sembra che",
        "si dice",
        "resti tra noi",
        "tra noi",
        "ragazzi",
        "ciao",
        "buongiorno",
        "buonasera",
        "saluti",
        "paziente",
        "alunn",
        "genitor",
        "mia figlia",
        "mio figlio",
        "mia moglie",
        "mio marito",
        "appunt",
        "chiedo",
        "chiede ",
        "comunico",
        "segnal",
        "vi informo",
        "la informo",
        "ti scrivo",
        "le scrivo",
        "condomin",
        "inquilin",
        "rinnovo",
        "contratto",
        "stagista",
        "candidat",
        "assunt",
        "assumer",
        "sostitu",
        "coprire",
        "copre",
        "non viene",
        "non c'è",
        "rientr",
        "assente",
        "permess",
        "relazione",
        "la minore",
        "il minore",
        "tienilo",
        "scheda",
        "tabella",
        "elenco",
        "giro ",
        // German
        "kolleg",
        "schicht",
        "abteilung",
        "urlaub",
        "personal",
        "gespräch",
        "bewerb",
        "mitarbeiter",
        "vertraulich",
        "chef",
        "hallo",
        "liebe",
        "grüße",
        "gruß",
        "bitte",
        "notiz",
        "vermerk",
        "hat mir",
        "angeblich",
        "fällt aus",
        "fehlt",
        "kommt erst",
        "vertretung",
        "unter uns",
        "patient",
        "schüler",
        "eltern",
        "meine frau",
        "mein mann",
        "mein sohn",
        "meine tochter",
        "probezeit",
        "befristet",
        "weiß jemand",
        "ausgefallen",
        "pers-nr",
        "pnr",
        // French
        "collègue",
        "équipe",
        "service",
        "atelier",
        "congé",
        "entretien",
        "confidentiel",
        "bonjour",
        "salut",
        "cordialement",
        "bonsoir",
        "entre nous",
        "il paraît",
        "paraît que",
        "m'a dit",
        "m'a confié",
        "matricule",
        "embauch",
        "remplac",
        "candidat",
        "ma femme",
        "mon mari",
        "mon fils",
        "ma fille",
        "absent",
        "note",
        "planning",
        "élève",
        "chef d'",
        "contrat",
        "signalement",
        // English
        "colleague",
        "shift",
        "rota",
        "line manager",
        "off work",
        " team",
        "holiday",
        "confidential",
        "hi ",
        "hello",
        "dear",
        "regards",
        "thanks",
        "told me",
        "apparently",
        "between us",
        "between you and me",
        "heard that",
        "anyone know",
        "file note",
        "met with",
        "spoke to",
        "my wife",
        "my husband",
        "my son",
        "my daughter",
        "cover for",
        "covering",
        "staff no",
        "client",
        "tenant",
        "pupil",
        "parents",
        "probation period",
        "contract",
        "keep this",
        "don't tell",
        "candidate",
        "interview",
        "visit log",
        " hr ",
        "payroll",
        "supervisor",
        "rumour",
        "rumor",
        // Spanish
        "compañer",
        "turno",
        "baja",
        "encargado",
        "taller",
        "oficina",
        "hola",
        "buenos días",
        "saludos",
        "confidencial",
        "entre nosotros",
        "me ha dicho",
        "me dijo",
        "por lo visto",
        "cotilleo",
        "entrevista",
        "contrato",
        "vacaciones",
        "mi mujer",
        "mi marido",
        "mi hijo",
        "mi hija",
        "ojo con",
        "trabajador",
        "solicitud",
        "alumno",
        "seguimiento",
        "sigue con",
        "sustitu",
    ])
});

/// Words of what is written for the public. One is enough.
static PUBLIC: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    words(&[
        // press and politics
        "comunicato",
        "ufficio stampa",
        "rassegna stampa",
        "(ansa)",
        "adnkronos",
        "quotidian",
        "giornal",
        "lettori",
        "redazione",
        "intervistat",
        "ministro",
        "ministra",
        "ministero",
        "onorevole",
        "senator",
        "assessor",
        "parlament",
        "il governo",
        "il premier",
        "deputat",
        "campagna elettorale",
        "sondagg",
        "in tribuna",
        "campionato",
        "classifica",
        "allenator",
        "calciator",
        "romanzo",
        "personaggi",
        "regista",
        "attore",
        "attrice",
        "cantante",
        "film",
        "premio nobel",
        "enciclopedia",
        "biografia",
        "secolo",
        "cassazione",
        "giurisprudenza",
        "sentenza n.",
        "dispensa",
        "tizio",
        "pressemitteilung",
        "pressesprecher",
        "bundestag",
        "bundesregierung",
        "ministerium",
        "abgeordnete",
        "zeitung",
        "journalist",
        "torwart",
        "bundesliga",
        "jahrhundert",
        "roman ",
        "schauspieler",
        "redaktion",
        "leser",
        "communiqué",
        "revue de presse",
        "députée",
        " député ",
        "assemblée nationale",
        "gouvernement",
        "sénat",
        "championnat",
        "mi-temps",
        "romancier",
        "écrivain",
        "acteur",
        "siècle",
        "press release",
        "newspaper",
        "spokesperson",
        "spokesman",
        "reporter",
        "parliament",
        "congressman",
        "minister ",
        "president ",
        "government",
        "league",
        "goalkeeper",
        "coach",
        "novel",
        "actor",
        "actress",
        "singer",
        "century",
        "encyclop",
        "wikipedia",
        "reuters",
        "associated press",
        "magazine",
        "published by",
        "isbn",
        "editorial",
        "bbc",
        "comunicado",
        "rueda de prensa",
        "periódico",
        "ministerio de ",
        "gobierno",
        "diputad",
        "siglo",
        "novela",
        "concejal",
        "portavoz",
        // advertisements for jobs
        "cercasi",
        "cerchiamo",
        "ricerca è rivolta",
        "sede di lavoro",
        "inviare il cv",
        "invia il cv",
        "wir suchen",
        "gesucht",
        "wir bieten",
        "bewerbungen an",
        "nous recherchons",
        "poste ouvert",
        "we are hiring",
        "we welcome applic",
        "how to apply",
        "equal opportunit",
        "se busca",
        "se valorará",
        "ofrecemos",
        // laws, policies, leaflets, handbooks, code
        "art. 13 ",
        "titolare del trattamento",
        "informativa",
        "il lavoratore ha diritto",
        "regolamento (ue)",
        "gazzetta ufficiale",
        "ccnl",
        "foglio illustrativo",
        "controindicazion",
        "effetti indesiderati",
        "studi mostrano",
        "studio clinico",
        "sintomi",
        "datenschutzerklärung",
        "tarifvertrag",
        "packungsbeilage",
        "nebenwirkungen",
        "studie",
        "bgbl",
        "politique de confidentialité",
        "convention collective",
        "effets indésirables",
        "l'étude",
        "privacy notice",
        "privacy policy",
        "side effects",
        "package leaflet",
        "study",
        "symptoms",
        "copyright",
        "license",
        "aviso de privacidad",
        "convenio colectivo",
        "efectos secundarios",
        "boletín oficial",
        "tutti i diritti riservati",
        "all rights reserved",
        "function(",
        "#include",
        "changelog",
        "signed-off-by",
        "maintainer",
        "translation",
        "upstream",
        "______",
        "......",
        "import ",
        "def ",
        "return ",
        "</",
    ])
});

fn words(list: &[&str]) -> Option<AhoCorasick> {
    AhoCorasick::builder().ascii_case_insensitive(true).match_kind(MatchKind::LeftmostFirst).build(list).ok()
}

/// Whether it speaks to people who know each other, and whether to the public.
fn is_familiar(around: &str) -> (bool, bool) {
    let (Some(familiar), Some(public)) = (&*FAMILIAR, &*PUBLIC) else { return (false, true) };
    let public = public.is_match(around);
    (!public && (familiar.is_match(around) || is_chat(around)), public)
}

/// `[12/02/26, 07:41] Ivan: ...`, `09:03 Anja: ...`
static CHAT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)^\W{0,2}(?:[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4},? ?(?:- )?)?[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?\]?(?: ?[ap]m)? ?(?:-|–)? ?<?@?\p{L}[\p{L}. ]{1,24}>?: ").ok()
});

fn is_chat(around: &str) -> bool {
    CHAT.as_ref().is_some_and(|line| line.find_iter(around).take(2).count() > 1)
}

/// A word with a capital before the verb of which it is the subject.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let start = r"(?:^|[.!?;:,\n\t(«“”»>–-]\s*|(?:^|\s)(?:che|se|la|perché|anche|pure|ma|e|que|qu'|and|but|that|because|y|dass|weil|und|der|die) )";
    let name = r"(\p{Lu}[\p{Ll}'’-]{2,}(?: \p{Lu}[\p{L}'’-]+)?|\p{Lu}\p{Ll}+ \p{Lu}\.)";
    let gap = r"(?: \([^)\n]{1,40}\))?(?: (?:non|nicht|ne|no|mi|ci|se|si|pure|anche|ancora|sempre|wohl|auch|wieder))?";
    let verb = r" (?:[ns]['’])?(?:è|e'|era|ha|aveva|sta|stava|sarà|soffre|prende|risulta|resta|torna|fa|porta|frequenta|vota|prega|vive|rientra|si|est|a|était|avait|va|sera|suit|souffre|vit|prie|vote|porte|is|was|has|had|will|went|goes|got|votes|suffers|lives|(?:ist|war|wird) (?:seit|wieder|noch|immer|krank|schwanger|schwul|lesbisch|angeblich|jetzt|gerade|bald)|hat (?:sich|wieder|angeblich|seit|krebs|depress\p{L}+)|leidet|wählt|lebt|betet|fällt aus|fehlt|es|está|estaba|tiene|tuvo|lleva|sigue|padece|vota|vive)(?:\s|')";
    Regex::new(&format!("{start}{name}{gap}{verb}")).ok()
});

/// Words that open a sentence and are nobody.
const NOBODY: &[&str] = &[
    "chi",
    "che",
    "cosa",
    "questo",
    "questa",
    "quello",
    "quella",
    "questi",
    "oggi",
    "ieri",
    "domani",
    "quando",
    "dove",
    "tutto",
    "tutti",
    "nessuno",
    "qualcuno",
    "lui",
    "lei",
    "loro",
    "noi",
    "egli",
    "ella",
    "esso",
    "essa",
    "uno",
    "una",
    "non",
    "poi",
    "dopo",
    "anche",
    "come",
    "perché",
    "così",
    "adesso",
    "ora",
    "qui",
    "azienda",
    "ditta",
    "società",
    "gente",
    "persona",
    "medico",
    "ufficio",
    "collega",
    "sindacato",
    "direzione",
    "this",
    "that",
    "these",
    "those",
    "there",
    "here",
    "it",
    "he",
    "she",
    "they",
    "who",
    "what",
    "which",
    "where",
    "when",
    "how",
    "everyone",
    "nobody",
    "someone",
    "anyone",
    "the",
    "one",
    "each",
    "today",
    "yesterday",
    "tomorrow",
    "work",
    "our",
    "his",
    "her",
    "their",
    "its",
    "your",
    "das",
    "dies",
    "diese",
    "dieser",
    "dieses",
    "der",
    "die",
    "er",
    "sie",
    "es",
    "man",
    "wer",
    "was",
    "wie",
    "wann",
    "wo",
    "hier",
    "heute",
    "gestern",
    "morgen",
    "jemand",
    "niemand",
    "alles",
    "alle",
    "firma",
    "urlaub",
    "arbeit",
    "krankheit",
    "leben",
    "kollege",
    "kollegin",
    "ce",
    "cela",
    "ça",
    "celui",
    "celle",
    "il",
    "elle",
    "ils",
    "elles",
    "on",
    "qui",
    "que",
    "où",
    "quand",
    "tout",
    "tous",
    "personne",
    "aujourd'hui",
    "hier",
    "demain",
    "rien",
    "esto",
    "eso",
    "este",
    "esta",
    "ella",
    "ello",
    "ellos",
    "quien",
    "quién",
    "hoy",
    "ayer",
    "todo",
    "todos",
    "nadie",
    "alguien",
    "nos",
    "all",
    "some",
    "any",
    "and",
    "but",
    "not",
    "with",
    "for",
    "also",
    "god",
    "dio",
    "gott",
    "dieu",
    "and",
    "please",
    "lunedì",
    "martedì",
    "mercoledì",
    "giovedì",
    "venerdì",
    "sabato",
    "domenica",
];

fn names_somebody(around: &str) -> bool {
    let Some(named) = &*NAMED else { return false };
    let mut from = 0;
    // The end of one candidate may be the start of the next.
    for _ in 0..8 {
        let Some(found) = around.get(from..).and_then(|rest| named.captures(rest)) else { return false };
        let Some(name) = found.get(1) else { return false };
        let first = name.as_str().split([' ', '\'', '’']).next().unwrap_or_default().to_lowercase();
        if !NOBODY.contains(&first.as_str()) {
            return true;
        }
        from += name.end();
    }
    false
}

/// What people say of themselves and theirs.
static OWN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)(?:^|[\s,(])(?:io sono|sono (?:in|a|anche|ancora|stat[oa]|iscritt[oa]|affett[oa]|malat[oa]|incinta|il|la|un|una|di|ricoverat[oa])|sono $|ho (?:la|il|un|una|avuto|fatto|dovuto|subito|ricevuto)|mi (?:hanno|ha|è|sono)|mi[oa] (?:figli[oa]|moglie|marito|padre|madre|fratello|sorella|compagn[oa])|soffro|prendo|faccio|aspetto|sto|ich (?:bin|habe|war|leide|nehme|werde|muss)|mein(?:e|em|en|er)? (?:arzt|mann|frau|sohn|tochter|mutter|vater|kind)|bei mir|je (?:suis|souffre|prends|dois)|j'ai|mon (?:mari|fils|père|médecin)|ma (?:femme|fille|mère)|i am|i'm|i have|i've|i had|i was|i suffer|i need|my (?:doctor|wife|husband|son|daughter|mother|father|partner|gp|consultant)|estoy|soy|tengo|padezco|me han|mi (?:mujer|marido|hij[oa]|padre|madre|médico))(?:$|[\s,:])",
    )
    .ok()
});

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, word: &str) -> Statement {
        let start = text.find(word).unwrap();
        read(text, &(start..start + word.len()))
    }

    #[test]
    fn somebody_is_named() {
        for (text, word) in [
            ("Ciao, Bertoni è tornato? No, è ancora in cura per l'ulcera", "ulcera"),
            ("Mi ha detto che Galli ha il diabete", "diabete"),
            ("la Ferri è incinta, chi copre il suo turno?", "incinta"),
            ("Hallo, Brandt ist seit Montag krankgeschrieben", "krankgeschrieben"),
            ("Entre nous : Morel est suivi pour alcoolisme", "alcoolisme"),
            ("Hi all, Foster is off sick with depression again", "depression"),
        ] {
            assert!(of(text, word).named, "{text}");
        }
        for (text, word) in [
            ("Ciao ragazzi, oggi si parla di diabete", "diabete"),
            ("Dear all, This is about asthma", "asthma"),
            ("Hallo, Urlaub ist genehmigt, Asthma nicht", "Asthma"),
        ] {
            assert!(!of(text, word).named, "{text}");
        }
    }

    #[test]
    fn the_public_is_told_otherwise() {
        for text in [
            "COMUNICATO STAMPA. Bertoni ha il diabete, dice la collega",
            "Il ministro Galli ha il diabete, riferiscono i colleghi",
            "Newspaper: Foster has diabetes, colleagues say",
            "Bertoni ha il diabete",
        ] {
            assert!(!of(text, "diabete").familiar, "{text}");
        }
    }

    #[test]
    fn a_chat_is_between_people() {
        let text = "08:10 Pia: wo bleibt Nils?\n08:12 Uwe: Nierenkolik, Notaufnahme\n";
        assert!(of(text, "Nierenkolik").familiar);
    }

    #[test]
    fn people_speak_of_themselves() {
        assert!(of("Buongiorno, mi hanno diagnosticato il diabete", "diabete").own);
        assert!(of("Hello, I have been off with depression", "depression").own);
        assert!(!of("Ciao, il corso sul diabete", "diabete").own);
    }
}
