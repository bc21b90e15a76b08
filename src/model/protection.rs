//! Whether a file is really encrypted: an answer with its evidence, never an error.

use serde::{Deserialize, Serialize};

use super::name::Name;

/// Weakest first, so that the weakest of several is their minimum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Anybody who copies the file can read it.
    #[default]
    Plain,
    /// Encrypted, but every common program opens it: owner passwords, well-known passwords.
    OpensWithoutPassword,
    /// Encrypted by a scheme that is broken in practice, or under a password that others have.
    Weak,
    /// Looks encrypted or cannot be told; never reported as protected.
    Unknown,
    /// Encrypted by a scheme with no practical attack but guessing the password.
    Strong,
}

impl State {
    pub const ALL: [Self; 5] = [Self::Plain, Self::OpensWithoutPassword, Self::Weak, Self::Unknown, Self::Strong];

    pub fn key(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::OpensWithoutPassword => "opens_without_password",
            Self::Weak => "weak",
            Self::Unknown => "unknown",
            Self::Strong => "strong",
        }
    }
}

/// Where the password of a sealed item was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPlace {
    /// In the list of known passwords that the scan was given.
    PasswordList,
    /// In the name of the file or of what it lies in.
    FileName,
    /// In another file of its folder.
    Folder,
    /// In the mail that carries it.
    Mail,
    /// In another file of the same container.
    Container,
}

impl KeyPlace {
    pub const ALL: [Self; 5] = [Self::PasswordList, Self::FileName, Self::Folder, Self::Mail, Self::Container];

    pub fn key(self) -> &'static str {
        match self {
            Self::PasswordList => "password_list",
            Self::FileName => "file_name",
            Self::Folder => "folder",
            Self::Mail => "mail",
            Self::Container => "container",
        }
    }

    /// In words, after "its password".
    fn says(self) -> &'static str {
        match self {
            Self::PasswordList => "is in the list of known ones",
            Self::FileName => "stands in its own name",
            Self::Folder => "stands in another file of its folder",
            Self::Mail => "stands in the mail that carries it",
            Self::Container => "stands beside it in the same container",
        }
    }
}

/// A password of a sealed item that others have too. The password itself is nowhere in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyFound {
    pub place: KeyPlace,
    /// The file that names it, where that is not the item itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Name>,
    /// It was tried and opens the item; else it could not be tried.
    pub opens: bool,
}

impl KeyFound {
    /// `known_password` or `key_nearby`.
    pub fn kind(&self) -> &'static str {
        match self.place {
            KeyPlace::PasswordList => "known_password",
            _ => "key_nearby",
        }
    }

    /// The verdict with this key: what it opens is weak at most; what it may open keeps its
    /// state and says so.
    #[must_use]
    pub fn weaken(self, protection: Protection) -> Protection {
        let proof = if self.opens { "it was tried and opens the content" } else { "it was not tried" };
        let evidence = format!("{}: its password {}; {proof}", self.kind(), self.place.says());
        let evidence =
            if protection.evidence.is_empty() { evidence } else { format!("{}; {evidence}", protection.evidence) };
        let state = if self.opens { protection.state.min(State::Weak) } else { protection.state };
        Protection { state, evidence, key: Some(self), ..protection }
    }
}

/// The verdict on one item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    pub state: State,
    /// `zip-aes256`, `pdf-rc4-40`, `ooxml-agile-aes256` ...; none when plain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// Names of members can be read without the password.
    pub names_exposed: bool,
    /// What in the bytes says so.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub evidence: String,
    /// Who has its password besides its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyFound>,
}

impl Protection {
    pub fn new(state: State, scheme: impl Into<String>, evidence: impl Into<String>) -> Self {
        Self { state, scheme: Some(scheme.into()), names_exposed: false, evidence: evidence.into(), key: None }
    }

    pub fn weak(scheme: impl Into<String>, evidence: impl Into<String>) -> Self {
        Self::new(State::Weak, scheme, evidence)
    }

    pub fn strong(scheme: impl Into<String>, evidence: impl Into<String>) -> Self {
        Self::new(State::Strong, scheme, evidence)
    }

    pub fn opens_without_password(scheme: impl Into<String>, evidence: impl Into<String>) -> Self {
        Self::new(State::OpensWithoutPassword, scheme, evidence)
    }

    pub fn unknown(evidence: impl Into<String>) -> Self {
        Self { state: State::Unknown, evidence: evidence.into(), ..Self::default() }
    }

    pub fn with_names_exposed(self) -> Self {
        Self { names_exposed: true, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_opens_weakens_and_one_that_may_does_not() {
        let strong = || Protection::strong("7z-aes256", "header");
        let key = |place, opens| KeyFound { place, file: None, opens };
        let opened = key(KeyPlace::PasswordList, true).weaken(strong());
        assert_eq!((opened.state, opened.scheme.as_deref()), (State::Weak, Some("7z-aes256")));
        assert!(opened.evidence.starts_with("header; known_password: "), "{}", opened.evidence);
        let nearby = key(KeyPlace::Folder, false).weaken(strong());
        assert_eq!(nearby.state, State::Strong);
        assert!(nearby.evidence.contains("key_nearby"), "{}", nearby.evidence);
        let open = Protection::opens_without_password("pdf-rc4-40", "x");
        assert_eq!(key(KeyPlace::Mail, true).weaken(open).state, State::OpensWithoutPassword);
        for place in KeyPlace::ALL {
            assert_eq!(serde_json::to_value(place).unwrap(), place.key());
        }
    }
}
