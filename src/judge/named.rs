//! Somebody called by one name, and the writer himself, from Polish to Bulgarian: `Nowakowa znowu na zwolnieniu`.

use std::sync::LazyLock;

use regex::Regex;

use super::words::pattern;

/// How a language says that somebody does or is something.
struct Tongue {
    /// Words that may stand before the name in the middle of a sentence.
    before: &'static str,
    /// Words between the name and what is said.
    between: &'static str,
    /// Verbs and what else follows the one of whom it is said. Those that mean something else in
    /// another language have the next word with them.
    said: &'static str,
}

const TONGUES: &[Tongue] = &[
    // Polish
    Tongue {
        before: "że|bo|ale|i|a|pan|pani|też|koleg[au]|koleżank[aę]|podobno|z|od|o",
        between: "nie|znowu|znów|też|chyba|się|podobno|już|nadal|jeszcze|ciągle|dalej|niby|pewnie|ponoć|dziś|od",
        said: r"jest|był|była|choruje|zachorował|zachorowała|leczy|siedzi|poszedł|poszła|idzie|przebywa|wylądował|wylądowała|dostał|dostała|złamał|złamała|miał|miała|cierpi|bierze|chodzi|należy|zapisał|zapisała|głosuje|głosował|głosowała|został|została|przeszedł|przeszła|pije|wrócił|wróciła|modli|pości|znowu|znów|na (?:zwolnieniu|l4|chorobowym)|w (?:ciąży|szpitalu)|ma (?:raka|guza|hiv|zawał|orzeczenie|zwolnienie|l4|znowu|znów|cukrzyc\p{L}+|depresj\p{L}+|padaczk\p{L}+|astm\p{L}+|nowotw\p{L}+|stwardnieni\p{L}+|chor\p{L}+|wyrok|problem\p{L}*|żółtaczk\p{L}+)",
    },
    // Dutch
    Tongue {
        before: r"dat|want|maar|en|of|omdat|mevrouw|meneer|mevr\.|mw\.|dhr\.|onze|de|van|van de|van den|van der",
        between: "weer|ook|nog|al|alweer|steeds|zich|niet|wel|nu|blijkbaar|naar|sinds",
        said: r"is|was|heeft|had|zit|ligt|kreeg|krijgt|gaat|ging|stemt|loopt|meldde|meldt|lijdt|blijft|blijkt|wordt|werd|kampt|slikt|gebruikt|bidt|schijnt|werkt niet|weer (?:ziek|thuis)|al weken",
    },
    // Portuguese
    Tongue {
        before: r"o|a|que|porque|mas|e|se|do|da|sr\.|sra\.|dona|também",
        between: "não|também|já|ainda|agora|outra vez|se|nos|afinal|lá",
        said: r"é|está|estava|esteve|anda|andava|tem|teve|tinha|foi|era|sofre|vota|votou|vai|ficou|fica|continua|faltou|meteu|entrou|toma|filiou-se|inscreveu-se|reza|faz|de baixa|outra vez de",
    },
    // Romanian
    Tongue {
        before: "că|dar|și|si|iar|domnul|doamna|dl|dna|d-na|d-l|lui|colegul|colega|pe",
        between: "nu|iar|tot|din nou|mai|și|încă|acum|deja|chiar",
        said: r"este|s-a|e (?:în|bolnav\p{L}*|gravid\p{L}*|însărcinat\p{L}*|iar|tot|din nou|homosexual\p{L}*|membr\p{L}+|musulman\p{L}*|lesbian\p{L}*)|a (?:fost|avut|făcut|intrat|luat|născut|suferit|rămas)|era|are (?:un|o|cancer|diabet|depresi\p{L}+|hernie|epilepsi\p{L}+|hiv|sida|probleme|din nou|iar|concediu|dosar|cazier)|suferă|votează|merge la|ia (?:pastile|medicamente|antidepresive)|lipsește|face (?:chimioterapie|dializă|tratament|terapie)|în (?:medical|concediu medical|spital)|ține",
    },
    // Czech, Slovak, Croatian and Slovenian
    Tongue {
        before: "že|ale|a|i|da|in|pan|pán|paní|pani|kolega|kolegyně|kolegyňa|ker|jer",
        between: "se|sa|si|už|prý|vraj|zase|opět|opäť|zas|navodno|opet|baje|spet",
        said: r"je (?:zase|zas|opět|opäť|znova|na|v|od|po|u|nemocn\p{L}+|těhotn\p{L}+|tehotn\p{L}+|chor\p{L}+|opet|spet|ponovno|bolestan|bolesna|bolan|bolna|trudna|noseča|gay|lezb\p{L}+|član\p{L}*|člen\p{L}*|muslim\p{L}*|ťažk\p{L}+|těžce)|má|měl|měla|mal|mala|byl|byla|bol|bola|marodí|marodil|onemocněl|onemocněla|ochorel|ochorela|leží|trpí|volí|ima|imala|imao|bio|bila|boluje|trpi|glasuje|zboli|zbolel|zbolela",
    },
    // Hungarian
    Tongue {
        before: "hogy|de|és|a|az",
        between: "megint|ismét|állítólag|már|még|újra|is",
        said: "beteg|terhes|táppénzen|kórházban|megint|ismét|szenved|rákos|depressziós|cukorbeteg|meleg|belépett",
    },
    // Swedish, Danish, Norwegian
    Tongue {
        before: "att|at|men|och|og|för|fordi",
        between: "igen|också|også|inte|ikke|nu|fortfarande|stadig|fortsatt|visst|tydligen",
        said: r"är|har|hade|havde|hadde|blev|ble|fick|fik|fikk|lider|röstar|stemmer|er (?:igen|syg\p{L}*|syk\p{L}*|gravid|sykmeldt|sygemeldt|stadig|fortsatt|medlem|blevet|blitt|indlagt|innlagt|muslim\p{L}*|homoseksuel\p{L}*|lesbisk)",
    },
    // Finnish
    Tongue {
        before: "että|mutta|ja",
        between: "taas|edelleen|vielä|myös|kuulemma",
        said: r"on (?:taas|edelleen|sairaana|sairas\p{L}*|raskaana|saikulla|sairauslomalla|masentunut|ollut|saanut|sairastunut|liittynyt|homo|lesbo|muslimi)|sairastaa|sairastui|sai|jäi|kärsii|äänestää",
    },
    // Greek
    Tongue {
        before: "ο|η|του|της|ότι|και|αλλά|συνάδελφος|κύριος|κυρία",
        between: "πάλι|ξανά|ακόμα|δεν",
        said: "είναι|έχει|ήταν|είχε|πήρε|πάσχει|ψηφίζει|νοσηλεύεται|πάλι",
    },
    // Bulgarian
    Tongue {
        before: "че|но|и|а|колегата|господин|госпожа",
        between: "пак|отново|още|не|се|вече|май",
        said: "е|има|беше|имаше|боледува|страда|гласува|лежи|излезе|пак",
    },
];

