//! The figures of a notice as queries over the rows of the CSV and Parquet reports, for whoever wants to count them again.
//!
//! They are SQL as SQLite and DuckDB take it; `findings` is the table of the rows.

use super::enisa::{Band, Scenario, band_of};
use crate::model::{Category, Reason, State};

/// What the queries count in: files in which anybody can read something, what is found in them of whom, and how many
/// findings of a category an item has. Columns of numbers are cast, for those who read the CSV.
const VIEWS: [&str; 3] = [
    "CREATE VIEW files AS SELECT *, CAST(enisa AS INTEGER) AS product, CAST(people_beyond AS INTEGER) AS beyond FROM \
     findings WHERE kind = 'file'",
    "CREATE VIEW exposed AS SELECT *, substr(person, 1, 16) AS who, CAST(people_in_item AS INTEGER) AS people FROM \
     findings JOIN (SELECT root AS in_root, path AS in_path FROM files) AS file ON root = in_root AND path = in_path \
     WHERE (kind = 'person' OR kind = 'finding' AND of_category IS NOT NULL) AND severity <> 'none' AND protection <> \
     'strong'",
    "CREATE VIEW counted AS SELECT item, category, MAX(CAST(of_category AS INTEGER)) AS n FROM exposed WHERE kind = \
     'finding' GROUP BY item, category",
];
const COUNT_FILES: &str = "SELECT COUNT(*) FROM (SELECT DISTINCT root, path FROM";
/// Of Articles 9 and 10.
const SPECIAL: &str = "gdpr LIKE '%art9.1%' OR gdpr LIKE '%art10%'";

/// The queries of a paper, each once, in the order in which they are first needed.
#[derive(Default)]
pub(super) struct Queries(Vec<String>);

impl Queries {
    /// The mark that stands beside a figure, `Q1`.
    pub(super) fn mark(&mut self, query: String) -> String {
        let at = self.0.iter().position(|known| *known == query).unwrap_or_else(|| {
            self.0.push(query);
            self.0.len() - 1
        });
        format!("Q{}", at + 1)
    }

    /// The views, then `Q1: SELECT …`, a line each.
    pub(super) fn lines(&self) -> Vec<String> {
        let views = VIEWS.iter().map(|view| format!("{view};"));
        views.chain((1..).zip(&self.0).map(|(number, query)| format!("Q{number}: {query};"))).collect()
    }
}

/// Files that hold personal data in clear.
pub(super) fn personal() -> String {
    let others: Vec<&str> =
        [Category::Credential, Category::Classified].iter().map(|category| category.key()).collect();
    format!("{COUNT_FILES} exposed WHERE category NOT IN ('{}')) AS found", others.join("', '"))
}

/// Files in which anybody can read something.
pub(super) fn exposed() -> String {
    "SELECT COUNT(*) FROM files".to_owned()
}

/// Files with data of Articles 9 and 10 in clear.
pub(super) fn sensitive() -> String {
    format!("SELECT COUNT(*) FROM files WHERE {SPECIAL}")
}

/// The fewest people: those with a number of their own, or the most in one item.
pub(super) fn fewest_people() -> String {
    let numbered = [Category::NationalId, Category::IdentityDocument].map(Category::key).join("', '");
    format!(
        "SELECT COALESCE(MAX(n), 0) FROM (SELECT COUNT(DISTINCT who) AS n FROM exposed WHERE category IN \
         ('{numbered}') UNION ALL SELECT MAX(people) FROM exposed) AS bounds"
    )
}

/// The most people: every key somebody else, and with them those of whom no key was kept, of copies of a document once.
pub(super) fn most_people() -> String {
    "SELECT (SELECT COUNT(DISTINCT who) FROM exposed) + (SELECT COALESCE(SUM(n), 0) FROM (SELECT MAX(beyond) AS n FROM \
     files GROUP BY COALESCE(content, root || '//' || path)) AS documents)"
        .to_owned()
}

/// Minors, certain and possible.
pub(super) fn minors() -> String {
    "SELECT COUNT(DISTINCT CASE WHEN age = 'minor' THEN who END), COUNT(DISTINCT CASE WHEN age IN ('minor', 'perhaps_minor') \
     THEN who END) FROM exposed"
        .to_owned()
}

/// Findings in clear.
pub(super) fn findings() -> String {
    "SELECT COALESCE(SUM(n), 0) FROM counted".to_owned()
}

