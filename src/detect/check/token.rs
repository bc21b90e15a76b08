//! Tokens of services: whether one is random, whether its own check characters hold, what is encoded in it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::Verdict;
use super::secret::password;

/// Parts of tokens that stand in documentation, lower-case.
const FAKE: &[&str] = &["example", "xxxx", "your", "dummy", "placeholder", "0000000", "changeme", "redacted", "insert"];

/// A token of random characters: no character in more than a third of the places, and neither
/// `12345678` nor a word of documentation makes it up.
pub fn token(value: &str) -> Verdict {
    if is_random(value) { Verdict::Certain } else { Verdict::Refuted }
}

fn is_random(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    !FAKE.iter().any(|word| lower.contains(word)) && is_spread(value)
}

fn is_spread(value: &str) -> bool {
    let body = value.trim_start_matches(|c: char| c.is_ascii_alphabetic()).trim_start_matches(['_', '-']);
    let body = if body.len() < 8 { value } else { body };
    let mut counts = [0_usize; 256];
    for byte in body.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    let distinct = counts.iter().filter(|count| **count > 0).count();
    // `abcdef…`, `1234…`: each character the one after the last.
    let lower_body = body.to_ascii_lowercase();
    let counted = lower_body.bytes().zip(lower_body.bytes().skip(1)).filter(|(a, b)| a + 1 == *b).count();
    most * 3 <= body.len() && distinct >= 6 && counted * 5 <= body.len() * 3
}

/// An AWS access key id; those of the documentation end in `EXAMPLE` and are listed as known samples.
pub fn aws_access_key(value: &str) -> Verdict {
    if is_spread(value) { Verdict::Certain } else { Verdict::Refuted }
}

/// The first line of a private key; that of OpenSSH says at once whether a passphrase protects it.
pub fn private_key(value: &str) -> Verdict {
    let sealed = value.starts_with("b3BlbnNzaC1rZXktdjE") && !value.starts_with("b3BlbnNzaC1rZXktdjEAAAAABG5vbmU");
    // A key that is not sealed begins with long runs of the same letter.
    let distinct = value.bytes().fold(0_u128, |seen, byte| seen | 1 << (byte & 127)).count_ones();
    let fake = FAKE.iter().any(|word| value.to_ascii_lowercase().contains(word));
    if sealed || fake || distinct < 6 { Verdict::Refuted } else { Verdict::Certain }
}

/// A hashed password whose salt and hash are random.
pub fn password_hash(value: &str) -> Verdict {
    let hash = value.rsplit(['$', '}']).next().unwrap_or_default();
    if is_random(hash) { Verdict::Certain } else { Verdict::Refuted }
}

/// A value beside a word such as `api key`: letters and digits mixed as no word, name or path has them.
pub fn labelled_secret(value: &str) -> Verdict {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    let joints = value.bytes().filter(|b| matches!(b, b'.' | b'_' | b'-' | b'/')).count();
    // Where letters turn into digits or back: `sha256-abc` does so twice, a random value every few characters.
    let kind = |b: u8| (b.is_ascii_digit(), b.is_ascii_uppercase());
    let turns = value.bytes().zip(value.bytes().skip(1)).filter(|(a, b)| kind(*a) != kind(*b)).count();
    // `X509KeyUsage` has its digits in one place.
    let groups = value.split(|c: char| !c.is_ascii_digit()).filter(|digits| !digits.is_empty()).count();
    let mixed = digits >= 3 && groups >= 2 && letters >= 3 && turns * 5 >= value.len() && joints * 5 <= value.len();
    if mixed && is_random(value) { Verdict::Certain } else { Verdict::Refuted }
}

/// GitHub and npm: the last six characters are the CRC-32 of the thirty before them, in base 62.
/// A token whose check fails may still be an invented or a mistyped one: silent.
pub fn checksum_token(value: &str) -> Verdict {
    let Some((_, body)) = value.split_once('_') else { return Verdict::Refuted };
    if !is_random(value) {
        return Verdict::Refuted;
    }
    let (Some(random), Some(check)) = (body.get(..30), body.get(30..36)) else { return Verdict::Silent };
    let expected = check.bytes().try_fold(0_u64, |sum, byte| Some(sum * 62 + base_62(byte)?));
    if body.len() == 36 && expected == Some(u64::from(crc_32(random.as_bytes()))) {
        Verdict::Certain
    } else {
        Verdict::Silent
    }
}

