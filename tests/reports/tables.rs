//! The Parquet file beside the CSV: the same rows, for our own reader and for pyarrow.

use std::path::Path;
use std::process::Command;

use super::{PLAINSIGHT, REPORT, lines, tool};

/// What `plainsight text` says of a file.
pub(crate) fn text(path: &Path) -> String {
    let output = Command::new(PLAINSIGHT).arg("text").arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The cells that `text` shows under this heading: `[cell K3 | detector] it.iban`.
fn column<'t>(text: &'t str, heading: &str) -> Vec<&'t str> {
    let heading = format!(" | {heading}] ");
    text.lines().filter_map(|line| line.split_once(heading.as_str())).map(|(_, content)| content).collect()
}

#[test]
fn our_own_reader_finds_every_row() {
    let text = text(&REPORT.join("share.parquet"));
    let findings: Vec<_> =
        lines(&super::read("share.jsonl")).into_iter().filter(|line| line["type"] == "finding").collect();
    let kinds = column(&text, "kind");
    assert_eq!(kinds.iter().filter(|kind| **kind == "finding").count(), findings.len());
    assert!(kinds.contains(&"not_read") && kinds.contains(&"sealed"));
    let detectors: Vec<&str> = findings.iter().map(|finding| finding["detector"].as_str().unwrap()).collect();
    assert_eq!(column(&text, "detector"), detectors);
    assert_eq!(column(&text, "size").len(), kinds.len());
    assert!(!text.lines().any(|line| line.ends_with("] value")), "a column of clear values");
}

#[test]
fn pyarrow_reads_the_rows_of_the_csv() {
    const SCRIPT: &str = r#"
import csv, sys, pyarrow as pa, pyarrow.parquet as parquet
table = parquet.read_table(sys.argv[1])
kinds = {'line': pa.int64(), 'page': pa.int64(), 'people_in_item': pa.int64(), 'size': pa.int64(), 'confidence': pa.float32(),
    'exposed': pa.bool_(), 'names_exposed': pa.bool_(), 'modified': pa.timestamp('us', tz='UTC')}
for field in table.schema:
    assert field.type == kinds.get(field.name, pa.string()), field
text = {'confidence': lambda n: f'{n:.2f}', 'modified': lambda m: m.strftime('%Y-%m-%dT%H:%M:%S')}
# In the CSV what could be a formula has an apostrophe before it; fractions of a second are compared without.
plain = lambda cell, name: cell[:19] if name == 'modified' else cell.removeprefix("'")
rows = table.to_pylist()
with open(sys.argv[2], encoding='utf-8-sig', newline='') as file:
    lines = list(csv.DictReader(file))
assert len(rows) == len(lines) > 1000, (len(rows), len(lines))
for row, line in zip(rows, lines):
    for name, cell in line.items():
        value = row[name]
        value = '' if value is None else text.get(name, str)(value)
        assert value.removeprefix("'") == plain(cell, name), (name, value, cell)
assert sum(row['line'] is not None for row in rows) > 100 and sum(row['exposed'] for row in rows) > 1000
facts = table.schema.metadata
assert facts[b'plainsight.complete'] == b'false' and len(facts[b'plainsight.detectors_hash']) == 64, facts
"#;
    let Some(python) = tool("PLAINSIGHT_PYARROW", "Parquet is NOT read by pyarrow") else { return };
    let paths = ["share.parquet", "share.csv"].map(|name| REPORT.join(name));
    let output = Command::new(python).args(["-c", SCRIPT]).args(&paths).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_queries_of_a_notice_count_its_figures() {
    const SCRIPT: &str = r#"
import re, sqlite3, sys, pyarrow.parquet as parquet
table = parquet.read_table(sys.argv[1])
base = sqlite3.connect(':memory:')
names = table.column_names
base.execute(f"create table findings ({', '.join(names)})")
rows = ([str(row[name]) if name == 'modified' else row[name] for name in names] for row in table.to_pylist())
base.executemany(f"insert into findings values ({', '.join('?' * len(names))})", rows)
paper = open(sys.argv[2], encoding='utf-8').read()
queries = dict(re.findall(r'^    (Q\d+): (.*);$', paper, re.M))
met = people = 0
for line in re.findall(r'^\| (.*) \| (Q\d+) \|$', paper, re.M):
    cells, mark = line[0].split(' | '), line[1]
    if cells[1] == 'no':
        continue
    said = [0 if cell == '–' else int(cell.replace(',', '').rstrip('+')) for cell in cells[1:] if re.fullmatch(r'[\d,]+\+?|–', cell)]
    counted = list(base.execute(queries[mark]).fetchone())
    assert counted == said, (line, queries[mark], counted)
    met += 1
    people += cells[0] == 'People affected, at least'
assert met > 30 and people == 1 and len(queries) > 30, (met, len(queries))
"#;
    let Some(python) = tool("PLAINSIGHT_PYARROW", "the queries of a notice are NOT run") else { return };
    let paths = ["share.parquet", "art33.md"].map(|name| REPORT.join(name));
    let output = Command::new(python).args(["-c", SCRIPT]).args(&paths).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
