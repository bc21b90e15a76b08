//! Private keys under a passphrase: OpenSSH and the old PEM encryption. PKCS #8 is ASN.1.
//!
//! Specifications: PROTOCOL.key of OpenSSH; RFC 1421 headers with OpenSSL's key derivation.

use crate::model::Protection;

use super::{Verdict, pem_body};

pub(super) fn judge(head: &[u8]) -> Option<Verdict> {
    if head.starts_with(b"-----BEGIN OPENSSH PRIVATE KEY-----") {
        let body = pem_body(head)?;
        let rest = body.strip_prefix(b"openssh-key-v1\0")?;
        let (cipher, rest) = string(rest)?;
        let (kdf, _) = string(rest)?;
        let name = |bytes: &[u8]| -> String {
            bytes
                .iter()
                .take(40)
                .filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'@' | b'.'))
                .map(|b| char::from(*b))
                .collect()
        };
        let (cipher, kdf) = (name(cipher), name(kdf));
        let evidence = format!("OpenSSH private key, {cipher}, key derivation {kdf}");
        let scheme = format!("openssh-{cipher}");
        let weak = cipher.contains("3des") || cipher.contains("arcfour") || cipher.contains("blowfish");
        let protection = if weak { Protection::weak(scheme, evidence) } else { Protection::strong(scheme, evidence) };
        return Some((protection, "application/x-openssh-private-key"));
    }
    let start = head.get(..1024).unwrap_or(head);
    let at = memchr::memmem::find(start, b"DEK-Info:")?;
    let line = start.get(at + 9..)?.split(|b| matches!(b, b',' | b'\n')).next()?.trim_ascii();
    let cipher = String::from_utf8_lossy(line.get(..40.min(line.len()))?).to_ascii_lowercase();
    let evidence = format!("PEM private key with DEK-Info {cipher}: the key comes from one round of MD5");
    Some((Protection::weak(format!("pem-{cipher}"), evidence), "application/x-pem-file"))
}

/// A length-prefixed string and the rest.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?);
    bytes.get(4..)?.split_at_checked(usize::try_from(length).ok()?)
}
