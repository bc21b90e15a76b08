//! Encrypted volumes, password safes and vaults by their headers: LUKS, BitLocker, KeePass, git-crypt, openssl enc.
//!
//! Specifications: LUKS1 1.2.3 and LUKS2 on-disk formats (cryptsetup); KDBX 3.1 and 4 (keepass.info).

use memchr::memmem::find;

use crate::model::Protection;

use super::Verdict;

/// The volume identifier in the boot sector of a drive that other systems may read.
const BITLOCKER_TO_GO: &[u8] = b"\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01";

pub(super) fn judge(head: &[u8]) -> Option<Verdict> {
    if head.starts_with(b"LUKS\xba\xbe") {
        return Some((luks(head), "application/x-luks"));
    }
    if let Some(rest) = head.strip_prefix(b"\x03\xd9\xa2\x9a") {
        return Some((keepass(rest), "application/x-keepass2"));
    }
    if head.starts_with(b"Salted__") || head.starts_with(b"U2FsdGVkX1") {
        let evidence = "openssl enc (Salted__): neither the cipher nor the derivation of the key is written down";
        let protection = Protection { scheme: Some("openssl-enc".into()), ..Protection::unknown(evidence) };
        return Some((protection, "application/x-openssl-encrypted"));
    }
    let to_go = head.get(424..440) == Some(BITLOCKER_TO_GO);
    if to_go || head.get(3..).is_some_and(|rest| rest.starts_with(b"-FVE-FS-")) {
        let evidence = "BitLocker volume; a volume with suspended protection holds its key in the clear";
        let protection = Protection { scheme: Some("bitlocker".into()), ..Protection::unknown(evidence) };
        return Some((protection, "application/x-bitlocker"));
    }
    if head.starts_with(b"encrcdsa") {
        let protection = Protection::strong("dmg-encrypted", "encrypted disk image of macOS (encrcdsa, version 2)");
        return Some((protection, "application/x-apple-diskimage"));
    }
    if let Some(protection) = single_file(head) {
        return Some((protection, "application/x-encrypted"));
    }
    if head.starts_with(b"\0GITCRYPT\0") {
        return Some((
            Protection::strong("git-crypt-aes256", "git-crypt header, AES-256 in CTR mode"),
            "application/x-git-crypt",
        ));
    }
    if head.starts_with(b"$ANSIBLE_VAULT;") {
        let line = head.split(|b| *b == b'\n').next().unwrap_or_default();
        let protection = if find(line, b"AES256").is_some() {
            Protection::strong("ansible-vault-aes256", "ansible-vault header, AES-256 with PBKDF2")
        } else {
            Protection::weak("ansible-vault", "ansible-vault header of a version before AES-256")
        };
        return Some((protection, "application/x-ansible-vault"));
    }
    None
}

fn luks(head: &[u8]) -> Protection {
    let version = head.get(6..8).and_then(|b| b.try_into().ok()).map_or(0, u16::from_be_bytes);
    let cipher = match version {
        1 => [8..40, 40..72].map(|range| field(head.get(range).unwrap_or_default())).join("-"),
        // The first segment of the JSON area says it.
        _ => find(head, b"\"encryption\":\"")
            .and_then(|at| head.get(at + 14..))
            .and_then(|rest| rest.split(|b| *b == b'"').next())
            .map(field)
            .unwrap_or_default(),
    };
    let scheme = format!("luks{version}");
    if cipher.starts_with("cipher_null") {
        let evidence = "LUKS header with cipher_null: the volume is not encrypted";
        return Protection::opens_without_password(scheme, evidence);
    }
    let cipher = if cipher.is_empty() { "cipher not found in the header".to_owned() } else { cipher };
    let evidence = format!("LUKS version {version} header, {cipher}");
    if cipher.contains("-ecb") { Protection::weak(scheme, evidence) } else { Protection::strong(scheme, evidence) }
}

/// A zero-padded name, only of the letters such names have: the detail holds no content.
fn field(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len()).min(40);
    let name = bytes.get(..end).unwrap_or_default();
    name.iter()
        .filter(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':'))
        .map(|b| char::from(*b))
        .collect()
}

fn keepass(rest: &[u8]) -> Protection {
    let version = rest.get(6..8).and_then(|b| b.try_into().ok()).map_or(0, u16::from_le_bytes);
    let start = rest.get(..4096).unwrap_or(rest);
    if rest.starts_with(b"\x65") {
        return Protection::strong("keepass-kdb1", "KeePass 1 database (.kdb): AES-256 or Twofish, AES key derivation");
    }
    let named = |table: &[(&str, &[u8])]| {
        table
            .iter()
            .find(|(_, uuid)| find(start, uuid).is_some())
            .map_or_else(String::new, |(name, _)| (*name).to_owned())
    };
    let cipher = named(&[
        ("AES-256", b"\x31\xc1\xf2\xe6\xbf\x71\x43\x50\xbe\x58\x05\x21\x6a\xfc\x5a\xff"),
        ("ChaCha20", b"\xd6\x03\x8a\x2b\x8b\x6f\x4c\xb5\xa5\x24\x33\x9a\x31\xdb\xb5\x9a"),
        ("Twofish", b"\xad\x68\xf2\x9f\x57\x6f\x4b\xb9\xa3\x6a\xd4\x7a\xf9\x65\x34\x6c"),
    ]);
    let derivation = named(&[
        ("Argon2d", b"\xef\x63\x6d\xdf\x8c\x29\x44\x4b\x91\xf7\xa9\xa4\x03\xe3\x0a\x0c"),
        ("Argon2id", b"\x9e\x29\x8b\x19\x56\xdb\x47\x73\xb2\x3d\xfc\x3e\xc6\xf0\xa1\xe6"),
        ("AES-KDF", b"\xc9\xd9\xf3\x9a\x62\x8a\x44\x60\xbf\x74\x0d\x08\xc1\x8a\x4f\xea"),
        ("AES-KDF", b"\x7c\x02\xbb\x82\x79\xa7\x4a\xc0\x92\x7d\x11\x4a\x00\x64\x82\x38"),
    ]);
    let derivation = if version < 4 { "AES-KDF".to_owned() } else { derivation };
    let or_unknown = |name: String| if name.is_empty() { "unknown".to_owned() } else { name };
    let evidence = format!(
        "KeePass database (KDBX {version}), cipher {}, key derivation {}",
        or_unknown(cipher),
        or_unknown(derivation)
    );
    Protection::strong(format!("keepass-kdbx{version}"), evidence)
}

/// Programs that seal one file at a time.
fn single_file(head: &[u8]) -> Option<Protection> {
    if head.starts_with(b"\xc0\xb9\x07\x2e\x4f\x93\xf1\x46\xa0\x15\x79\x2c\xa1\xd9\xe8\x21") {
        return Some(Protection::strong("axcrypt", "AxCrypt header, AES with a wrapped key"));
    }
    if head.starts_with(b"AES\x02\0") {
        return Some(Protection::strong("aescrypt", "AES Crypt header, version 2: AES-256, 8192 rounds of SHA-256"));
    }
    if head.starts_with(b"AES\x03\0") {
        return Some(Protection::strong("aescrypt", "AES Crypt header, version 3: AES-256, PBKDF2"));
    }
    head.starts_with(b"RCLONE\0\0")
        .then(|| Protection::strong("rclone-xsalsa20", "rclone crypt header, XSalsa20 with Poly1305"))
}
