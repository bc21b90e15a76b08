//! Names of people by what they are not: labels, firms, places of work, months.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{Verdict, word_list};
use crate::detect::fold::fold;

/// Words that stand where a name is expected, but are in none. Folded.
static NO_NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| word_list(include_str!("no_names.txt")));

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

/// A first name or a surname alone.
pub fn part_of_name(value: &str) -> Verdict {
    verdict(value, 1..=4)
}

fn verdict(value: &str, words: std::ops::RangeInclusive<usize>) -> Verdict {
    let folded = fold(value);
    let parts: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()).collect();
    let names: Vec<&&str> = parts.iter().filter(|part| !PARTICLES.contains(part)).collect();
    let plausible = words.contains(&parts.len())
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
            ("Rossi", Verdict::Refuted),
            ("XXXX XXXX", Verdict::Refuted),
        ] {
            assert_eq!(full_name(value), verdict, "{value}");
        }
        assert_eq!(part_of_name("Rossi"), Verdict::Silent);
        assert_eq!(part_of_name("Cognome"), Verdict::Refuted);
    }
}
