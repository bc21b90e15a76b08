//! Names of people: by what they are not (labels, firms, places, months), and by first names that are known.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{Verdict, word_list};
use crate::detect::first_names::first_names;
use crate::detect::fold::fold;

/// Words that stand where a name is expected, but are in none. Folded.
static NO_NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| word_list(include_str!("no_names.txt")));

/// Words beside which a first name is no person, or not his whole name. Folded.
static NO_SURNAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| word_list(include_str!("no_surnames.txt")));

/// First names; with those that are words too, for which `true` stands. Folded.
static FIRST_NAMES: LazyLock<std::collections::HashMap<&str, bool>> = LazyLock::new(|| first_names().collect());

/// Words that join the parts of a name. Folded.
const PARTICLES: &[&str] = &[
    "de", "di", "del", "della", "dello", "dei", "degli", "dell", "d", "da", "dal", "dalla", "la", "lo", "le", "li",
    "von", "van", "vom", "zu", "zur", "zum", "der", "den", "ten", "ter", "du", "des", "dos", "das", "do", "y", "e",
    "el", "al", "bin", "ben", "ibn", "abu", "san", "st", "mc", "mac", "o",
];

/// A name of two to five words none of which is a label, a firm or a month. Nothing makes a
/// name certain.
pub fn full_name(value: &str) -> Verdict {
    verdict(value, 2..=5)
}

/// A first name or a surname alone; not `TipoCassaType`, not `Der Antragsteller`.
pub fn part_of_name(value: &str) -> Verdict {
    let articles = ["Der ", "Die ", "Das ", "Den ", "Dem ", "der ", "die ", "das ", "den ", "dem "];
    let named = value.split_whitespace().all(|word| !has_humps(word) && is_a_word(word));
    if articles.iter().any(|article| value.starts_with(article)) || !named || value.ends_with('-') {
        return Verdict::Refuted;
    }
    verdict(value, 1..=4)
}

/// Capitals inside a word in small letters, as names of programs have: not `McDonald`, `D'Angelo`.
fn has_humps(word: &str) -> bool {
    !is_capitals(word)
        && word.split(['\'', '’', '-']).any(|part| {
            let body = PREFIXES.iter().find_map(|prefix| part.strip_prefix(prefix)).unwrap_or(part);
            body.chars().skip(1).any(char::is_uppercase)
        })
}

/// Not a word without which no English or German text can do.
fn is_a_word(word: &str) -> bool {
    !NO_PARTS.contains(&word)
}

/// Words that stand at the head of a sentence after a label, and are nobody's name.
const NO_PARTS: &[&str] = &[
    "This",
    "That",
    "These",
    "Those",
    "If",
    "As",
    "It",
    "Its",
    "So",
    "Also",
    "When",
    "Where",
    "Which",
    "Your",
    "You",
    "In",
    "On",
    "At",
    "An",
    "To",
    "By",
    "For",
    "From",
    "With",
    "Here",
    "There",
    "Then",
    "Than",
    "Now",
    "Not",
    "Only",
    "Can",
    "Must",
    "May",
    "Should",
    "Returns",
    "Return",
    "Set",
    "Get",
    "Add",
    "Added",
    "Adds",
    "Fix",
    "Fixed",
    "Fixes",
    "Use",
    "Used",
    "Using",
    "New",
    "Update",
    "Updated",
    "Updates",
    "Remove",
    "Removed",
    "Make",
    "Made",
    "Try",
    "Type",
    "Optional",
    "Required",
    "Default",
    "Example",
    "Note",
    "Windows",
    "Linux",
    "Unix",
    "Word",
    "Excel",
    "Outlook",
    "Access",
    "SQL",
    "HTML",
    "XML",
    "API",
    "URL",
    "ID",
    "String",
    "Array",
    "Object",
    "Option",
    "Function",
    "Program",
    "Dann",
    "Wenn",
    "Dies",
    "Diese",
    "Dieser",
    "Dieses",
    "Sie",
    "Wir",
    "Er",
    "Es",
    "Ein",
    "Eine",
    "Im",
    "Am",
    "Zum",
    "Zur",
    "Bei",
    "Von",
    "Nach",
    "Vor",
    "Aus",
    "Sonst",
    "Art",
    "Teil",
    "Anlage",
    "Ausgabe",
    "Beruf",
    "Funktion",
    "Uhrzeit",
    "Stand",
    "Inhaber",
    "Inhabers",
    "Bewerber",
    "Bewerbers",
    "Besitzer",
    "Ehegatten",
    "Geburtsname",
    "Geburtstag",
    "Rufname",
    "Berufsbezeichnung",
    "DIN",
    "ISO",
];

/// Beginnings of surnames that bring a second capital.
const PREFIXES: &[&str] = &["Mc", "Mac", "De", "Di", "La", "Le", "Van", "Fitz", "O"];

/// A known first name before a surname, as written: `Mario Rossi`, `Jean-Pierre de La Tour`, or
/// after one in capitals: `ROSSI Mario`, `ROSSI MARIO`. Silent for first names that are words too.
pub fn known_name(written: &str) -> Verdict {
    known(written, false)
}

