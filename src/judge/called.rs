//! Somebody called by a first name, a title or the name of a family: `Herr K. war in Therapie`, `familia Heredia`.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::detect::check::person::{is_first_name, may_be_first_name};

use super::passage::window;
use super::words::{WordList, pattern};

/// Whether a text says something of somebody: `said` is where it stands. Whoever is greeted, signs or speaks
/// (`Anja: ...`) is not who is spoken of.
pub(super) fn calls_somebody(around: &str, said: &Range<usize>) -> bool {
    by_title(around) || words(around).any(|(start, word)| is_spoken_of(around, start, word, said))
}

/// Whether people speak in turn in lines that bear no time: `Alina: ai auzit?`
pub(super) fn speak_in_turn(text: &str) -> bool {
    let speakers: Vec<&str> = text.lines().filter_map(speaker).take(64).collect();
    // `May: three courses` is no chat.
    speakers.len() > 1 && speakers.iter().any(|name| is_first_name(name))
}

fn speaker(line: &str) -> Option<&str> {
    let (name, said) = line.split_once(": ")?;
    let name = name.trim_start_matches(['<', '@', '*', '-', ' ']).trim_end_matches(['>', '*']);
    let first = name.split(' ').next()?;
    (name.len() <= 24 && said.len() > 12 && name.split(' ').count() <= 2 && may_be_first_name(first)).then_some(first)
}

/// Words after which a first name is greeted, signs, or names a place.
static NOT_BEFORE: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("not_spoken_of.txt").lines().filter(|line| !line.starts_with('#'));
    lines.flat_map(str::split_whitespace).collect()
});

fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |c: char| c.is_alphabetic() || c == '-';
    text.split(move |c| !is_part(c))
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
        .filter(|(_, word)| word.len() > 2 && word.starts_with(char::is_uppercase))
}

fn is_spoken_of(around: &str, start: usize, word: &str, said: &Range<usize>) -> bool {
    let end = start + word.len();
    if BELIEFS.contains(&word) || !word.split('-').all(is_called) || start < said.end && said.start < end {
        return false;
    }
    let line_start = around.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let before = around.get(line_start..start).unwrap_or_default();
    let after = around.get(end..).unwrap_or_default();
    let rest = after.split('\n').next().unwrap_or_default();
    let opens = !before.chars().any(char::is_alphabetic);
    let counts = around.get(start..).is_some_and(|text| text.starts_with(COUNTS))
        && rest.get(1..).is_some_and(|rest| {
            rest.split(|c: char| !c.is_alphabetic()).next().is_some_and(|word| !word.is_empty() && is_counted(word))
        });
    if counts {
        return false;
    }
    // A speaker, somebody who is addressed, a signature.
    if opens && (rest.starts_with([':', ',']) || !rest.chars().any(char::is_alphabetic)) {
        return false;
    }
    let previous = before.rsplit(|c: char| !c.is_alphabetic()).find(|word| !word.is_empty()).unwrap_or_default();
    !NOT_BEFORE.contains(previous.to_lowercase().as_str()) && !is_in_charge(around, start)
}

/// Of what there can be eight in Italian.
fn is_counted(word: &str) -> bool {
    const FEMININE: &[&str] = &["ore", "volte", "settimane", "persone", "giornate", "sedute", "visite", "donne"];
    word.ends_with('i') && !word.chars().any(char::is_uppercase) || FEMININE.contains(&word)
}

/// First names that say what somebody believes, and one that counts: `Otto incontri`.
const BELIEFS: &[&str] = &["Christian", "Islam", "Kristen", "Christen"];
const COUNTS: &str = "Otto ";

/// A first name, or one in another case: `Lenkou`, `Renatą`, `Kaisan`.
fn is_called(word: &str) -> bool {
    const ENDINGS: &[&str] =
        &["ou", "em", "ovi", "owi", "ą", "ę", "ie", "y", "u", "om", "a", "n", "nek", "ra", "ról", "s", "ul", "ului"];
    is_first_name(word)
        || ENDINGS
            .iter()
            .filter_map(|ending| word.strip_suffix(ending))
            .any(|stem| stem.chars().count() > 3 && (is_first_name(stem) || is_first_name(&format!("{stem}a"))))
}

