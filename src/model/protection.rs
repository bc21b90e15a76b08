//! Whether a file is really encrypted: an answer with its evidence, never an error.

use serde::Serialize;

/// Weakest first, so that the weakest of several is their minimum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Anybody who copies the file can read it.
    #[default]
    Plain,
    /// Encrypted, but every common program opens it: owner passwords, well-known passwords.
    OpensWithoutPassword,
    /// Encrypted by a scheme that is broken in practice.
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

/// The verdict on one item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Protection {
    pub state: State,
    /// `zip-aes256`, `pdf-rc4-40`, `ooxml-agile-aes256` ...; none when plain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// Names of members can be read without the password.
    pub names_exposed: bool,
    /// What in the bytes says so.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub evidence: String,
}

impl Protection {
    pub fn new(state: State, scheme: impl Into<String>, evidence: impl Into<String>) -> Self {
        Self { state, scheme: Some(scheme.into()), names_exposed: false, evidence: evidence.into() }
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
