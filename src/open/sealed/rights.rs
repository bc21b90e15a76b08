//! Rights management of Microsoft: protected files (`.pfile` and relatives) and Outlook's `message.rpmsg`.
//!
//! Specifications: [MS-OXORMMS] 2.2.4 (message.rpmsg); the protected file format of the Rights
//! Management SDK. Whom the server would give the key cannot be told from the file.

use crate::model::Protection;

use super::Verdict;

pub(super) fn judge(head: &[u8]) -> Option<Verdict> {
    let (what, media_type) = if head.starts_with(b"\x76\xe8\x04\x60\xc4\x11\xe3\x86") {
        ("a rights-managed message (message.rpmsg)", "application/x-microsoft-rpmsg-message")
    } else if head.starts_with(b".pfile") {
        ("a protected file (pfile)", "application/x-microsoft-pfile")
    } else {
        return None;
    };
    let evidence = format!("{what}: rights management (a server holds the key)");
    Some((Protection { scheme: Some("ms-irm".into()), ..Protection::unknown(evidence) }, media_type))
}
