//! What speaks against a match in the characters around it: program text, a row of numbers, an abbreviation that is none.

use std::ops::Range;
use std::sync::Arc;

use crate::detect::check::{Check, Verdict};
use crate::detect::fold::{fold, label_key, last_field};
use crate::detect::{DetectorSpec, Evidence, Match};
use crate::model::{Category, Shape, Text};

use super::passage::window;
use super::register::{Register, Registers};

/// Bytes before a match in which its context word is looked for.
const REACH: usize = 96;
/// From this confidence on, a match that nothing but its shape supports is no chance.
const SURE: f32 = 0.6;

/// Without the matches that their surroundings refute; `dropped` is told of them.
pub(super) fn without_refuted(
    text: &Text,
    matches: Vec<Match>,
    detectors: &[Arc<DetectorSpec>],
    registers: &mut Registers,
    mut dropped: impl FnMut(Match),
) -> Vec<Match> {
    let mut kept = Vec::with_capacity(matches.len());
    for found in matches {
        let refuted = detectors.get(found.detector).is_some_and(|spec| is_refuted(text, &found, spec, registers));
        if refuted { dropped(found) } else { kept.push(found) }
    }
    kept
}

fn is_refuted(text: &Text, found: &Match, spec: &DetectorSpec, registers: &mut Registers) -> bool {
    let content = text.content();
    let context = found.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Context(word) => Some(word.as_str()),
        _ => None,
    });
    let labelled = found.evidence.iter().any(|evidence| matches!(evidence, Evidence::Label(_)));
    let supported = context.is_some() || labelled;
    let register = |registers: &mut Registers| registers.of(content, &found.span);
    match spec.category {
        Category::Name => {
            if found.evidence.iter().any(|evidence| matches!(evidence, Evidence::Check(_))) {
                return false;
            }
            let known = || Check::KnownName.run(found.raw.expose()) == Verdict::Certain;
            let unlikely = text.shape() == Shape::Prose
                && match register(registers) {
                    Register::Plain => false,
                    Register::Code => true,
                    // `Name: Ada Byron` in a contract, not `Familienname des Bewerbers`.
                    Register::Law => {
                        !labelled
                            && context
                                .and_then(|word| gap(content, &found.span, word))
                                .is_none_or(|(_, gap)| !gap.contains([':', '\t']))
                    }
                };
            let no_title = || context.is_some_and(|word| is_no_title(text, &found.span, word));
            (unlikely || no_title()) && !known()
        }
        Category::Birth => context.is_some_and(|word| {
            let code = text.shape() == Shape::Prose && register(registers) == Register::Code;
            is_no_birth(text, &found.span, word, code)
        }),
        Category::EmployeeNumber if context.is_some_and(|word| is_no_staff(text, &found.span, word)) => true,
        Category::PaymentCard => !supported && is_in_row(content, &found.span),
        Category::Credential => is_in_code(content, &found.span),
        // `Benjamin Coe) [#33151]`
        Category::Vat => {
            context.and_then(|word| gap(content, &found.span, word)).is_some_and(|(_, gap)| gap.contains(['#', ')']))
        }
        // `43016715e`: the beginning of a hash.
        Category::NationalId => !supported && found.confidence < SURE && ends_in_small_letter(found),
        Category::Phone => {
            !supported
                && (is_quoted_as_code(content, &found.span)
                    || found.confidence < SURE && is_in_row(content, &found.span))
        }
        Category::Address => is_no_street(found.raw.expose()) || !supported && is_dotted(found.raw.expose()),
        Category::Email => {
            !labelled
                && text.shape() == Shape::Prose
                && is_reserved(found.value.expose())
                && register(registers) == Register::Code
        }
        category if category.needs_subject() && !labelled => {
            text.label(found.span.start).is_some_and(names_something) || is_code_of_cell(text, found)
        }
        _ => false,
    }
}

/// Whether a column holds the names of people and firms or their addresses, where a `Psychiatric Hospital` is
/// a customer: `NAVN2`, `Ragione sociale`.
fn names_something(label: &str) -> bool {
    const LABELS: &[&str] = &[
        "navn",
        "name",
        "firma",
        "company",
        "ragionesociale",
        "azienda",
        "indirizzo",
        "adresse",
        "address",
        "adresa",
        "city",
        "citta",
        "comune",
        "kommune",
        "ort",
        "via",
        "street",
        "strasse",
        "customer",
        "kunde",
        "cliente",
        "lieferant",
        "fornitore",
        "supplier",
        // Keys and addresses of programs.
        "id",
        "lang",
        "language",
        "href",
        "url",
        "uri",
        "path",
        "class",
        "style",
        "src",
    ];
    let key = label_key(last_field(label));
    LABELS.contains(&key.trim_end_matches(|c: char| c.is_ascii_digit()))
}

