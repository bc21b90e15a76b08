//! Tests of the mail reader: structure, encodings, sealed bodies, hostile messages.
#![allow(clippy::format_collect, reason = "test inputs are short")]

use super::*;
use crate::model::State;
use crate::open::collect::{Collected, collect};

fn read(message: &str) -> Collected {
    collect(&Mail, "a.eml", message.replace('\n', "\r\n").as_bytes())
}

const HEAD: &str =
    "From: =?utf-8?q?Nicol=C3=B2?= Rossi <n.rossi@example.org>\nTo: hr@example.org\nSubject: Certificato\n";

fn multipart(kind: &str, parts: &[&str]) -> String {
    let parts: String = parts.iter().map(|part| format!("--xyz\n{part}\n")).collect();
    format!("{HEAD}Content-Type: multipart/{kind}; boundary=\"xyz\"\n\n{parts}--xyz--\n")
}

#[test]
fn headers_are_labelled_and_decoded() {
    let got = read(&format!("{HEAD}\nBuongiorno\nMario\n"));
    assert!(got.error.is_none() && got.gaps.is_empty());
    let text = &got.texts[0];
    let at = text.content().find("Nicolò Rossi <n.rossi@example.org>").unwrap();
    assert_eq!((text.label(at), text.place(at).line), (Some("From"), Some(1)));
    assert_eq!(text.record(at), text.record(text.content().find("Certificato").unwrap()));
    let body = &got.texts[1];
    assert_eq!(body.content(), "Buongiorno\nMario\n");
    assert_eq!(body.place(body.content().find("Mario").unwrap()).line, Some(6));
}

#[test]
fn eight_bit_headers_and_bodies() {
    let bytes = b"Subject: citt\xe0\nContent-Type: text/plain; charset=windows-1252\n\nperch\xe9\n";
    let got = collect(&Mail, "a.eml", bytes);
    assert!(got.content().contains("città") && got.content().contains("perché"));
}

#[test]
fn attachments_are_members_with_their_names() {
    let got = read(&multipart(
        "mixed",
        &[
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\nYnVvbmdpb3Jubw==",
            "Content-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''citt%C3%A0.pdf\nContent-Transfer-Encoding: base64\n\nJVBERg==",
            "Content-Type: message/rfc822\n\nSubject: inner\n\nbody\n",
            "Content-Type: application/ms-tnef; name=\"winmail.dat\"\n\nx",
            "Content-Type: text/csv; name=\"=?utf-8?q?elenco_=C3=A0.csv?=\"\n\na;b",
        ],
    ));
    assert!(got.content().contains("buongiorno"));
    assert_eq!(got.member_names(), ["città.pdf", "message 1.eml", "winmail.dat", "elenco à.csv"]);
    assert_eq!(got.members[0].1, b"%PDF");
    assert_eq!(got.members[0].0.media_type.as_deref(), Some("application/pdf"));
    assert_eq!(got.members[1].1, b"Subject: inner\r\n\r\nbody\r\n");
    assert!(got.gaps.is_empty() && got.error.is_none());
}

#[test]
fn an_alternative_that_says_the_same_is_not_repeated() {
    let text = "Content-Type: text/plain\n\nIl sig. Rossi Mario\n";
    let same = "Content-Type: text/html\n\n<p>Il sig. <b>Rossi</b> Mario</p>";
    let more = "Content-Type: text/html\n\n<p>Il sig. Rossi Mario</p><p>CF RSSMRA80A01H501U</p>";
    assert_eq!(read(&multipart("alternative", &[text, same])).content().matches("Mario").count(), 1);
    let got = read(&multipart("alternative", &[text, more])).content();
    assert_eq!(got.matches("Mario").count(), 1);
    assert!(got.contains("RSSMRA80A01H501U"));
}

#[test]
fn a_sealed_message_is_an_answer() {
    let pgp = read(&multipart(
        "encrypted; protocol=\"application/pgp-encrypted\"",
        &[
            "Content-Type: application/pgp-encrypted\n\nVersion: 1\n",
            "Content-Type: application/octet-stream; name=encrypted.asc\n\n-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----",
        ],
    ));
    assert!(matches!(pgp.error, Some(ReadError::Encrypted)));
    assert!(pgp.content().contains("n.rossi@example.org"));
    let protection = pgp.protection.unwrap();
    assert_eq!((protection.state, protection.scheme.as_deref()), (State::Strong, Some("openpgp-mime")));
    assert!(protection.names_exposed);

    // EnvelopedData, as far as its content type.
    let smime = read(&format!(
        "{HEAD}Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\nContent-Transfer-Encoding: base64\n\nMIIBAAYJKoZIhvcNAQcDoIIA\n"
    ));
    assert!(matches!(smime.error, Some(ReadError::Encrypted)));
    assert_eq!(smime.protection.unwrap().scheme.as_deref(), Some("smime"));
}

#[test]
fn what_only_claims_to_be_sealed_is_read() {
    let got = read(&multipart("encrypted", &["Content-Type: text/plain\n\nMario Rossi\n"]));
    assert!(got.error.is_none() && got.protection.is_none());
    assert_eq!(got.members.len(), 1);
}

#[test]
fn a_sealed_part_of_a_readable_message_is_a_member() {
    let got = read(&multipart(
        "mixed",
        &[
            "Content-Type: text/plain\n\nin the open\n",
            "Content-Type: application/pkcs7-mime; name=smime.p7m\nContent-Transfer-Encoding: base64\n\nMIIBAAYJKoZIhvcNAQcDoIIA",
        ],
    ));
    assert!(got.error.is_none() && got.content().contains("in the open"));
    assert_eq!(got.unread[0].1, Reason::Encrypted);
}

#[test]
fn a_message_that_was_cut_is_a_gap() {
    let whole = multipart("mixed", &["Content-Type: text/plain\n\nMario"]);
    let got = read(whole.split("--xyz--").next().unwrap());
    assert!(got.content().contains("Mario"));
    assert_eq!(got.gaps[0].0, Reason::Truncated);
}

#[test]
fn what_is_no_mail_loses_nothing() {
    for text in ["Mario Rossi\nno header\n", "Subject: Mario", "\n\nMario\n", "From x\nSubject: Mario\n\n", "Mario"] {
        let got = read(text);
        assert!(got.error.is_none() && got.content().contains("Mario"), "{text:?}: {}", got.content());
    }
    assert!(read("").content().is_empty());
}

#[test]
fn ten_thousand_parts_within_parts() {
    let nested: String =
        (0..10_000).map(|i| format!("Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n")).collect();
    let got = read(&format!("{nested}\nMario Rossi\n"));
    assert!(got.content().contains("Mario Rossi"));
    assert_eq!(got.gaps[0].0, Reason::TooDeep);
    let nested = "Content-Type: message/rfc822\n\n".repeat(10_000);
    let got = read(&format!("{nested}Subject: x\n\nMario\n"));
    assert_eq!(got.members.len(), 1);
}

#[test]
fn parts_are_counted() {
    let parts = vec!["Content-Type: image/png\n\nx"; 50];
    let limits = crate::open::budget::Limits { members: 20, ..Default::default() };
    let got = crate::open::collect::collect_with(&Mail, "a.eml", multipart("mixed", &parts).as_bytes(), limits);
    assert!(matches!(got.error, Some(ReadError::Budget(Reason::TooManyMembers))));
}
