//! Of ids that exist, those that a wrong one may have meant.

/// At most this many are named.
const NAMED: usize = 3;

/// The ids nearest to `wanted`, best first; none where nothing is near.
pub(super) fn nearest<'i>(ids: &[&'i str], wanted: &str) -> Vec<&'i str> {
    let wanted = wanted.to_lowercase();
    let name_of = |id: &str| id.split_once('.').map_or(id, |(_, name)| name).to_owned();
    let mut near: Vec<(usize, &str)> = ids
        .iter()
        .filter_map(|id| {
            // A bare name means the same as one behind its country.
            let distance = distance(&wanted, id).min(distance(&name_of(&wanted), &name_of(id)) + 1);
            let holds = wanted.len() > 2 && (id.contains(&wanted) || name_of(id).contains(&name_of(&wanted)));
            let limit = wanted.chars().count() / 3 + 1;
            (holds || distance <= limit).then_some((distance, *id))
        })
        .collect();
    near.sort_unstable();
    near.into_iter().take(NAMED).map(|(_, id)| id).collect()
}

/// Levenshtein's: characters to insert, delete or replace.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (b, above) in other.iter().zip(row.iter_mut().skip(1)) {
            let best = (diagonal + usize::from(a != *b)).min(left + 1).min(*above + 1);
            diagonal = *above;
            *above = best;
            left = best;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        for (one, other, expected) in [("", "", 0), ("", "abc", 3), ("kitten", "sitting", 3), ("iban", "ibna", 2)] {
            assert_eq!(distance(one, other), expected, "{one} {other}");
            assert_eq!(distance(other, one), expected, "{other} {one}");
        }
    }

    #[test]
    fn what_was_meant() {
        let ids = ["it.codice_fiscale", "it.partita_iva", "eu.iban", "de.steuer_id", "intl.payment_card"];
        assert_eq!(nearest(&ids, "it.codicefiscale"), ["it.codice_fiscale"]);
        assert_eq!(nearest(&ids, "iban"), ["eu.iban"]);
        assert_eq!(nearest(&ids, "it.iban"), ["eu.iban"]);
        assert_eq!(nearest(&ids, "IT.PARTITA_IVA"), ["it.partita_iva"]);
        assert_eq!(nearest(&ids, "card"), ["intl.payment_card"]);
        assert!(nearest(&ids, "something else").is_empty());
        assert!(nearest(&ids, "").is_empty());
    }
}
