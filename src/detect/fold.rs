//! Text without case, diacritics and the ways of writing a space, with the way back to the original.

use super::letters::{Chars, folded};

/// Folded text. Words are compared in it: `Cod. Fiscale`, `COD-FISCALE` and `cod fiscale` are one.
///
/// Letters are lower-case without diacritics; a run of white space, hyphens, dots and underscores
/// is one space (a tab if it held a tab, a line break if it held an empty line, so that no
/// phrase runs over cells or paragraphs); initials are one word: `C.G.I.L.` is `cgil`.
#[derive(Debug, Default)]
pub struct Folded {
    text: String,
    /// Where the distance between folded and original offset changes: (folded, original), ascending.
    steps: Vec<(usize, usize)>,
}

impl Folded {
    pub fn new(original: &str) -> Self {
        let mut folded = Self { text: String::with_capacity(original.len()), steps: vec![(0, 0)] };
        let bytes = original.as_bytes();
        let mut i = 0;
        while let Some(&byte) = bytes.get(i) {
            if byte.is_ascii_alphanumeric() {
                // Most of a text is runs of these.
                let run = bytes.get(i..).unwrap_or_default();
                let length = run.iter().position(|b| !b.is_ascii_alphanumeric()).unwrap_or(run.len());
                folded.at(i);
                let from = folded.text.len();
                folded.text.push_str(original.get(i..i + length).unwrap_or_default());
                if let Some(pushed) = folded.text.get_mut(from..) {
                    pushed.make_ascii_lowercase();
                }
                i += length;
            } else if byte == b' ' && bytes.get(i + 1).is_some_and(u8::is_ascii_alphanumeric) {
                folded.at(i);
                folded.text.push(' ');
                i += 1;
            } else if byte == b'.' && joins_initials(bytes, i) {
                i += 1;
            } else if is_space_byte(byte) {
                i = folded.space(original, i);
            } else if byte < 0x80 {
                folded.at(i);
                folded.text.push(char::from(byte));
                i += 1;
            } else {
                let Some(c) = original.get(i..).and_then(|rest| rest.chars().next()) else { break };
                if is_space(c) {
                    i = folded.space(original, i);
                } else {
                    folded.at(i);
                    folded.text.extend(super::letters::folded(c));
                    i += c.len_utf8();
                }
            }
        }
        folded.at(original.len());
        folded
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The original offset of a folded one.
    pub fn original(&self, folded: usize) -> usize {
        let after = self.steps.partition_point(|step| step.0 <= folded);
        let Some(&(from, to)) = after.checked_sub(1).and_then(|i| self.steps.get(i)) else { return folded };
        let limit = self.steps.get(after).map_or(usize::MAX, |next| next.1);
        (to + (folded - from)).min(limit)
    }

    /// Says that what is pushed next stands at `original`.
    fn at(&mut self, original: usize) {
        let folded = self.text.len();
        if let Some(&mut (from, ref mut to)) = self.steps.last_mut() {
            if *to + (folded - from) == original {
                return;
            }
            if from == folded {
                *to = original;
                return;
            }
        }
        self.steps.push((folded, original));
    }

    /// One run of spaces from `start`; the offset after it.
    fn space(&mut self, original: &str, start: usize) -> usize {
        let (end, space) = space_run(original, start);
        self.at(start);
        self.text.push(space);
        end
    }
}

/// Where the run of spaces from `start` ends, and what it folds to.
fn space_run(original: &str, start: usize) -> (usize, char) {
    let mut breaks = 0;
    let mut tab = false;
    let mut end = start;
    for c in original.get(start..).unwrap_or_default().chars() {
        match c {
            '\n' => breaks += 1,
            '\t' => tab = true,
            c if is_space(c) => {}
            _ => break,
        }
        end += c.len_utf8();
    }
    let space = if tab {
        '\t'
    } else if breaks > 1 {
        '\n'
    } else {
        ' '
    };
    (end.max(start + 1), space)
}

/// The characters of folded text one after the other, from a place where a word begins, each with
/// the offset in the original at which it stands.
#[derive(Debug)]
pub struct FoldedChars<'a> {
    original: &'a str,
    at: usize,
    /// What the character that began here became and is not yet given.
    rest: Option<(usize, Chars)>,
}

impl<'a> FoldedChars<'a> {
    pub fn new(original: &'a str, start: usize) -> Self {
        Self { original, at: start, rest: None }
    }
}

