//! The Parquet file beside the CSV: the same rows, for our own reader and for pyarrow.

use std::fs;
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
kinds = {'line': pa.int64(), 'page': pa.int64(), 'people_in_item': pa.int64(), 'item': pa.int64(),
    'of_category': pa.int64(), 'enisa': pa.int64(), 'people_beyond': pa.int64(), 'size': pa.int64(), 'confidence': pa.float32(),
    'exposed': pa.bool_(), 'names_exposed': pa.bool_(), 'modified': pa.timestamp('us', tz='UTC')}
for field in table.schema:
    assert field.type == kinds.get(field.name, pa.string()), field
truth = lambda is_so: str(is_so).lower()
text = {'confidence': lambda n: f'{n:.2f}', 'exposed': truth, 'names_exposed': truth, 'modified': lambda m: m.strftime('%Y-%m-%dT%H:%M:%S')}
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

/// Runs the queries of a notice over the rows of the same scan, by SQLite; every figure of it must have one and be what
/// it counts.
const RECOUNT: &str = r#"
import csv, re, sqlite3, sys, pyarrow.parquet as parquet

def base(names, rows):
    base = sqlite3.connect(':memory:')
    base.execute(f"create table findings ({', '.join(names)})")
    base.executemany(f"insert into findings values ({', '.join('?' * len(names))})", rows)
    return base

table = parquet.read_table(sys.argv[1])
names = table.column_names
of_parquet = base(names, ([str(row[name]) if name == 'modified' else row[name] for name in names] for row in table.to_pylist()))
with open(sys.argv[2], encoding='utf-8-sig', newline='') as file:
    lines = list(csv.reader(file))
of_csv = base(lines[0], ([cell or None for cell in line] for line in lines[1:]))
paper = open(sys.argv[3], encoding='utf-8').read()
views = re.findall(r'^    (CREATE VIEW .*);$', paper, re.M)
queries = dict(re.findall(r'^    (Q\d+): (.*);$', paper, re.M))

def counted(mark):
    both = [base.execute(queries[mark]).fetchall() for base in (of_parquet, of_csv)]
    assert both[0] == both[1], (mark, both)
    return both[0]

for base in (of_parquet, of_csv):
    for view in views:
        base.execute(view)
figures = lambda text: [0 if part == '–' else int(part.replace(',', '')) for part in re.findall(r'\d[\d,]*|^–$', text)]
section, met, used = '', {}, set()
low = high = None
for line in paper.splitlines():
    if line.startswith('#'):
        section = line
    if not line.startswith('|') or re.match(r'\| -', line):
        continue
    cells = re.sub(r'\\(.)', r'\1', line)[2:-2].split(' | ')
    if cells[-1] == 'Query':
        continue
    marks = re.findall(r'Q\d+', cells[-1])
    assert marks and re.fullmatch(r'Q\d+(, Q\d+)*', cells[-1]), ('no query', line)
    used |= set(marks)
    rows = counted(marks[0])
    if section == '## Where it lies':
        name = cells[0].replace('(top folder)', '').rstrip('/')
        # Where there are several roots, they are named.
        found = [row[2:] for row in rows if name in (row[1], f'{row[0]}/{row[1]}'.rstrip('/'))]
        assert len(found) == 1, (cells[0], rows)
        said = figures(cells[2]) + [n for part in cells[3].split('; ') for n in figures(re.sub('Art.*', '', part))[:1]]
        row = [n for n in found[0] if n]
        assert said == row, (line, row)
    elif cells[0].startswith('More than 100'):
        low, high = [counted(mark)[0][0] for mark in marks]
        assert cells[1] == ('yes' if low > 100 else 'no' if high <= 100 else 'possibly'), line
    elif cells[0].startswith('All of it'):
        assert cells[1] == ('yes' if rows[0][0] == 0 else 'no'), line
    else:
        said = [n for cell in cells[1:-1] if re.fullmatch(r'[\d,]+\+?|–|[\d,]+ – [\d,]+', cell) for n in figures(cell.rstrip('+'))]
        row = list(rows[0])
        if cells[0].startswith('Minors') and len(said) == 1:
            said *= 2
        assert said == row, (line, queries[marks[0]], row)
    met[section] = met.get(section, 0) + 1
