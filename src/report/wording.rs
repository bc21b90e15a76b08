//! What the terminal report says about a reason, a protection or a category, in words for a reader who is no engineer.

use super::group::People;
use super::layout::number;
use super::overview::Opener;
use super::words::Language;
use crate::model::{Category, Isolation, Reason, State};

/// Why files were not read, or not whole.
pub(super) fn unread_title(reason: Option<Reason>) -> &'static str {
    match reason {
        // Only encryption that does not hold is among what was not read.
        Some(Reason::Encrypted) => "sealed, but not well enough to count as protected",
        Some(reason) => reason.title(),
        None => "no reason was recorded",
    }
}

/// What to do about what was not read.
pub(super) fn advice(reason: Option<Reason>) -> &'static str {
    match reason {
        Some(Reason::Encrypted) => "ask the owner for the password, or whether the file may go.",
        Some(Reason::UnsupportedFormat) => "look at some by hand, or convert them to a format that is read.",
        Some(Reason::UnsupportedFeature) => "open some in their own program and save them in a current format.",
        Some(Reason::OcrUnavailable) => "look at some by hand; scans are often identity documents and certificates.",
        Some(Reason::DiskImage) => {
            "mount some read-only and scan what is on them; or ask whether they are still needed."
        }
        Some(Reason::Malformed | Reason::Truncated | Reason::UndecodedText) => {
            "open some in their own program; what does not open there either can be restored or deleted."
        }
        Some(
            Reason::TooDeep
            | Reason::TooManyMembers
            | Reason::TooManyBytes
            | Reason::RatioTooHigh
            | Reason::MemberTooLarge
            | Reason::Timeout
            | Reason::OutOfMemory,
        ) => "scan these again with higher limits, or have somebody look inside.",
        Some(Reason::PermissionDenied) => "scan again with an account that may read everything.",
        Some(Reason::NotFound | Reason::Changed) => "scan these again when nobody is working on them.",
        Some(Reason::PathTooLong) => "scan again from a folder further down.",
        Some(Reason::Loop) => "look for a mount or a link that leads back into the share.",
        Some(Reason::IoError) => "check the server, its disks and the network; then scan again.",
        Some(Reason::ShareUnavailable) => "see that the share is mounted and its server answers; then scan again.",
        Some(Reason::Offline) => "have them brought back, or scan the storage that they were moved to.",
        Some(Reason::Crashed) | None => {
            "please report the fault to the makers of this program; look at the file by hand."
        }
        Some(Reason::Interrupted) => "scan again, to the end.",
        Some(
            Reason::Symlink
            | Reason::Fifo
            | Reason::Socket
            | Reason::Device
            | Reason::Excluded
            | Reason::OtherFileSystem,
        ) => "",
    }
}

/// What did not keep the readers in; nothing if all of it did.
pub(super) fn isolation(isolation: &Isolation) -> Option<String> {
    if !isolation.is_weak() {
        return None;
    }
    if !isolation.processes {
        let text = "The files were read in the program itself (--isolation off): a hostile one could have ended the \
                    scan, or misused the rights it ran with.";
        return Some(text.to_owned());
    }
    let none = Some(Isolation::NONE);
    let mut free = Vec::new();
    if isolation.filesystem.as_deref() == none {
        free.push("other files");
    }
    if isolation.system_calls.as_deref() == none {
        free.push("the network and other programs");
    }
    let free = free.join(", and from ");
    Some(format!(
        "The files were read in processes of their own, but this system has no means to keep these from {free}."
    ))
}

pub(super) fn sealed(state: State) -> &'static str {
    match state {
        State::Plain => "not sealed",
        State::Strong => "sealed well: the content cannot be read without the password or key, and was not searched",
        State::Weak => "sealed weakly: common tools break the protection, so treat these as readable",
        State::OpensWithoutPassword => "sealed in name only: every program opens these without a password",
        State::Unknown => "unclear: may be encrypted, but by no known scheme, so not counted as protected",
    }
}

/// What a password that was found means for the files it belongs to.
pub(super) fn opened(opener: Opener) -> &'static str {
    match opener {
        Opener::Known => "sealed, but a known password opens these: they were read, and count as readable",
        Opener::Nearby => {
            "sealed, but the password lies beside them (in the file's name, its folder or the mail) and opens them: \
             they were read, and count as readable"
        }
        Opener::Untried => "of the sealed ones seem to have their password lying beside them; it could not be tried",
    }
}