/// Words before the name of whom one asks, hears or reads: he is not who the text is about.
static IN_CHARGE: LazyLock<Option<WordList>> = LazyLock::new(|| WordList::new(include_str!("in_charge.txt")));

/// Whether the name that starts there is that of somebody in charge, from the words before it in its line.
pub(super) fn is_in_charge(text: &str, start: usize) -> bool {
    let before = window(text, start.saturating_sub(36), start);
    let before = before.rsplit(['\n', '.', ';']).next().unwrap_or_default();
    // `Dr.` ends in a full stop.
    let title = window(text, start.saturating_sub(6), start).to_lowercase();
    let before = before.to_lowercase();
    IN_CHARGE.as_ref().is_some_and(|words| words.is_match(&before) || words.is_match(&title))
}

/// A title before a name or an initial, and a family.
static TITLED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let titles = r"Herrn?|Frau|Hr\.|Fr\.|[Ss]ig\.(?: ?ra|na)?|[Ss]ignor[ae]?|Mr\.?|Mrs\.?|Ms\.?|Monsieur|Madame|M\.|Mme|Sr\.|Sra\.|[Dd]on|[Dd]oña|[Pp]an|[Pp]ani|[Pp]aní|dhr\.|mevr\.|mw\.|[Dd]l\.|[Dd]-na|[Dd]omnul|[Dd]oamna|[Ff]ru|[Hh]err|κ\.";
    let families = r"(?i:famil(?:i[ae]|le|y|ien|j[ae]n?|ia)|famiglia|famille|família|rodzin[aęy]|rodin[ay]|perhe|agregado familiar) (?:(?i:de|di|du|of|van) )?";
    pattern(&format!(
        r"(?:^|[^\p{{L}}])(?:(?:{titles}) (?:\p{{Lu}}\p{{Ll}}+(?:-\p{{Lu}}\p{{Ll}}+)?|\p{{Lu}}\.)|{families}\p{{Lu}}\p{{Ll}}{{2,}}(?: \p{{Lu}}|[,.;:]| [\p{{Ll}}(]))"
    ))
});

fn by_title(around: &str) -> bool {
    TITLED.as_ref().is_some_and(|titled| titled.find_iter(around).any(|name| !is_in_charge(around, name.start())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(text: &str, word: &str) -> bool {
        let start = text.find(word).unwrap();
        calls_somebody(text, &(start..start + word.len()))
    }

    #[test]
    fn somebody_is_called() {
        for (text, word) in [
            ("Hast du das von Jens gehört? Der hat sich geoutet", "geoutet"),
            ("Stefan fällt länger aus wegen Burnout", "Burnout"),
            ("Herr K. war wegen Depression in Behandlung", "Depression"),
            ("Familia Heredia Montoya, de etnia gitana", "etnia gitana"),
            ("Pohovor s Lenkou: má roztroušenou sklerózu", "sklerózu"),
            ("Rodzina Paczkowskich, pochodzenia romskiego", "romskiego"),
        ] {
            assert!(calls(text, word), "{text}");
        }
    }

    #[test]
    fn who_is_greeted_or_signs_is_not_spoken_of() {
        for (text, word) in [
            ("Ciao Marco, oggi si parla di depressione", "depressione"),
            ("Marco, il corso sulla depressione", "depressione"),
            ("der Kurs über Depression\nLG Claudia", "Depression"),
            ("der Kurs über Depression\nClaudia", "Depression"),
            ("Claudia: der Kurs über Depression", "Depression"),
            ("Otto incontri sulla depressione", "depressione"),
            ("Depression: Beratung in der via Claudia", "Depression"),
            ("Vortrag über Depression. Referent: Jan Pohl", "Depression"),
            ("Suchtberatung: Ansprechpartnerin Frau Sommerfeld", "Suchtberatung"),
        ] {
            assert!(!calls(text, word), "{text}");
        }
    }

    #[test]
    fn who_speaks() {
        assert!(speak_in_turn("Lone: vidste du godt det?\nPia: ja, det vidste jeg"));
        assert!(speak_in_turn("mike: so apparently she left\ntara: good for her then"));
        assert!(!speak_in_turn("Nome: Rossi e altri amici\nCognome: Bianchi e altri"));
        assert!(!speak_in_turn("April: three courses each\nMay: four courses each"));
    }
}
