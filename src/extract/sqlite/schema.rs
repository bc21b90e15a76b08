//! Reads the statement that made a table: its columns, and in what order a row holds them.

use std::sync::Arc;

/// As many columns as a table can have.
const MOST_COLUMNS: usize = 32_767;

/// The columns of a table, as its rows hold them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) names: Vec<Arc<str>>,
    /// The column of each value of a record; columns that are computed are not stored.
    pub(super) stored: Vec<usize>,
    /// The column that shows the row number, which its record leaves out.
    pub(super) row_id: Option<usize>,
    /// What rows show that are older than the column.
    pub(super) defaults: Vec<Option<String>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token<'t> {
    Word(&'t str),
    /// A quoted name, or a text.
    Quoted(String),
    Number(&'t str),
    Sign(char),
}

impl Token<'_> {
    fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(text) if text.eq_ignore_ascii_case(word))
    }

    fn text(&self) -> Option<&str> {
        match self {
            Self::Word(text) | Self::Number(text) => Some(text),
            Self::Quoted(text) => Some(text),
            Self::Sign(_) => None,
        }
    }
}

/// Reads `CREATE TABLE`; nothing is known of what is no such statement.
pub(super) fn columns(sql: &str) -> Columns {
    let tokens = tokens(sql);
    let Some(open) = tokens.iter().position(|token| *token == Token::Sign('(')) else { return Columns::default() };
    let (items, after) = items(tokens.get(open + 1..).unwrap_or_default());
    let without_row_id = after.windows(2).any(|pair| matches!(pair, [a, b] if a.is("without") && b.is("rowid")));
    let mut table = Columns::default();
    let mut is_computed = Vec::new();
    let mut is_integer = Vec::new();
    let mut key: Vec<usize> = Vec::new();
    for item in items {
        if is_constraint(item) {
            if let Some(names) = primary_key(item) {
                key = names.iter().filter_map(|name| position(&table.names, name)).collect();
                if let [only] = key.as_slice()
                    && is_integer.get(*only) == Some(&true)
                {
                    table.row_id = Some(*only);
                }
            }
            continue;
        }
        let Some(name) = item.first().and_then(Token::text).filter(|_| table.names.len() < MOST_COLUMNS) else {
            continue;
        };
        let column = table.names.len();
        table.names.push(name.into());
        let words = || outermost(item.get(1..).unwrap_or_default());
        let types: Vec<&Token<'_>> = words().take_while(|token| !ENDS_TYPE.iter().any(|word| token.is(word))).collect();
        is_integer
            .push(matches!(types.as_slice(), [only] if only.text().is_some_and(|t| t.eq_ignore_ascii_case("integer"))));
        let computed = words().any(|token| token.is("as")) && !words().any(|token| token.is("stored"));
        is_computed.push(computed);
        table.defaults.push(default(item));
        if let Some(at) = item.windows(2).position(|pair| matches!(pair, [a, b] if a.is("primary") && b.is("key"))) {
            key = vec![column];
            // A row number that counts down is none: an old fault that was kept.
            if is_integer.last() == Some(&true) && !item.get(at + 2).is_some_and(|token| token.is("desc")) {
                table.row_id = Some(column);
            }
        }
    }
    let stored = (0..table.names.len()).filter(|column| is_computed.get(*column) != Some(&true));
    if without_row_id {
        // The key stands first.
        table.row_id = None;
        key = key.iter().enumerate().filter(|(i, c)| !key.iter().take(*i).any(|e| e == *c)).map(|(_, c)| *c).collect();
        table.stored = key.iter().copied().chain(stored.filter(|column| !key.contains(column))).collect();
    } else {
        table.stored = stored.collect();
    }
    table
}

/// Words that end the type of a column.
const ENDS_TYPE: &[&str] =
    &["constraint", "primary", "not", "null", "unique", "check", "default", "collate", "references", "generated", "as"];

