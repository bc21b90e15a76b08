//! Signatures in the format of OpenSSH, which `ssh-keygen -Y verify` checks anywhere without this program.
//!
//! Keys and signatures are Ed25519 (RFC 8032); their forms are those of OpenSSH: PROTOCOL.key for the
//! secret key, RFC 8709 for the public one, PROTOCOL.sshsig for the signature.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha512};

/// What the signature is for: one made for something else does not pass for this.
pub const NAMESPACE: &str = "plainsight";

const KIND: &[u8] = b"ssh-ed25519";
const MAGIC: &[u8] = b"SSHSIG";
const HASH: &[u8] = b"sha512";
const KEY_MAGIC: &[u8] = b"openssh-key-v1\0";
const KEY_BEGIN: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
const KEY_END: &str = "-----END OPENSSH PRIVATE KEY-----";
const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";

/// Why a key is not taken, or a signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error("no secret key of OpenSSH; `ssh-keygen -t ed25519` makes one")]
    NoSecretKey,
    #[error("the secret key has a passphrase; make one for reports without: ssh-keygen -t ed25519 -N ''")]
    Locked,
    #[error("the key is none of Ed25519")]
    OtherKind,
    #[error("no public key of OpenSSH (ssh-ed25519 AAAA...)")]
    NoPublicKey,
    #[error("no signature of OpenSSH")]
    NoSignature,
    #[error("the signature was made for something else than a manifest of Plainsight")]
    OtherNamespace,
    #[error("the signature is that of another key")]
    OtherKey,
    #[error("the signature is not that of these bytes")]
    Wrong,
}

use SignatureError as E;

/// A key that signs; prints nothing of itself.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl SecretKey {
    /// The text of a key file of OpenSSH without a passphrase.
    pub fn parse(text: &str) -> Result<Self, SignatureError> {
        let bytes = unarmoured(text, KEY_BEGIN, KEY_END).ok_or(E::NoSecretKey)?;
        let mut file = Fields(bytes.strip_prefix(KEY_MAGIC).ok_or(E::NoSecretKey)?);
        let cipher = file.string().ok_or(E::NoSecretKey)?;
        let _function = file.string().ok_or(E::NoSecretKey)?;
        let _options = file.string().ok_or(E::NoSecretKey)?;
        if file.number() != Some(1) {
            return Err(E::NoSecretKey);
        }
        let _public = file.string().ok_or(E::NoSecretKey)?;
        if cipher != b"none" {
            return Err(E::Locked);
        }
        let mut secret = Fields(file.string().ok_or(E::NoSecretKey)?);
        if secret.number().is_none_or(|check| Some(check) != secret.number()) {
            return Err(E::NoSecretKey);
        }
        if secret.string().ok_or(E::NoSecretKey)? != KIND {
            return Err(E::OtherKind);
        }
        let public = secret.string().ok_or(E::NoSecretKey)?;
        let pair = secret.string().ok_or(E::NoSecretKey)?;
        let seed: &[u8; 32] = pair.first_chunk().ok_or(E::NoSecretKey)?;
        let key = SigningKey::from_bytes(seed);
        if key.verifying_key().as_bytes().as_slice() != public {
            return Err(E::NoSecretKey);
        }
        Ok(Self(key))
    }

    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// The armoured signature of a message.
    pub fn sign(&self, message: &[u8]) -> String {
        let signature = self.0.sign(&signed(message)).to_bytes();
        let mut blob = MAGIC.to_vec();
        blob.extend(1_u32.to_be_bytes());
        push(&mut blob, &self.public().blob());
        for field in [NAMESPACE.as_bytes(), b"", HASH] {
            push(&mut blob, field);
        }
        let mut of_kind = Vec::new();
        push(&mut of_kind, KIND);
        push(&mut of_kind, &signature);
        push(&mut blob, &of_kind);
        let encoded = STANDARD.encode(blob);
        let mut armoured = format!("{BEGIN}\n");
        let mut rest = encoded.as_str();
        while !rest.is_empty() {
            let (line, behind) = rest.split_at(rest.len().min(70));
            armoured.push_str(line);
            armoured.push('\n');
            rest = behind;
        }
        armoured + END + "\n"
    }
}

/// A key that checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// The text of a `.pub` file, or a line of a file of allowed signers.
    pub fn parse(text: &str) -> Result<Self, SignatureError> {
        let mut words = text.lines().find(|line| !line.trim_start().starts_with('#')).unwrap_or_default().split(' ');
        words.find(|word| word.as_bytes() == KIND).ok_or(E::NoPublicKey)?;
        let blob = words.next().and_then(|word| STANDARD.decode(word.trim()).ok()).ok_or(E::NoPublicKey)?;
        Self::of_blob(&blob).ok_or(E::NoPublicKey)
    }

    fn of_blob(blob: &[u8]) -> Option<Self> {
        let mut fields = Fields(blob);
        let is_ours = fields.string()? == KIND;
        let key: &[u8; 32] = fields.string()?.try_into().ok()?;
        VerifyingKey::from_bytes(key).ok().filter(|_| is_ours).map(Self)
    }

    fn blob(self) -> Vec<u8> {
        let mut blob = Vec::new();
        push(&mut blob, KIND);
        push(&mut blob, self.0.as_bytes());
        blob
    }

    /// Whether the armoured signature is that of this key over this message.
    pub fn verify(self, message: &[u8], armoured: &str) -> Result<(), SignatureError> {
        let blob = unarmoured(armoured, BEGIN, END).ok_or(E::NoSignature)?;
        let mut fields = Fields(blob.strip_prefix(MAGIC).ok_or(E::NoSignature)?);
        if fields.number() != Some(1) {
            return Err(E::NoSignature);
        }
        let key = fields.string().ok_or(E::NoSignature)?;
        let namespace = fields.string().ok_or(E::NoSignature)?;
        let _reserved = fields.string().ok_or(E::NoSignature)?;
        let hash = fields.string().ok_or(E::NoSignature)?;
        let mut of_kind = Fields(fields.string().ok_or(E::NoSignature)?);
        if namespace != NAMESPACE.as_bytes() {
            return Err(E::OtherNamespace);
        }
        if key != self.blob() {
            return Err(E::OtherKey);
        }
        if hash != HASH || of_kind.string() != Some(KIND) {
            return Err(E::NoSignature);
        }
        let signature = of_kind.string().and_then(|bytes| Signature::from_slice(bytes).ok()).ok_or(E::NoSignature)?;
        self.0.verify_strict(&signed(message), &signature).map_err(|_| E::Wrong)
    }
}

