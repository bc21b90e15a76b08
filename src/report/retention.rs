//! How long documents of a kind are customarily kept: advice to be checked, never a verdict.

use std::str::FromStr;

use super::files::FileFacts;
use crate::model::Category;

/// Kinds of documents that are told apart by what is in them and by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Payroll,
    Cv,
    Health,
    Accounts,
    Staff,
    Other,
}

impl Kind {
    pub const ALL: [Self; 6] = [Self::Payroll, Self::Cv, Self::Health, Self::Accounts, Self::Staff, Self::Other];

    pub fn key(self) -> &'static str {
        match self {
            Self::Payroll => "payroll",
            Self::Cv => "cv",
            Self::Health => "health",
            Self::Accounts => "accounts",
            Self::Staff => "staff",
            Self::Other => "other",
        }
    }

    /// The customary period in months, from the last change of the file. Customs of Italy; the
    /// words that stand beside it (`term.*` in words.json) say where each comes from and that it
    /// must be checked:
    ///
    /// - payroll: five years from the last entry (decree of 9 July 2008, art. 6);
    /// - applications: no legal term, practice of six to twenty-four months;
    /// - files of the company doctor: ten years at least after the end of the work;
    /// - accounts: ten years from the last entry (civil code, art. 2220);
    /// - staff files and all else: ten years, the ordinary limitation (civil code, art. 2946).
    pub fn months(self) -> u32 {
        match self {
            Self::Payroll => 60,
            Self::Cv => 24,
            Self::Health | Self::Accounts | Self::Staff | Self::Other => 120,
        }
    }

    /// In years, where it is whole years.
    pub fn years(self) -> u32 {
        self.months() / 12
    }

    /// Of a file that is exposed.
    pub fn of(file: &FileFacts) -> Self {
        let has = |wanted: &[Category]| wanted.iter().any(|category| file.categories.contains_key(category));
        let path = file.path.to_string().to_lowercase();
        let is_cv = path.split(|c: char| !c.is_alphanumeric()).any(|word| {
            matches!(word, "cv" | "resume" | "curriculum" | "curricula" | "lebenslauf" | "europass" | "bewerbung")
                || word.starts_with("candidat")
                || word.starts_with("kandidat")
        });
        if has(&[Category::Payroll]) {
            Self::Payroll
        } else if is_cv {
            Self::Cv
        } else if has(&[Category::Health, Category::Genetic]) {
            Self::Health
        } else if has(&[Category::BankAccount, Category::PaymentCard, Category::Vat]) {
            Self::Accounts
        } else if has(&[Category::EmployeeNumber]) {
            Self::Staff
        } else {
            Self::Other
        }
    }
}

/// Whether a file is older at this time (RFC 3339) than is customary; not where its age is not known.
pub(super) fn is_past(file: &FileFacts, now: &str, terms: &Terms) -> bool {
    let months = file.modified.as_deref().and_then(|modified| months_between(modified, now));
    months.is_some_and(|months| months >= terms.months(Kind::of(file)))
}

/// The periods that a user set, in months; of other kinds the customary ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms([Option<u32>; 6]);

impl Terms {
    pub fn set(&mut self, term: Term) {
        if let Some(place) = Kind::ALL.iter().position(|kind| *kind == term.kind).and_then(|at| self.0.get_mut(at)) {
            *place = Some(term.months);
        }
    }

    pub fn months(&self, kind: Kind) -> u32 {
        self.of(kind).unwrap_or_else(|| kind.months())
    }

    pub fn is_set(&self, kind: Kind) -> bool {
        self.of(kind).is_some()
    }

    fn of(&self, kind: Kind) -> Option<u32> {
        Kind::ALL.iter().position(|other| *other == kind).and_then(|at| self.0.get(at)).copied().flatten()
    }
}

impl FromIterator<Term> for Terms {
    fn from_iter<T: IntoIterator<Item = Term>>(terms: T) -> Self {
        let mut all = Self::default();
        terms.into_iter().for_each(|term| all.set(term));
        all
    }
}

/// How long one kind is kept: `payroll=7` in years, `cv=6m` in months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    pub kind: Kind,
    pub months: u32,
}

