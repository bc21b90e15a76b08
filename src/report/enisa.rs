//! How severe a leak would be by the method of ENISA (2013): one table, and where its figures come from.

use crate::model::Category;

/// Severity = data processing context × ease of identification + circumstances of the breach,
/// after ENISA, "Recommendations for a methodology of the assessment of severity of personal
/// data breaches", working document 1.0, December 2013. It is a method of 2013, under the
/// directive before the GDPR: an indication, no legal threshold. What only a person can judge
/// (public before, inaccurate, special features of the controller) is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score {
    /// Data processing context (1 to 4) times ease of identification (1 to 4 quarters): decides first.
    product: u8,
    /// 1 to 4.
    pub context: u8,
    /// In quarters: 1 negligible, 2 limited, 3 significant, 4 maximum.
    pub ease: u8,
    /// What moved the context off its base.
    pub why: Why,
}

/// Why the context is not, or may not be, that of the class of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// The base of the class.
    Base,
    /// A bank account alone tells who banks where, and nothing else: one less.
    BareAccount,
    /// Ordinary data of somebody younger than eighteen: three more.
    Minor,
    /// What a password opens is not known; taken for the class of financial data.
    Assumed,
}

impl Why {
    pub const ALL: [Self; 4] = [Self::Base, Self::BareAccount, Self::Minor, Self::Assumed];

    pub fn key(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::BareAccount => "bare_account",
            Self::Minor => "minor",
            Self::Assumed => "assumed",
        }
    }
}

/// What is assumed to have happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scenario {
    /// Recipients that are known: 0.25.
    Known,
    /// An unknown number of recipients: 0.5.
    #[default]
    Published,
    /// The same, and with malicious intent: 1.0.
    Stolen,
}

impl Scenario {
    pub const ALL: [Self; 3] = [Self::Known, Self::Published, Self::Stolen];

    pub fn key(self) -> &'static str {
        match self {
            Self::Known => "known_recipients",
            Self::Published => "published",
            Self::Stolen => "stolen",
        }
    }

    /// Circumstances of the breach, in hundredths.
    pub fn circumstances(self) -> u16 {
        match self {
            Self::Known => 25,
            Self::Published => 50,
            Self::Stolen => 100,
        }
    }
}

/// The four levels of the method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Band {
    Low,
    Medium,
    High,
    VeryHigh,
}

impl Band {
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::VeryHigh];

    pub fn key(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::VeryHigh => "very_high",
        }
    }
}

impl Score {
    /// What the circumstances are added to, in quarters: 1 to 16.
    pub fn product(self) -> u8 {
        self.product
    }

    /// In hundredths: 25 to 600.
    pub fn hundredths(self, scenario: Scenario) -> u16 {
        u16::from(self.product) * 25 + scenario.circumstances()
    }

    pub fn band(self, scenario: Scenario) -> Band {
        band_of(self.hundredths(scenario))
    }
}

/// The level of a severity in hundredths.
pub fn band_of(hundredths: u16) -> Band {
    match hundredths {
        ..200 => Band::Low,
        200..300 => Band::Medium,
        300..400 => Band::High,
        400.. => Band::VeryHigh,
    }
}

/// `4.50`.
pub fn decimal(hundredths: u16) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The class of the data and its base. A classification marking is no personal data.
pub(super) fn class(category: Category) -> Option<u8> {
    use Category::{BankAccount, Classified, Credential, PaymentCard, Payroll};
    Some(match category {
        Classified => return None,
        BankAccount | PaymentCard | Payroll | Credential => 3,
        special if special.is_special() || special == Category::Criminal => 4,
        _ => 1,
    })
}

/// How easily somebody is identified by one kind of data alone, in quarters. On the share of a
/// firm a name is nearly always that of one person.
fn ease(category: Category) -> u8 {
    use Category::{BankAccount, Email, IdentityDocument, Name, NationalId, PaymentCard, Phone};
    match category {
        Name | NationalId | Email => 3,
        IdentityDocument | PaymentCard | BankAccount | Phone => 2,
        // Numbers that only the firm can trace, and words.
        _ => 1,
    }
}

/// Of the categories of one item; none where none of them is personal data. Several classes:
/// each is scored, and the highest counts.
pub fn score(categories: impl Iterator<Item = Category> + Clone, minors: bool) -> Option<Score> {
    calculation(categories, minors).map(|calculation| calculation.score)
}

/// A score, and what in the item it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calculation {
    pub score: Score,
    /// The class of the worst data, before anything moved it: 1, 3 or 4.
    pub base: u8,
    /// The data of that class.
    pub of_class: Vec<Category>,
    /// What somebody is identified by: one kind of data, or a name and what stands beside it.
    pub identified_by: Vec<Category>,
}

