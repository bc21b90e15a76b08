//! The figures of a notice as queries over the rows of the CSV and Parquet reports, for whoever wants to count them again.
//!
//! They are SQL as SQLite and DuckDB take it; `findings` is the table of the rows.

use crate::model::{Category, Reason, State};

/// Rows of items that anybody who copies them can read.
const EXPOSED: &str = "severity <> 'none' AND protection <> 'strong'";
const COUNT_FILES: &str = "SELECT COUNT(*) FROM (SELECT DISTINCT root, path FROM findings WHERE";

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

    /// `Q1: SELECT …`, a line each.
    pub(super) fn lines(&self) -> Vec<String> {
        (1..).zip(&self.0).map(|(number, query)| format!("Q{number}: {query};")).collect()
    }
}

/// Files that hold personal data in clear.
pub(super) fn personal() -> String {
    let others: Vec<&str> =
        [Category::Credential, Category::Classified].iter().map(|category| category.key()).collect();
    format!("{COUNT_FILES} {EXPOSED} AND category NOT IN ('{}'))", others.join("', '"))
}

/// Files with data of Articles 9 and 10 in clear.
pub(super) fn sensitive() -> String {
    format!("{COUNT_FILES} {EXPOSED} AND gdpr IN ('art9.1', 'art10'))")
}

/// The fewest people: those with a number of their own, or the most in one item.
pub(super) fn fewest_people() -> String {
    let numbered = [Category::NationalId, Category::IdentityDocument].map(Category::key).join("', '");
    format!(
        "SELECT MAX(n) FROM (SELECT COUNT(DISTINCT person) AS n FROM findings WHERE category IN ('{numbered}') AND \
         {EXPOSED} UNION ALL SELECT MAX(CAST(people_in_item AS INTEGER)) FROM findings WHERE {EXPOSED})"
    )
}

/// Findings in clear.
pub(super) fn findings() -> String {
    format!("SELECT COUNT(*) FROM findings WHERE kind = 'finding' AND {EXPOSED}")
}

/// Files, people and findings of a category.
pub(super) fn of_category(category: Category) -> String {
    format!(
        "SELECT COUNT(DISTINCT root || '/' || path), COUNT(DISTINCT person), COUNT(*) FROM findings WHERE category = '{}' AND {EXPOSED}",
        category.key()
    )
}

/// Files with this protection; with none, those in clear without any other.
pub(super) fn of_protection(state: State) -> String {
    match state {
        State::Plain => format!(
            "{COUNT_FILES} {EXPOSED} EXCEPT SELECT root, path FROM findings WHERE protection <> '{}')",
            State::Plain.key()
        ),
        state => format!("{COUNT_FILES} protection = '{}')", state.key()),
    }
}

/// Files that were not read, or not whole, for this reason; for none.
pub(super) fn unread(reason: Option<Reason>) -> String {
    match reason {
        Some(reason) => {
            format!("{COUNT_FILES} kind = 'not_read' AND ' ' || reasons || ' ' LIKE '% {} %')", reason.key())
        }
        None => format!("{COUNT_FILES} kind = 'not_read' AND reasons IS NULL)"),
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
        assert_eq!(
            queries.lines()[1],
            "Q2: SELECT COUNT(*) FROM findings WHERE kind = 'finding' AND severity <> 'none' AND protection <> 'strong';"
        );
    }
}
