//! Passwords: whether a value is one, or a placeholder, a variable or code.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::{Verdict, word_list};

/// Words that stand where a password will be, or that are said of one.
static PLACEHOLDERS: LazyLock<HashSet<&str>> = LazyLock::new(|| word_list(include_str!("placeholders.txt")));

/// What follows `password:`.
pub fn password(value: &str) -> Verdict {
    let value = &unformatted(value);
    let lower = value.to_lowercase();
    let trimmed = lower.trim_matches(|c: char| !c.is_alphanumeric());
    let mut chars = value.chars();
    let first = chars.next().unwrap_or(' ');
    let masked = value.chars().all(|c| c == first) || trimmed.chars().all(|c| c == 'x') || value.contains("***");
    let variable = matches!(first, '$' | '%' | '{' | '<' | '[' | '(' | '&' | '/' | '\\')
        || ["${", "{{", "<%", "%(", "#{", "::", "->"].iter().any(|code| value.contains(code));
    // `x:1000:…` is a line of /etc/passwd, which holds no password; `1.302168` is a version.
    let code = value.get(1..).is_some_and(|rest| rest.starts_with(':'))
        || value.contains(['(', ')', '[', ']', '{', '}', '<', '>'])
        || is_dotted_name(value.trim_start_matches('@'))
        || value.starts_with("http")
        || value.contains(":x:")
        || is_version(value)
        || is_constant_or_rule(value);
    // `vault_db_password` is the name of one, `A_REMPLIR` the place of one.
    let named = trimmed.contains('_')
        && trimmed.chars().all(|c| c.is_alphabetic() || c == '_')
        && trimmed.split('_').any(|part| PLACEHOLDERS.contains(part));
    // As in the keys of Amazon's manuals.
    let example = value.contains("EXAMPLE");
    if masked || variable || code || named || example || PLACEHOLDERS.contains(trimmed) || value.chars().count() < 4 {
        return Verdict::Refuted;
    }
    let classes = [
        value.chars().any(char::is_lowercase),
        value.chars().any(char::is_uppercase),
        value.chars().any(|c| c.is_ascii_digit()),
        value.chars().any(|c| !c.is_alphanumeric()),
    ];
    let classes = classes.iter().filter(|has| **has).count();
    // `Obbligatoria` has two classes and is a word: two count only with a digit or a sign among them.
    let body = value.trim_start_matches(['¿', '¡', '#', '*', '_', '~']).trim_end_matches(['\\', '=', '_', '~']);
    let words_only =
        body.chars().all(|c| c.is_alphabetic() || matches!(c, '.' | ',' | '-' | '\'' | ':' | '!' | '?' | '/'));
    if classes >= 2 && !words_only && !is_name_in_code(body) && !is_path(body) && value.chars().count() >= 6 {
        Verdict::Certain
    } else {
        Verdict::Silent
    }
}

/// A password that needs no colon before it to be one: small letters, a digit, and a capital or a
/// sign that is in no version, path or file name.
pub fn strong_password(value: &str) -> Verdict {
    let body = value.trim_end_matches(['.', ':', '!', '?']);
    let lower = body.chars().filter(|c| c.is_lowercase()).count();
    let digits = body.chars().filter(char::is_ascii_digit).count();
    let capital = body.chars().skip(1).any(char::is_uppercase) || body.starts_with(char::is_uppercase);
    let sign = body.contains(['!', '#', '$', '%', '@', '*', '?', '+', '^', '~']);
    let technical = body.contains(['/', '\\', ':', '=', '.']) && !sign || body.contains("://");
    let shape = lower >= 2 && digits >= 1 && (capital || sign) && body.chars().count() >= if sign { 6 } else { 8 };
    if shape && !technical && password(value) == Verdict::Certain { Verdict::Certain } else { Verdict::Refuted }
}

/// The value without the marks of manual pages and of Markdown around and in it: `my\-password\fP`.
fn unformatted(value: &str) -> String {
    let mut plain = value.trim_matches('`').replace("\\-", "-");
    for mark in ["\\fP", "\\fR", "\\fB", "\\fI"] {
        plain = plain.replace(mark, "");
    }
    plain
}

/// `1.302168`, `2.1.4-3`.
fn is_version(value: &str) -> bool {
    let mut parts = value.split(['.', '-']);
    value.contains('.') && parts.all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

/// `0x10000`, a constant; `1*SAFE`, `*DIGIT`, so many of something in the grammars of RFC 5234.
fn is_constant_or_rule(value: &str) -> bool {
    let value = value.trim_end_matches([',', ';', '.']);
    let hexadecimal = value.strip_prefix("0x").or_else(|| value.strip_prefix("0X"));
    if hexadecimal.is_some_and(|digits| digits.len() <= 16 && digits.bytes().all(|b| b.is_ascii_hexdigit())) {
        return true;
    }
    value.split_once('*').is_some_and(|(times, rule)| {
        let (at_most, name) = rule.split_at(rule.find(|c: char| !c.is_ascii_digit()).unwrap_or(rule.len()));
        times.len() <= 2
            && at_most.len() <= 3
            && times.bytes().all(|b| b.is_ascii_digit())
            && name.len() >= 2
            && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'-')
    })
}

