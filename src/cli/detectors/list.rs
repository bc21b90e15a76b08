//! `plainsight detectors list`: the catalogue as a table or as JSON.

use std::fmt::Write;

use serde::Serialize;

use crate::cli::args::detectors::{Format, ListArguments};
use crate::cli::exit::{Exit, complain, print, terminal_width};
use crate::detect::DetectorSpec;
use crate::detect::check::Check;
use crate::detect::spec::{ConfidenceTable, SubjectRole};
use crate::model::Category;

pub(super) fn run(arguments: &ListArguments) -> anyhow::Result<Exit> {
    let ListArguments { format, category, country, catalogue } = arguments;
    let catalogue = super::catalogue(catalogue.patterns.as_deref())?;
    let wanted: Vec<&DetectorSpec> = catalogue
        .detectors()
        .iter()
        .map(|detector| &*detector.spec)
        .filter(|spec| category.is_none_or(|category| spec.category == category))
        .filter(|spec| country.is_none() || spec.country == *country)
        .collect();
    match format {
        Format::Json => print(&json(&wanted)?)?,
        Format::Text if wanted.is_empty() => complain(format_args!("no detector is like that")),
        Format::Text => print(&table(&wanted, terminal_width()))?,
    }
    Ok(Exit::Clean)
}

/// What tools need to know of a detector; `show --format json` has the rest.
#[derive(Serialize)]
struct Listed<'a> {
    id: &'a str,
    title: &'a str,
    category: Category,
    gdpr: &'static [&'static str],
    country: Option<&'a str>,
    check: Option<Check>,
    references: &'a [String],
    stdnum: &'a [String],
    known_samples: &'a [String],
    confidence: ConfidenceTable,
    subject: SubjectRole,
}

impl<'a> Listed<'a> {
    fn new(spec: &'a DetectorSpec) -> Self {
        Self {
            id: &spec.id,
            title: &spec.title,
            category: spec.category,
            gdpr: spec.category.gdpr(),
            country: spec.country.as_deref(),
            check: spec.check,
            references: &spec.references,
            stdnum: &spec.stdnum,
            known_samples: &spec.known_samples,
            confidence: spec.confidence,
            subject: spec.subject,
        }
    }
}

/// An array with one object a line.
fn json(specs: &[&DetectorSpec]) -> anyhow::Result<String> {
    let objects = specs.iter().map(|spec| serde_json::to_string(&Listed::new(spec))).collect::<Result<Vec<_>, _>>()?;
    Ok(format!("[\n{}\n]\n", objects.join(",\n")))
}

/// Columns that are left out first where the terminal is narrow stand last.
fn table(specs: &[&DetectorSpec], width: usize) -> String {
    const GAP: usize = 2;
    /// Of a title, at least so much is shown.
    const TITLE: usize = 26;
    let rows: Vec<[&str; 3]> = std::iter::once(["ID", "CATEGORY", "CHECK"])
        .chain(specs.iter().map(|spec| [spec.id.as_str(), spec.category.key(), spec.check.map_or("-", Check::name)]))
        .collect();
    let titles = std::iter::once("TITLE").chain(specs.iter().map(|spec| spec.title.as_str()));
    let mut widths: Vec<usize> =
        (0..3).map(|i| rows.iter().filter_map(|row| row.get(i)).map(|cell| cell.len()).max().unwrap_or(0)).collect();
    while widths.len() > 1 && widths.iter().map(|width| width + GAP).sum::<usize>() + TITLE > width {
        widths.pop();
    }
    let left = width.saturating_sub(widths.iter().map(|width| width + GAP).sum()).max(TITLE);
    let mut table = String::new();
    for (row, title) in rows.iter().zip(titles) {
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(table, "{cell:width$}  ");
        }
        if title.chars().count() > left {
            table.extend(title.chars().take(left.saturating_sub(1)));
            table.push('…');
        } else {
            table.push_str(title);
        }
        table.push('\n');
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Catalogue;

    #[test]
    fn the_table_fits_and_its_columns_stand_in_line() {
        let catalogue = Catalogue::built_in().unwrap();
        let specs: Vec<&DetectorSpec> = catalogue.detectors().iter().map(|detector| &*detector.spec).collect();
        for width in [80, 100, 160] {
            let table = table(&specs, width);
            assert_eq!(table.lines().count(), specs.len() + 1);
            let title = table.find("TITLE").unwrap();
            for line in table.lines() {
                assert!(line.chars().count() <= width, "{width}: {line}");
                let gap: String = line.chars().skip(title - 2).take(2).collect();
                assert_eq!(gap, "  ", "{width}: {line}");
            }
        }
    }
}
