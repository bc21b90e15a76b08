//! The passwords that may open what is sealed in one file: those the scan was given, and those that lie beside it.

pub mod phrase;

use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::sync::Arc;

use crate::model::{KeyFound, KeyPlace, Name, Protection, Reason, State};

use super::budget::Budget;

/// A password; prints nothing of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<str>);

impl Secret {
    pub fn new(password: &str) -> Self {
        Self(password.into())
    }

    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A password and where it stands.
#[derive(Clone, Debug)]
pub struct Hint {
    pub secret: Secret,
    pub place: KeyPlace,
    /// The file that names it, if it is another one.
    pub file: Option<Name>,
}

/// Rounds of hashing that trying passwords may cost one file on the share: some seconds.
const ROUNDS: u64 = 20_000_000;
/// Texts of one file that are kept, and the bytes of each.
const MOST_TOLD: usize = 32;
const LONGEST_TOLD: usize = 64 << 10;

/// Looks for passwords around a file, when first asked.
type Look = Box<dyn Fn() -> Vec<Hint>>;

/// What is tried on the sealed items of one file on the share.
#[derive(Default)]
pub struct Passwords {
    known: Arc<[Secret]>,
    look: Option<Look>,
    around: OnceCell<Vec<Hint>>,
    told: RefCell<Vec<Told>>,
    spent: Cell<u64>,
    refuted: Cell<bool>,
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords").field("known", &self.known.len()).finish_non_exhaustive()
    }
}

/// A text in the file itself that may name a password. It is looked through when something
/// sealed was met.
struct Told {
    text: String,
    place: KeyPlace,
    file: Option<Name>,
    hints: OnceCell<Vec<Hint>>,
}

impl Told {
    fn hints(&self) -> &[Hint] {
        self.hints.get_or_init(|| {
            let hint = |secret| Hint { secret, place: self.place, file: self.file.clone() };
            phrase::in_text(&self.text).into_iter().map(hint).collect()
        })
    }
}

/// What was so before an item began.
#[derive(Clone, Copy)]
pub struct Scope {
    refuted: bool,
    told: usize,
}

/// What came of trying.
pub struct Tried<K> {
    pub opened: Option<(K, Secret, KeyFound)>,
    /// Passwords that were left when the budget was spent.
    pub left: usize,
}

impl<K> Tried<K> {
    /// The verdict after the try.
    pub fn verdict(&self, protection: Protection) -> Protection {
        if let Some((_, _, key)) = &self.opened {
            return key.clone().weaken(protection);
        }
        if self.left > 0 {
            let evidence = format!("{}; {} known passwords were not tried (budget)", protection.evidence, self.left);
            return Protection { evidence, ..protection };
        }
        protection
    }

    pub fn into_key(self) -> Option<K> {
        self.opened.map(|(key, _, _)| key)
    }
}

impl Passwords {
    /// `look` is asked once, when something sealed was met.
    pub fn new(known: Arc<[Secret]>, look: impl Fn() -> Vec<Hint> + 'static) -> Self {
        Self { known, look: Some(Box::new(look)), ..Self::default() }
    }

    fn around(&self) -> &[Hint] {
        self.around.get_or_init(|| self.look.as_ref().map(|look| look()).unwrap_or_default())
    }

    /// Takes a text of the file itself: the body of a mail, a note in an archive. More of the
    /// same text may follow.
    pub fn tell(&self, text: &str, place: KeyPlace, file: Option<&Name>) {
        let mut told = self.told.borrow_mut();
        if let Some(last) = told.last_mut().filter(|last| last.file.as_ref() == file && last.place == place) {
            if last.text.len() < LONGEST_TOLD {
                last.text.push_str(phrase::cut(text, LONGEST_TOLD - last.text.len()));
                last.hints = OnceCell::new();
            }
        } else if told.len() < MOST_TOLD {
            let text = phrase::cut(text, LONGEST_TOLD).to_owned();
            told.push(Told { text, place, file: file.cloned(), hints: OnceCell::new() });
        }
    }

    /// Those that lie near an item of this name, the nearest first.
    fn near(&self, name: &Name) -> Vec<Hint> {
        let own = String::from_utf8_lossy(name.file_name()).into_owned();
        let own = phrase::in_name(&own).into_iter();
        let mut hints: Vec<Hint> = own.map(|secret| Hint { secret, place: KeyPlace::FileName, file: None }).collect();
        for told in self.told.borrow().iter().rev() {
            hints.extend(told.hints().iter().cloned());
        }
        hints.extend(self.around().iter().cloned());
        hints
    }

    /// Tries all passwords on an item of this name; `rounds` of hashing is what one try costs.
    /// The same password is not tried twice.
    pub fn try_each<K>(
        &self,
        name: &Name,
        rounds: u64,
        budget: &Budget,
        mut open: impl FnMut(&str) -> Option<K>,
    ) -> Result<Tried<K>, Reason> {
        let known =
            self.known.iter().map(|secret| Hint { secret: secret.clone(), place: KeyPlace::PasswordList, file: None });
        let mut hints = self.near(name);
        let near = hints.len();
        hints.extend(known);
        for (number, hint) in hints.iter().enumerate() {
            if hints.iter().take(number).any(|earlier| number < near && earlier.secret == hint.secret) {
                continue;
            }
            if !self.spend(rounds) {
                return Ok(Tried { opened: None, left: hints.len() - number });
            }
            budget.check()?;
            if let Some(key) = open(hint.secret.reveal()) {
                let found = KeyFound { place: hint.place, file: hint.file.clone(), opens: true };
                return Ok(Tried { opened: Some((key, hint.secret.clone(), found)), left: 0 });
            }
        }
        self.refuted.set(true);
        Ok(Tried { opened: None, left: 0 })
    }

