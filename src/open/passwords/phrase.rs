//! Finds the passwords that people write into texts and file names: after `password:`, `das Kennwort lautet`, `mot de passe`.
//!
//! What is found is a guess; only trying it proves it.

use super::Secret;

/// Passwords taken from one text.
const MOST: usize = 24;
/// Bytes of a password, at least and at most.
const LENGTHS: std::ops::RangeInclusive<usize> = 3..=128;
/// Bytes behind the word among which the password begins.
const REACH: usize = 160;

/// Words for a password, in lower case. Plurals and endings may follow.
const WORDS: &[&str] = &[
    "password",
    "passwd",
    "passcode",
    "passphrase",
    "passwort",
    "passwörter",
    "kennwort",
    "losungswort",
    "zugangscode",
    "parola d'ordine",
    "parola d’ordine",
    "mot de passe",
    "mots de passe",
    "motdepasse",
    "code d'accès",
    "contraseña",
    "contrasena",
    "senha",
    "palavra-passe",
    "palavra passe",
    "wachtwoord",
    "paswoord",
    "hasło",
    "haslo",
    "heslo",
    "lösenord",
    "adgangskode",
    "kodeord",
    "passord",
    "salasana",
    "jelszó",
    "lozinka",
    "geslo",
    "parool",
    "slaptažodis",
    "κωδικός",
    "парола",
];

/// Short ones, which must stand alone.
const SHORT: &[&str] = &["pw", "pwd", "psw", "mdp", "pswd"];

/// Words of which only a colon or an equals sign makes a password.
const BEFORE_A_COLON: &[&str] =
    &["pin", "pass", "code", "codice", "chiave", "clave", "schlüssel", "parola", "parole", "parolă", "key", "sleutel"];

/// Words between the word for a password and the password.
const LINKS: &[&str] = &[
    "is", "ist", "lautet", "heißt", "lauten", "sind", "are", "was", "è", "é", "e'", "est", "sont", "es", "será", "to",
    "brzmi", "jest", "je", "är", "er", "on", "va", "este", "luidt", "sarà",
];

/// Names of files that are there to be read first, or to hold passwords.
const TELLING: &[&str] = &[
    "zugangsdaten",
    "credential",
    "credenzial",
    "identifiants",
    "chiave",
    "chiavi",
    "clave",
    "parola",
    "readme",
    "read me",
    "leggimi",
    "liesmich",
    "lies mich",
    "lisezmoi",
    "lisez-moi",
    "leeme",
    "léeme",
    "leiame",
    "leia-me",
    "leesmij",
    "czytaj",
];

/// Lower case, each letter where it stood.
fn folded(text: &str) -> String {
    text.chars()
        .map(|c| {
            let mut lower = c.to_lowercase();
            match (lower.next(), lower.next()) {
                (Some(low), None) if low.len_utf8() == c.len_utf8() => low,
                _ => c,
            }
        })
        .collect()
}

/// The passwords that a text gives away, in its order.
pub fn in_text(text: &str) -> Vec<Secret> {
    let mut found = Vec::new();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    while let Some(line) = lines.next() {
        if found.len() >= MOST {
            break;
        }
        for (rest, colon_only) in behind_words(line) {
            let rest = cut(rest, REACH);
            match value_of(rest, colon_only) {
                Value::Here(value) => push_value(value, &mut found),
                Value::Bare(value) => {
                    let token = value.split_whitespace().next().unwrap_or_default();
                    if looks_made_up(token) {
                        push_value(token, &mut found);
                    }
                }
                Value::NextLine => {
                    if let Some(next) = lines.peek() {
                        push_value(cut(next, REACH), &mut found);
                    }
                }
                Value::None => {}
            }
        }
    }
    found.truncate(MOST);
    found
}

/// The passwords that the name of a file gives away: `report (pw Sommer2024).zip`.
pub fn in_name(name: &str) -> Vec<Secret> {
    let stem = name.rsplit_once('.').filter(|(stem, end)| !stem.is_empty() && end.len() <= 5).map_or(name, |(s, _)| s);
    let mut found = Vec::new();
    for (rest, colon_only) in behind_words(stem) {
        let separators: &[char] = &[' ', '_', '-', ':', '=', '.', '\'', '"', '(', '['];
        if colon_only && !rest.trim_start().starts_with([':', '=']) {
            continue;
        }
        let value = rest.trim_start_matches(separators);
        let value = value.split([')', ']', '}', ',', ';']).next().unwrap_or_default().trim();
        push(value, &mut found);
        push(value.split([' ', '_']).next().unwrap_or_default(), &mut found);
        push(value.trim_end_matches(['.', '\'', '"', '!']), &mut found);
    }
    found
}