/// The same where the name stands alone in its line or cell, so that a surname may come first.
pub fn known_name_alone(written: &str) -> Verdict {
    known(written, true)
}

fn known(written: &str, alone: bool) -> Verdict {
    let words: Vec<&str> =
        written.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty()).collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return Verdict::Refuted };
    let leading = first_name(first);
    // A surname comes first where nothing else can be meant: alone, or written in capitals.
    let trailing = if alone || is_capitals(first) { first_name(last) } else { None };
    let (Some(is_word), names_last) = (match (leading, trailing) {
        (Some(false), _) => (Some(false), false),
        (_, Some(is_word)) => (Some(is_word), true),
        (Some(true), None) => (Some(true), false),
        (None, None) => (None, false),
    }) else {
        return Verdict::Refuted;
    };
    let others = if names_last { words.split_last() } else { words.split_first() }.map_or(&[][..], |(_, rest)| rest);
    let mut surnames = 0;
    for word in others {
        let folded = fold(word);
        let particle = PARTICLES.contains(&folded.as_str());
        let initial = word.ends_with('.') && folded.chars().count() == 1;
        if particle || initial {
            continue;
        }
        if NO_SURNAMES.contains(folded.as_str()) || !is_plausible(word, is_capitals(first)) {
            return Verdict::Refuted;
        }
        surnames += 1;
    }
    let is_name = surnames > 0 && surnames <= 3 && full_name(written) != Verdict::Refuted;
    let unlikely = fold(first).split(' ').any(|part| NO_SURNAMES.contains(part)) || is_place_or_day(&words, names_last);
    match (is_name && !unlikely, is_word) {
        (false, _) => Verdict::Refuted,
        (true, true) => Verdict::Silent,
        (true, false) => Verdict::Certain,
    }
}

/// `Sankt Johann`, `Los Angeles`, `North Carolina`, `FORNOVO DI SAN GIOVANNI`; `Fri Jan`.
fn is_place_or_day(words: &[&str], names_last: bool) -> bool {
    const PLACES: &[&str] = &[
        "san", "santa", "santo", "sant", "sankt", "saint", "sainte", "sao", "los", "las", "el", "north", "south",
        "east", "west", "port", "fort", "mount", "new", "nueva", "nuevo", "nova", "novo", "puerto", "rio", "villa",
        "castel", "monte", "rocca", "torre", "borgo", "stour", "glen", "lake", "cape", "baton",
    ];
    const DAYS: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun", "dec"];
    let folded: Vec<String> = words.iter().map(|word| fold(word)).collect();
    let is = |word: &String, of: &[&str]| of.contains(&word.as_str());
    let saint = |word: &String| matches!(word.as_str(), "san" | "santa" | "santo" | "sankt" | "saint");
    folded.first().is_some_and(|first| is(first, PLACES) && names_last || saint(first) && folded.len() == 2)
        || names_last && folded.iter().any(saint)
        || folded.len() == 2
            && folded.first().is_some_and(|first| is(first, DAYS))
            && folded.last().is_some_and(|last| matches!(last.as_str(), "jan" | "ada" | "mar"))
}

/// The first names that are known, folded.
pub fn known_first_names() -> impl Iterator<Item = &'static str> {
    first_names().map(|(name, _)| name)
}

/// Whether the word, however it is written, is a known first name and no ordinary word.
pub fn is_first_name(word: &str) -> bool {
    fold(word).split(' ').any(|part| FIRST_NAMES.get(part) == Some(&false))
}

/// The same, and it may be an ordinary word too.
pub fn may_be_first_name(word: &str) -> bool {
    FIRST_NAMES.contains_key(fold(word).as_str())
}

/// Whether the word is a first name, and if so, whether it is an ordinary word too. Of a double
/// name both parts may be known or one: `Karl-Heinz`.
fn first_name(word: &str) -> Option<bool> {
    let folded = fold(word);
    let known = folded.split(' ').filter_map(|part| FIRST_NAMES.get(part));
    // `ROSE` and `Rose` are one; a word in small letters is none.
    if !word.starts_with(char::is_uppercase) || (word.contains('\'') && !folded.starts_with("d'")) {
        return None;
    }
    known.copied().reduce(|one, other| one && other)
}

/// Two letters or more, none of them small.
fn is_capitals(word: &str) -> bool {
    word.chars().filter(|c| c.is_alphabetic()).count() >= 2 && !word.chars().any(char::is_lowercase)
}

/// Whether a word looks like a surname: letters with a vowel among them, and capitals as in
/// `Rossi`, `D'Angelo`, `McDonald`, `ROSSI`, not as in `JavaScript`, `SQL`.
fn is_plausible(word: &str, in_capitals: bool) -> bool {
    let folded = fold(word);
    let letters = folded.chars().filter(|c| c.is_alphabetic()).count();
    let vowel = folded.chars().any(|c| "aeiouy".contains(c) || !c.is_ascii());
    let capitals = is_capitals(word);
    let inner = word.split(['\'', '’', '-']).any(|part| {
        let body = PREFIXES.iter().find_map(|prefix| part.strip_prefix(prefix)).unwrap_or(part);
        let mut chars = body.chars();
        chars.next();
        chars.any(char::is_uppercase)
    });
    letters >= 2 && vowel && if capitals { in_capitals || letters >= 4 } else { !inner && letters >= 3 }
}