/// `rmn` alone in a cell: a code in small letters, of a language or a currency, and no abbreviation of medicine.
fn is_code_of_cell(text: &Text, found: &Match) -> bool {
    let raw = found.raw.expose();
    text.shape() == Shape::Rows
        && raw.len() <= 4
        && raw.bytes().all(|b| b.is_ascii_lowercase())
        && text.piece_content(found.span.start).trim() == raw
}

/// What stands between a context word before the match and the match, and where the word begins. None where
/// the word stands behind it.
fn gap<'t>(content: &'t str, span: &Range<usize>, word: &str) -> Option<(usize, &'t str)> {
    let first = word.split(' ').next().unwrap_or(word);
    let last = word.rsplit(' ').next().unwrap_or(word);
    let before = window(content, span.start.saturating_sub(REACH), span.start);
    let from = span.start.checked_sub(before.len())?;
    let at = before.rfind(last)?;
    let start = before.get(..at + last.len())?.rfind(first).unwrap_or(at);
    Some((from + start, before.get(at + last.len()..)?))
}

/// Signs that stand between the word of a program and its value, and not between a title and a name.
fn holds_code_sign(gap: &str) -> bool {
    gap.contains(['[', '<', '{', '*', '=', '#', '\\', '|', '&', '%', '$'])
}

/// `MS Windows`, `Sr, Čet`, `name="Previous Credits`: no title or label of a person.
fn is_no_title(text: &Text, span: &Range<usize>, word: &str) -> bool {
    let content = text.content();
    let Some((start, gap)) = gap(content, span, word) else { return false };
    let value = content.get(span.clone()).unwrap_or_default();
    let is_abbreviation = word.chars().count() <= 3;
    let shouted = is_abbreviation
        && word.chars().count() > 1
        && word.chars().all(char::is_uppercase)
        && (value.chars().any(char::is_lowercase) || value.chars().count() <= 4);
    let abbreviated = match word {
        // Metres, milliseconds, decilitres, an initial.
        "m" | "ms" | "dl" => !gap.contains(['.', ':', '=']),
        "M" => !gap.starts_with(". ") && !gap.starts_with("  ") && !gap.contains([':', '=']),
        _ => false,
    };
    // `Name des Inhabers`, `name of the Client`: the label goes on.
    let genitive = gap.split_whitespace().any(|word| GENITIVES.contains(&word)) && !gap.contains([':', '\t']);
    let quoted = gap.contains(['"', '\'']) && text.shape() == Shape::Prose && holds_code_sign_or_colon(gap);
    holds_code_sign(gap) && text.shape() == Shape::Prose
        || quoted
        || shouted
        || abbreviated
        || genitive
        || is_abbreviation && gap.contains([',', ';'])
        || is_joined(content, start, gap)
}

const GENITIVES: &[&str] = &["des", "der", "del", "della", "dell'", "du", "of"];

fn holds_code_sign_or_colon(gap: &str) -> bool {
    holds_code_sign(gap) || gap.contains(':')
}

/// Whether a word is a part of a longer one: `birthday-picker`, `bc-ur`, `table_name`.
fn is_joined(content: &str, start: usize, gap: &str) -> bool {
    let joint = |c: char| matches!(c, '-' | '_' | '@' | '\\');
    let mut after = gap.chars();
    let behind = after.next().is_some_and(joint) && after.take(2).all(char::is_alphabetic);
    let mut before = content.get(..start).unwrap_or_default().chars().rev();
    behind || before.next().is_some_and(joint) && before.next().is_some_and(char::is_alphanumeric)
}

