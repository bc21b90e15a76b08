//! People who do not exist, with numbers that pass their checks.

use std::fmt::Write;

use super::words::Vocabulary;
use super::{Dice, Kind};

const MONTHS: &[u8; 12] = b"ABCDEHLMPRST";
/// Cadastral codes of Italian towns.
const TOWNS: &[&str] = &["H501", "F205", "L219", "F839", "D612", "A944", "D969", "G273", "A662", "L736"];
/// What a letter or digit at an odd place adds to the check of a tax code (Ministerial Decree of
/// 23 December 1976) and of an Italian account number.
const ODD: [u32; 26] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

fn italian_check(text: &str) -> char {
    let sum: u32 = text
        .bytes()
        .enumerate()
        .map(|(at, byte)| {
            let value = if byte.is_ascii_digit() { u32::from(byte - b'0') } else { u32::from(byte - b'A') };
            if at % 2 == 0 { ODD[value as usize] } else { value }
        })
        .sum();
    char::from_u32(u32::from('A') + sum % 26).unwrap_or('A')
}

/// Three letters of a name as the tax code takes them: consonants, then vowels, then X.
fn three(name: &str) -> String {
    let letters: Vec<char> = name.chars().filter(char::is_ascii_alphabetic).map(|c| c.to_ascii_uppercase()).collect();
    let vowel = |c: &char| "AEIOU".contains(*c);
    let consonants = letters.iter().filter(|c| !vowel(c));
    consonants.chain(letters.iter().filter(|c| vowel(c))).chain(&['X'; 3]).take(3).collect()
}

struct Person {
    first: String,
    last: String,
    birth: (usize, usize, usize),
}

impl Person {
    fn new(vocabulary: &Vocabulary, dice: &mut Dice) -> Self {
        let mut name = || {
            let word = vocabulary.rare(1, dice);
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |c| c.to_uppercase().collect::<String>() + letters.as_str())
        };
        let (first, last) = (name(), name());
        Self { first, last, birth: (1945 + dice.below(60), 1 + dice.below(12), 1 + dice.below(28)) }
    }

    fn tax_code(&self, dice: &mut Dice) -> String {
        let (year, month, day) = self.birth;
        let day = if dice.one_in(2) { day + 40 } else { day };
        let month = char::from(MONTHS[month - 1]);
        let mut code =
            format!("{}{}{:02}{month}{day:02}{}", three(&self.last), three(&self.first), year % 100, dice.pick(TOWNS));
        code.push(italian_check(&code));
        code
    }
}

/// The two check digits of an IBAN (ISO 13616) for this country and account.
fn with_iban_check(country: &str, account: &str) -> String {
    let mut rest = 0u32;
    for byte in account.bytes().chain(country.bytes()).chain(*b"00") {
        let value = if byte.is_ascii_digit() { u32::from(byte - b'0') } else { u32::from(byte - b'A') + 10 };
        rest = (if value > 9 { rest * 100 } else { rest * 10 } + value) % 97;
    }
    format!("{country}{:02}{account}", 98 - rest)
}

fn italian_iban(dice: &mut Dice) -> String {
    let account = format!("{:05}{:05}{:012}", dice.below(100_000), dice.below(100_000), dice.below(1_000_000_000_000));
    with_iban_check("IT", &format!("{}{account}", italian_check(&account)))
}

/// With the last digit of Luhn's check.
fn card(dice: &mut Dice) -> String {
    let digits = format!("4{:014}", dice.below(100_000_000_000_000));
    let sum: u32 = digits
        .bytes()
        .enumerate()
        .map(|(at, byte)| {
            let digit = u32::from(byte - b'0');
            if at % 2 == 1 {
                digit
            } else if digit > 4 {
                2 * digit - 9
            } else {
                2 * digit
            }
        })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

fn spanish_id(dice: &mut Dice) -> String {
    let number = dice.below(100_000_000);
    format!("{number:08}{}", char::from(b"TRWAGMYFPDXBNJZSQVHLCKE"[number % 23]))
}

fn polish_id(person: &Person, dice: &mut Dice) -> String {
    let (year, month, day) = person.birth;
    let month = if year >= 2000 { month + 20 } else { month };
    let digits = format!("{:02}{month:02}{day:02}{:04}", year % 100, dice.below(10_000));
    let sum: u32 = digits.bytes().zip([1, 3, 7, 9, 1, 3, 7, 9, 1, 3]).map(|(b, w)| u32::from(b - b'0') * w).sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

/// A row of [`super::payroll`].
pub(super) fn employee(number: usize, vocabulary: &Vocabulary, dice: &mut Dice, out: &mut String) {
    let person = Person::new(vocabulary, dice);
    let (year, month, day) = person.birth;
    let (code, iban) = (person.tax_code(dice), italian_iban(dice));
    let (euros, cents) = (900 + dice.below(3000), dice.below(100));
    let _ = writeln!(
        out,
        "{number:07};{};{};{code};{day:02}/{month:02}/{year};{iban};{euros},{cents:02}",
        person.last, person.first
    );
}

/// A planted hit, written as the kind of text would.
pub(super) fn hit(kind: Kind, vocabulary: &Vocabulary, dice: &mut Dice, out: &mut String) {
    let person = Person::new(vocabulary, dice);
    let name = format!("{} {}", person.first, person.last);
    let (label, value) = match dice.below(6) {
        0 => ("codice fiscale", person.tax_code(dice)),
        1 => ("IBAN", italian_iban(dice)),
        2 => ("DNI", spanish_id(dice)),
        3 => ("PESEL", polish_id(&person, dice)),
        4 => ("card", card(dice)),
        _ => ("e-mail", format!("{}.{}@example.org", three(&person.first), three(&person.last)).to_lowercase()),
    };
    let _ = match kind {
        Kind::Manual | Kind::Prose => writeln!(out, "{name}, {label}: {value}\n"),
        Kind::Notes => writeln!(out, "- {name} ({label} {value})"),
        Kind::Source => writeln!(out, "    /* {name} {label} {value} */"),
        Kind::Table => writeln!(out, "0;2026-01-01;{name};{label};1;0,00;{value};00000000"),
        Kind::Log => writeln!(out, "2026-03-01T00:00:00.000Z INFO [user-0] {name} {label}={value}"),
        Kind::Json => writeln!(out, "{{\"name\":\"{name}\",\"{label}\":\"{value}\"}}"),
    };
}