/// `Sitz des Vertreters`, `Höhe der Schallquelle`: a German genitive, which stands in names only behind another
/// particle (`von der Heide`) or a first name.
fn is_genitive(value: &str, parts: &[&str]) -> bool {
    let after = |pair: &[&str]| matches!(pair, [before, "des" | "der"] if !PARTICLES.contains(before));
    parts.windows(2).any(after) && value.split_whitespace().next().and_then(first_name).is_none()
}

fn verdict(value: &str, words: std::ops::RangeInclusive<usize>) -> Verdict {
    let folded = fold(value);
    let parts: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let names: Vec<&&str> = parts.iter().filter(|part| !PARTICLES.contains(part)).collect();
    let plausible = words.contains(&parts.len())
        && !is_genitive(value, &parts)
        && names.len() >= (*words.start()).min(parts.len())
        && !names.is_empty()
        && parts.iter().all(|part| PARTICLES.contains(part) || !NO_NAMES.contains(part))
        // Initials alone, and `Aaaa`, are no names.
        && names.iter().any(|name| name.chars().count() >= 2)
        && names.iter().all(|name| has_two_letters(name));
    if plausible { Verdict::Silent } else { Verdict::Refuted }
}

fn has_two_letters(name: &str) -> bool {
    name.chars().count() == 1 || name.chars().any(|c| !name.starts_with(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_what_only_looks_like_one() {
        for (value, verdict) in [
            ("Mario Rossi", Verdict::Silent),
            ("ROSSI MARIO", Verdict::Silent),
            ("Jörg von der Heide", Verdict::Silent),
            ("Anna D'Angelo", Verdict::Silent),
            ("Marie-Claire Dubois", Verdict::Silent),
            ("Codice Fiscale", Verdict::Refuted),
            ("Data Di Nascita", Verdict::Refuted),
            ("Rossi S.r.l.", Verdict::Refuted),
            ("Sitz des Vertreters", Verdict::Refuted),
            ("Höhe der Schallquelle", Verdict::Refuted),
            ("Rossi", Verdict::Refuted),
            ("XXXX XXXX", Verdict::Refuted),
        ] {
            assert_eq!(full_name(value), verdict, "{value}");
        }
        assert_eq!(part_of_name("Rossi"), Verdict::Silent);
        assert_eq!(part_of_name("Cognome"), Verdict::Refuted);
        for value in ["McDonald", "D'Angelo", "De Luca", "von der Heide", "LO PRESTI", "Le Pen", "Alt-Rudin"] {
            assert_eq!(part_of_name(value), Verdict::Silent, "{value}");
        }
        for value in ["TipoCassaType", "Der Antragsteller", "den Abbruch", "This", "Wahlschein-"] {
            assert_eq!(part_of_name(value), Verdict::Refuted, "{value}");
        }
    }

    #[test]
    fn known_first_names() {
        for (value, verdict) in [
            ("Mario Rossi", Verdict::Certain),
            ("ROSSI MARIO", Verdict::Certain),
            ("ROSSI Mario", Verdict::Certain),
            ("Mario ROSSI", Verdict::Certain),
            ("Jörg von der Heide", Verdict::Certain),
            ("Anne-Sophie Dubois", Verdict::Certain),
            ("Karl-Heinz Müller", Verdict::Certain),
            ("Seán McCarthy", Verdict::Certain),
            ("Lucía Gómez Ortiz", Verdict::Certain),
            ("Anna D'Angelo", Verdict::Certain),
            ("Mark Smith", Verdict::Silent),
            ("Rossi Mario", Verdict::Refuted),
            ("Ciao Marco", Verdict::Refuted),
            ("Mario Srl", Verdict::Refuted),
            ("Maria JavaScript", Verdict::Refuted),
            ("Peter HTTP", Verdict::Refuted),
            ("Robert Street", Verdict::Refuted),
            ("Nord Acciai", Verdict::Refuted),
            ("FORNOVO DI SAN GIOVANNI", Verdict::Refuted),
        ] {
            assert_eq!(known_name(value), verdict, "{value}");
        }
        for (value, verdict) in [
            ("Rossi Mario", Verdict::Certain),
            ("Rossi, Mario", Verdict::Certain),
            ("Gómez Ortiz, Lucía", Verdict::Certain),
            ("Ciao Marco", Verdict::Refuted),
            ("Nord Acciai", Verdict::Refuted),
            ("Sankt Johann", Verdict::Refuted),
            ("Los Angeles", Verdict::Refuted),
            ("North Carolina", Verdict::Refuted),
            ("Fri Jan", Verdict::Refuted),
        ] {
            assert_eq!(known_name_alone(value), verdict, "{value}");
        }
    }
}