/// A word with a capital before what is said of it; one group for each language.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let start = r"^|[.!?;:,\n\t(«“”„»>–-]\s*";
    let further = r"(?:(?:de|van|der|den|ten|da|do|dos|das) ){0,3}\p{Lu}[\p{L}'’-]+";
    let name = format!(r"(\p{{Lu}}[\p{{Ll}}'’-]{{2,}}(?: {further})?|\p{{Lu}}\p{{Ll}}+ \p{{Lu}}\.)");
    let tongue = |Tongue { before, between, said }: &Tongue| {
        let before = format!(r"(?:{start}|(?:^|\s)(?i:{before}) )");
        format!(r"{before}{name}(?: \([^)\n]{{1,40}}\))?(?: (?:{between})){{0,2}} (?:{said})(?:[\s,.]|$)")
    };
    pattern(&TONGUES.iter().map(tongue).collect::<Vec<_>>().join("|"))
});

/// The pattern of somebody called by one name; the name is the only group that takes part.
pub(super) fn named() -> Option<&'static Regex> {
    NAMED.as_ref()
}

/// What people say of themselves and theirs.
static OWN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let own = [
        r"jestem|mam|byłem|byłam|choruję|zachorowałem|zachorowałam|leczę|biorę|cierpię|należę|przeszedłem|przeszłam|złamałem|złamałam|mój (?:lekarz|mąż|syn|ojciec)|moja (?:żona|córka|matka|mama)|u mnie",
        r"ik (?:ben|heb|zit|lig|was|had|moet|slik|krijg|kreeg|lijd|loop)|mijn (?:arts|huisarts|man|vrouw|zoon|dochter|moeder|vader|kind|psycholoog)|bij mij",
        r"estou|tenho|sou|fui|tive|sofro|ando|inscrevi-me|diagnosticaram-me|foi-me|meu (?:médico|marido|filho|pai)|minha (?:mulher|filha|mãe|médica)",
        r"sunt|sufăr|m-am|mi s-a|mi-au|am (?:fost|avut|un|o|nevoie|cancer|diabet|depresie|făcut|intrat|luat|epilepsie|hernie)|medicul meu|so[țt]ul meu|so[țt]ia mea|fiul meu|fiica mea",
        r"jsem|mám|som|beteg vagyok|terhes vagyok|jag (?:är|har|var|blev)|jeg (?:er|har|var|blev)|minulla on|olen|sairastan|imam|είμαι|έχω|имам|боледувам",
    ];
    pattern(&format!(r"(?i)(?:^|[\s,(])(?:{})(?:$|[\s,:])", own.join("|")))
});

/// Whether the writer of a sentence speaks of himself or his family.
pub(super) fn speaks_of_himself(sentence: &str) -> bool {
    OWN.as_ref().is_some_and(|own| own.is_match(sentence))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_is_named() {
        for (text, name) in [
            ("Nowakowa znowu na zwolnieniu", "Nowakowa"),
            ("podobno Kowalski ma raka", "Kowalski"),
            ("mówią, że Kowalski ma raka", "Kowalski"),
            ("we horen dat De Boer weer ziek is", "Boer"),
            ("Jan de Vries heeft kanker", "Jan de Vries"),
            ("dizem que o Tavares anda no psiquiatra", "Tavares"),
            ("Popescu s-a înscris în sindicat", "Popescu"),
            ("Ionescu e în depresie", "Ionescu"),
            ("Nováková je zase nemocná", "Nováková"),
            ("Karlsson är gravid", "Karlsson"),
            ("Virtanen on taas saikulla", "Virtanen"),
            ("Ο Παππάς έχει καρκίνο", "Παππάς"),
            ("Говорят. Иванов е болен", "Иванов"),
        ] {
            let found = named().unwrap().captures(text);
            let found = found.and_then(|found| found.iter().skip(1).flatten().next().map(|name| name.as_str()));
            assert_eq!(found.unwrap_or_default(), name, "{text}");
        }
    }

    #[test]
    fn people_speak_of_themselves() {
        for text in ["mam cukrzycę", "ik ben zwanger", "estou de baixa", "sunt gravidă", "jag är sjukskriven"] {
            assert!(speaks_of_himself(text), "{text}");
        }
        for text in ["at 8 am we talk of diabetes", "o curso sobre diabetes", "cukrzyca"] {
            assert!(!speaks_of_himself(text), "{text}");
        }
    }
}
