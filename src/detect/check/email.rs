//! E-mail addresses: whether one is somebody's, a function's, or not an address at all.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{Verdict, word_list};

/// Generic top-level domains in common use. Of country codes any two letters count, but for those
/// in which names of files end.
static GENERIC: LazyLock<HashSet<&str>> = LazyLock::new(|| word_list(include_str!("domains.txt")));

/// Two letters that end names of files rather than of domains.
const NO_COUNTRIES: &[&str] = &["js", "ts", "xz", "gz", "db", "vb", "cs", "jl"];

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
    let top_ok = GENERIC.contains(top)
        || top.starts_with("xn--")
        || (top.len() == 2 && top.bytes().all(|b| b.is_ascii_lowercase()) && !NO_COUNTRIES.contains(&top));
    let dots_ok = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
    if labels.len() < 2 || !labels.iter().all(label_ok) || !top_ok || !dots_ok || local.len() > 64 || local.is_empty() {
        return Kind::None;
    }
    let plain: String = local.chars().take_while(|c| *c != '+').filter(char::is_ascii_alphabetic).collect();
    let first = local.split(['.', '-', '_', '+']).next().unwrap_or_default();
    let digits = local.bytes().filter(u8::is_ascii_digit).count();
    // Message ids and tokens are long and full of digits.
    let machine =
        local.contains('=') || (local.len() > 20 && digits * 3 > local.len()) || plain.is_empty() || local.len() > 40;
    if machine || ROLES.contains(plain.as_str()) || ROLES.contains(first) { Kind::Role } else { Kind::Person }
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
            ("logo@2x.png", Kind::None),
            ("a@b", Kind::None),
            ("mario@-rossi.it", Kind::None),
            (".mario@rossi.it", Kind::None),
        ] {
            assert_eq!(kind(value), expected, "{value}");
        }
    }
}
