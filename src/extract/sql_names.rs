//! Reads the names of columns in the statements of database dumps.

use std::sync::Arc;

use super::sql::Names;

/// Columns that are remembered of a table.
const MOST_COLUMNS: usize = 1024;
/// What the body of a `CREATE TABLE` may hold.
const CREATE_BYTES: usize = 256 * 1024;

/// What stands before the values of an `INSERT`.
pub(super) enum Head<'t> {
    /// It is none.
    No,
    /// So far it is one.
    More,
    /// The values begin at `rest`.
    Values { table: String, names: Option<Vec<&'t str>>, rest: usize },
}

/// Reads words and names.
struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        self.blanks();
        self.rest().bytes().next()
    }

    fn sign(&mut self, sign: u8) -> bool {
        let is = self.peek() == Some(sign);
        self.at += usize::from(is);
        is
    }

    /// A word without quotes.
    fn word(&mut self) -> &'t str {
        self.blanks();
        let rest = self.rest();
        let end = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    /// Whether the next word is this one, which is then read.
    fn keyword(&mut self, word: &str) -> bool {
        let before = self.at;
        let is = self.word().eq_ignore_ascii_case(word);
        if !is {
            self.at = before;
        }
        is
    }

    /// A name, quoted or not.
    fn name(&mut self) -> Option<&'t str> {
        let close = match self.peek()? {
            b'`' => '`',
            b'"' => '"',
            b'[' => ']',
            _ => return Some(self.word()).filter(|word| !word.is_empty()),
        };
        let inner = self.rest().get(1..)?;
        let end = inner.find(close).filter(|end| *end > 0 && *end <= 128)?;
        self.at += end + 2;
        inner.get(..end)
    }

    /// The last part of `schema.table`.
    fn path(&mut self) -> Option<&'t str> {
        let mut name = self.name()?;
        while self.rest().starts_with('.') {
            self.at += 1;
            name = self.name()?;
        }
        Some(name)
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '#' | '@')
}

/// Names in brackets: the brackets are read; none if something else stands in them.
fn list<'t>(scanner: &mut Scanner<'t>) -> Result<Vec<&'t str>, Missing> {
    let mut names = Vec::new();
    scanner.sign(b'(');
    loop {
        if scanner.peek().is_none() {
            return Err(Missing::More);
        }
        names.push(scanner.name().filter(|_| names.len() < MOST_COLUMNS).ok_or(Missing::Name)?);
        match scanner.peek() {
            None => return Err(Missing::More),
            Some(b',') => scanner.at += 1,
            Some(b')') => {
                scanner.at += 1;
                return Ok(names);
            }
            Some(_) => return Err(Missing::Name),
        }
    }
}

/// Why a list of names is none.
enum Missing {
    Name,
    More,
}

/// Words between `INSERT` and the table.
const MANNERS: &[&str] =
    &["or", "low_priority", "delayed", "high_priority", "ignore", "replace", "abort", "fail", "rollback"];

/// Reads `INSERT INTO table (names) VALUES`, of which lines may be missing.
pub(super) fn head(text: &str) -> Head<'_> {
    read_head(text).unwrap_or(Head::No)
}

fn read_head(text: &str) -> Option<Head<'_>> {
    let mut scanner = Scanner::new(text);
    if !(scanner.keyword("insert") || scanner.keyword("replace")) {
        return None;
    }
    while MANNERS.iter().any(|manner| scanner.keyword(manner)) {}
    let into = scanner.keyword("into");
    // SQL Server needs no `INTO`, and writes names in brackets.
    if !into && scanner.peek() != Some(b'[') {
        return None;
    }
    let table = scanner.path()?.to_lowercase();
    let mut names = None;
    match scanner.peek() {
        None => return Some(Head::More),
        Some(b'(') => {
            match list(&mut scanner) {
                Ok(list) => names = Some(list),
                Err(Missing::More) => return Some(Head::More),
                Err(_) => return None,
            }
            if scanner.peek().is_none() {
                return Some(Head::More);
            }
        }
        Some(_) => {}
    }
    if scanner.keyword("overriding") {
        scanner.word();
        scanner.keyword("value");
    }
    if scanner.peek().is_none() && names.is_some() {
        return Some(Head::More);
    }
    if !(scanner.keyword("values") || scanner.keyword("value")) {
        return None;
    }
    let rest = scanner.at;
    matches!(scanner.peek(), None | Some(b'(')).then_some(Head::Values { table, names, rest })
}