    /// Whether the rounds are within what is left.
    pub fn spend(&self, rounds: u64) -> bool {
        let spent = self.spent.get().saturating_add(rounds.max(1));
        if spent > ROUNDS {
            return false;
        }
        self.spent.set(spent);
        true
    }

    /// Begins an item: none of its passwords is refuted yet.
    pub fn begin(&self) -> Scope {
        Scope { refuted: self.refuted.replace(false), told: self.told.borrow().len() }
    }

    /// Ends it. What a mail said counts for the mail; what a note said (`keep`), for its neighbours too.
    pub fn end(&self, scope: Scope, keep: bool) {
        self.refuted.set(scope.refuted);
        if !keep {
            self.told.borrow_mut().truncate(scope.told);
        }
    }

    /// A password that lies near a sealed item and could not be tried on it; the verdict says
    /// whether a password is what it takes.
    pub fn claim(&self, name: &Name, protection: &Protection) -> Option<KeyFound> {
        if self.refuted.get() || protection.key.is_some() || !takes_a_password(protection) {
            return None;
        }
        let hint = self.near(name).into_iter().find(|hint| phrase::looks_made_up(hint.secret.reveal()))?;
        Some(KeyFound { place: hint.place, file: hint.file, opens: false })
    }
}

/// Whether a password opens what is sealed so; keys and servers are something else.
fn takes_a_password(protection: &Protection) -> bool {
    if !matches!(protection.state, State::Strong | State::Weak | State::Unknown) {
        return false;
    }
    match protection.scheme.as_deref() {
        Some("age-scrypt") => true,
        Some("openpgp") => protection.evidence.contains("password(s)"),
        Some(scheme) => !["cms", "smime", "age", "pdf-public-key", "ms-irm", "git-crypt"]
            .iter()
            .any(|other| scheme.starts_with(other)),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::Limits;

    fn secrets(passwords: &[&str]) -> Arc<[Secret]> {
        passwords.iter().map(|password| Secret::new(password)).collect()
    }

    fn tried(passwords: &Passwords, name: &str, rounds: u64, right: &str) -> (Option<KeyPlace>, usize, Vec<String>) {
        let budget = Budget::new(Limits::default(), 1, Arc::default());
        let mut seen = Vec::new();
        let tried = passwords
            .try_each(&Name::from(name), rounds, &budget, |password| {
                seen.push(password.to_owned());
                (password == right).then_some(())
            })
            .unwrap();
        (tried.opened.map(|((), _, key)| key.place), tried.left, seen)
    }

    #[test]
    fn the_nearest_first_and_none_twice() {
        let hint = |password: &str, place| Hint { secret: Secret::new(password), place, file: None };
        let passwords = Passwords::new(secrets(&["a11", "bbb"]), move || vec![hint("n1n", KeyPlace::Folder)]);
        passwords.tell("Password: mail1", KeyPlace::Mail, None);
        let (place, left, seen) = tried(&passwords, "x (pw Name1).zip", 1, "bbb");
        assert_eq!((place, left), (Some(KeyPlace::PasswordList), 0));
        assert_eq!(seen, ["Name1", "mail1", "n1n", "a11", "bbb"]);
        assert_eq!(tried(&passwords, "x.zip", 1, "n1n").0, Some(KeyPlace::Folder));
    }

    #[test]
    fn rounds_are_counted() {
        let passwords = Passwords::new(secrets(&["aaa", "bbb", "ccc"]), Vec::new);
        let (place, left, seen) = tried(&passwords, "x", ROUNDS / 2, "ccc");
        assert_eq!((place, left, seen.len()), (None, 1, 2));
        assert!(passwords.claim(&Name::from("x"), &Protection::strong("7z-aes256", "")).is_none());
    }

    #[test]
    fn what_could_not_be_tried_is_a_claim_and_what_was_refuted_is_none() {
        let hint = Hint { secret: Secret::new("n1n2b"), place: KeyPlace::Folder, file: Some(Name::from("pw.txt")) };
        let passwords = Passwords::new(secrets(&[]), move || vec![hint.clone()]);
        let name = Name::from("x.kdbx");
        let claim = passwords.claim(&name, &Protection::strong("keepass-kdbx4", "")).unwrap();
        assert_eq!((claim.place, claim.opens), (KeyPlace::Folder, false));
        assert!(passwords.claim(&name, &Protection::strong("cms-aes256-cbc", "")).is_none());
        assert!(passwords.claim(&name, &Protection::default()).is_none());
        tried(&passwords, "x.kdbx", 1, "other");
        assert!(passwords.claim(&name, &Protection::strong("keepass-kdbx4", "")).is_none());
    }
}
