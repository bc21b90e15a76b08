//! A short document of headings, paragraphs, lists and tables, as Markdown or as a page to print.

use std::fmt::Write as _;

use super::html::escape;
use super::words::Language;

/// One piece of a document.
#[derive(Clone, Debug)]
pub enum Block {
    Title(String),
    Heading(String),
    Paragraph(String),
    List(Vec<String>),
    /// The heads, and the rows; a column whose cells are all numbers is set to the right.
    Table(Vec<String>, Vec<Vec<String>>),
    /// Lines as they are: queries. They hold nothing of the scan.
    Code(Vec<String>),
}

/// In the dialect of GitHub; no text of the scan becomes markup.
pub fn markdown(blocks: &[Block]) -> String {
    let mut out = String::new();
    for block in blocks {
        let _ = match block {
            Block::Title(text) => writeln!(out, "# {}\n", plain(text)),
            Block::Heading(text) => writeln!(out, "## {}\n", plain(text)),
            Block::Paragraph(text) => writeln!(out, "{}\n", plain(text)),
            Block::List(items) => {
                for item in items {
                    let _ = writeln!(out, "- {}", plain(item));
                }
                writeln!(out)
            }
            Block::Code(lines) => {
                for line in lines {
                    let _ = writeln!(out, "    {line}");
                }
                writeln!(out)
            }
            Block::Table(heads, rows) => {
                let line = |cells: &[String]| cells.iter().map(|cell| plain(cell)).collect::<Vec<_>>().join(" | ");
                let rules: Vec<&str> =
                    (0..heads.len()).map(|i| if is_number(rows, i) { "---:" } else { "---" }).collect();
                let _ = writeln!(out, "| {} |\n| {} |", line(heads), rules.join(" | "));
                for row in rows {
                    let _ = writeln!(out, "| {} |", line(row));
                }
                writeln!(out)
            }
        };
    }
    out
}

fn is_number(rows: &[Vec<String>], column: usize) -> bool {
    let is_figure = |cell: &String| {
        !cell.is_empty() && cell.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '–' | '+'))
    };
    !rows.is_empty() && rows.iter().all(|row| row.get(column).is_some_and(is_figure))
}

/// Escapes what Markdown would take for markup.
fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '#' | '!' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c if c.is_control() => escaped.push(' '),
            // No address becomes a link, and no name a person to be told.
            '@' => escaped.push_str("&#64;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A page without any script, that asks nothing of any network.
pub fn page(blocks: &[Block], language: Language) -> String {
    const STYLE: &str = include_str!("html/document.css");
    let title = blocks.iter().find_map(|block| match block {
        Block::Title(text) => Some(escape(text)),
        _ => None,
    });
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{}'; base-uri 'none'; form-action 'none'\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n",
        language.key(),
        super::html::hash(STYLE),
        title.unwrap_or_default(),
    );
    // A table that is wider than the page is reached and scrolled with the keys, under the name of its heading.
    let mut heading = "";
    for block in blocks {
        let _ = match block {
            Block::Title(text) => writeln!(out, "<h1>{}</h1>", escape(text)),
            Block::Heading(text) => {
                heading = text;
                writeln!(out, "<h2>{}</h2>", escape(text))
            }
            Block::Paragraph(text) => writeln!(out, "<p>{}</p>", escape(text)),
            Block::List(items) => {
                out.push_str("<ul>");
                for item in items {
                    let _ = write!(out, "<li>{}</li>", escape(item));
                }
                writeln!(out, "</ul>")
            }
            Block::Code(lines) => writeln!(out, "<pre>{}</pre>", escape(&lines.join("\n"))),
            Block::Table(heads, rows) => {
                let class = |i: usize| if is_number(rows, i) { " class=\"n\"" } else { "" };
                let label = escape(heading);
                let _ = write!(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{label}\">");
                out.push_str("<table><thead><tr>");
                for (i, head) in (0..).zip(heads) {
                    let _ = write!(out, "<th scope=\"col\"{}>{}</th>", class(i), escape(head));
                }
                out.push_str("</tr></thead><tbody>");
                for row in rows {
                    out.push_str("<tr>");
                    for (i, cell) in (0..).zip(row) {
                        let _ = match i {
                            0 => write!(out, "<th scope=\"row\">{}</th>", escape(cell)),
                            i => write!(out, "<td{}>{}</td>", class(i), escape(cell)),
                        };
                    }
                    out.push_str("</tr>");
                }
                writeln!(out, "</tbody></table></div>")
            }
        };
    }
    out + "</main>\n</body>\n</html>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks() -> Vec<Block> {
        let rows = vec![vec!["<b>|x".into(), "1,234".into()], vec!["a@b.it *".into(), "12 – 31".into()]];
        vec![Block::Title("T".into()), Block::Table(vec!["File".into(), "n".into()], rows)]
    }

    #[test]
    fn names_are_no_markup() {
        let text = markdown(&blocks());
        assert_eq!(
            text,
            "# T\n\n| File | n |\n| --- | ---: |\n| \\<b\\>\\|x | 1,234 |\n| a&#64;b.it \\* | 12 – 31 |\n\n"
        );
        let page = page(&blocks(), Language::Italian);
        assert!(page.contains("<th scope=\"row\">&lt;b&gt;|x</th><td class=\"n\">1,234</td>"), "{page}");
        assert!(page.contains("<html lang=\"it\">") && !page.contains("<script"));
    }
}
