//! The sentences that people will quote: what was found, in how many files, and how far that can be relied on.

use std::fmt::Write as _;

use super::fate::Fate;
use super::layout::{count, number};
use super::overview::Overview;
use super::wording::affected;
use crate::model::{Category, Summary};

/// The first paragraph.
pub(super) fn headline(overview: &Overview, summary: &Summary) -> String {
    let (personal, looked_at) = (overview.personal, overview.fates.looked_at());
    let mut text = match personal {
        _ if looked_at == 0 && summary.interrupted => "The scan was interrupted before it read a file.".to_owned(),
        _ if looked_at == 0 => "There was nothing to scan: no files were found.".to_owned(),
        0 => nothing_found(overview, summary),
        1 => format!("1 of {} holds personal data that anybody who copies it can read", count(looked_at, "file")),
        _ => format!(
            "{} of {} hold personal data that anybody who copies them can read",
            number(personal),
            count(looked_at, "file")
        ),
    };
    if personal > 0 {
        match affected(&overview.people).as_str() {
            "" => text.push('.'),
            affected => {
                let _ = write!(text, "; {affected}.");
            }
        }
        if overview.special > 0 {
            let _ = write!(text, " {}", special(overview));
        }
    }
    let others = overview.exposed_files() - personal;
    if others > 0 {
        let more = if personal > 0 { " more" } else { "" };
        let (files, hold, them) = if others == 1 { ("file", "holds", "it") } else { ("files", "hold", "them") };
        let _ = write!(
            text,
            " {}{more} {files} {hold} passwords, keys or classification markings that anybody who copies {them} can read.",
            number(others),
        );
    }
    text
}

fn special(overview: &Overview) -> String {
    let mut kinds = Vec::new();
    if overview.categories.keys().any(|category| category.is_special()) {
        kinds.push("special categories of data (GDPR Art. 9)");
    }
    if overview.categories.contains_key(&Category::Criminal) {
        kinds.push("criminal records (GDPR Art. 10)");
    }
    let kinds = kinds.join(" or ");
    match overview.special {
        1 if overview.personal == 1 => format!("It holds {kinds}."),
        1 => format!("1 of them holds {kinds}."),
        special if special == overview.personal => format!("All of them hold {kinds}."),
        special => format!("{} of them hold {kinds}.", number(special)),
    }
}

/// Must hold up when somebody relies on it: says of how many files it is true, and of how many unknown.
fn nothing_found(overview: &Overview, summary: &Summary) -> String {
    let (read, sealed, unread) =
        (overview.fates.of(Fate::Read), overview.fates.of(Fate::Sealed), overview.fates.unread());
    let mut text = match read {
        0 => "No file could be read in full, so whether there is personal data is not known.".to_owned(),
        1 if overview.fates.looked_at() == 1 => "No personal data was found in the one file that was read.".to_owned(),
        _ if read == overview.fates.looked_at() => {
            format!("No personal data was found in any of the {}.", count(read, "file"))
        }
        _ => format!("No personal data was found in the {} that could be read in full.", count(read, "file")),
    };
    if unread > 0 {
        let _ = write!(text, " {} could not be read, or only in part, and may hold some.", count(unread, "file"));
    }
    if sealed > 0 {
        let were = if sealed == 1 { "is sealed and was" } else { "are sealed and were" };
        let _ = write!(text, " {} {were} not searched.", count(sealed, "file"));
    }
    if summary.interrupted {
        text.push_str(" The scan was interrupted: there may be files that it did not reach.");
    }
    if read > 0 {
        text.push_str(" This is no proof that there is none: a scan finds only the kinds of data it knows.");
    }
    text
}

