//! The verdicts on the fixtures of sealed files.

use super::*;
use crate::model::State;
use crate::open::collect::collect;

fn check_bytes(path: &str, bytes: &[u8], state: State, scheme: Option<&str>, evidence: &str) {
    let collected = collect(&Sealed, path, bytes);
    let protection = collected.protection.unwrap();
    assert_eq!((protection.state, protection.scheme.as_deref()), (state, scheme), "{path}: {}", protection.evidence);
    assert!(protection.evidence.contains(evidence), "{path}: {}", protection.evidence);
    assert!(matches!(collected.error, Some(ReadError::Encrypted)));
    assert!(collected.media_type.is_some());
}

fn check(path: &str, state: State, scheme: &str, evidence: &str) {
    let bytes = std::fs::read(format!("{}/fixtures/sealed/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    check_bytes(path, &bytes, state, Some(scheme), evidence);
    for cut in (0..bytes.len().min(1500)).step_by(11) {
        let _ = collect(&Sealed, path, &bytes[..cut]);
    }
}

#[test]
fn age() {
    check("recipient.age", State::Strong, "age-x25519", "1 X25519");
    check("recipient-armor.age", State::Strong, "age-x25519", "1 X25519");
    check("ssh.age", State::Strong, "age-ssh-ed25519", "1 ssh-ed25519");
    check("passphrase.age", State::Strong, "age-scrypt", "scrypt work factor 2^");
}

#[test]
fn asn1() {
    check("aes256.p7m", State::Strong, "cms-aes256-cbc", "S/MIME");
    check("enveloped.pem", State::Strong, "cms-aes128-cbc", "S/MIME");
    check("des3.p7m", State::Weak, "cms-3des", "S/MIME");
    check("aes256.p12", State::Strong, "pkcs12-aes256-cbc", "PKCS #12");
    check("pkcs8-encrypted.key", State::Strong, "pkcs8-aes256-cbc", "PKCS #8");
    check("pkcs8-rc4-40.key", State::Weak, "pkcs8-pbe-sha1-rc4-40", "PKCS #8");
}

#[test]
fn keys() {
    check("openssh-encrypted.key", State::Strong, "openssh-aes256-ctr", "bcrypt");
    check("legacy-des3.key", State::Weak, "pem-des-ede3-cbc", "one round of MD5");
    check("legacy-aes256.key", State::Weak, "pem-aes-256-cbc", "one round of MD5");
}

#[test]
fn volumes_and_vaults() {
    check("luks1.img", State::Strong, "luks1", "aes-xts-plain64");
    check("luks2.img", State::Strong, "luks2", "aes-xts-plain64");
    check("openssl.enc", State::Unknown, "openssl-enc", "Salted__");
    check("openssl-base64.enc", State::Unknown, "openssl-enc", "Salted__");
    let kdbx = b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5\x01\0\x04\0\x02\x10\0\0\0\x31\xc1\xf2\xe6\xbf\x71\x43\x50\xbe\x58\x05\x21\x6a\xfc\x5a\xff\xef\x63\x6d\xdf\x8c\x29\x44\x4b\x91\xf7\xa9\xa4\x03\xe3\x0a\x0c";
    check_bytes("kdbx 4", kdbx, State::Strong, Some("keepass-kdbx4"), "AES-256, key derivation Argon2d");
    let kdb = b"\x03\xd9\xa2\x9a\x65\xfb\x4b\xb5\x03\0\0\0\x03\0\x03\0";
    check_bytes("kdb", kdb, State::Strong, Some("keepass-kdb1"), "KeePass 1");
    check_bytes("vault", b"$ANSIBLE_VAULT;1.1;AES256\n3031", State::Strong, Some("ansible-vault-aes256"), "PBKDF2");
    let to_go = [&[0; 424][..], b"\x3b\xd6\x67\x49\x29\x2e\xd8\x4a\x83\x99\xf6\xa3\x39\xe3\xd0\x01"].concat();
    check_bytes("bitlocker to go", &to_go, State::Unknown, Some("bitlocker"), "BitLocker");
    check_bytes("a.aes", b"AES\x02\0\0\x1bCREATED_BY", State::Strong, Some("aescrypt"), "8192 rounds");
    check_bytes("odd", b"????", State::Unknown, None, "not known");
}

#[test]
fn rights_management_is_unknown() {
    check_bytes("a.pfile", b".pfile\x02\0\0\0", State::Unknown, Some("ms-irm"), "a server holds the key");
    let message = b"\x76\xe8\x04\x60\xc4\x11\xe3\x86\xa0\x0f\0\0";
    check_bytes("message.rpmsg", message, State::Unknown, Some("ms-irm"), "message.rpmsg");
}

#[test]
fn random_bytes_are_never_taken_for_a_sealed_format() {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    for number in 0..20_000 {
        let head: Vec<u8> = (0..128)
            .flat_map(|_| {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                seed.to_le_bytes()
            })
            .collect();
        let format = crate::identify::identify(&head, &crate::model::Name::from("a.gpg.bin"));
        assert!(
            !matches!(format, Format::OpenPgp | Format::OpenPgpArmor | Format::Age | Format::Sealed | Format::SevenZip),
            "{number}: {format:?}"
        );
    }
}