/// The note beside a file that looks protected and is not; empty where it does not.
pub(super) fn protection_note(state: State, scheme: Option<&str>, opener: Option<Opener>) -> String {
    let note = match state {
        State::Weak if opener == Some(Opener::Known) => "sealed, with a known password",
        State::Weak if opener == Some(Opener::Nearby) => "sealed, with the password beside it",
        State::Plain => return String::new(),
        State::Strong => "sealed",
        State::Weak => "sealed only weakly",
        State::OpensWithoutPassword => "sealed in name only",
        State::Unknown => "perhaps encrypted",
    };
    match scheme {
        Some(scheme) => format!("{note} ({scheme})"),
        None => note.to_owned(),
    }
}

/// The article that says most about a category: `Art. 9(1)`.
pub(super) fn article(category: Category) -> String {
    let Some(article) = category.gdpr().last().and_then(|article| article.strip_prefix("art")) else {
        return String::new();
    };
    match article.split_once('.') {
        Some((article, paragraph)) => format!("Art. {article}({paragraph})"),
        None => format!("Art. {article}"),
    }
}

/// The same as the law is cited in that language: `art. 9, par. 1` in Italian.
pub(super) fn article_in(language: Language, category: Category) -> String {
    let english = article(category);
    let Some(article) = english.strip_prefix("Art. ").filter(|_| language == Language::Italian) else {
        return english;
    };
    match article.trim_end_matches(')').split_once('(') {
        // Article 4 lists definitions by number.
        Some(("4", number)) => format!("Art. 4, n. {number}"),
        Some((article, paragraph)) => format!("Art. {article}, par. {paragraph}"),
        None => english,
    }
}

/// `31`, `31+` where there are more, `-` where nobody could be told apart.
pub(super) fn people_cell(people: u64, at_least: bool) -> String {
    match (people, at_least) {
        (0, _) => "-".to_owned(),
        (people, true) => format!("{}+", number(people)),
        (people, false) => number(people),
    }
}

/// `1 person is affected`, `about 214 people are affected`: two records may be of one
/// person, so what is not a handful is never exact. Empty for nobody.
pub(super) fn affected(people: &People) -> String {
    let count = people.count();
    let qualifier = match count {
        _ if people.at_least => "at least ",
        10.. => "about ",
        _ => "",
    };
    match count {
        0 => String::new(),
        1 => format!("{qualifier}1 person is affected"),
        count => format!("{qualifier}{} people are affected", number(count)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_gap_has_its_advice() {
        for reason in Reason::ALL {
            assert_eq!(advice(Some(reason)).is_empty(), !reason.is_gap() && reason != Reason::Encrypted, "{reason:?}");
        }
    }

    #[test]
    fn only_what_is_missing_of_the_isolation_is_told() {
        let with = |processes, filesystem: &str, system_calls: &str| {
            let [filesystem, system_calls] = [filesystem, system_calls].map(|what| Some(what.to_owned()));
            isolation(&Isolation { processes, filesystem, system_calls }).unwrap_or_default()
        };
        assert_eq!(with(true, "landlock-abi-7", "seccomp"), "");
        assert!(with(true, "none", "seccomp").ends_with("keep these from other files."));
        assert!(with(true, "none", "none").ends_with("other files, and from the network and other programs."));
        assert!(with(false, "none", "none").contains("--isolation off"));
        assert_eq!(isolation(&Isolation { processes: true, ..Isolation::default() }), None);
    }

    #[test]
    fn articles() {
        assert_eq!(article(Category::Health), "Art. 9(1)");
        assert_eq!(article(Category::Criminal), "Art. 10");
        assert_eq!(article(Category::NationalId), "Art. 87");
        assert_eq!(article(Category::Email), "Art. 4(1)");
        assert_eq!(article(Category::Classified), "");
        assert_eq!(article_in(Language::English, Category::Health), "Art. 9(1)");
        let italian = [Category::Health, Category::Criminal, Category::Email, Category::Classified];
        assert_eq!(
            italian.map(|category| article_in(Language::Italian, category)),
            ["Art. 9, par. 1", "Art. 10", "Art. 4, n. 1", ""]
        );
    }
}
