//! How long documents of a kind are customarily kept: advice to be checked, never a verdict.

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
    fn months_are_whole() {
        assert_eq!(months_between("2020-05-20T10:00:00Z", "2026-05-19T00:00:00Z"), Some(71));
        assert_eq!(months_between("2020-05-20T10:00:00Z", "2026-05-20T00:00:00Z"), Some(72));
        assert_eq!(months_between("2027-01-01T00:00:00Z", "2026-05-20T00:00:00Z"), None);
        assert_eq!(months_between("yesterday", "2026-05-20T00:00:00Z"), None);
    }
}
