//! What the terminal report says of a scan beside the ones before it: what is new, and what was not read again.

use std::fmt::Write as _;

use super::layout::number;
use super::style::{FIGURE, Style};
use crate::model::{Delta, Standing, Summary};

/// Nothing for a scan without a state.
pub(super) fn since(style: Style, summary: &Summary) -> String {
    let Some(Standing { scan: _, continued, unchanged, left, unreached_roots, since }) = &summary.state else {
        return String::new();
    };
    let mut text = String::new();
    if let Some(Delta { scan, started, new, changed, gone, newly_exposed, newly_protected }) = since {
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

    #[test]
    fn only_what_happened_is_told() {
        let style = Style { colour: false, width: 80 };
        assert_eq!(since(style, &Summary::default()), "");
        let delta =
            Delta { scan: 3, started: "2026-01-31T22:00:05.5Z".into(), new: 2, newly_exposed: 1, ..Delta::default() };
        let state = Standing { scan: 4, unchanged: 1200, left: 7, since: Some(delta), ..Standing::default() };
        let text = since(style, &Summary { state: Some(state), ..Summary::default() });
        let expected = "\
Since scan 3 (2026-01-31 22:00 UTC)
        1  show data in plain sight that did not before
        2  new
    1,200  unchanged, and not read again
        7  left: not reached, to be read by the next run
";
        assert_eq!(text, expected);
    }
}