impl Iterator for FoldedChars<'_> {
    type Item = (usize, char);

    fn next(&mut self) -> Option<(usize, char)> {
        if let Some((start, rest)) = &mut self.rest {
            if let Some(next) = rest.next() {
                return Some((*start, next));
            }
            self.rest = None;
        }
        let bytes = self.original.as_bytes();
        loop {
            let start = self.at;
            let byte = *bytes.get(start)?;
            if byte.is_ascii_alphanumeric() {
                self.at += 1;
                return Some((start, char::from(byte.to_ascii_lowercase())));
            }
            if byte == b'.' && joins_initials(bytes, start) {
                self.at += 1;
                continue;
            }
            let c = if byte < 0x80 { char::from(byte) } else { self.original.get(start..)?.chars().next()? };
            if is_space(c) || is_space_byte(byte) {
                let (end, space) = space_run(self.original, start);
                self.at = end;
                return Some((start, space));
            }
            self.at += c.len_utf8();
            if byte < 0x80 {
                return Some((start, c));
            }
            let mut chars = folded(c);
            if let Some(first) = chars.next() {
                self.rest = (chars.left > 0).then_some((start, chars));
                return Some((start, first));
            }
        }
    }
}

/// A phrase as it is looked for: folded, without spaces around it.
pub fn fold(text: &str) -> String {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'-' | b'.' | b'_');
    let is_spaced = |text: &str| !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ");
    // Almost all that is folded when the program starts is like this.
    if text.bytes().all(is_plain) && is_spaced(text) {
        return text.to_ascii_lowercase();
    }
    let Folded { text, .. } = Folded::new(text);
    if is_spaced(&text) && !text.contains(|c: char| c != ' ' && c.is_whitespace()) {
        return text;
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A label as it is compared whole: folded, letters and digits only.
pub fn label_key(label: &str) -> String {
    if label.is_ascii() {
        // Of these folding changes nothing but the case, for what parts words goes.
        let mut key = String::with_capacity(label.len());
        let kept = label.bytes().filter(u8::is_ascii_alphanumeric);
        key.extend(kept.map(|byte| char::from(byte.to_ascii_lowercase())));
        return key;
    }
    Folded::new(label).text.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Puts spaces where the words of a key meet: `codiceFiscale`, `DataNascita2`.
pub fn split_camel(label: &str) -> String {
    let mut split = String::with_capacity(label.len() + 4);
    let mut before = ' ';
    for c in label.chars() {
        if before.is_lowercase() && c.is_uppercase() {
            split.push(' ');
        }
        split.push(c);
        before = c;
    }
    split
}

/// A label without the words that only tell whose the value is or what it is counted in, and the numbers that count
/// columns, as [`label_key`] gives it: `nachname` of `NACHNAME_MA`, `iban` of `IBAN_DIP 2`, `salary` of `salary_pa`.
/// None if there are none.
pub fn core_label(label: &str) -> Option<String> {
    let folded = Folded::new(&split_camel(label)).text;
    let mut core = String::new();
    let mut all = 0;
    for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        all += word.len();
        if ![WHOSE, UNITS].iter().any(|list| is_in(list, word)) {
            // One digit counts; several are a length or a year.
            let digits = word.len() - word.trim_end_matches(|c: char| c.is_ascii_digit()).len();
            core.push_str(word.get(..word.len() - usize::from(digits == 1)).unwrap_or(word));
        }
    }
    (core.len() < all && core.chars().count() >= 3).then_some(core)
}

/// The field that a path names last: `iban` of `employee.bank.iban`, `rows[3].iban`, `ns:iban` and `employee/@iban`.
pub fn last_field(label: &str) -> &str {
    fields_of(label).next().unwrap_or(label)
}

/// What a label is looked up by, the surest first: all of it, its last field, and the one before if the last only
/// says what it is counted in (`basePay` of `basePay.amt`).
pub fn label_keys(label: &str) -> impl Iterator<Item = String> {
    let mut fields = fields_of(label);
    let last = fields.next();
    let measured = last.filter(|last| is_measure(last)).and_then(|_| fields.next());
    [Some(label), last, measured].into_iter().flatten().map(label_key)
}

/// The fields of a path, the last first.
fn fields_of(label: &str) -> impl Iterator<Item = &str> {
    label.rsplit(['/', '.', ':', '@']).filter(|part| !part.trim().is_empty())
}

/// Whether a key only says that a value comes now, or what it is counted in: `amt` of `basePay.amt`.
fn is_measure(key: &str) -> bool {
    let key = label_key(key);
    is_in(UNITS, &key) || is_in(" value val text cd code ", &key)
}

/// One of the words between the spaces of the list.
fn is_in(list: &str, word: &str) -> bool {
    memchr::memmem::find_iter(list.as_bytes(), word).any(|at| {
        let bytes = list.as_bytes();
        at.checked_sub(1).is_some_and(|before| bytes.get(before) == Some(&b' '))
            && bytes.get(at + word.len()) == Some(&b' ')
    })
}

/// Employees, in words and in the abbreviations of payroll programs.
const WHOSE: &str = " dip dipendente lav lavoratore collab ma mitarbeiter mitarb an arbeitnehmer dn dienstnehmer \
                     emp empl employee worker sal salarie trab trabajador empleado emple prac pracownik \
                     pracownika mdw medewerker wn werknemer colab colaborador func trabalhador ang angajat \
                     angajatului salariat zam zamestnanec radnik radnika anst pers person ";

/// What an amount is counted in, and for how long: `salary_pa`, `Lohn EUR`, `stipendio_mens`.
const UNITS: &str = " eur euro chf gbp usd pln ron huf czk sek dkk nok pa pm ann annual annuale annuel annuelle anno anual jahr \
                     jahrlich yr year yearly monat monatlich month monthly mens mensile mensual mensuel mensuelle mes mois mese mth \
                     hour hourly hr std heure hor orario oraria horaire per periode period periodo mies miesiac luna lunar tot total totale amt amount betrag montant importe importo bedrag kwota \
                     valoare valor ";

fn is_space_byte(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | b'-' | b'.' | b'_')
}

