//! What people write of people they know: a colleague's gossip, a note of a talk, a chat; not the news, not a law.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::passage::window;
use super::words::{WordList, pattern};
use super::{called, named};

/// How the text around a match speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Statement {
    /// Between people who know each other, and not to the public.
    pub(super) familiar: bool,
    /// As a paper about one person does: a court's, a clinic's, an office's.
    pub(super) casework: bool,
    /// As the news, a law or a leaflet do.
    pub(super) public: bool,
    /// Somebody called by one name does or is something: `Rossi è di nuovo`.
    pub(super) named: bool,
    /// Somebody is called by a first name or a title: `Jens hat sich geoutet`.
    pub(super) called: bool,
    /// The writer speaks of himself or of his family.
    pub(super) own: bool,
}

/// Bytes around a match that say how its text speaks.
const REACH: usize = 1_200;
/// Bytes before a match in which its subject stands.
const BEFORE: usize = 160;
/// The same in a chat, where a name stands some lines above.
const CHAT_BEFORE: usize = 320;
/// Bytes after it: `depressione, dicono, la Rossi`.
const AFTER: usize = 80;

/// Reads the surroundings of a match.
pub(super) fn read(content: &str, span: &Range<usize>) -> Statement {
    let around = window(content, span.start.saturating_sub(REACH), span.end.saturating_add(REACH));
    if PUBLIC.as_ref().is_none_or(|public| public.is_match(around)) {
        return Statement { public: true, ..Statement::default() };
    }
    let is_match = |list: &Option<WordList>| list.as_ref().is_some_and(|words| words.is_match(around));
    let chat = is_chat(around);
    let before = window(content, span.start.saturating_sub(if chat { CHAT_BEFORE } else { BEFORE }), span.start);
    let before = before.rsplit("\n\n").next().unwrap_or_default();
    let whole = window(content, span.start.saturating_sub(before.len()), span.end.saturating_add(AFTER));
    let said = before.len()..before.len() + span.len();
    let sentence = before.rsplit(['.', '!', '?', ';', '\n']).next().unwrap_or_default();
    // The words of the match may begin with the writer: `suis enceinte`.
    let start = span.start.saturating_sub(sentence.len());
    let sentence = window(content, start, span.end);
    Statement {
        familiar: chat || is_match(&FAMILIAR),
        casework: is_match(&CASEWORK),
        public: false,
        named: names_somebody(whole, &said),
        called: called::calls_somebody(whole, &said),
        own: OWN.as_ref().is_some_and(|own| own.is_match(sentence)) || named::speaks_of_himself(sentence),
    }
}

/// Words of people at work, in a family, in a chat; a word counts once.
static FAMILIAR: LazyLock<Option<WordList>> = LazyLock::new(|| WordList::new(include_str!("familiar.txt")));

/// Words of papers about one person; a word counts once.
static CASEWORK: LazyLock<Option<WordList>> = LazyLock::new(|| WordList::new(include_str!("casework.txt")));

/// Words of what is written for the public. One is enough.
static PUBLIC: LazyLock<Option<WordList>> = LazyLock::new(|| WordList::new(include_str!("public.txt")));

/// `[12/02/26, 07:41] Ivan: ...`, `09:03 Anja: ...`
static CHAT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?m)^\W{0,2}(?:[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4},? ?(?:- )?)?[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?\]?(?: ?[ap]m)? ?(?:-|–)? ?<?@?\p{L}[\p{L}. ]{1,24}>?: ",
    )
});

fn is_chat(around: &str) -> bool {
    CHAT.as_ref().is_some_and(|line| line.find_iter(around).take(2).count() > 1) || called::speak_in_turn(around)
}

/// A word with a capital before the verb of which it is the subject.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let start = r"(?:^|[.!?;:,\n\t(«“”»>–-]\s*|(?:^|\s)(?:che|se|la|perché|anche|pure|ma|e|que|qu'|and|but|that|because|y|dass|weil|und|der|die) )";
    let name = r"(\p{Lu}[\p{Ll}'’-]{2,}(?: \p{Lu}[\p{L}'’-]+)?|\p{Lu}\p{Ll}+ \p{Lu}\.)";
    let gap = r"(?: \([^)\n]{1,40}\))?(?: (?:non|nicht|ne|no|mi|ci|se|si|pure|anche|ancora|sempre|wohl|auch|wieder))?";
    let verb = r" (?:[ns]['’])?(?:è|e'|era|ha|aveva|sta|stava|sarà|soffre|prende|risulta|resta|torna|fa|porta|frequenta|vota|prega|vive|rientra|si|est|a|était|avait|va|sera|suit|souffre|vit|prie|vote|porte|is|was|has|had|will|went|goes|got|votes|suffers|lives|(?:ist|war|wird) (?:seit|wieder|noch|immer|krank|schwanger|schwul|lesbisch|angeblich|jetzt|gerade|bald)|hat (?:sich|wieder|angeblich|seit|krebs|depress\p{L}+)|leidet|wählt|lebt|betet|fällt aus|fehlt|es|está|estaba|tiene|tuvo|lleva|sigue|padece|vota|vive)(?:\s|')";
    pattern(&format!("{start}{name}{gap}{verb}"))
});

/// Words that open a sentence and are nobody.
static NOBODY: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    include_str!("nobody.txt").lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect()
});

/// `said` is where the match stands: beside `epilepsji`, `Epilepsja jest` names nobody.
fn names_somebody(around: &str, said: &Range<usize>) -> bool {
    let said = window(around, said.start, said.end).to_lowercase();
    [NAMED.as_ref(), named::named()].into_iter().flatten().any(|named| {
        let mut from = 0;
        // The end of one candidate may be the start of the next.
        for _ in 0..8 {
            let Some(found) = around.get(from..).and_then(|rest| named.captures(rest)) else { return false };
            let Some(name) = found.iter().skip(1).flatten().next() else { return false };
            let first = name.as_str().split([' ', '\'', '’']).next().unwrap_or_default().to_lowercase();
            if !NOBODY.contains(first.as_str()) && !said.contains(window(&first, 0, 5)) {
                return true;
            }
            from += name.end();
        }
        false
    })
}

/// What people say of themselves and theirs.
static OWN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:^|[\s,(])(?:io sono|sono (?:in|a|anche|ancora|stat[oa]|iscritt[oa]|affett[oa]|malat[oa]|incinta|il|la|un|una|di|ricoverat[oa])|sono $|ho (?:la|il|un|una|avuto|fatto|dovuto|subito|ricevuto)|mi (?:hanno|ha|è|sono)|mi[oa] (?:figli[oa]|moglie|marito|padre|madre|fratello|sorella|compagn[oa])|soffro|prendo|faccio|aspetto|sto|ich (?:bin|habe|war|leide|nehme|werde|muss)|mein(?:e|em|en|er)? (?:arzt|mann|frau|sohn|tochter|mutter|vater|kind)|bei mir|je (?:suis|souffre|prends|dois)|j'ai|mon (?:mari|fils|père|médecin)|ma (?:femme|fille|mère)|i am|i'm|i have|i've|i had|i was|i suffer|i need|my (?:doctor|wife|husband|son|daughter|mother|father|partner|gp|consultant)|estoy|soy|tengo|padezco|me han|mi (?:mujer|marido|hij[oa]|padre|madre|médico))(?:$|[\s,:])",
    )
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
