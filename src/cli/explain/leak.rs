//! How bad a leak of an item would be by the method of ENISA, step by step: the calculation of the breach notice.

use serde::Serialize;

use crate::model::{Category, ItemRecord, State};
use crate::report::crowd::{has_minors, this_year};
use crate::report::enisa::{self, Calculation, Scenario, Why, calculation, decimal};

/// What a record says of a leak.
pub(super) enum Leak {
    /// It shows nothing.
    Nothing,
    /// It is sealed: what is in it is not known, and cannot be read by who copies it.
    Sealed,
    Severity(Calculation),
}

pub(super) fn leak(record: &ItemRecord) -> Leak {
    if record.protection.state == State::Strong {
        return Leak::Sealed;
    }
    if !record.is_exposed() {
        return Leak::Nothing;
    }
    let minors = has_minors(record, this_year());
    calculation(record.categories.keys().copied(), minors).map_or(Leak::Nothing, Leak::Severity)
}

/// A line a step; none if there is nothing to leak.
pub(super) fn lines(record: &ItemRecord) -> Vec<String> {
    let Calculation { score, base, of_class, identified_by } = match leak(record) {
        Leak::Nothing => return Vec::new(),
        Leak::Sealed => {
            return vec![
                "If it leaked (ENISA 2013): not assessable; it is sealed, and what is in it is not known.".into(),
            ];
        }
        Leak::Severity(calculation) => calculation,
    };
    let named = |of: &[Category]| of.iter().map(|category| category.title()).collect::<Vec<_>>().join(", ");
    let moved = match score.why {
        Why::Base => String::new(),
        Why::BareAccount => "; one less, for a bank account alone tells nothing but the bank".to_owned(),
        Why::Minor => "; three more, for a minor is among the people".to_owned(),
        Why::Assumed => "; assumed, for what a password opens is not known".to_owned(),
    };
    let ease = u16::from(score.ease) * 25;
    let published = Scenario::Published;
    let others = Scenario::ALL.into_iter().filter(|scenario| *scenario != published).map(|scenario| {
        let (severity, band) = (decimal(score.hundredths(scenario)), words(score.band(scenario).key()));
        format!("{severity}, {band}, if {}", circumstances(scenario))
    });
    let others: Vec<String> = others.collect();
    vec![
        "If it leaked, by the method of ENISA (2013; an indication, no legal threshold):".into(),
        format!(
            "  data processing context {}: {} ({} data, base {base}{moved})",
            score.context,
            named(&of_class),
            enisa::class_name(base)
        ),
        format!(
            "  x ease of identification {}: {} by {}",
            decimal(ease),
            enisa::ease_name(score.ease),
            named(&identified_by)
        ),
        format!("  + circumstances {}: {}", decimal(published.circumstances()), circumstances(published)),
        format!(
            "  = {} x {} + {} = {}: {} ({})",
            score.context,
            decimal(ease),
            decimal(published.circumstances()),
            decimal(score.hundredths(published)),
            words(score.band(published).key()),
            others.join("; ")
        ),
    ]
}

fn words(key: &str) -> String {
    key.replace('_', " ")
}

fn circumstances(scenario: Scenario) -> &'static str {
    match scenario {
        Scenario::Known => "those who have it are known",
        Scenario::Published => "nobody knows who has it",
        Scenario::Stolen => "it was stolen, and nobody knows who has it",
    }
}

#[derive(Serialize)]
pub(super) struct Enisa {
    context: u8,
    context_base: u8,
    context_reason: &'static str,
    context_of: Vec<Category>,
    ease: f32,
    identified_by: Vec<Category>,
    scenarios: Vec<OfScenario>,
}

#[derive(Serialize)]
struct OfScenario {
    scenario: &'static str,
    circumstances: f32,
    severity: f32,
    band: &'static str,
}

/// None where there is nothing to assess, or nothing can be.
pub(super) fn json(record: &ItemRecord) -> Option<Enisa> {
    let Leak::Severity(Calculation { score, base, of_class, identified_by }) = leak(record) else { return None };
    let number = |hundredths: u16| f32::from(hundredths) / 100.0;
    let scenarios = Scenario::ALL.map(|scenario| OfScenario {
        scenario: scenario.key(),
        circumstances: number(scenario.circumstances()),
        severity: number(score.hundredths(scenario)),
        band: score.band(scenario).key(),
    });
    Some(Enisa {
        context: score.context,
        context_base: base,
        context_reason: score.why.key(),
        context_of: of_class,
        ease: number(u16::from(score.ease) * 25),
        identified_by,
        scenarios: scenarios.into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Protection, Severity};

    fn record(categories: &[Category]) -> ItemRecord {
        ItemRecord {
            categories: categories.iter().map(|category| (*category, 1)).collect(),
            severity: Severity::High,
            ..ItemRecord::default()
        }
    }

    #[test]
    fn the_calculation_is_readable() {
        let lines = lines(&record(&[Category::Health, Category::NationalId, Category::Name]));
        assert_eq!(
            lines[1..],
            [
                "  data processing context 4: health (sensitive data, base 4)",
                "  x ease of identification 1.00: maximum by names, tax codes and national ids",
                "  + circumstances 0.50: nobody knows who has it",
                "  = 4 x 1.00 + 0.50 = 4.50: very high (4.25, very high, if those who have it are known; 5.00, very \
                 high, if it was stolen, and nobody knows who has it)",
            ]
        );
    }

    #[test]
    fn what_is_sealed_is_not_assessable_and_nothing_is_nothing() {
        let sealed = ItemRecord { protection: Protection::strong("7z-aes256", "header"), ..record(&[Category::Name]) };
        assert!(lines(&sealed)[0].contains("not assessable") && json(&sealed).is_none());
        assert!(lines(&ItemRecord::default()).is_empty());
    }
}