/// The items in the outer brackets, and what follows them.
fn items<'s, 't>(tokens: &'s [Token<'t>]) -> (Vec<&'s [Token<'t>]>, &'s [Token<'t>]) {
    let mut items = Vec::new();
    let mut depth = 1u32;
    let mut start = 0;
    for (at, token) in tokens.iter().enumerate() {
        let ends = match token {
            Token::Sign('(') => {
                depth += 1;
                false
            }
            Token::Sign(')') => {
                depth -= 1;
                depth == 0
            }
            Token::Sign(',') => depth == 1,
            _ => false,
        };
        if ends {
            items.push(tokens.get(start..at).unwrap_or_default());
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    (items, tokens.get(start..).unwrap_or_default())
}

/// The tokens outside of brackets.
fn outermost<'s, 't>(tokens: &'s [Token<'t>]) -> impl Iterator<Item = &'s Token<'t>> {
    let mut depth = 0u32;
    tokens.iter().filter(move |token| {
        let before = depth;
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        before == 0 && depth == 0
    })
}

/// Reserved words: as names of columns they would be quoted.
fn is_constraint(item: &[Token<'_>]) -> bool {
    const WORDS: &[&str] = &["constraint", "primary", "unique", "check", "foreign"];
    item.first().is_some_and(|token| WORDS.iter().any(|word| token.is(word)))
}

/// The columns in `PRIMARY KEY (a, b)`.
fn primary_key<'s>(item: &'s [Token<'_>]) -> Option<Vec<&'s str>> {
    let at = item.windows(2).position(|pair| matches!(pair, [a, b] if a.is("primary") && b.is("key")))?;
    let open = item.get(at + 2..)?.split_first().filter(|(first, _)| **first == Token::Sign('('))?.1;
    let (columns, _) = items(open);
    Some(columns.iter().filter_map(|column| column.first().and_then(Token::text)).collect())
}

fn position(names: &[Arc<str>], name: &str) -> Option<usize> {
    names.iter().position(|known| known.eq_ignore_ascii_case(name))
}

/// The default, if it is a plain value.
fn default(item: &[Token<'_>]) -> Option<String> {
    let at = item.iter().position(|token| token.is("default"))?;
    match item.get(at + 1..)? {
        [Token::Sign('-'), Token::Number(number), ..] => Some(format!("-{number}")),
        [Token::Sign('+'), Token::Number(number), ..] | [Token::Number(number), ..] => Some((*number).to_owned()),
        [Token::Quoted(text), ..] => Some(text.clone()),
        [word, ..] if word.is("true") => Some("1".into()),
        [word, ..] if word.is("false") => Some("0".into()),
        _ => None,
    }
}

fn tokens(sql: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let mut length = first.len_utf8();
        if first.is_whitespace() {
        } else if rest.starts_with("--") {
            length = rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            length = rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if let Some(close) = closing(first) {
            let (text, end) = quoted(rest, close);
            tokens.push(Token::Quoted(text));
            length = end;
        } else if first.is_ascii_digit()
            || (first == '.' && rest.get(1..2).is_some_and(|c| c.as_bytes()[0].is_ascii_digit()))
        {
            length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.')).unwrap_or(rest.len());
            tokens.push(Token::Number(rest.get(..length).unwrap_or_default()));
        } else if is_word(first) {
            length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            tokens.push(Token::Word(rest.get(..length).unwrap_or_default()));
        } else {
            tokens.push(Token::Sign(first));
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$') || !c.is_ascii()
}

fn closing(open: char) -> Option<char> {
    match open {
        '"' | '\'' | '`' => Some(open),
        '[' => Some(']'),
        _ => None,
    }
}

/// What the quotes at the start hold, and where they end. A doubled quote is one.
fn quoted(text: &str, close: char) -> (String, usize) {
    let mut out = String::new();
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        let is_doubled = |next: &(usize, char)| close != ']' && next.1 == close;
        if c == close && characters.next_if(is_doubled).is_none() {
            return (out, at + c.len_utf8());
        }
        out.push(c);
    }
    (out, text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `names | stored | row id`.
    fn check(sql: &str, expected: &str) {
        let got = columns(sql);
        let names: Vec<&str> = got.names.iter().map(|name| &**name).collect();
        let row_id = got.row_id.map(|column| column.to_string()).unwrap_or_default();
        assert_eq!(format!("{} | {:?} | {row_id}", names.join(","), got.stored), expected, "{sql}");
    }

    #[test]
    fn columns_and_the_row_number() {
        check("CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT)", "id,name | [0, 1] | 0");
        check("create table t (a, \"b c\" varchar(10,2), [d] int, `e` , 'f')", "a,b c,d,e,f | [0, 1, 2, 3, 4] | ");
        check("CREATE TABLE t(id INTEGER PRIMARY KEY DESC, x)", "id,x | [0, 1] | ");
        check("CREATE TABLE t(x, id integer, PRIMARY KEY(id DESC))", "x,id | [0, 1] | 1");
        check("CREATE TABLE t(id INT PRIMARY KEY)", "id | [0] | ");
        check("CREATE TABLE kv(key TEXT, value, like, CONSTRAINT k UNIQUE(key))", "key,value,like | [0, 1, 2] | ");
        check("CREATE TABLE t(a -- one, two\n, b /* c, d */ DEFAULT (1+2), e)", "a,b,e | [0, 1, 2] | ");
    }

    #[test]
    fn a_table_without_row_numbers_holds_its_key_first() {
        check("CREATE TABLE t(a, b, c, PRIMARY KEY(c, a)) WITHOUT ROWID", "a,b,c | [2, 0, 1] | ");
        check("CREATE TABLE t(a, id INTEGER PRIMARY KEY, b) without rowid, strict", "a,id,b | [1, 0, 2] | ");
    }

    #[test]
    fn what_is_computed_is_not_stored() {
        let sql = "CREATE TABLE t(a, b GENERATED ALWAYS AS (a||'x') VIRTUAL, c AS (a) STORED, d AS (a), e)";
        check(sql, "a,b,c,d,e | [0, 2, 4] | ");
    }

    #[test]
    fn older_rows_show_defaults() {
        let got = columns("CREATE TABLE t(a, b DEFAULT 'it''s', c DEFAULT -1.5, d DEFAULT (random()), e DEFAULT TRUE)");
        let shown: Vec<_> = got.defaults.iter().map(|value| value.as_deref().unwrap_or("-")).collect();
        assert_eq!(shown, ["-", "it's", "-1.5", "-", "1"]);
    }

    #[test]
    fn what_is_no_statement_is_no_fault() {
        for sql in ["", "CREATE TABLE", "CREATE TABLE t(", "(((((", ")))", "CREATE TABLE t('a", "t(a,,b,)"] {
            columns(sql);
        }
    }
}
