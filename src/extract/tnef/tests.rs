//! A message with a recipient, a file and a message inside, whole and cut.

use super::*;
use crate::open::collect::collect;

fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
    let sum = data.iter().fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
    let length = u32::try_from(data.len()).unwrap();
    [&[level], id.to_le_bytes().as_slice(), &length.to_le_bytes(), data, &sum.to_le_bytes()].concat()
}

fn text(id: u16, text: &str) -> Vec<u8> {
    let mut bytes: Vec<u8> = text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    let length = u32::try_from(bytes.len()).unwrap();
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    [&0x1F_u16.to_le_bytes(), &id.to_le_bytes(), 1_u32.to_le_bytes().as_slice(), &length.to_le_bytes(), &bytes].concat()
}

fn number(id: u16, number: u32) -> Vec<u8> {
    [0x03_u16.to_le_bytes().as_slice(), &id.to_le_bytes(), &number.to_le_bytes()].concat()
}

fn object(id: u16, content: &[u8]) -> Vec<u8> {
    let mut bytes = [[7; 16].as_slice(), content].concat();
    let length = u32::try_from(bytes.len()).unwrap();
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    [&0x0D_u16.to_le_bytes(), &id.to_le_bytes(), 1_u32.to_le_bytes().as_slice(), &length.to_le_bytes(), &bytes].concat()
}

fn list(properties: &[Vec<u8>]) -> Vec<u8> {
    [u32::try_from(properties.len()).unwrap().to_le_bytes().to_vec(), properties.concat()].concat()
}

const HEAD: [u8; 6] = [0x78, 0x9F, 0x3E, 0x22, 1, 0];

fn message() -> Vec<u8> {
    let inner = [HEAD.to_vec(), attribute(1, 0x0001_8004, b"Dentro\0"), attribute(1, 0x0002_800C, b"IBAN\0")].concat();
    let recipient = list(&[text(0x3001, "Laura Bianchi"), text(0x39FE, "laura@example.org")]);
    [
        HEAD.to_vec(),
        attribute(1, 0x0006_9007, &[0xE2, 4, 0, 0, 0, 0, 0, 0]),
        attribute(1, 0x0001_8004, b"Busta paga\0"),
        attribute(1, 0x0006_9003, &list(&[text(0x1000, "Stipendio di Laura Bianchi"), number(0x3FDE, 1252)])),
        attribute(1, 0x0006_9004, &[1_u32.to_le_bytes().to_vec(), recipient].concat()),
        attribute(2, 0x0006_9002, &[0; 14]),
        attribute(2, 0x0001_8010, b"DATI~1.CSV\0"),
        attribute(2, 0x0006_800F, b"nome;cf\n"),
        attribute(2, 0x0006_9005, &list(&[text(0x3707, "dati.csv"), number(0x3705, 1)])),
        attribute(2, 0x0006_9002, &[0; 14]),
        attribute(2, 0x0006_9005, &list(&[number(0x3705, 5), object(0x3701, &inner)])),
    ]
    .concat()
}

#[test]
fn message_recipients_and_attachments() {
    let got = collect(&Tnef, "winmail.dat", &message());
    assert!(got.error.is_none() && got.gaps.is_empty(), "{:?} {:?}", got.error, got.gaps);
    assert_eq!(
        got.content(),
        "subject: Busta paga\nStipendio di Laura Bianchi\nrecipient: Laura Bianchi\nrecipient: laura@example.org\n"
    );
    assert_eq!(got.member_names(), ["dati.csv", "attachment 2"]);
    assert_eq!(got.members[0].1, b"nome;cf\n");
    let inner = collect(&Tnef, "attachment 2", &got.members[1].1);
    assert_eq!(inner.content(), "subject: Dentro\nIBAN\n");
}

#[test]
fn what_is_cut_is_told() {
    let whole = message();
    for cut in [0, 5, 10, whole.len() / 2, whole.len() - 4] {
        let got = collect(&Tnef, "winmail.dat", &whole[..cut]);
        assert!(got.error.is_some() || !got.gaps.is_empty(), "{cut}");
    }
}