impl FromStr for Term {
    type Err = String;

    fn from_str(argument: &str) -> Result<Self, String> {
        let Some((kind, period)) = argument.split_once('=') else {
            return Err("expected KIND=YEARS, as payroll=7, or KIND=MONTHSm, as cv=6m".into());
        };
        let Some(kind) = Kind::ALL.into_iter().find(|other| other.key() == kind) else {
            return Err(format!("unknown kind `{kind}`; there is: {}", Kind::ALL.map(Kind::key).join(", ")));
        };
        let (number, unit) = period.strip_suffix('m').map_or((period, 12), |number| (number, 1));
        let months =
            number.parse::<u32>().ok().filter(|number| *number > 0).and_then(|number| number.checked_mul(unit));
        // Longer than anybody keeps anything: a slip.
        match months.filter(|months| *months <= 1_200) {
            Some(months) => Ok(Self { kind, months }),
            None => Err(format!("`{period}` is no period: expected years, as 7, or months, as 6m; 100 years at most")),
        }
    }
}

/// Whole months from the first to the second of two RFC 3339 times; none if either is no time or
/// the first is the later.
pub fn months_between(from: &str, to: &str) -> Option<u32> {
    let parts = |time: &str| -> Option<(u32, u32)> {
        let months = time.get(..4)?.parse::<u32>().ok()? * 12 + time.get(5..7)?.parse::<u32>().ok()?;
        Some((months, time.get(8..10)?.parse().ok()?))
    };
    let ((from, first), (to, last)) = (parts(from)?, parts(to)?);
    to.checked_sub(from)?.checked_sub(u32::from(last < first))
}

/// Under one year, one to two, two to five, five to ten, more than ten, and not known.
pub(super) fn age_class(months: Option<u32>) -> usize {
    match months {
        Some(..12) => 0,
        Some(12..24) => 1,
        Some(24..60) => 2,
        Some(60..120) => 3,
        Some(120..) => 4,
        None => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::super::files::Files;
    use super::super::sample::found;
    use super::*;
    use crate::model::Severity;

    fn kind(path: &str, categories: &[Category]) -> Kind {
        let record = found(path, Severity::Low, categories, &[1]);
        Kind::of(&Files::default().add(&record).unwrap())
    }

    #[test]
    fn kinds() {
        assert_eq!(kind("HR/CV/rossi.pdf", &[Category::Name]), Kind::Cv);
        assert_eq!(kind("lebenslauf_kandidat.odt", &[Category::Name]), Kind::Cv);
        assert_eq!(kind("cvs-export.csv", &[Category::Email]), Kind::Other);
        assert_eq!(kind("a.pdf", &[Category::Payroll, Category::Health]), Kind::Payroll);
        assert_eq!(kind("a.pdf", &[Category::Health]), Kind::Health);
        assert_eq!(kind("a.pdf", &[Category::BankAccount]), Kind::Accounts);
    }

    #[test]
    fn terms_are_set_by_kind() {
        let terms: Terms = ["payroll=7", "cv=6m"].iter().map(|term| term.parse::<Term>().unwrap()).collect();
        assert_eq!((terms.months(Kind::Payroll), terms.months(Kind::Cv), terms.months(Kind::Staff)), (84, 6, 120));
        assert!(terms.is_set(Kind::Cv) && !terms.is_set(Kind::Staff));
        for wrong in ["payroll", "pay=7", "cv=0", "cv=-1", "cv=1.5", "cv=101", "cv=m", "cv="] {
            assert!(wrong.parse::<Term>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn months_are_whole() {
        assert_eq!(months_between("2020-05-20T10:00:00Z", "2026-05-19T00:00:00Z"), Some(71));
        assert_eq!(months_between("2020-05-20T10:00:00Z", "2026-05-20T00:00:00Z"), Some(72));
        assert_eq!(months_between("2027-01-01T00:00:00Z", "2026-05-20T00:00:00Z"), None);
        assert_eq!(months_between("yesterday", "2026-05-20T00:00:00Z"), None);
    }
}