/// The name of a class of data.
pub fn class_name(base: u8) -> &'static str {
    match base {
        1 => "simple",
        2 => "behavioural",
        3 => "financial",
        _ => "sensitive",
    }
}

/// The name of an ease of identification.
pub fn ease_name(quarters: u8) -> &'static str {
    match quarters {
        ..=1 => "negligible",
        2 => "limited",
        3 => "significant",
        _ => "maximum",
    }
}

/// The same, to be followed step by step.
pub fn calculation(categories: impl Iterator<Item = Category> + Clone, minors: bool) -> Option<Calculation> {
    use Category::{Address, Birth, Email, IdentityDocument, NationalId, Phone};
    let has = |wanted: Category| categories.clone().any(|category| category == wanted);
    let base = categories.clone().filter_map(class).max()?;
    let bare = base == 3 && !has(Category::Payroll) && !has(Category::PaymentCard) && !has(Category::Credential);
    let assumed = base == 3 && !has(Category::Payroll) && !has(Category::PaymentCard) && !has(Category::BankAccount);
    let (context, why) = match base {
        1 if minors => (4, Why::Minor),
        3 if bare => (2, Why::BareAccount),
        3 if assumed => (3, Why::Assumed),
        base => (base, Why::Base),
    };
    let beside = [Birth, NationalId, Address, Email, Phone, IdentityDocument];
    let is_linked = has(Category::Name) && beside.into_iter().any(has);
    let (ease, identified_by) = if is_linked {
        let beside = beside.into_iter().filter(|category| has(*category));
        (4, std::iter::once(Category::Name).chain(beside).collect())
    } else {
        let most = categories.clone().filter(|category| class(*category).is_some()).map(ease).max().unwrap_or(1);
        let by = categories.clone().filter(|category| class(*category).is_some() && ease(*category) == most);
        (most, by.collect())
    };
    Some(Calculation {
        score: Score { product: context * ease, context, ease, why },
        base,
        of_class: categories.filter(|category| class(*category) == Some(base)).collect(),
        identified_by,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Category::{BankAccount, Classified, Credential, Email, Health, Name, NationalId, Payroll, Phone};

    fn check(categories: &[Category], minors: bool, expected: (u8, u8, &str, Band)) {
        let score = score(categories.iter().copied(), minors).unwrap();
        let severity = decimal(score.hundredths(Scenario::Published));
        let band = score.band(Scenario::Published);
        assert_eq!((score.context, score.ease, &*severity, band), expected, "{categories:?}");
    }

    #[test]
    fn the_table() {
        check(&[Name], false, (1, 3, "1.25", Band::Low));
        check(&[Name, Email], false, (1, 4, "1.50", Band::Low));
        check(&[Name, Email], true, (4, 4, "4.50", Band::VeryHigh));
        check(&[Phone], false, (1, 2, "1.00", Band::Low));
        check(&[Name, BankAccount], false, (2, 3, "2.00", Band::Medium));
        check(&[Name, Payroll, BankAccount], false, (3, 3, "2.75", Band::Medium));
        check(&[Name, NationalId, Payroll], false, (3, 4, "3.50", Band::High));
        check(&[Health], false, (4, 1, "1.50", Band::Low));
        check(&[Health, NationalId], false, (4, 3, "3.50", Band::High));
        check(&[Health, NationalId, Name], false, (4, 4, "4.50", Band::VeryHigh));
        check(&[Credential], false, (3, 1, "1.25", Band::Low));
        assert_eq!(score([Classified].into_iter(), false), None);
        assert_eq!(score([].into_iter(), false), None);
    }

    #[test]
    fn it_can_be_followed() {
        let of = |categories: &[Category]| calculation(categories.iter().copied(), false).unwrap();
        let linked = of(&[Health, Name, Email]);
        assert_eq!(
            (linked.base, &linked.of_class[..], &linked.identified_by[..]),
            (4, &[Health][..], &[Name, Email][..])
        );
        let alone = of(&[Classified, BankAccount, Phone]);
        assert_eq!((&alone.of_class[..], &alone.identified_by[..]), (&[BankAccount][..], &[BankAccount, Phone][..]));
        assert_eq!((alone.base, alone.score.context, alone.score.why), (3, 2, Why::BareAccount));
    }

    #[test]
    fn a_thief_makes_it_worse() {
        let score = score([Name, NationalId, Payroll].into_iter(), false).unwrap();
        assert_eq!(score.hundredths(Scenario::Known), 325);
        assert_eq!((score.hundredths(Scenario::Stolen), score.band(Scenario::Stolen)), (400, Band::VeryHigh));
    }
}