/// The last paragraph: whether the scan saw everything.
pub(super) fn verdict(overview: &Overview, summary: &Summary) -> String {
    if summary.complete {
        return "The scan is complete: every file was read, is sealed well, or was left out as listed.".to_owned();
    }
    let unread = overview.fates.unread();
    let mut why = Vec::new();
    if summary.interrupted {
        why.push("it was interrupted, and what it did not reach is not counted here".to_owned());
    }
    if summary.state.as_ref().is_some_and(|state| state.unreached_roots > 0) {
        why.push("a folder where files were known is empty, as a share that is not mounted is".to_owned());
    }
    if unread > 0 || why.is_empty() {
        let were = if unread == 1 { "was" } else { "were" };
        why.push(format!("{} {were} not read, or only in part", count(unread, "file")));
    }
    format!("The scan is NOT complete: {}. Personal data there would not show above.", why.join("; "))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{found, item, read, sealed, summary};
    use super::*;
    use crate::model::{ItemRecord, Outcome, Protection, Reason, Severity};

    fn check(records: &[ItemRecord], interrupted: bool, first: &str, last: &str) {
        let mut overview = Overview::default();
        for record in records {
            overview.add(record);
        }
        let mut summary = summary(records);
        summary.interrupted = interrupted;
        summary.complete &= !interrupted;
        assert_eq!(headline(&overview, &summary), first);
        assert_eq!(verdict(&overview, &summary), last);
    }

    const COMPLETE: &str = "The scan is complete: every file was read, is sealed well, or was left out as listed.";

    #[test]
    fn findings() {
        check(
            &[found("a", Severity::High, &[Category::Health], &[1]), read("b")],
            false,
            "1 of 2 files holds personal data that anybody who copies it can read; 1 person is affected. \
             It holds special categories of data (GDPR Art. 9).",
            COMPLETE,
        );
        let crowd: Vec<u64> = (0..1214).collect();
        check(
            &[
                found("a", Severity::High, &[Category::Criminal, Category::Health], &crowd),
                found("b", Severity::High, &[Category::Religion], &[1]),
                found("c", Severity::Low, &[Category::Credential], &[]),
                found("d", Severity::Low, &[Category::Classified], &[]),
            ],
            false,
            "2 of 4 files hold personal data that anybody who copies them can read; about 1,214 people are affected. \
             All of them hold special categories of data (GDPR Art. 9) or criminal records (GDPR Art. 10). \
             2 more files hold passwords, keys or classification markings that anybody who copies them can read.",
            COMPLETE,
        );
        let cut = ItemRecord { subjects_beyond: 5, ..found("a", Severity::Low, &[Category::Email], &[1]) };
        check(
            &[cut, found("b", Severity::Low, &[Category::BankAccount], &[])],
            false,
            "2 of 2 files hold personal data that anybody who copies them can read; at least 6 people are affected.",
            COMPLETE,
        );
        check(
            &[found("a", Severity::Low, &[Category::BankAccount], &[]), read("b")],
            false,
            "1 of 2 files holds personal data that anybody who copies it can read.",
            COMPLETE,
        );
    }

    #[test]
    fn nothing_found_comes_with_its_reservation() {
        check(
            &[read("a"), read("b")],
            false,
            "No personal data was found in any of the 2 files. \
             This is no proof that there is none: a scan finds only the kinds of data it knows.",
            COMPLETE,
        );
        check(
            &[
                read("a"),
                item("b", Outcome::Unreadable, &[Reason::Malformed]),
                item("c", Outcome::ReadInPart, &[Reason::TooDeep]),
                sealed("d", Protection::strong("age", "header")),
                item("link", Outcome::Skipped, &[Reason::Symlink]),
            ],
            false,
            "No personal data was found in the 1 file that could be read in full. \
             2 files could not be read, or only in part, and may hold some. \
             1 file is sealed and was not searched. \
             This is no proof that there is none: a scan finds only the kinds of data it knows.",
            "The scan is NOT complete: 2 files were not read, or only in part. \
             Personal data there would not show above.",
        );
        check(
            &[item("a", Outcome::Unreadable, &[Reason::IoError])],
            false,
            "No file could be read in full, so whether there is personal data is not known. \
             1 file could not be read, or only in part, and may hold some.",
            "The scan is NOT complete: 1 file was not read, or only in part. Personal data there would not show above.",
        );
    }

    #[test]
    fn an_interruption_is_said_at_both_ends() {
        check(
            &[read("a")],
            true,
            "No personal data was found in the one file that was read. \
             The scan was interrupted: there may be files that it did not reach. \
             This is no proof that there is none: a scan finds only the kinds of data it knows.",
            "The scan is NOT complete: it was interrupted, and what it did not reach is not counted here. \
             Personal data there would not show above.",
        );
        check(
            &[],
            true,
            "The scan was interrupted before it read a file.",
            "The scan is NOT complete: it was interrupted, and what it did not reach is not counted here. \
             Personal data there would not show above.",
        );
        check(&[], false, "There was nothing to scan: no files were found.", COMPLETE);
    }
}