/// The lines of a file that is there for its passwords, each a password or ending in one.
pub fn in_lines(text: &str) -> Vec<Secret> {
    let mut found = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && line.len() <= 100).take(40) {
        push(line, &mut found);
        push(line.split([' ', '\t', ';', ',', ':', '=']).next_back().unwrap_or_default(), &mut found);
        if found.len() >= MOST {
            break;
        }
    }
    found.truncate(MOST);
    found
}

/// Whether a file of this name is there to hold passwords, or to be read before its neighbours.
pub fn is_telling(name: &str) -> bool {
    let name = folded(name);
    TELLING.iter().any(|word| name.contains(word)) || behind_words(&name).any(|(_, colon_only)| !colon_only)
}

/// What stands behind each word for a password in a line; and whether only a colon makes it one.
fn behind_words(line: &str) -> impl Iterator<Item = (&str, bool)> {
    let low = folded(line);
    let mut ends: Vec<(usize, bool)> = Vec::new();
    let mut look = |words: &[&str], may_go_on: bool, colon_only: bool| {
        for word in words {
            for (start, _) in low.match_indices(word).take(MOST) {
                let before = low.get(..start).and_then(|before| before.chars().next_back());
                let mut end = start + word.len();
                let tail = low.get(end..).unwrap_or_default();
                let letters: usize = tail.chars().take_while(|c| c.is_alphabetic()).map(char::len_utf8).sum();
                if !may_go_on && (before.is_some_and(char::is_alphanumeric) || letters > 0) {
                    continue;
                }
                end += letters;
                ends.push((end, colon_only));
            }
        }
    };
    look(WORDS, true, false);
    look(SHORT, false, false);
    look(BEFORE_A_COLON, false, true);
    ends.sort_unstable();
    ends.dedup_by_key(|(end, _)| *end);
    ends.into_iter().filter_map(move |(end, colon_only)| Some((line.get(end..)?, colon_only)))
}

enum Value<'a> {
    Here(&'a str),
    /// Nothing but the place says that it is one.
    Bare(&'a str),
    NextLine,
    None,
}

/// The text of the password in what stands behind the word for it.
fn value_of(rest: &str, colon_only: bool) -> Value<'_> {
    // A sentence later it is about something else.
    let sentence = rest.split_once(". ").map_or(rest, |(first, _)| first);
    if let Some(at) = sentence.find([':', '=']).filter(|at| *at <= 80) {
        let value = rest.get(at + 1..).unwrap_or_default().trim();
        return if value.is_empty() { Value::NextLine } else { Value::Here(value) };
    }
    if colon_only {
        return Value::None;
    }
    let low = folded(sentence);
    let mut at = 0;
    for word in low.split_inclusive([' ', '\t', '\u{a0}']) {
        at += word.len();
        if LINKS.contains(&word.trim()) {
            let value = rest.get(at..).unwrap_or_default().trim();
            return if value.is_empty() { Value::NextLine } else { Value::Here(value) };
        }
    }
    let value = rest.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '–' | '>' | '('));
    if value.is_empty() { Value::None } else { Value::Bare(value) }
}

