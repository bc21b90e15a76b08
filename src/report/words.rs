//! What reports say, in English and Italian: one table of words for the page and for the documents.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::layout::number;

/// Each key with its text in English and in Italian. `{0}` is filled in; of `one|many` the first
/// value chooses.
const WORDS: &str = include_str!("words.json");

/// The language of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    Italian,
}

impl Language {
    pub const ALL: [Self; 2] = [Self::English, Self::Italian];

    /// ISO 639-1.
    pub fn key(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Italian => "it",
        }
    }

    /// The text of a key, its values filled in; the key itself where it has none.
    pub(super) fn say(self, key: &str, values: &[&str]) -> String {
        let Some(pair) = table().get(key) else { return key.to_owned() };
        let text = match self {
            Self::English => &pair.0,
            Self::Italian => &pair.1,
        };
        let text = match text.split_once('|') {
            Some((one, _)) if values.first() == Some(&"1") => one,
            Some((_, many)) => many,
            None => text,
        };
        let mut said = String::new();
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once('{') {
            said.push_str(before);
            let Some((at, after)) = behind.split_once('}') else { break };
            said.push_str(at.parse().ok().and_then(|at: usize| values.get(at)).unwrap_or(&""));
            rest = after;
        }
        said + rest
    }

    pub(super) fn text(self, key: &str) -> String {
        self.say(key, &[])
    }

    /// With a capital at its beginning.
    pub(super) fn title(self, key: &str) -> String {
        let text = self.text(key);
        let mut chars = text.chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
    }

    /// `1,234` or `1.234`.
    pub(super) fn number(self, n: u64) -> String {
        match self {
            Self::English => number(n),
            Self::Italian => number(n).replace(',', "."),
        }
    }

    /// `n.files` with its number: `1 file`, `1,234 files`.
    pub(super) fn count(self, key: &str, n: u64) -> String {
        self.say(key, &[&self.number(n)])
    }

    /// `31`, or `24 – 31`.
    pub(super) fn bounds(self, low: u64, high: u64) -> String {
        if low == high { self.number(high) } else { format!("{} – {}", self.number(low), self.number(high)) }
    }
}

/// All of it.
pub(super) fn table() -> &'static BTreeMap<String, (String, String)> {
    static TABLE: OnceLock<BTreeMap<String, (String, String)>> = OnceLock::new();
    TABLE.get_or_init(|| serde_json::from_str(WORDS).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::enisa::{Band, Scenario, Why};
    use super::super::retention::Kind;
    use super::super::totals::Action;
    use super::*;
    use crate::model::{Access, Category, Change, Reason, Severity, State};

    const SCRIPTS: [&str; 6] = [
        include_str!("html/base.js"),
        include_str!("html/list.js"),
        include_str!("html/charts.js"),
        include_str!("html/compare.js"),
        include_str!("html/coverage.js"),
        include_str!("html/page.js"),
    ];

    #[test]
    fn texts_are_filled_in() {
        let say = |values: &[&str]| Language::English.say("n.files", values);
        assert_eq!((say(&["1"]), say(&["2"])), ("1 file".into(), "2 files".into()));
        assert_eq!(Language::Italian.count("n.files", 1_200), "1.200 file");
        assert_eq!(Language::English.text("no.such.key"), "no.such.key");
    }

    #[test]
    fn both_languages_ask_for_the_same_values() {
        assert!(table().len() > 100);
        let holes = |text: &str| -> std::collections::BTreeSet<String> {
            text.match_indices('{').filter_map(|(at, _)| text.get(at..at + 3)).map(str::to_owned).collect()
        };
        for (key, (english, italian)) in table() {
            assert!(!english.is_empty() && !italian.is_empty(), "{key}");
            assert_eq!(holes(english), holes(italian), "{key}");
            assert_eq!(english.contains('|'), italian.contains('|'), "{key}: one and many");
        }
    }

    #[test]
    fn every_word_of_the_model_and_of_the_page_is_there() {
        let mut wanted: Vec<String> = Vec::new();
        let mut all = |prefix: &str, keys: Vec<&str>| wanted.extend(keys.iter().map(|key| format!("{prefix}.{key}")));
        all("category", Category::ALL.map(Category::key).to_vec());
        all("severity", Severity::ALL.map(Severity::key).to_vec());
        all("state", State::ALL.map(State::key).to_vec());
        all("state_says", State::ALL.map(State::key).to_vec());
        all("access", Access::ALL.map(Access::key).to_vec());
        all("access_says", Access::ALL.map(Access::key).to_vec());
        all("reason", Reason::ALL.map(Reason::key).to_vec());
        all("reason", vec!["unexplained"]);
        all("advice", Reason::ALL.iter().filter(|r| r.is_gap() || **r == Reason::Encrypted).map(|r| r.key()).collect());
        all("advice", vec!["unexplained"]);
        all("kind", Kind::ALL.map(Kind::key).to_vec());
        all("term", Kind::ALL.map(Kind::key).to_vec());
        all("action", Action::ALL.map(Action::key).to_vec());
        all("band", Band::ALL.map(Band::key).to_vec());
        all("band", vec!["0", "1", "2", "3"]);
        all("hint", vec!["0", "1", "2", "3"]);
        all("enisa", Why::ALL.map(Why::key).to_vec());
        all("scenario", Scenario::ALL.map(Scenario::key).to_vec());
        all("change", Change::ALL.map(Change::key).to_vec());
        all("delta", vec!["newly_exposed", "newly_protected", "new", "changed", "gone"]);
        all("opener", vec!["0", "1", "2"]);
        all("opener_says", vec!["0", "1", "2"]);
        all(
            "covered",
            vec!["files", "read", "sealed", "unread", "left_out", "entries", "answered", "members", "unchanged"],
        );
        all("age", vec!["0", "1", "2", "3", "4", "5"]);
        for script in SCRIPTS {
            for call in ["t(\"", "say(\"", "title(\"", "fact(\"", "[\"ui.", "\"text.", "section(\""] {
                for (at, _) in script.match_indices(call) {
                    let from = at + call.find('"').unwrap_or(0) + 1;
                    let key = script.get(from..).and_then(|rest| rest.split('"').next()).unwrap_or_default();
                    // `t("reason." + x)` is among the words of the model above.
                    match key {
                        key if key.ends_with('.') || !key.contains('.') && call != "section(\"" => {}
                        key if call == "section(\"" => wanted.push(format!("section.{key}")),
                        key => wanted.push(key.to_owned()),
                    }
                }
            }
        }
        assert!(wanted.len() > 200, "{}", wanted.len());
        let missing: Vec<_> = wanted.iter().filter(|key| !table().contains_key(*key)).collect();
        assert!(missing.is_empty(), "{missing:#?}");
    }
}