/// Reads `COPY table (names) FROM stdin`, of which the rows are parted by tabs.
pub(super) fn copy_head(text: &str) -> Option<(String, Option<Names>)> {
    let mut scanner = Scanner::new(text);
    if !scanner.keyword("copy") {
        return None;
    }
    let table = scanner.path()?.to_lowercase();
    let names = match scanner.peek()? {
        b'(' => Some(list(&mut scanner).ok()?),
        _ => None,
    };
    let from = scanner.keyword("from") && scanner.keyword("stdin");
    let options = scanner.rest().to_ascii_lowercase();
    let plain = from && !options.contains("csv") && !options.contains("binary") && !options.contains("delimiter");
    plain.then(|| (table, names.map(|names| names.into_iter().map(Arc::from).collect())))
}

/// Parts of a table that are no columns.
const NO_COLUMNS: &[&str] = &[
    "primary",
    "key",
    "unique",
    "constraint",
    "index",
    "fulltext",
    "spatial",
    "foreign",
    "check",
    "exclude",
    "like",
    "period",
    "clustered",
    "with",
];

/// A `CREATE TABLE`, line by line.
pub(super) struct Create {
    table: String,
    names: Vec<Arc<str>>,
    /// Brackets that are open; before the first one nothing has begun.
    depth: usize,
    quote: Option<char>,
    /// At the start of a column.
    fresh: bool,
    bytes: usize,
}

impl Create {
    /// The line that holds `CREATE TABLE name`; it comes to [`Create::line`], too.
    pub(super) fn begin(text: &str) -> Option<Self> {
        let mut scanner = Scanner::new(text);
        if !scanner.keyword("create") {
            return None;
        }
        while ["global", "local", "temporary", "temp", "unlogged"].iter().any(|word| scanner.keyword(word)) {}
        if !scanner.keyword("table") {
            return None;
        }
        if scanner.keyword("if") {
            scanner.word();
            scanner.word();
        }
        let table = scanner.path()?.to_lowercase();
        if !matches!(scanner.peek(), None | Some(b'(')) {
            return None;
        }
        Some(Self { table, names: Vec::new(), depth: 0, quote: None, fresh: false, bytes: 0 })
    }

    /// Reads on; true when the statement has ended.
    pub(super) fn line(&mut self, text: &str) -> bool {
        self.bytes += text.len() + 1;
        let mut scanner = Scanner::new(text);
        if self.depth == 0 && self.names.is_empty() {
            let Some(at) = text.find('(') else { return self.bytes > 1024 };
            scanner.at = at + 1;
            self.depth = 1;
            self.fresh = true;
        }
        while let Some(c) = scanner.rest().chars().next() {
            if self.depth == 1 && self.fresh && self.quote.is_none() && (is_name(c) || "`\"[".contains(c)) {
                self.fresh = false;
                let quoted = !is_name(c);
                match scanner.name() {
                    Some(name) if quoted || !NO_COLUMNS.iter().any(|word| name.eq_ignore_ascii_case(word)) => {
                        if self.names.len() < MOST_COLUMNS {
                            self.names.push(name.into());
                        }
                    }
                    Some(_) => {}
                    None => scanner.at += c.len_utf8(),
                }
                continue;
            }
            scanner.at += c.len_utf8();
            match (self.quote, c) {
                (Some(quote), _) if c == quote => self.quote = None,
                (None, '\'' | '"' | '`') => self.quote = Some(c),
                (None, '(') => self.depth += 1,
                (None, ')') => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return true;
                    }
                }
                (None, ',') if self.depth == 1 => self.fresh = true,
                (None, ';') => return true,
                (None, '-') if scanner.rest().starts_with('-') => break,
                _ => {}
            }
        }
        self.bytes > CREATE_BYTES
    }

    pub(super) fn finish(self) -> (String, Names) {
        (self.table, self.names.into())
    }
}
