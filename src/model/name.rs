//! A file or member name as the share gave it, which need not be UTF-8.

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The bytes of a name or relative path. Serialised as a string, or as
/// `{"bytes": base64}` when the bytes are not UTF-8; displayed with control
/// characters escaped, so that a hostile name cannot drive a terminal.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Vec<u8>);

impl Name {
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    #[cfg(unix)]
    pub fn from_path(path: &Path) -> Self {
        use std::os::unix::ffi::OsStrExt;
        Self(path.as_os_str().as_bytes().to_vec())
    }

    #[cfg(not(unix))]
    pub fn from_path(path: &Path) -> Self {
        Self(path.to_string_lossy().replace('\\', "/").into_bytes())
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub fn to_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The part after the last `/` or `\`.
    pub fn file_name(&self) -> &[u8] {
        let start = self.0.iter().rposition(|b| matches!(b, b'/' | b'\\')).map_or(0, |i| i + 1);
        self.0.get(start..).unwrap_or_default()
    }

    /// The lower-case extension of the file name, without its dot; empty if there is none.
    pub fn extension(&self) -> String {
        let name = self.file_name();
        match name.iter().rposition(|&b| b == b'.') {
            Some(dot) if dot > 0 => {
                String::from_utf8_lossy(name.get(dot + 1..).unwrap_or_default()).to_ascii_lowercase()
            }
            _ => String::new(),
        }
    }
}

impl From<&str> for Name {
    fn from(name: &str) -> Self {
        Self(name.as_bytes().to_vec())
    }
}

impl From<String> for Name {
    fn from(name: String) -> Self {
        Self(name.into_bytes())
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in String::from_utf8_lossy(&self.0).chars() {
            if is_unsafe_to_print(c) {
                write!(f, "{}", c.escape_default())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(text) = self.to_str() {
            return serializer.serialize_str(text);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("bytes", &STANDARD.encode(&self.0))?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// What [`Name`] writes.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Bytes { bytes: String },
        }
        match Written::deserialize(deserializer)? {
            Written::Text(text) => Ok(Self::from(text)),
            Written::Bytes { bytes } => STANDARD.decode(bytes).map(Self).map_err(de::Error::custom),
        }
    }
}

/// Control characters and the bidirectional overrides that make a name read as another.
fn is_unsafe_to_print(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_utf8_becomes_base64() {
        let json = serde_json::to_string(&Name::from_bytes(&b"caf\xe9"[..])).unwrap();
        assert_eq!(json, r#"{"bytes":"Y2Fm6Q=="}"#);
        assert_eq!(serde_json::from_str::<Name>(&json).unwrap(), Name::from_bytes(&b"caf\xe9"[..]));
    }

    #[test]
    fn terminal_escapes_in_a_name_are_shown_not_obeyed() {
        assert_eq!(Name::from("a\u{1b}[2Jb\u{202e}c").to_string(), r"a\u{1b}[2Jb\u{202e}c");
    }

    #[test]
    fn extensions() {
        assert_eq!(Name::from("a/b.tar.GZ").extension(), "gz");
        assert_eq!(Name::from(".bashrc").extension(), "");
        assert_eq!(Name::from("a.d/none").extension(), "");
    }
}