/// The French `ne` and `né`, a troff macro `.UR`, the treaty of NATO, the surname Rod: words that only look like
/// those of a birth once their accents and case are gone.
fn is_no_birth(text: &Text, span: &Range<usize>, word: &str, code: bool) -> bool {
    let content = text.content();
    let folded = fold(word);
    let unaccented = word.is_ascii();
    if unaccented && matches!(folded.as_str(), "ne" | "nee" | "rod") {
        return true;
    }
    let Some((start, gap)) = gap(content, span, word) else {
        return code || folded == "ur";
    };
    let near = gap.split_whitespace().map(str::len).sum::<usize>() <= 12 && !gap.contains('\n');
    match folded.as_str() {
        "ur" if !(gap.starts_with(['.', ':', ' ']) && near) || word.contains('U') => return true,
        "nato" if word == "NATO" && !["A", "IL", "IN", "NEL", "/A"].contains(&next_word(gap)) => return true,
        "geburtstag" | "birthday" | "compleanno" | "cumpleanos" | "anniversaire" if follows_ordinal(content, start) => {
            return true;
        }
        _ => {}
    }
    is_joined(content, start, gap) || code && !near
}

fn next_word(gap: &str) -> &str {
    gap.trim_start().split(|c: char| c.is_whitespace() || c == ':').next().unwrap_or_default()
}

/// `200. Geburtstag`, `50th birthday`: a day to celebrate.
fn follows_ordinal(content: &str, start: usize) -> bool {
    let before = window(content, start.saturating_sub(12), start).trim_end();
    let before = before.trim_end_matches(|c: char| c.is_ascii_lowercase() || ".°º".contains(c));
    before.ends_with(|c: char| c.is_ascii_digit())
}

/// `mat.m12`, `badge ([#64])`, `Philip Mat, 2012`: no label of a staff number.
fn is_no_staff(text: &Text, span: &Range<usize>, word: &str) -> bool {
    let content = text.content();
    if word.chars().count() > 5 {
        return false;
    }
    let Some((start, gap)) = gap(content, span, word) else { return true };
    let letter = content.get(span.start..).is_some_and(|value| value.starts_with(|c: char| c.is_ascii_lowercase()));
    let cell = |at: usize| text.pieces_until(at);
    // A heading in a cell of its own is nothing but the heading.
    let other_cell = text.shape() == Shape::Rows
        && cell(start) != cell(span.start)
        && text.piece_content(start).trim().trim_end_matches(['.', ':']) != word;
    // `mat=7714` in a log is one.
    let key = gap == "=" && !letter;
    holds_code_sign(gap) && !key
        || gap.contains(['(', ',', '/', '"', '\''])
        || gap == "." && letter
        || other_cell
        || is_joined(content, start, gap)
}

/// A group of four among others of its kind: a table of codes, a dump, the glyphs of a font.
fn is_in_row(content: &str, span: &Range<usize>) -> bool {
    let value = content.get(span.clone()).unwrap_or_default();
    let Some(sign) = value.chars().find(|c| !c.is_ascii_digit()) else { return false };
    let is_number = |token: &str| (1..=6).contains(&token.len()) && token.bytes().all(|b| b.is_ascii_hexdigit());
    // One number may be the year or the code that goes with a card; four digits and more, or two numbers, are a row.
    let is_row = |mut tokens: std::str::Split<'_, char>| {
        let first = tokens.next().filter(|token| is_number(token) && token.bytes().any(|b| b.is_ascii_digit()));
        first.is_some_and(|first| first.len() >= 4 || tokens.next().is_some_and(is_number))
    };
    let before = window(content, span.start.saturating_sub(16), span.start);
    let after = window(content, span.end, span.end.saturating_add(16));
    if sign == '.' && (before.ends_with('.') || before.ends_with('[')) {
        return true;
    }
    let before = before.rsplit(['\n', '\t']).next().unwrap_or_default();
    let after = after.split(['\n', '\t']).next().unwrap_or_default();
    let reversed: String = before.split(sign).rev().collect::<Vec<_>>().join(&sign.to_string());
    reversed.strip_prefix(sign).is_some_and(|before| is_row(before.split(sign)))
        || after.strip_prefix(sign).is_some_and(|after| is_row(after.split(sign)))
}

