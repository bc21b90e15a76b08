//! The configuration of a check: what it fails on, and the paths and values that it accepts.
//!
//! Read only from the file that `--config` names: a repository cannot exempt itself.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use serde::Deserialize;

use crate::model::{Name, Severity};

use super::baseline::parse_salt;
use super::marks::fits;

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("the configuration is not written as it should be")]
    Form(#[from] toml::de::Error),
    #[error("`min_confidence` is no number from 0.0 to 1.0")]
    Confidence,
    #[error("an entry of `[[allow]]` has no reason")]
    NoReason,
    #[error("an entry of `[[allow]]` needs either `path` or `value`")]
    NoObject,
    #[error("`value` needs a `salt` of 64 hexadecimal digits at the top: the one of the baseline, if there is one")]
    NoSalt,
    #[error("not a valid glob: {0}")]
    Glob(String, #[source] ignore::Error),
}

/// What must have been read for a check to be complete.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MustRead {
    /// All but pictures and formats that nobody reads here.
    #[default]
    Readable,
    Everything,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    fail_on: Option<Severity>,
    min_confidence: Option<f32>,
    must_read: Option<MustRead>,
    count_tests: Option<bool>,
    salt: Option<String>,
    allow: Vec<WrittenAllow>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct WrittenAllow {
    path: Option<String>,
    value: Option<String>,
    detector: Option<String>,
    reason: String,
}

/// The configuration, checked.
#[derive(Default)]
pub struct Settings {
    pub fail_on: Option<Severity>,
    pub min_confidence: Option<f32>,
    pub must_read: Option<MustRead>,
    /// Passwords in tests and examples count as all others.
    pub count_tests: Option<bool>,
    pub salt: Option<[u8; 32]>,
    paths: Vec<AllowedPath>,
    values: Vec<AllowedValue>,
}

struct AllowedPath {
    glob: Gitignore,
    /// All detectors, and what is not read, if none.
    detector: Option<String>,
    reason: String,
}

struct AllowedValue {
    fingerprint: String,
    detector: Option<String>,
    reason: String,
}

impl Settings {
    pub fn parse(text: &str) -> Result<Self, SettingsError> {
        let Written { fail_on, min_confidence, must_read, count_tests, salt, allow } = toml::from_str(text)?;
        if min_confidence.is_some_and(|value| !(0.0..=1.0).contains(&value)) {
            return Err(SettingsError::Confidence);
        }
        let salt = match salt {
            Some(digits) => Some(parse_salt(&digits).ok_or(SettingsError::NoSalt)?),
            None => None,
        };
        let mut settings = Self { fail_on, min_confidence, must_read, count_tests, salt, ..Self::default() };
        for WrittenAllow { path, value, detector, reason } in allow {
            if reason.trim().is_empty() {
                return Err(SettingsError::NoReason);
            }
            match (path, value) {
                (Some(path), None) => settings.paths.push(AllowedPath { glob: glob(&path)?, detector, reason }),
                (None, Some(fingerprint)) if salt.is_some() => {
                    settings.values.push(AllowedValue { fingerprint, detector, reason });
                }
                (None, Some(_)) => return Err(SettingsError::NoSalt),
                _ => return Err(SettingsError::NoObject),
            }
        }
        Ok(settings)
    }

    /// Why findings of this detector are accepted in this file; for no detector, why it need not be read.
    pub(super) fn path_reason(&self, path: &Name, detector: Option<&str>) -> Option<&str> {
        let path = String::from_utf8_lossy(path.as_bytes());
        let path = Path::new(path.trim_start_matches('/'));
        let is_meant = |allowed: &&AllowedPath| match (&allowed.detector, detector) {
            (None, _) => true,
            (Some(pattern), Some(id)) => fits(pattern, id),
            (Some(_), None) => false,
        };
        let mut allowed = self.paths.iter().filter(is_meant);
        let allowed = allowed.find(|allowed| allowed.glob.matched_path_or_any_parents(path, false).is_ignore())?;
        Some(&allowed.reason)
    }

    pub(super) fn value_reason(&self, fingerprint: &str, detector: &str) -> Option<&str> {
        let is_meant = |allowed: &&AllowedValue| {
            allowed.fingerprint == fingerprint
                && allowed.detector.as_ref().is_none_or(|pattern| fits(pattern, detector))
        };
        self.values.iter().find(is_meant).map(|allowed| allowed.reason.as_str())
    }
}

/// In the syntax of a .gitignore at the top of the repository.
fn glob(glob: &str) -> Result<Gitignore, SettingsError> {
    let wrong = |error| SettingsError::Glob(glob.to_owned(), error);
    let mut builder = GitignoreBuilder::new("");
    builder.add_line(None, glob).map_err(wrong)?;
    builder.build().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_allowed_for_all_or_some_detectors() {
        let text = "fail_on = \"high\"\n[[allow]]\npath = \"/vectors/\"\nreason = \"published\"\n\
                    [[allow]]\npath = \"*.pem\"\ndetector = \"credential.*\"\nreason = \"made for tests\"\n";
        let settings = Settings::parse(text).unwrap();
        assert_eq!(settings.fail_on, Some(Severity::High));
        let reason = |path: &str, detector| settings.path_reason(&path.into(), detector);
        assert_eq!(reason("vectors/a/b.txt", Some("eu.iban")), Some("published"));
        assert_eq!(reason("vectors/a/b.txt", None), Some("published"));
        assert_eq!(reason("x/vectors/b.txt", None), None);
        assert_eq!(reason("x/a.pem", Some("credential.private_key")), Some("made for tests"));
        assert_eq!(reason("x/a.pem", Some("eu.iban")), None);
        assert_eq!(reason("x/a.pem", None), None, "what is not read stays a gap");
    }

    #[test]
    fn values_are_allowed_by_their_fingerprint() {
        let text = format!("salt = \"{}\"\n[[allow]]\nvalue = \"ab\"\nreason = \"our own number\"\n", "0f".repeat(32));
        let settings = Settings::parse(&text).unwrap();
        assert_eq!(settings.value_reason("ab", "eu.iban"), Some("our own number"));
        assert_eq!(settings.value_reason("cd", "eu.iban"), None);
    }

    #[test]
    fn keys_are_strict_and_every_allowance_has_a_reason() {
        for wrong in [
            "fail-on = \"high\"",
            "min_confidence = 3.0",
            "[[allow]]\npath = \"x\"",
            "[[allow]]\nreason = \"x\"",
            "[[allow]]\nvalue = \"ab\"\nreason = \"x\"",
            "[[allow]]\npath = \"x\"\nreason = \"y\"\nowner = \"z\"",
        ] {
            assert!(Settings::parse(wrong).is_err(), "{wrong}");
        }
    }
}