fn base_62(byte: u8) -> Option<u64> {
    Some(u64::from(match byte {
        b'0'..=b'9' => byte - b'0',
        b'A'..=b'Z' => byte - b'A' + 10,
        b'a'..=b'z' => byte - b'a' + 36,
        _ => return None,
    }))
}

/// ISO 3309 CRC-32, as zip and PNG use it.
fn crc_32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    })
}

/// The secret key of age: Bech32 (BIP 173), whose last six characters are a check over the rest.
pub fn age_key(value: &str) -> Verdict {
    const CHARACTERS: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    const GENERATORS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let lower = value.to_ascii_lowercase();
    let Some((prefix, data)) = lower.rsplit_once('1') else { return Verdict::Refuted };
    let high = prefix.bytes().map(|b| u32::from(b >> 5));
    let low = prefix.bytes().map(|b| u32::from(b & 31));
    let data = data.chars().map(|c| CHARACTERS.find(c).and_then(|at| u32::try_from(at).ok()));
    let values = high.chain([0]).chain(low).map(Some).chain(data);
    let sum = values.into_iter().try_fold(1_u32, |sum, value| {
        let shifted = ((sum & 0x01ff_ffff) << 5) ^ value?;
        let top = sum >> 25;
        Some(GENERATORS.iter().enumerate().fold(shifted, |s, (i, g)| if (top >> i) & 1 == 1 { s ^ g } else { s }))
    });
    match sum {
        Some(1) => Verdict::Certain,
        Some(_) if is_random(value.trim_start_matches("AGE-SECRET-KEY-1")) => Verdict::Silent,
        _ => Verdict::Refuted,
    }
}

/// JSON Web Token, RFC 7519: the header is JSON and names its algorithm.
pub fn jwt(value: &str) -> Verdict {
    let header = value.split('.').next().unwrap_or_default();
    let decoded = URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let json: Option<serde_json::Value> = serde_json::from_slice(&decoded).ok();
    if json.is_some_and(|json| json.get("alg").is_some()) { Verdict::Certain } else { Verdict::Refuted }
}

/// A Discord bot token: its first part is the number of the bot in base 64.
pub fn discord_token(value: &str) -> Verdict {
    let first = value.split('.').next().unwrap_or_default();
    let decoded = STANDARD_NO_PAD.decode(first).unwrap_or_default();
    let number = (17..=20).contains(&decoded.len()) && decoded.iter().all(u8::is_ascii_digit);
    if number && is_random(value) { Verdict::Certain } else { Verdict::Refuted }
}

/// RFC 7617: user and password, joined by a colon, in base 64.
pub fn basic_credentials(value: &str) -> Verdict {
    let decoded = STANDARD_NO_PAD.decode(value.trim_end_matches('=')).unwrap_or_default();
    match std::str::from_utf8(&decoded).ok().and_then(|pair| pair.split_once(':')) {
        // `Aladdin:open sesame` is the example of the RFC.
        Some(("Aladdin", _)) => Verdict::Refuted,
        Some((user, secret)) if !user.is_empty() && !user.chars().any(char::is_control) => {
            if password(secret) == Verdict::Refuted { Verdict::Refuted } else { Verdict::Certain }
        }
        _ => Verdict::Refuted,
    }
}

/// A password of Windows group policy: AES blocks in base 64, under a key that Microsoft published.
pub fn group_policy_password(value: &str) -> Verdict {
    let bare = value.trim_end_matches('=');
    match STANDARD_NO_PAD.decode(bare) {
        Ok(blocks) if !blocks.is_empty() && blocks.len().is_multiple_of(16) && is_random(value) => Verdict::Certain,
        _ => Verdict::Refuted,
    }
}

