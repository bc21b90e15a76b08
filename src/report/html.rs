//! The report for the officer: one page in one file that asks nothing of any network.

mod compare;
mod data;

use std::fmt::Write as _;
use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use super::inventory::Inventory;
use super::words::Language;
use crate::model::Summary;

const PAGE: &str = include_str!("html/page.html");
const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = concat!(
    include_str!("html/base.js"),
    include_str!("html/list.js"),
    include_str!("html/charts.js"),
    include_str!("html/compare.js"),
    include_str!("html/coverage.js"),
    include_str!("html/page.js")
);

/// The whole page. The data stand in it once, as packed columns; our script draws them as text, never
/// as markup. The policy of the page lets run nothing but that script, by its hash, and connect to
/// nothing. It begins in this language; the reader can change it.
pub(super) fn page(inventory: &Inventory, summary: &Summary, language: Language) -> io::Result<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    serde_json::to_writer(&mut packed, &data::Data::new(inventory, summary))?;
    let packed = STANDARD.encode(packed.finish()?);
    let page = fill(PAGE, |key| match key {
        "lang" => language.key().to_owned(),
        "title" => escape(&language.text("ui.title")),
        "skip" => escape(&language.text("ui.skip")),
        "headline" => escape(&inventory.headline(language, summary)),
        "noscript" => escape(&language.text("ui.noscript")),
        "loading" => escape(&language.text("ui.loading")),
        "table" => table(inventory, language),
        "style" => STYLE.to_owned(),
        "script" => SCRIPT.to_owned(),
        "style_hash" => hash(STYLE),
        "script_hash" => hash(SCRIPT),
        "data" => packed.clone(),
        _ => String::new(),
    });
    Ok(page.into_bytes())
}

/// The folders to begin with, for a reader whose browser runs no script.
fn table(inventory: &Inventory, language: Language) -> String {
    let mut table = format!(
        "<table><caption>{}</caption><thead><tr><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th><th scope=\"col\">{}</th></tr></thead><tbody>",
        escape(&language.text("section.first")),
        escape(&language.text("ui.folder")),
        escape(&language.text("ui.worst")),
        escape(&language.text("ui.files")),
        escape(&language.text("ui.people")),
    );
    for (path, place) in inventory.totals.ranked().into_iter().take(20) {
        let _ = write!(
            table,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            escape(&inventory.place_name(language, path)),
            escape(&language.text(&format!("severity.{}", place.worst.key()))),
            language.number(place.files),
            language.number(place.people.count()),
        );
    }
    table + "</tbody></table>"
}

/// The template with its `{{keys}}` filled in, once: what is filled in is not looked at again.
fn fill(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((key, after)) = behind.split_once("}}") else { break };
        filled.push_str(&value(key));
        rest = after;
    }
    filled + rest
}

/// Text as text, in an element or an attribute.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// As a Content-Security-Policy names a text it trusts.
pub(super) fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::super::sample::{found, share, tell};
    use super::*;
    use crate::model::{Category, ItemRecord, Severity};
    use crate::report::{AtEnd, Target};
    use serde_json::Value;

    fn written(records: &[ItemRecord]) -> String {
        let (target, written) = Target::memory();
        let mut html = AtEnd::new(target, Language::Italian, Inventory::default(), page);
        tell(&mut html, &["/srv/<b>"], records);
        String::from_utf8(written.lock().unwrap().clone()).unwrap()
    }

    fn data(page: &str) -> Value {
        let from = page.find("id=\"data\">").unwrap() + "id=\"data\">".len();
        let packed = STANDARD.decode(page[from..].split('<').next().unwrap()).unwrap();
        let mut text = String::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn the_page_holds_all_it_needs_and_names_no_other_place() {
        let page = written(&share());
        for outside in ["http://", "https://", "src=", "@import", "url(", "//cdn", "fetch(", "XMLHttpRequest", "eval("]
        {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(!page.contains(" style=") && !page.contains("innerHTML"));
        assert_eq!(page.matches("</script>").count(), 2);
        assert!(page.contains(&format!("script-src '{}'", hash(SCRIPT))));
        let script = page.rsplit("<script>").next().unwrap().split("</script>").next().unwrap();
        assert_eq!(hash(script), hash(SCRIPT));
        assert!(page.starts_with("<!doctype html>\n<html lang=\"it\""));
    }

    #[test]
    fn the_data_are_the_figures_and_the_list() {
        let data = data(&written(&share()));
        assert_eq!(data["totals"]["personal"], 3);
        assert_eq!(data["files"]["name"].as_array().unwrap().len(), 10);
        let of_files: u64 = data["files"]["spots"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum();
        assert_eq!(data["spots"]["category"].as_array().unwrap().len() as u64, of_files);
        assert_eq!(data["headline"].as_array().unwrap().len(), 2);
        assert_eq!(data["tree"]["parent"][0], -1);
    }

    #[test]
    fn names_are_text() {
        let hostile = "<img src=x onerror=alert(1)>/\u{202e}{{data}}</script>.csv";
        let page = written(&[found(hostile, Severity::High, &[Category::Health], &[1])]);
        assert!(!page.contains("<img"), "only escaped, or packed");
        assert_eq!(page.matches("</script>").count(), 2);
        let data = data(&page);
        assert_eq!(data["folders"][0], "<img src=x onerror=alert(1)>/\\u{202e}{{data}}</");
    }
}