fn is_space(c: char) -> bool {
    match c {
        // the last four: typographic hyphens and the en dash
        '-' | '.' | '_' | '\u{2010}'..='\u{2013}' => true,
        c => c.is_whitespace(),
    }
}

/// Whether the dot at `i` stands between two initials, or ends a run of them.
fn joins_initials(bytes: &[u8], i: usize) -> bool {
    let letter = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphabetic);
    let word =
        |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(|b| b.is_ascii_alphanumeric() || *b >= 0x80);
    let single_before = letter(i.checked_sub(1)) && !word(i.checked_sub(2));
    let single_after = letter(Some(i + 1)) && !word(Some(i + 2));
    single_before && single_after
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_without_its_owner() {
        for (label, core) in [
            ("NACHNAME_MA", Some("nachname")),
            ("IBAN_DIP 2", Some("iban")),
            ("empName1", Some("name")),
            ("Telefono2", Some("telefono")),
            ("NOMBRE50", None),
            ("Nome file", None),
            ("EMP_NO", None),
            ("salary_pa", Some("salary")),
            ("LohnEUR", Some("lohn")),
            ("sale", None),
            ("dipendente", None),
        ] {
            assert_eq!(core_label(label).as_deref(), core, "{label}");
        }
    }

    #[test]
    fn one_spelling_of_many() {
        for (text, folded) in [
            ("Cod. Fiscale", "cod fiscale"),
            ("COD-FISCALE:", "cod fiscale:"),
            ("codice\n  fiscale", "codice fiscale"),
            ("C.F.", "cf"),
            ("C.G.I.L.", "cgil"),
            ("P.IVA", "p iva"),
            ("S.r.l.", "srl"),
            ("Età: Łódź, Straße, Œuvre", "eta: lodz, strasse, oeuvre"),
            ("n° 5", "n 5"),
            ("cafe\u{301}", "cafe"),
            ("pata\u{ad}tine", "patatine"),
            ("dell’Iscritto", "dell'iscritto"),
        ] {
            assert_eq!(fold(text), folded, "{text}");
        }
    }

    #[test]
    fn phrases_do_not_run_over_cells_and_paragraphs() {
        assert_eq!(Folded::new("a\tb").as_str(), "a\tb");
        assert_eq!(Folded::new("a\n\nb").as_str(), "a\nb");
    }

    #[test]
    fn every_word_finds_its_way_back() {
        let text = "Età   à la C.G.I.L. — Straße\u{ad}n  °x\u{feff} fine";
        let folded = Folded::new(text);
        for word in ["eta", "a", "la", "cgil", "strassen", "x", "fine"] {
            let at = folded.as_str().match_indices(word).next().unwrap().0;
            let original = text.get(folded.original(at)..folded.original(at + word.len())).unwrap();
            assert_eq!(fold(original.trim_end_matches('\u{feff}')), word, "{original}");
        }
        assert_eq!(folded.original(folded.as_str().len()), text.len());
    }

    #[test]
    fn one_by_one_is_the_same() {
        for text in [
            "Età   à la C.G.I.L. — Straße\u{ad}n  °x\u{feff} fine",
            "S.p.A. a.b.c1 x\u{2013}y\t\tz\n\nw ŒUVRE İstanbul ﬁ",
            "",
            "\u{a0}.-_ ",
        ] {
            let folded = Folded::new(text);
            let chars: Vec<(usize, char)> = FoldedChars::new(text, 0).collect();
            assert_eq!(chars.iter().map(|(_, c)| c).collect::<String>(), folded.as_str());
            let mut at = 0;
            for (i, (origin, c)) in chars.iter().enumerate() {
                let first = i == 0 || chars.get(i - 1).is_some_and(|before| before.0 != *origin);
                assert!(!first || folded.original(at) == *origin, "{text}: {c} at {at}");
                at += c.len_utf8();
            }
        }
    }

    #[test]
    fn labels_are_compared_by_letters_and_digits() {
        assert_eq!(label_key("COD_FISC."), "codfisc");
        assert_eq!(label_key("Cod. Fisc"), "codfisc");
        assert_eq!(split_camel("codiceFiscale"), "codice Fiscale");
    }
}
