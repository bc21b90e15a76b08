//! Sealed files in ASCII armour: OpenPGP, age, encrypted private keys, S/MIME, and what openssl writes as base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::format::Format;

/// The format of a file that is one armoured block and nothing else. A block among
/// other text leaves the file text: what surrounds it is readable.
pub(super) fn sniff(head: &[u8]) -> Option<Format> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if text.starts_with(b"$ANSIBLE_VAULT;") || is_salted_base64(text) {
        return Some(Format::Sealed);
    }
    let label = label(text)?;
    if !stands_alone(text, label) {
        return None;
    }
    match label {
        b"PGP MESSAGE" => Some(Format::OpenPgpArmor),
        b"AGE ENCRYPTED FILE" => Some(Format::Age),
        b"ENCRYPTED PRIVATE KEY" => Some(Format::Sealed),
        b"OPENSSH PRIVATE KEY" => openssh_is_encrypted(&body(text)).then_some(Format::Sealed),
        b"PKCS7" | b"CMS" => is_enveloped(&body(text)).then_some(Format::Sealed),
        _ if label.ends_with(b"PRIVATE KEY") => {
            let lines = text.get(..512).unwrap_or(text);
            memchr::memmem::find(lines, b"Proc-Type: 4,ENCRYPTED").map(|_| Format::Sealed)
        }
        _ => None,
    }
}

/// `PGP MESSAGE` of `-----BEGIN PGP MESSAGE-----`.
fn label(text: &[u8]) -> Option<&[u8]> {
    let rest = text.strip_prefix(b"-----BEGIN ")?;
    let end = memchr::memmem::find(rest.get(..64).unwrap_or(rest), b"-----")?;
    rest.get(..end)
}

/// Whether nothing but white space follows the end of the first block, as far as the head goes.
fn stands_alone(text: &[u8], label: &[u8]) -> bool {
    let end = [b"-----END ", label, b"-----"].concat();
    match memchr::memmem::find(text, &end) {
        Some(at) => text.get(at + end.len()..).unwrap_or_default().trim_ascii().is_empty(),
        None => true,
    }
}

/// The first bytes of the block: 512 are more than any of the questions need.
fn body(text: &[u8]) -> Vec<u8> {
    let base64: Vec<u8> = text
        .split(|b| *b == b'\n')
        .skip(1)
        .map(<[u8]>::trim_ascii)
        .take_while(|line| !line.starts_with(b"-----"))
        .take(16)
        .flatten()
        .copied()
        .collect();
    let whole = base64.len() / 4 * 4;
    STANDARD.decode(base64.get(..whole).unwrap_or_default()).unwrap_or_default()
}

/// The cipher name is the first string after the magic (openssh-key-v1, PROTOCOL.key).
fn openssh_is_encrypted(body: &[u8]) -> bool {
    body.strip_prefix(b"openssh-key-v1\0").is_some_and(|rest| !rest.starts_with(b"\0\0\0\x04none"))
}

fn is_enveloped(body: &[u8]) -> bool {
    let start = body.get(..32).unwrap_or(body);
    [3, 4, 6].iter().any(|kind| {
        let oid = [b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07".as_slice(), &[*kind]].concat();
        memchr::memmem::find(start, &oid).is_some()
    })
}

/// `Salted__` in base64, and base64 alone in the first lines.
fn is_salted_base64(text: &[u8]) -> bool {
    let head = text.get(..256).unwrap_or(text);
    text.starts_with(b"U2FsdGVkX1")
        && head.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'\r' | b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_among_other_text_leaves_the_file_text() {
        let block = "-----BEGIN PGP MESSAGE-----\n\nwcBMA\n-----END PGP MESSAGE-----\n";
        assert_eq!(sniff(block.as_bytes()), Some(Format::OpenPgpArmor));
        assert_eq!(sniff(format!("\n{block}\n\n").as_bytes()), Some(Format::OpenPgpArmor));
        assert_eq!(sniff(format!("Hello,\n{block}").as_bytes()), None);
        assert_eq!(sniff(format!("{block}Regards, Anna\n").as_bytes()), None);
    }

    #[test]
    fn an_encrypted_key_beside_a_plain_one_stays_text() {
        let sealed = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIGj\n-----END ENCRYPTED PRIVATE KEY-----\n";
        let plain = "-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n";
        assert_eq!(sniff(sealed.as_bytes()), Some(Format::Sealed));
        assert_eq!(sniff(plain.as_bytes()), None);
        assert_eq!(sniff(format!("{sealed}{plain}").as_bytes()), None);
    }
}