/// At most `length` bytes, at the border of a letter.
pub(super) fn cut(text: &str, length: usize) -> &str {
    let end = (0..=length.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    text.get(..end).unwrap_or_default()
}

/// What is between quotes; else the first word, with and without the stop behind it, and the whole line.
fn push_value(value: &str, found: &mut Vec<Secret>) {
    const QUOTES: &[(char, &[char])] = &[
        ('"', &['"']),
        ('\'', &['\'']),
        ('`', &['`', '\'']),
        ('„', &['“', '”', '"']),
        ('“', &['”', '"']),
        ('«', &['»']),
        ('»', &['«']),
        ('‘', &['’']),
        ('‚', &['‘']),
        ('<', &['>']),
        ('[', &[']']),
    ];
    let value = value.trim();
    for (open, close) in QUOTES {
        if let Some((inner, _)) = value.strip_prefix(*open).and_then(|inner| inner.split_once(*close)) {
            push(inner.trim(), found);
        }
    }
    let token = value.split_whitespace().next().unwrap_or_default();
    let trimmed = |text: &str| text.trim_end_matches(['.', ',', ';', ':', ')', '"', '\'', '?', '>', '”']).to_owned();
    push(&trimmed(token), found);
    push(token, found);
    if value.len() <= 64 {
        push(value, found);
        push(&trimmed(value), found);
    }
}

fn push(value: &str, found: &mut Vec<Secret>) {
    if LENGTHS.contains(&value.len()) && !found.iter().any(|known| known.reveal() == value) {
        found.push(Secret::new(value));
    }
}

/// Letters with figures or signs among them, as in no word.
pub(super) fn looks_made_up(token: &str) -> bool {
    let token = token.trim_end_matches(['.', ',', ';', '!', ')']);
    let digits = token.chars().filter(char::is_ascii_digit).count();
    let signs = token.chars().filter(|c| c.is_ascii_punctuation() && !matches!(c, '\'' | '-' | '/')).count();
    token.len() >= 5 && digits + signs > 0 && token.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let found = in_text(text);
        assert!(found.iter().any(|secret| secret.reveal() == expected), "{text}: {} found", found.len());
    }

    fn check_none(text: &str) {
        assert_eq!(in_text(text).len(), 0, "{text}");
    }

    #[test]
    fn nine_languages() {
        check("The password is Summer2024.", "Summer2024");
        check("Password: Summer 2024", "Summer 2024");
        check("Das Passwort lautet „Sommer#24“.", "Sommer#24");
        check("Kennwort für das Archiv: Sommer24!", "Sommer24!");
        check("Per aprire pratica.zip la password è Girandola#388", "Girandola#388");
        check("Le mot de passe est : Été2024", "Été2024");
        check("La contraseña es verano99", "verano99");
        check("Het wachtwoord is zomer-99", "zomer-99");
        check("Hasło do pliku: Lato2024", "Lato2024");
        check("A senha do ficheiro é verao_24", "verao_24");
        check("Lösenordet är Sommar77", "Sommar77");
        check("PW=abc123", "abc123");
        check("pwd Sommer2024", "Sommer2024");
        check("Password:\n\n   Zwei Worte\n", "Zwei Worte");
        check("chiave: tramonto", "tramonto");
    }

    #[test]
    fn talk_of_passwords_names_none() {
        check_none("You will get the password by phone.");
        check_none("Das Passwort folgt in einer zweiten Nachricht");
        check_none("la chiave del magazzino");
        check_none("passenger list, pwned");
    }

    #[test]
    fn names_of_files() {
        let check = |name: &str, expected: &str| {
            assert!(in_name(name).iter().any(|secret| secret.reveal() == expected), "{name}");
        };
        check("report (pw Sommer2024).zip", "Sommer2024");
        check("Paghe_password_Girandola#388.7z", "Girandola#388");
        check("Gehalt [Passwort=xyz!9].pdf", "xyz!9");
        check("file pw Zwei Worte.zip", "Zwei Worte");
        assert_eq!(in_name("report 2024.zip").len(), 0);
        for telling in ["Passwort.txt", "leggimi.txt", "chiave archivio.txt", "PW.txt", "mot de passe.txt"] {
            assert!(is_telling(telling), "{telling}");
        }
        assert!(!is_telling("rapporto.txt") && !is_telling("passenger.txt"));
    }

    #[test]
    fn lines_of_a_password_file() {
        let found = in_lines("Sommer2024\nzip Archiv = Herbst99\n");
        let found: Vec<&str> = found.iter().map(Secret::reveal).collect();
        assert_eq!(found, ["Sommer2024", "zip Archiv = Herbst99", "Herbst99"]);
    }

    #[test]
    fn odd_texts_end() {
        for text in ["", "password", "password:", "pw=", "İstanbul password: ẞx1", "\u{0}password\u{0}:\u{0}"] {
            let _ = (in_text(text), in_name(text), in_lines(text));
        }
        let _ = in_text(&"password: x ".repeat(10_000));
    }
}
