//! `plainsight detectors show`: everything about one detector, in words for whoever must trust it.

use std::fmt::Write;

use crate::cli::args::detectors::{Format, ShowArguments};
use crate::cli::exit::{Exit, print, terminal_width};
use crate::detect::DetectorSpec;
use crate::detect::spec::{ConfidenceTable, SubjectRole};
use crate::model::Category;
use crate::report::layout::wrap;

pub(super) fn run(arguments: &ShowArguments) -> anyhow::Result<Exit> {
    let ShowArguments { id, format, catalogue } = arguments;
    let catalogue = super::catalogue(catalogue.patterns.as_deref())?;
    let spec = &*super::detector(&catalogue, id)?.spec;
    match format {
        Format::Json => print(&format!("{}\n", serde_json::to_string_pretty(spec)?))?,
        Format::Text => print(&describe(spec, terminal_width()))?,
    }
    Ok(Exit::Clean)
}

/// Where the text beside the headings begins.
const INDENT: usize = 16;

struct Page {
    text: String,
    width: usize,
}

impl Page {
    /// A paragraph beside its heading.
    fn say(&mut self, heading: &str, text: &str) {
        if text.is_empty() {
            return;
        }
        let text = wrap(text, self.width, INDENT);
        let _ = writeln!(self.text, "{heading:INDENT$}{text}");
    }

    /// Texts that stay as they are written, each behind its mark.
    fn quote(&mut self, heading: &str, texts: &[String]) {
        let _ = writeln!(self.text, "\n{heading}");
        for text in texts {
            for (i, line) in text.trim_matches('\n').lines().enumerate() {
                let mark = if i == 0 { '-' } else { ' ' };
                // The tab stands between the cells of a table.
                let _ = writeln!(self.text, "  {mark} {}", line.replace('\t', " | "));
            }
        }
    }
}

fn describe(spec: &DetectorSpec, width: usize) -> String {
    let mut page = Page { text: format!("{}\n{}\n\n", spec.id, spec.title), width };
    page.say("Category", &category(spec.category));
    page.say("Country", spec.country.as_deref().unwrap_or_default());
    page.say("Finds", &finds(spec));
    page.say("Shape", spec.pattern.as_deref().unwrap_or_default());
    page.say("Words", &first_of(&spec.phrases));
    page.say("Needs", needs(spec));
    page.say("Confidence", &levels(spec.confidence));
    page.say("Check", &checked(spec));
    page.say("Context", &spec.context.join(", "));
    page.say("", &reach(spec));
    page.say("Words after it", &spec.context_after.join(", "));
    page.say("Labels", &spec.labels.join(", "));
    page.say("Vetoes", &spec.veto.join(", "));
    page.say("Person", person(spec));
    page.say("Law", &spec.references.join("; "));
    page.say("Same check", &spec.stdnum.join(", "));
    if !spec.known_samples.is_empty() {
        let samples = spec.known_samples.join(", ");
        page.say("Samples", &format!("published, reported as known_sample and never counted: {samples}"));
    }
    page.quote("Found in", &spec.examples);
    page.quote("Not found in", &spec.counterexamples);
    page.text
}

/// The words of a lexicon, as many as somebody reads.
fn first_of(phrases: &[String]) -> String {
    const SHOWN: usize = 60;
    let shown = phrases.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match phrases.len().checked_sub(SHOWN) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} and {more} more: --format json has them all"),
    }
}

fn category(category: Category) -> String {
    let articles = category.gdpr().iter().filter_map(|article| article.strip_prefix("art"));
    let articles: Vec<String> = articles.map(|article| format!("Art. {article}")).collect();
    match articles[..] {
        [] => category.title().to_owned(),
        _ => format!("{} ({} GDPR)", category.title(), articles.join(", ")),
    }
}

fn finds(spec: &DetectorSpec) -> String {
    let DetectorSpec {
        whole_line, heads_line, exact_case, adjacent: _, beside_name, alone, unbounded: _, holds, ..
    } = spec;
    let mut says = vec![if spec.pattern.is_some() {
        "values of the shape below".to_owned()
    } else {
        let case = if *exact_case { "as written" } else { "in any case and with or without accents" };
        format!("the words and phrases below, {case}; * stands for any ending")
    }];
    if *whole_line {
        says.push("only as all of a line".into());
    }
    if *heads_line {
        says.push("only at the head of a line, apart from what follows".into());
    }
    if *beside_name {
        says.push("looked for around known first names too".into());
    }
    if *alone {
        says.push("not where two different ones stand together".into());
    }
    if let Some(part) = holds {
        says.push(format!("must hold {part:?}"));
    }
    says.join("; ")
}

