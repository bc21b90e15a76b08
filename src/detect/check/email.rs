//! E-mail addresses: whether one is somebody's, a function's, or not an address at all.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{Verdict, word_list};

/// The top-level domains that exist.
static TOP_LEVEL: LazyLock<HashSet<&str>> = LazyLock::new(|| word_list(include_str!("domains.txt")));

/// Labels of domains that carry mail of lists, programs and bug trackers, not of people.
const LISTS: &[&str] = &[
    "lists",
    "list",
    "listserv",
    "listes",
    "liste",
    "mailman",
    "googlegroups",
    "groups",
    "bugs",
    "noreply",
    "no-reply",
    "reply",
    "bounce",
    "bounces",
    "mailer",
    "notifications",
    "conversations",
    "placeholder",
    "localhost",
    "freelists",
    "vger",
    "sourceware",
    "tracker",
];

/// Beginnings and ends of the local parts of lists: `bug-gnu-utils`, `netfilter-devel`.
const LIST_STARTS: &[&str] = &["bug-", "help-", "debian-", "pkg-"];
const LIST_ENDS: &[&str] = &[
    "-devel",
    "-dev",
    "-users",
    "-user",
    "-list",
    "-announce",
    "-discuss",
    "-subscribe",
    "-unsubscribe",
    "-request",
    "-bugs",
    "-help",
    "-commits",
    "-commit",
    "-team",
    "-maintainers",
    "-packages",
    "-bot",
    "-alpha",
    "-patches",
    "-sig",
    "-l10n",
    "-i18n",
    "-doc",
    "-docs",
    "station",
];

/// Local parts of functions and of examples, not of people.
static ROLES: LazyLock<HashSet<&str>> = LazyLock::new(|| word_list(include_str!("roles.txt")));

/// What an address is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Person,
    Role,
    None,
}

/// Somebody's address.
pub fn personal(value: &str) -> Verdict {
    if kind(value) == Kind::Person { Verdict::Certain } else { Verdict::Refuted }
}

/// The address of a function, or of nobody.
pub fn role(value: &str) -> Verdict {
    if kind(value) == Kind::Role { Verdict::Certain } else { Verdict::Refuted }
}

/// RFC 5321 section 4.1.2 without quoted local parts and address literals.
fn kind(value: &str) -> Kind {
    let Some((local, domain)) = value.rsplit_once('@') else { return Kind::None };
    let labels: Vec<&str> = domain.split('.').collect();
    let label_ok =
        |label: &&str| !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-');
    let top = labels.last().copied().unwrap_or_default();
    let top_ok = TOP_LEVEL.contains(top) || top.starts_with("xn--");
    let dots_ok = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
    if labels.len() < 2 || !labels.iter().all(label_ok) || !top_ok || !dots_ok || local.len() > 64 || local.is_empty() {
        return Kind::None;
    }
    let plain: String = local.chars().take_while(|c| *c != '+').filter(char::is_ascii_alphabetic).collect();
    let first = local.split(['.', '-', '_', '+']).next().unwrap_or_default();
    let digits = local.bytes().filter(u8::is_ascii_digit).count();
    // Message ids and tokens are long and full of digits; `foo@1.2.3.dev` is a version.
    let hex = local.len() >= 16 && local.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let machine = local.contains(['=', '%', '$', '/'])
        || (local.len() > 20 && digits * 3 > local.len())
        || (digits >= 10 && digits * 2 > local.len())
        || plain.is_empty()
        || local.len() > 40
        || hex;
    let version = labels.iter().rev().skip(1).all(|label| label.bytes().all(|b| b.is_ascii_digit()));
    let list = labels.iter().any(|label| LISTS.contains(label))
        || LIST_STARTS.iter().any(|start| local.starts_with(start))
        || LIST_ENDS.iter().any(|end| local.ends_with(end));
    // Names of ciphers: `umac-128@openssh.com`.
    let cipher = matches!(domain, "openssh.com" | "libssh.org") && digits > 0;
    match () {
        () if version || cipher => Kind::None,
        () if machine || list || ROLES.contains(plain.as_str()) || ROLES.contains(first) => Kind::Role,
        () => Kind::Person,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_functions_and_neither() {
        for (value, expected) in [
            ("mario.rossi@rossi.it", Kind::Person),
            ("m.rossi+lavoro@posta.example.com", Kind::Person),
            ("rossi80@alice.it", Kind::Person),
            ("info@rossi.it", Kind::Role),
            ("ufficio.personale@rossi.it", Kind::Role),
            ("no-reply@rossi.it", Kind::Role),
            ("nome.cognome@rossi.it", Kind::Role),
            ("20240101123456.abc12345678@mail.rossi.it", Kind::Role),
            ("wolfgang.klein@uni-mainz.de", Kind::Person),
            ("anna.kowalska@gmina.pl", Kind::Person),
            ("klantenservice@nord.nl", Kind::Role),
            ("recursos.humanos@nord.es", Kind::Role),
            ("recursoshumanos@nord.es", Kind::Role),
            ("secretaria@escola.pt", Kind::Role),
            ("12345@bugs.debian.org", Kind::Role),
            ("conti@lists.nord.it", Kind::Role),
            ("0c9e2a0f-4915-4d1e-9c84-1008ea84422d@nord.it", Kind::Role),
            ("1001.1710153200@nord.it", Kind::Role),
            ("bug-coreutils@gnu.org", Kind::Role),
            ("netfilter-devel@nord.org", Kind::Role),
            ("umac-128@openssh.com", Kind::None),
            ("logo@2x.png", Kind::None),
            ("app@1.2.dev", Kind::None),
            ("self.items@list.append", Kind::None),
            ("main@archive.zip", Kind::None),
            ("a@b", Kind::None),
            ("mario@-rossi.it", Kind::None),
            (".mario@rossi.it", Kind::None),
        ] {
            assert_eq!(kind(value), expected, "{value}");
        }
    }
}