/// A name of a program that holds the word password, and what is declared of it: `hashed_password: …`,
/// `const WITH_PASSWORD: FLAGS = 3`.
fn is_in_code(content: &str, span: &Range<usize>) -> bool {
    let line = window(content, span.start.saturating_sub(80), span.start);
    let line = line.rsplit('\n').next().unwrap_or_default();
    let name = line.trim_end_matches([' ', ':', '=', '>', '"', '\'', '`', '\t', ')', ']']);
    let from = name.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).map_or(0, |at| at + 1);
    let name = name.get(from..).unwrap_or_default().to_ascii_lowercase();
    let of_none = ["hash", "crypt", "digest", "lost_", "forgot", "reset_", "invalid", "wrong", "missing", "confirm"];
    let named = name.len() > 6 && name.contains(['_', '-']) && of_none.iter().any(|part| name.contains(part));
    // The log of a test: one line of many that begin so.
    let logged = name == "pass" && line.starts_with("PASS:") && {
        let around = window(content, span.start.saturating_sub(300), span.end.saturating_add(300));
        around.matches("\nPASS:").count() > 1
    };
    let after = window(content, span.end, span.end.saturating_add(4));
    let typed = after.starts_with(" = ") && line.contains("const ");
    named || typed || logged
}

fn ends_in_small_letter(found: &Match) -> bool {
    found.raw.expose().ends_with(|c: char| c.is_ascii_lowercase())
}

/// RFC 2606: the domains of examples in manuals.
fn is_reserved(address: &str) -> bool {
    let domain = address.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    ["example.com", "example.net", "example.org"]
        .iter()
        .any(|reserved| domain.strip_suffix(reserved).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

/// `0662429268` in backquotes or behind a slash: the beginning of a hash.
fn is_quoted_as_code(content: &str, span: &Range<usize>) -> bool {
    let before = content.get(..span.start).and_then(|before| before.chars().next_back());
    let after = content.get(span.end..).and_then(|after| after.chars().next());
    matches!(before, Some('`' | '/' | '#' | '@')) || matches!(after, Some('`' | '@'))
}

/// `via HTML5`, `et al. 2024`: a number that is a part of its word, a year.
fn is_no_street(raw: &str) -> bool {
    let number = raw.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |at| at + 1);
    let before = raw.get(..number).and_then(|before| before.chars().next_back());
    let joined = number < raw.len() && before.is_some_and(char::is_alphabetic) && !raw.contains(',');
    let year = raw.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("al. "))
        && raw.get(4..6).is_some_and(|y| matches!(y, "19" | "20"));
    joined || year
}