/// What must come together before a match counts.
fn needs(spec: &DetectorSpec) -> &'static str {
    const COUNTS: f32 = 0.5;
    let ConfidenceTable { bare, checked, in_context, checked_in_context } = spec.confidence;
    // Where there is a doubt, the lower levels are what it leaves of the upper ones.
    let unchecked = spec.doubt.is_none();
    match [
        unchecked && bare >= COUNTS,
        checked >= COUNTS,
        unchecked && in_context >= COUNTS,
        checked_in_context >= COUNTS,
    ] {
        [true, ..] => "nothing more than the match itself; what is below makes it surer",
        [_, true, true, _] => "a check that holds, or a word or label beside it",
        [_, true, false, _] => "a check that holds",
        [_, false, true, _] => "a word or label beside it",
        [_, false, false, true] => "both a check that holds and a word or label beside it",
        [_, false, false, false] => "more than it can have: it is reported with low confidence only",
    }
}

fn levels(table: ConfidenceTable) -> String {
    let ConfidenceTable { bare, checked, in_context, checked_in_context } = table;
    let levels = [
        ("alone", bare),
        ("checked", checked),
        ("beside a word or label", in_context),
        ("checked and beside one", checked_in_context),
    ];
    let levels = levels.iter().filter(|(_, level)| *level > 0.0).map(|(when, level)| format!("{level:.2} {when}"));
    format!("{}; from 0.50 on it counts", levels.collect::<Vec<_>>().join(", "))
}

fn checked(spec: &DetectorSpec) -> String {
    let mut says = Vec::new();
    if let Some(check) = spec.check {
        let rule = check.rule().trim_end_matches('.');
        says.push(if rule.is_empty() { check.name().to_owned() } else { format!("{} ({rule})", check.name()) });
    }
    if let Some(plausible) = spec.plausible {
        says.push(format!("and it must be likely: {}", plausible.name()));
    }
    if let Some(doubt) = spec.doubt {
        says.push(format!("and it weighs less where this does not hold: {}", doubt.name()));
    }
    says.join(", ")
}

fn reach(spec: &DetectorSpec) -> String {
    match (spec.context.is_empty(), spec.adjacent) {
        (true, _) => String::new(),
        (false, true) => "(directly before it)".to_owned(),
        (false, false) => format!("(within {} bytes, or in the label of its column or field)", spec.distance),
    }
}

fn person(spec: &DetectorSpec) -> &'static str {
    match spec.subject {
        SubjectRole::Strong => "says alone whom its record is about",
        SubjectRole::Weak => "says whom its record is about, together with another such sign",
        SubjectRole::None if spec.category.needs_subject() => "counts only beside somebody: a word is not a person",
        SubjectRole::None => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Catalogue;

    #[test]
    fn every_detector_has_its_page() {
        for detector in Catalogue::built_in().unwrap().detectors() {
            let spec = &detector.spec;
            let page = describe(spec, 80);
            let told = [&spec.id, &spec.title].into_iter().chain(&spec.references).chain(&spec.context);
            let joined = page.split_whitespace().collect::<Vec<_>>().join(" ");
            for part in told {
                let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
                assert!(joined.contains(&part), "{} does not say {part:?}", spec.id);
            }
            assert!(!page.contains('\t'));
        }
    }

    #[test]
    fn what_is_needed() {
        let catalogue = Catalogue::built_in().unwrap();
        for (id, start) in [
            ("special.trade_union_membership", "nothing more"),
            ("it.codice_fiscale", "a check that holds"),
            ("eu.iban", "a check that holds"),
            ("de.steuer_id", "both"),
            ("intl.payment_card", "both"),
            ("de.fuehrerschein", "a word or label"),
        ] {
            let needs = needs(&catalogue.get(id).unwrap().spec);
            assert!(needs.starts_with(start), "{id}: {needs}");
        }
    }
}
