//! What the terminal report says of a scan beside the ones before it: what is new, and what was not read again.

use std::fmt::Write as _;

use super::layout::{number, shorten};
use super::style::{FIGURE, Style};
use crate::model::{Delta, ItemPath, Standing, Summary};

/// Files that show data now and did not before, by name.
const EXAMPLES: usize = 5;

/// Nothing for a scan without a state.
pub(super) fn since(style: Style, summary: &Summary, path: &dyn Fn(&ItemPath) -> String) -> String {
    let Some(Standing { scan: _, continued, unchanged, left, unreached_roots, since }) = &summary.state else {
        return String::new();
    };
    let mut text = String::new();
    if let Some(Delta { scan, started, new, changed, gone, newly_exposed, newly_protected, files }) = since {
        // 2026-01-31T08:00:00Z is better read without its signs.
        let day: String = started.chars().take(16).map(|c| if c == 'T' { ' ' } else { c }).collect();
        text.push_str(&style.heading(&format!("Since scan {scan} ({day} UTC)")));
        for (files, what) in [
            (newly_exposed, "show data in plain sight that did not before"),
            (newly_protected, "did, and are sealed now"),
            (new, "new"),
            (changed, "changed, or are judged otherwise"),
            (gone, "gone"),
        ] {
            if *files > 0 {
                let _ = writeln!(text, "{:>FIGURE$}  {what}", number(*files));
            }
        }
        let exposed: Vec<_> = files.iter().filter(|file| file.newly_exposed).take(EXAMPLES).collect();
        for file in &exposed {
            let severity = file.severity.1.unwrap_or_default();
            let room = style.width.saturating_sub(FIGURE + 14);
            let path = shorten(&path(&file.item), room);
            let _ = writeln!(text, "{:2$}{}  {path}", "", style.severity(severity, 8), FIGURE + 4);
        }
        let rest = newly_exposed.saturating_sub(exposed.len() as u64);
        if rest > 0 && !exposed.is_empty() {
            let _ = writeln!(text, "{:2$}and {} more that show data now", "", number(rest), FIGURE + 4);
        }
        if [new, changed, gone, newly_exposed, newly_protected].iter().all(|files| **files == 0) {
            let _ = writeln!(text, "{:>FIGURE$}  differences", 0);
        }
    } else {
        text.push_str(&style.heading("Against earlier scans"));
    }
    if *continued {
        text.push_str(&style.paragraph("This run went on with a scan that had not come to its end."));
    }
    let _ = writeln!(text, "{:>FIGURE$}  unchanged, and not read again", number(*unchanged));
    if *unreached_roots > 0 {
        text.push_str(&style.paragraph(
            "Nothing at all was met where files were before: the share may not be mounted. Nothing there counts as gone.",
        ));
    }
    if *left > 0 {
        let _ = writeln!(text, "{:>FIGURE$}  left: not reached, to be read by the next run", number(*left));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Change, Difference, Severity};

    #[test]
    fn only_what_happened_is_told() {
        let style = Style { colour: false, width: 80 };
        let path = |item: &ItemPath| item.to_string();
        assert_eq!(since(style, &Summary::default(), &path), "");
        let exposed = Difference {
            item: ItemPath::new(0, "HR/new.csv".into()),
            change: Change::New,
            newly_exposed: true,
            newly_protected: false,
            severity: (None, Some(Severity::High)),
        };
        let delta = Delta {
            scan: 3,
            started: "2026-01-31T22:00:05.5Z".into(),
            new: 2,
            newly_exposed: 1,
            files: vec![exposed],
            ..Delta::default()
        };
        let state = Standing { scan: 4, unchanged: 1200, left: 7, since: Some(delta), ..Standing::default() };
        let text = since(style, &Summary { state: Some(state), ..Summary::default() }, &path);
        let expected = "\
Since scan 3 (2026-01-31 22:00 UTC)
        1  show data in plain sight that did not before
        2  new
             high      HR/new.csv
    1,200  unchanged, and not read again
        7  left: not reached, to be read by the next run
";
        assert_eq!(text, expected);
    }
}