/// Files, people and findings of a category.
pub(super) fn of_category(category: Category) -> String {
    let is = format!("category = '{}'", category.key());
    format!(
        "SELECT COUNT(DISTINCT root || '//' || path), COUNT(DISTINCT who), (SELECT SUM(n) FROM counted WHERE {is}) FROM \
         exposed WHERE {is}"
    )
}

/// Files with this protection; with none, those in clear without any other.
pub(super) fn of_protection(state: State) -> String {
    let is = format!("WHERE protection = '{}'", state.key());
    match state {
        State::Plain => format!("SELECT COUNT(*) FROM files {is}"),
        _ => format!("{COUNT_FILES} findings {is}) AS found"),
    }
}

/// Files of this severity of a leak, in a column for each thing that may have happened.
pub(super) fn of_band(band: Band) -> String {
    let columns = Scenario::ALL.map(|scenario| {
        let is = |product: &u16| band_of(product * 25 + scenario.circumstances()) == band;
        let (least, most) = ((1..=16).find(is).unwrap_or(1), (1..=16).rev().find(is).unwrap_or(0));
        format!("COUNT(CASE WHEN product BETWEEN {least} AND {most} THEN 1 END)")
    });
    format!("SELECT {} FROM files", columns.join(", "))
}

/// A row for each folder at risk, told apart down to this depth: what the reasons of the table count, in their order.
pub(super) fn folders(depth: usize) -> String {
    let folder = if depth == 0 { "''".to_owned() } else { format!("COALESCE(folder_{depth}, '')") };
    let files = |is: &str, name: &str| format!("COUNT(CASE WHEN {is} THEN 1 END) AS {name}");
    let of_files = [
        files(SPECIAL, "special"),
        files("who_can_read = 'everyone'", "everyone"),
        files("who_can_read = 'domain'", "domain_users"),
        files("term = 'past'", "past"),
        files("protection <> 'plain'", "hollow"),
    ];
    let of_people = "CASE WHEN MAX(people) > COUNT(DISTINCT who) THEN MAX(people) ELSE COUNT(DISTINCT who) END AS people, \
                     COUNT(DISTINCT CASE WHEN age = 'minor' THEN who END) AS minors, \
                     COUNT(DISTINCT CASE WHEN category = 'credential' THEN path END) AS credentials";
    format!(
        "SELECT f.root, f.folder, files, special, people, minors, everyone, domain_users, credentials, past, hollow FROM \
         (SELECT root, {folder} AS folder, COUNT(*) AS files, {} FROM files GROUP BY root, {folder}) AS f LEFT JOIN \
         (SELECT root, {folder} AS folder, {of_people} FROM exposed GROUP BY root, {folder}) AS p ON p.root = f.root AND \
         p.folder = f.folder ORDER BY files DESC, f.root, f.folder",
        of_files.join(", ")
    )
}

/// Files that were not read, or not whole, for this reason; for none.
pub(super) fn unread(reason: Option<Reason>) -> String {
    match reason {
        Some(reason) => {
            // What is sealed well is no gap.
            let not_sealed = if reason == Reason::Encrypted { " AND protection <> 'strong'" } else { "" };
            let is = format!("' ' || reasons || ' ' LIKE '% {} %'", reason.key());
            format!("{COUNT_FILES} findings WHERE kind = 'not_read' AND {is}{not_sealed}) AS found")
        }
        None => format!("{COUNT_FILES} findings WHERE kind = 'not_read' AND reasons IS NULL) AS found"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_has_one_mark() {
        let mut queries = Queries::default();
        let marks = [personal(), findings(), personal()].map(|query| queries.mark(query));
        assert_eq!(marks, ["Q1", "Q2", "Q1"]);
        let lines = queries.lines();
        assert!(lines[..VIEWS.len()].iter().all(|line| line.starts_with("CREATE VIEW")), "{lines:?}");
        assert_eq!(lines[VIEWS.len() + 1], "Q2: SELECT COALESCE(SUM(n), 0) FROM counted;");
    }

    #[test]
    fn every_product_is_in_one_band() {
        assert_eq!(
            of_band(Band::High),
            "SELECT COUNT(CASE WHEN product BETWEEN 11 AND 14 THEN 1 END), COUNT(CASE WHEN product BETWEEN 10 AND 13 \
             THEN 1 END), COUNT(CASE WHEN product BETWEEN 8 AND 11 THEN 1 END) FROM files"
        );
    }
}