/// `mem_bio`, `WIN32_ERROR`, `UID:GID:shell`, `account#lost_password`: a name in code, unless somebody chose it.
fn is_name_in_code(value: &str) -> bool {
    let value = value.trim_end_matches([':', '.', ',']);
    let letters = |part: &str| part.chars().all(|c| c.is_alphabetic() || c == '_');
    let constant = value.contains('_')
        && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        && value.split('_').filter(|part| part.len() > 2 && letters(part)).count() > 0;
    let joined = value.contains([':', '#']) && value.split([':', '#']).all(letters);
    value.contains('_') && letters(value) || constant || joined
}

/// `gdb.arch/amd64-word.exp`, `x86-64`, `on/off`, `s/unlink/remove/`, `example.com/`: paths and names of files
/// in small letters, of which nobody makes a password.
fn is_path(value: &str) -> bool {
    let value = value.trim_end_matches([':', ',', '.']);
    let plain = value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"/.-_+".contains(&b));
    let file = value.rsplit_once('.').is_some_and(|(stem, end)| {
        stem.contains(['.', '-', '/']) && (1..=4).contains(&end.len()) && end.bytes().all(|b| b.is_ascii_lowercase())
    });
    plain && (value.contains('/') || file || value.ends_with("-bit") || value.starts_with("x86"))
}

/// `user.password`, `config.db.pwd`: names in code, not values.
fn is_dotted_name(value: &str) -> bool {
    let parts: Vec<&str> = value.trim_end_matches([';', ',']).split('.').collect();
    parts.len() > 1
        && parts.iter().all(|part| {
            part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_and_what_stands_in_their_place() {
        for (value, verdict) in [
            ("Estate2024", Verdict::Certain),
            ("s3gr3t0!", Verdict::Certain),
            ("milano", Verdict::Silent),
            ("Obbligatoria", Verdict::Refuted),
            ("Tramonto", Verdict::Silent),
            ("${PASSWORD}", Verdict::Refuted),
            ("xxxxxxxx", Verdict::Refuted),
            ("<password>", Verdict::Refuted),
            ("changeme", Verdict::Refuted),
            ("********", Verdict::Refuted),
            ("getpass()", Verdict::Refuted),
            ("user.password", Verdict::Refuted),
            ("mem_bio", Verdict::Silent),
            ("vault_db_password", Verdict::Refuted),
            ("A_REMPLIR", Verdict::Refuted),
            ("x:1000:1000:Mario", Verdict::Refuted),
            ("os.environ[\"PW\"]", Verdict::Refuted),
            ("gdb.arch/amd64-word.exp:", Verdict::Silent),
            ("x86-64", Verdict::Silent),
            ("on/off", Verdict::Silent),
            ("1.302168", Verdict::Refuted),
            ("WIN32_ERROR", Verdict::Silent),
            ("account#lost_password", Verdict::Silent),
            ("pw_uid:pw_gid:pw_dir", Verdict::Silent),
            ("¿Olvidaste", Verdict::Silent),
            ("FICHIER\\fP", Verdict::Silent),
            ("http://example.com/x1", Verdict::Refuted),
            ("estate/2024", Verdict::Silent),
            ("Estate/2024", Verdict::Certain),
            ("aB3/xYz9kq", Verdict::Certain),
            ("nord-4cciai", Verdict::Certain),
            ("0x10000", Verdict::Refuted),
            ("1*SAFE", Verdict::Refuted),
            ("*40DIGIT,", Verdict::Refuted),
            ("3*Rosen", Verdict::Certain),
            ("hunter2", Verdict::Refuted),
            ("wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY", Verdict::Refuted),
        ] {
            assert_eq!(password(value), verdict, "{value}");
        }
    }

    #[test]
    fn passwords_that_stand_without_a_colon() {
        for (value, verdict) in [
            ("Nord-4cciai!", Verdict::Certain),
            ("Olmo#2815", Verdict::Certain),
            ("Mainz1972", Verdict::Certain),
            ("SHA-256", Verdict::Refuted),
            ("Report_2024.xlsx", Verdict::Refuted),
            ("12-characters", Verdict::Refuted),
            ("manager", Verdict::Refuted),
            ("/usr/Local2/bin", Verdict::Refuted),
        ] {
            assert_eq!(strong_password(value), verdict, "{value}");
        }
    }
}