/// `os.dup2`, `pl.po`: no abbreviation before a street.
fn is_dotted(raw: &str) -> bool {
    raw.split_once('.').is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(content: &str, value: &str) -> Range<usize> {
        let start = content.find(value).unwrap();
        start..start + value.len()
    }

    fn prose(content: &str) -> Text {
        let mut text = Text::new(Shape::Prose);
        text.push(content, crate::model::Place::default(), 0, None);
        text
    }

    #[test]
    fn titles() {
        let check = |content: &str, word: &str, value: &str| is_no_title(&prose(content), &span(content, value), word);
        assert!(check("runs on MS Windows too", "MS", "Windows"));
        assert!(check("[Ned, Pon, Sr, Čet, Pet]", "Sr", "Čet"));
        assert!(check("5 m Abstand Reflektor", "m", "Abstand Reflektor"));
        assert!(check("Familienname des Bewerbers", "Familienname", "Bewerbers"));
        assert!(check("name=\"Previous Credits\"", "name", "Previous Credits"));
        assert!(check("\"name\": \"Electronic Bills\"", "name", "Electronic Bills"));
        for (content, word, value) in [
            ("la Sig.ra Ferrari ha chiesto", "Sig.ra", "Ferrari"),
            ("TRABAJADOR/A: LOUREIRO PIÑEIRO", "TRABAJADOR", "LOUREIRO PIÑEIRO"),
            ("Name: Zschokke Ulfgard", "Name", "Zschokke Ulfgard"),
            ("M. Dubois est absent", "M", "Dubois"),
            ("Ms Brown called", "Ms", "Brown"),
            ("MR BROWN CALLED", "MR", "BROWN"),
        ] {
            assert!(!check(content, word, value), "{content}");
        }
    }

    #[test]
    fn births() {
        let check = |content: &str, word: &str, value: &str, code| {
            is_no_birth(&prose(content), &span(content, value), word, code)
        };
        for (content, word, value) in [
            ("il ne change pas depuis le 12/03/2004", "ne", "12/03/2004"),
            ("meeting (Rod Vagg) 2015-06-17", "Rod", "2015-06-17"),
            (".UR http://foo\n2001/12/11", "UR", "2001/12/11"),
            ("NATO-Truppenstatut vom 3. August 1959", "NATO", "3. August 1959"),
            ("200. Geburtstag Goethes, 14. Juli 1999", "Geburtstag", "14. Juli 1999"),
            ("@khan/birthday-picker\t4.1.68", "birthday", "4.1.68"),
        ] {
            assert!(check(content, word, value, false), "{content}");
        }
        for (content, word, value) in [
            ("ur. 11 maja 1983 r.", "ur", "11 maja 1983"),
            ("né le 5 janvier 1990", "né le", "5 janvier 1990"),
            ("ROSSI MARIO NATO A LODI IL 11/05/1983", "NATO", "11/05/1983"),
            ("Geburtstag: 3.8.1972", "Geburtstag", "3.8.1972"),
        ] {
            assert!(!check(content, word, value, false), "{content}");
        }
        assert!(check("was born in the lab. Version 2 of 2004-03-12", "born", "2004-03-12", true));
        assert!(!check("birth_date: 1984-06-04", "birth_date", "1984-06-04", true));
    }

    #[test]
    fn staff_numbers() {
        let check = |content: &str, word: &str, value: &str| is_no_staff(&prose(content), &span(content, value), word);
        for (content, word, value) in [
            ("self.m31 * mat.m12", "mat", "m12"),
            ("- Zulip badge ([#64])", "badge", "64"),
            ("(Philip Mat, 2012 Jun 18)", "Mat", "2012"),
            ("dip:*:30:", "dip", "30"),
        ] {
            assert!(check(content, word, value), "{content}");
        }
        for (content, word, value) in [
            ("Dip. 004817 CONTI LUCA", "Dip", "004817"),
            ("matr. n. 10234", "matr", "10234"),
            ("|mat=7714|", "mat", "7714"),
            ("badge 0481", "badge", "0481"),
        ] {
            assert!(!check(content, word, value), "{content}");
        }
    }

    #[test]
    fn rows_of_numbers() {
        for (content, value) in [
            ("6443 6444 6445 6446 6447 6448 6449 644A", "6446 6447 6448 6449"),
            ("5500 5501 5502 5503 5504", "5500 5501 5502 5503"),
            ("[.4181.0033.0002.8005][.41F3", "4181.0033.0002.8005"),
            ("b f f 4537 4537 4537 4392 0 4270", "4537 4537 4537 4392"),
            ("f - 0 0 2298 2299 3120 3121 - -", "2298 2299 3120 3121"),
        ] {
            assert!(is_in_row(content, &span(content, value)), "{content}");
        }
        for content in [
            "paid with 4539 1488 0343 6467 on Monday",
            "4539 1488 0343 6467 09/28",
            "n. 4539 1488 0343 6467 123",
            "x\t4539-1488-0343-6467\t123",
        ] {
            let start = content.find("4539").unwrap();
            assert!(!is_in_row(content, &(start..start + 19)), "{content}");
        }
    }

    #[test]
    fn passwords_of_programs() {
        for (content, value) in [
            ("hashed_password: b5b6ff9543bf1387", "b5b6ff9543bf1387"),
            ("pub const WITH_PASSWORD: FLAGS2 = 3;", "FLAGS2"),
            ("setting_lost_password: ¿Olvidaste", "¿Olvidaste"),
            ("\nPASS: vers32a\nPASS: vers32b\nPASS: vers33\n", "vers32a"),
        ] {
            assert!(is_in_code(content, &span(content, value)), "{content}");
        }
        for (content, value) in
            [("db_password = \"Nord-4cciai\"", "Nord-4cciai"), ("Password: Estate2024!", "Estate2024!")]
        {
            assert!(!is_in_code(content, &span(content, value)), "{content}");
        }
    }

    #[test]
    fn columns_of_names() {
        assert!(names_something("NAVN2") && names_something("Ragione sociale") && names_something("$.kunde.adresse"));
        assert!(!names_something("Note") && !names_something("Diagnosi") && !names_something("reparto"));
    }

    #[test]
    fn streets() {
        assert!(is_no_street("via HTML5") && is_no_street("al. 2024") && is_dotted("os.dup2"));
        for street in ["via Sabbioneta 7", "al. Lipowa 8/3", "Lindenstraße 14a", "ul. 3 Maja 20"] {
            assert!(!is_no_street(street) && !is_dotted(street), "{street}");
        }
    }

    #[test]
    fn reserved_domains() {
        assert!(is_reserved("anna@example.com") && is_reserved("x@mail.example.org"));
        assert!(!is_reserved("anna@myexample.com") && !is_reserved("anna@nordacciai.it"));
    }
}
