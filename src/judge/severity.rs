//! How bad it would be if a stranger copied the item: one table, read from the top.

use std::collections::BTreeMap;

use crate::model::{Access, Category, Severity, State};

/// All that the severity of an item depends on.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// With the number of findings of each.
    pub categories: BTreeMap<Category, u64>,
    /// Distinct people.
    pub subjects: u64,
    /// People of whom special (Art. 9) or criminal (Art. 10) data are known.
    pub special_subjects: u64,
    /// Of these, people who can also be impersonated: their identity document, bank account
    /// or payment card stands beside it.
    pub special_and_document: u64,
    /// People whose identity document or national id stands beside a bank account, payment
    /// card or pay slip.
    pub identity_kits: u64,
    /// Private keys, tokens and passwords that are certain, not placeholders.
    pub live_credentials: u64,
    pub protection: State,
    pub access: Access,
}

impl Facts {
    fn has(&self, wanted: impl Fn(Category) -> bool) -> bool {
        self.categories.iter().any(|(category, count)| *count > 0 && wanted(*category))
    }

    fn kinds(&self, wanted: impl Fn(Category) -> bool) -> usize {
        self.categories.iter().filter(|(category, count)| **count > 0 && wanted(**category)).count()
    }

    /// Names and nothing else, and not a list of them.
    fn is_names_alone(&self) -> bool {
        let names = self.categories.get(&Category::Name).copied().unwrap_or_default();
        names < 20 && !self.has(|category| category != Category::Name)
    }

    /// From how many people on an item concerns many. ENISA (2013) flags more than 100; what
    /// everybody can read reaches strangers sooner.
    fn many(&self) -> u64 {
        if self.access.is_open() { 20 } else { 100 }
    }
}

struct Row {
    severity: Severity,
    why: &'static str,
    holds: fn(&Facts) -> bool,
}

fn is_sensitive(category: Category) -> bool {
    category.is_special() || category == Category::Criminal
}

fn is_money(category: Category) -> bool {
    matches!(category, Category::BankAccount | Category::PaymentCard | Category::Payroll)
}

fn is_ordinary(category: Category) -> bool {
    use Category::{Address, Birth, Email, EmployeeNumber, Name, Phone, Vat};
    matches!(category, Name | Birth | Address | Email | Phone | EmployeeNumber | Vat)
}

/// The classes follow ENISA's "Recommendations for a methodology of the assessment of severity
/// of personal data breaches" (2013): simple 1, behavioural 2, financial 3, sensitive 4, raised
/// by how easily the person is identified. We add the number of people, which that method only
/// flags. The first row that holds decides.
const TABLE: &[Row] = &[
    // Sensitive data of many people: a breach to notify and to tell the people of.
    Row {
        severity: Severity::Critical,
        why: "special or criminal data of many people",
        holds: |f| f.has(is_sensitive) && f.special_subjects > f.many(),
    },
    // Whoever copies it knows the illness and can open an account in the same name.
    Row {
        severity: Severity::Critical,
        why: "special or criminal data beside an identity document, bank account or payment card of the same person",
        holds: |f| f.special_and_document > 0 && f.has(|c| c == Category::IdentityDocument),
    },
    Row {
        severity: Severity::Critical,
        why: "special or criminal data and bank details of more than ten people",
        holds: |f| f.special_and_document > 10,
    },
    // A profile, not a remark.
    Row {
        severity: Severity::Critical,
        why: "three or more special categories",
        holds: |f| f.kinds(is_sensitive) >= 3,
    },
    // The system behind the key holds more than this file.
    Row { severity: Severity::High, why: "a key or password that opens something", holds: |f| f.live_credentials > 0 },
    Row { severity: Severity::High, why: "a classification marking", holds: |f| f.has(|c| c == Category::Classified) },
    // DPC 4, identified person: 4.5 of ENISA's scale for one of them.
    Row { severity: Severity::High, why: "special or criminal data of a person", holds: |f| f.has(is_sensitive) },
    Row {
        severity: Severity::High,
        why: "identity beside money of more than ten people",
        holds: |f| f.identity_kits > 10,
    },
    Row {
        severity: Severity::High,
        why: "identity documents of more than ten people",
        holds: |f| f.categories.get(&Category::IdentityDocument).is_some_and(|n| *n > 10) && f.subjects > 10,
    },
    Row {
        severity: Severity::High,
        why: "five or more payment cards",
        holds: |f| f.categories.get(&Category::PaymentCard).is_some_and(|n| *n >= 5),
    },
    Row {
        severity: Severity::High,
        why: "tax codes, national ids, pay or bank details of many people",
        holds: |f| f.subjects > f.many() && f.has(|c| is_money(c) || c == Category::NationalId),
    },
    Row {
        severity: Severity::High,
        why: "contact data of more than ten thousand people",
        holds: |f| f.subjects > 10_000 && f.has(is_ordinary),
    },
    // DPC 3, or DPC 1 with the highest ease of identification.
    Row { severity: Severity::Medium, why: "pay, bank or card details", holds: |f| f.has(is_money) },
    Row {
        severity: Severity::Medium,
        why: "a national id or identity document",
        holds: |f| f.has(|c| matches!(c, Category::NationalId | Category::IdentityDocument)),
    },
    Row { severity: Severity::Medium, why: "what may be a password", holds: |f| f.has(|c| c == Category::Credential) },
    Row {
        severity: Severity::Medium,
        why: "contact data of many people",
        holds: |f| f.subjects > f.many() && f.has(is_ordinary),
    },
    // DPC 1. A few names alone are none: every office file has an author, and a newspaper has many.
    Row {
        severity: Severity::Low,
        why: "names and contact data",
        holds: |f| f.has(is_ordinary) && !f.is_names_alone(),
    },
];

