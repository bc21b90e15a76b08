//! The examples of a detector as texts: prose, or a table when every line holds a tab.

use std::sync::Arc;

use crate::model::{Place, Shape, Text};

/// The text that an example stands for. Lines that all hold a tab are a table: the first is its
/// header, the others are rows. Anything else is prose, each paragraph (up to an empty line) a record.
pub fn example_text(example: &str) -> Text {
    let lines: Vec<&str> = example.trim_matches('\n').lines().collect();
    if lines.len() > 1 && lines.iter().all(|line| line.contains('\t')) {
        return table(&lines);
    }
    let mut text = Text::new(Shape::Prose);
    let mut record = 0;
    let mut start_of_record = true;
    for (number, line) in lines.iter().enumerate() {
        if line.trim().is_empty() {
            start_of_record = true;
            record += 1;
            text.push_more("\n");
            continue;
        }
        if start_of_record {
            text.push("", Place::line(number as u64 + 1), record, None);
            start_of_record = false;
        }
        text.push_more(line);
        text.push_more("\n");
    }
    text
}

fn table(lines: &[&str]) -> Text {
    let mut text = Text::new(Shape::Rows);
    let mut lines = lines.iter();
    let header: Vec<Arc<str>> = lines.next().map_or_else(Vec::new, |line| line.split('\t').map(Arc::from).collect());
    for (row, line) in lines.enumerate() {
        for (column, cell) in line.split('\t').enumerate() {
            if column > 0 {
                text.push_more("\t");
            }
            let label = header.get(column).filter(|label| !label.trim().is_empty()).cloned();
            text.push(cell, Place::line(row as u64 + 2), row as u64, label);
        }
        text.push_more("\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_labels_and_prose_has_paragraphs() {
        let rows = example_text("Name\tCF\nRossi\tX");
        assert_eq!((rows.shape(), rows.label(6), rows.record(6)), (Shape::Rows, Some("CF"), 0));
        let prose = example_text("one\ntwo\n\nthree\n");
        assert_eq!((prose.shape(), prose.record(4), prose.record(10)), (Shape::Prose, 0, 1));
        assert_eq!(prose.content(), "one\ntwo\n\nthree\n");
    }
}