assert used == set(queries), set(queries) - used
assert sum(met.values()) >= int(sys.argv[4]) and len(met) >= 5, met
print(len(queries), 'queries,', sum(met.values()), 'lines with figures;', low, 'to', high, 'people')
"#;

#[track_caller]
fn recount(folder: &Path, names: [&str; 3], least: &str) -> String {
    let Some(python) = tool("PLAINSIGHT_PYARROW", "the queries of a notice are NOT run") else { return String::new() };
    let paths = names.map(|name| folder.join(name));
    let output = Command::new(python).args(["-c", RECOUNT]).args(&paths).arg(least).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said = String::from_utf8(output.stdout).unwrap();
    eprint!("{said}");
    said
}

#[test]
fn the_queries_of_a_notice_count_its_figures() {
    recount(&REPORT, ["share.parquet", "share.csv", "art33.md"], "60");
}

/// Every kind of container, seal and damage; two roots; samples that count for nothing.
#[test]
fn the_queries_of_a_notice_count_every_fixture() {
    let folder = tempfile::tempdir().unwrap();
    let roots = ["zip", "sealed", "sqlite", "labelled", "pst", "pdf"];
    let roots = roots.map(|root| format!("{}/fixtures/{root}", env!("CARGO_MANIFEST_DIR")));
    let mut command = Command::new(PLAINSIGHT);
    command.args(["scan", "-q", "--ocr", "off"]).args(&roots).current_dir(folder.path());
    for report in ["parquet=a.parquet", "csv=a.csv", "art33=a.md"] {
        command.args(["-o", report]);
    }
    assert_eq!(command.status().unwrap().code(), Some(1));
    recount(folder.path(), ["a.parquet", "a.csv", "a.md"], "40");
}

/// More findings than have rows, more people than findings name, copies, minors, and names of members twice.
#[test]
fn the_queries_of_a_notice_count_large_lists() {
    let folder = tempfile::tempdir().unwrap();
    let share = folder.path().join("share");
    let list = |from: usize, to: usize| {
        let person = |at: usize| {
            let (given, family) = (["Ada", "Bruno", "Carla", "Dario"][at % 4], ["Provetti", "Esempi", "Finti"][at % 3]);
            let (day, year) = (at % 28 + 1, 1940 + at % 80);
            format!("{given};{family}{at};{day:02}/03/{year};{given}.{family}{at}@postaviva-mail.it;asma\n")
        };
        "Nome;Cognome;Data di nascita;Email;Diagnosi\n".to_owned() + &(from..to).map(person).collect::<String>()
    };
    for folder in ["HR/medico/2024/a", "HR/medico/2025", "copie"] {
        fs::create_dir_all(share.join(folder)).unwrap();
    }
    fs::write(share.join("HR/medico/2024/a/elenco.csv"), list(0, 900)).unwrap();
    fs::write(share.join("HR/medico/2025/elenco.csv"), list(300, 1_100)).unwrap();
    fs::write(share.join("copie/elenco.csv"), list(0, 900)).unwrap();
    fs::write(share.join("nota.txt"), "Scrivere a ada.provetti1@postaviva-mail.it, nata il 03/05/2015\n").unwrap();
    fs::write(share.join("chiave.txt"), "password = Tr0ub4dor&3-Zebra!\n").unwrap();
    let mut command = Command::new(PLAINSIGHT);
    command.args(["scan", "share", "-q", "--ocr", "off"]).current_dir(folder.path());
    for report in ["parquet=a.parquet", "csv=a.csv", "art33=a.md", "jsonl=a.jsonl"] {
        command.args(["-o", report]);
    }
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = lines(&fs::read(folder.path().join("a.jsonl")).unwrap());
    assert!(lines.iter().any(|line| line["findings"].as_u64() > Some(1_000)), "more than have rows");
    recount(folder.path(), ["a.parquet", "a.csv", "a.md"], "20");
}