/// The severity of an item.
pub fn severity(facts: &Facts) -> Severity {
    let found = TABLE.iter().find(|row| (row.holds)(facts)).map_or(Severity::None, |row| row.severity);
    match facts.protection {
        // The content is sealed; what is known are the names of its members.
        State::Strong => found.min(Severity::Low),
        State::Plain | State::OpensWithoutPassword | State::Weak | State::Unknown => found,
    }
}

/// The reasons for it, worst first: every row of the table that holds.
pub fn explain(facts: &Facts) -> Vec<&'static str> {
    let mut reasons: Vec<&'static str> = TABLE.iter().filter(|row| (row.holds)(facts)).map(|row| row.why).collect();
    match facts.protection {
        State::Strong => reasons.insert(0, "strongly encrypted"),
        State::Weak => reasons.push("its encryption does not hold"),
        State::OpensWithoutPassword => reasons.push("its encryption opens without a password"),
        State::Plain | State::Unknown => {}
    }
    match facts.access {
        Access::Everyone => reasons.push("everybody on the share can read it"),
        Access::Domain => reasons.push("every user of the domain can read it"),
        Access::Unknown | Access::Owner | Access::Group => {}
    }
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(categories: &[Category], subjects: u64) -> Facts {
        let special = categories.iter().any(|c| is_sensitive(*c));
        Facts {
            categories: categories.iter().map(|c| (*c, subjects.max(1))).collect(),
            subjects,
            special_subjects: if special { subjects } else { 0 },
            ..Facts::default()
        }
    }

    fn check(categories: &[Category], subjects: u64, expected: Severity) {
        assert_eq!(severity(&facts(categories, subjects)), expected, "{categories:?} of {subjects}");
    }

    #[test]
    fn the_table() {
        use Category::*;
        check(&[], 0, Severity::None);
        check(&[Name], 3, Severity::None);
        check(&[Name], 20, Severity::Low);
        check(&[Name, Email], 3, Severity::Low);
        check(&[Name, Email], 101, Severity::Medium);
        check(&[Name, Email, Birth], 20_000, Severity::High);
        check(&[NationalId, Name], 1, Severity::Medium);
        check(&[NationalId, Name], 500, Severity::High);
        check(&[Payroll, NationalId], 1, Severity::Medium);
        check(&[IdentityDocument], 1, Severity::Medium);
        check(&[IdentityDocument], 11, Severity::High);
        check(&[PaymentCard], 1, Severity::Medium);
        check(&[PaymentCard], 5, Severity::High);
        check(&[Health, NationalId], 1, Severity::High);
        check(&[TradeUnion, Name], 101, Severity::Critical);
        check(&[Health, Religion, TradeUnion], 1, Severity::Critical);
        check(&[Credential], 0, Severity::Medium);
        check(&[Classified], 0, Severity::High);
        check(&[Vat], 0, Severity::Low);
    }

    #[test]
    fn linkage_weighs_more_than_either() {
        use Category::*;
        let linked = Facts { special_and_document: 1, ..facts(&[Health, IdentityDocument], 1) };
        assert_eq!(severity(&linked), Severity::Critical);
        assert_eq!(severity(&facts(&[Health, IdentityDocument], 1)), Severity::High);
        let kits = Facts { identity_kits: 11, ..facts(&[NationalId, BankAccount], 11) };
        assert_eq!(severity(&kits), Severity::High);
    }

    #[test]
    fn protection_and_exposure() {
        use Category::*;
        let health = facts(&[Health], 30);
        let with = |protection, access| severity(&Facts { protection, access, ..health.clone() });
        assert_eq!(with(State::Strong, Access::Unknown), Severity::Low);
        assert_eq!(with(State::Weak, Access::Unknown), Severity::High);
        assert_eq!(with(State::Plain, Access::Everyone), Severity::Critical);
        assert_eq!(with(State::Plain, Access::Domain), Severity::Critical);
        assert_eq!(severity(&Facts { protection: State::Strong, ..Facts::default() }), Severity::None);
    }

    #[test]
    fn every_reason_is_told() {
        let reasons = explain(&Facts { live_credentials: 1, ..facts(&[Category::Credential, Category::Health], 1) });
        assert_eq!(
            reasons,
            [
                "a key or password that opens something",
                "special or criminal data of a person",
                "what may be a password"
            ]
        );
    }

    #[test]
    fn the_worst_rows_stand_first() {
        assert!(TABLE.is_sorted_by(|a, b| a.severity >= b.severity));
    }
}