/// A password in base 64 as FileZilla and Windows set-up files keep it: text of one or two bytes a character.
pub fn encoded_password(value: &str) -> Verdict {
    let Ok(decoded) = STANDARD.decode(value) else { return Verdict::Refuted };
    let wide = decoded.iter().skip(1).step_by(2).all(|byte| *byte == 0);
    let narrow: Vec<u8> = decoded.iter().step_by(if wide { 2 } else { 1 }).copied().collect();
    let printable = narrow.len() >= 4 && narrow.iter().all(|byte| (0x20..0x7f).contains(byte));
    if printable { Verdict::Certain } else { Verdict::Refuted }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_and_invented() {
        for (value, verdict) in [
            ("glpat-7Hq2Zk9Lb4NfHc6Yd8Vs", Verdict::Certain),
            ("sk_live_51H8xYz2abcQEF123456g2iJpL", Verdict::Certain),
            ("ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", Verdict::Refuted),
            ("ghp_abcdefghijklmnopqrstuvwxyz1234567890", Verdict::Refuted),
            ("glpat-your-token-here-please", Verdict::Refuted),
            ("dop_v1_0000000000000000000000000000000000000000", Verdict::Refuted),
        ] {
            assert_eq!(token(value), verdict, "{value}");
        }
    }

    #[test]
    fn secrets_beside_their_label() {
        for (value, verdict) in [
            ("9f8a7Lb4NfHc6Yd8Vs1GjA5eUo3K", Verdict::Certain),
            ("0c9e2a0f-4915-4d1e-9c84-1008ea84422d", Verdict::Certain),
            ("com.example.auth.TokenProvider2", Verdict::Refuted),
            ("SecretKeyFactory.getInstance", Verdict::Refuted),
            ("projects/123/secrets/my-secret", Verdict::Refuted),
            ("client_credentials_grant", Verdict::Refuted),
            ("X509HardwareKeyUsageFlags", Verdict::Refuted),
        ] {
            assert_eq!(labelled_secret(value), verdict, "{value}");
        }
    }

    #[test]
    fn check_characters_hold() {
        // The vector that GitHub's own announcement led to: CRC-32 of the thirty characters.
        let good = "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";
        assert_eq!(checksum_token(good), Verdict::Certain);
        for place in 4..40 {
            assert_eq!(checksum_token(&super::super::testing::changed(good, place)), Verdict::Silent);
        }
        assert_eq!(checksum_token("npm_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"), Verdict::Refuted);
        assert_eq!(crc_32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn an_age_key_checks_itself() {
        // BIP 173, valid test vectors; the check is the same for every prefix.
        assert_eq!(age_key("A12UEL5L"), Verdict::Certain);
        assert_eq!(age_key("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"), Verdict::Certain);
        assert_eq!(age_key("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxx"), Verdict::Silent);
        assert_eq!(age_key("AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQ"), Verdict::Refuted);
    }

    #[test]
    fn what_is_encoded() {
        assert_eq!(jwt("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"), Verdict::Certain);
        assert_eq!(jwt("eyJhIjoxfQ.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"), Verdict::Refuted);
        assert_eq!(basic_credentials(&STANDARD.encode("lconti:Nord4cciai!")), Verdict::Certain);
        assert_eq!(basic_credentials(&STANDARD.encode("user:password")), Verdict::Refuted);
        assert_eq!(basic_credentials("QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), Verdict::Refuted);
        assert_eq!(basic_credentials(&STANDARD.encode([0xff, 0xd8, 0x3a, 0x41])), Verdict::Refuted);
        assert_eq!(group_policy_password("j1Uyj3Vx8TY9LtLZil2uAuZkFQA/4latT76ZwgdHdhw"), Verdict::Certain);
        assert_eq!(group_policy_password("geheim"), Verdict::Refuted);
        assert_eq!(encoded_password("Tm9yZDRjY2lhaSE="), Verdict::Certain);
        assert_eq!(encoded_password("TgBvAHIAZAA0AA=="), Verdict::Certain);
        assert_eq!(encoded_password("Tm9yZDRjY2lhaSE"), Verdict::Refuted);
        let discord = format!(
            "{}.Gq7xZp.{}",
            STANDARD_NO_PAD.encode("968556348390391859"),
            "pD8PLpKp-Xx8sr-8m1DCxSPTJZdcpcJZOEx"
        );
        assert_eq!(discord_token(&discord), Verdict::Certain);
        assert_eq!(
            discord_token("aGVsbG8gd29ybGQgaGVsbG8x.Gq7xZp.pD8PLpKp-Xx8sr-8m1DCxSPTJZdcpcJZOEx"),
            Verdict::Refuted
        );
    }
}
