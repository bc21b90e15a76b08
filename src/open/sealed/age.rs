//! Files of age: the recipients that their header names.
//!
//! Specification: <https://age-encryption.org/v1>.

use crate::model::Protection;

use super::{Verdict, pem_body};

pub(super) fn judge(head: &[u8]) -> Option<Verdict> {
    let decoded;
    let header = if head.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----") {
        decoded = pem_body(head)?;
        decoded.as_slice()
    } else {
        head
    };
    let lines = header.strip_prefix(b"age-encryption.org/v1\n")?.split(|b| *b == b'\n');
    let mut kinds: Vec<(String, u32)> = Vec::new();
    let mut work_factor = None;
    for line in lines.take_while(|line| !line.starts_with(b"---")) {
        let Some(stanza) = line.strip_prefix(b"-> ") else { continue };
        let mut words = stanza.split(|b| *b == b' ').map(String::from_utf8_lossy);
        let kind = match words.next().as_deref() {
            Some(kind @ ("X25519" | "scrypt" | "ssh-rsa" | "ssh-ed25519" | "piv-p256" | "mlkem768x25519")) => {
                kind.to_owned()
            }
            // Stanzas of random names keep readers honest.
            Some(kind) if kind.ends_with("-grease") => continue,
            _ => "plugin".into(),
        };
        if kind == "scrypt" {
            work_factor = words.nth(1).and_then(|word| word.parse::<u8>().ok());
        }
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((kind, 1)),
        }
    }
    let stanzas: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let work = work_factor.map(|factor| format!(", scrypt work factor 2^{factor}")).unwrap_or_default();
    let evidence = format!("age v1, recipients: {}{work}", stanzas.join(", "));
    let scheme = match kinds.as_slice() {
        [(kind, _)] => format!("age-{}", kind.to_ascii_lowercase()),
        _ => "age".into(),
    };
    Some((Protection::strong(scheme, evidence), "application/x-age-encryption"))
}