/// What the key really signs.
fn signed(message: &[u8]) -> Vec<u8> {
    let mut blob = MAGIC.to_vec();
    for field in [NAMESPACE.as_bytes(), b"", HASH] {
        push(&mut blob, field);
    }
    push(&mut blob, &Sha512::digest(message));
    blob
}

/// A string of SSH (RFC 4251): its length in four bytes, and its bytes.
fn push(blob: &mut Vec<u8>, field: &[u8]) {
    // What is written here is a few hundred bytes.
    blob.extend(u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
    blob.extend_from_slice(field);
}

struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*number))
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (string, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(string)
    }
}

fn unarmoured(text: &str, begin: &str, end: &str) -> Option<Vec<u8>> {
    let (_, behind) = text.split_once(begin)?;
    let (body, _) = behind.split_once(end)?;
    let body: String = body.split_whitespace().collect();
    STANDARD.decode(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the seed below, as OpenSSH writes it.
    const PUBLIC: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs officer";
    /// Of `hello\n`, made by `ssh-keygen -Y sign -n plainsight` with the key of the seed.
    const FOREIGN: &str = "\
-----BEGIN SSH SIGNATURE-----\n\
U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg6kpsY+KcUgq+9VB7Ey7F+ZVHdq\n\
6+vnuSQh7qaRRG0iwAAAAKcGxhaW5zaWdodAAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gt\n\
ZWQyNTUxOQAAAEAH3Km8LFDgBwf12PyaEs7TwK5DtpI8//apo4wsXHzxhucI8f7703/M1+\n\
n6q54kOK4VJ9tH1sWBcSUV+mXm6UQL\n\
-----END SSH SIGNATURE-----\n\
";

    /// The key file of OpenSSH for the seed: no secret lies in this repository.
    fn key_file(cipher: &[u8]) -> String {
        let key = SigningKey::from_bytes(&[7; 32]);
        let public = PublicKey(key.verifying_key());
        let mut secret = [[1, 2, 3, 4], [1, 2, 3, 4]].concat();
        for field in [KIND, public.0.as_bytes(), &key.to_keypair_bytes(), b"officer"] {
            push(&mut secret, field);
        }
        let mut file = KEY_MAGIC.to_vec();
        for field in [cipher, b"none", b""] {
            push(&mut file, field);
        }
        file.extend(1_u32.to_be_bytes());
        push(&mut file, &public.blob());
        push(&mut file, &secret);
        format!("{KEY_BEGIN}\n{}\n{KEY_END}\n", STANDARD.encode(file))
    }

    #[test]
    fn it_is_the_signature_that_openssh_makes() {
        let secret = SecretKey::parse(&key_file(b"none")).unwrap();
        assert_eq!(secret.public(), PublicKey::parse(PUBLIC).unwrap());
        // Ed25519 is deterministic: the same key and message give the same bytes.
        assert_eq!(secret.sign(b"hello\n"), FOREIGN);
        assert_eq!(secret.public().verify(b"hello\n", FOREIGN), Ok(()));
    }

    #[test]
    fn what_is_not_it_does_not_pass() {
        let secret = SecretKey::parse(&key_file(b"none")).unwrap();
        let (public, armoured) = (secret.public(), secret.sign(b"report"));
        assert_eq!(public.verify(b"Report", &armoured), Err(E::Wrong));
        assert_eq!(public.verify(b"report", "nothing"), Err(E::NoSignature));
        let other = SecretKey(SigningKey::from_bytes(&[8; 32]));
        assert_eq!(other.public().verify(b"report", &armoured), Err(E::OtherKey));
        for cut in [0, 10, 50, armoured.len() / 2] {
            assert_eq!(public.verify(b"report", &armoured[..cut]), Err(E::NoSignature));
        }
        assert_eq!(PublicKey::parse("ssh-rsa AAAA"), Err(E::NoPublicKey));
        assert_eq!(SecretKey::parse(PUBLIC).unwrap_err(), E::NoSecretKey);
        assert_eq!(SecretKey::parse(&key_file(b"aes256-ctr")).unwrap_err(), E::Locked);
        assert_eq!(format!("{secret:?}"), "SecretKey(…)");
        let listed = format!("# who may\nofficer@example.com namespaces=\"plainsight\" {PUBLIC}");
        assert_eq!(PublicKey::parse(&listed), Ok(public));
    }
}
