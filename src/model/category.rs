//! The categories of personal data, and the articles of the GDPR that govern them.

use serde::{Deserialize, Serialize};

/// What kind of data a finding is. The names are those of the JSON and of patterns/.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    Name,
    Birth,
    Address,
    Email,
    Phone,
    /// Numbers that a state gives a person: tax code, social security number.
    NationalId,
    /// Passport, identity card, driving licence, health card, and their machine-readable zones.
    IdentityDocument,
    EmployeeNumber,
    /// VAT numbers: of a firm, or of a person in business.
    Vat,
    BankAccount,
    PaymentCard,
    Payroll,
    Credential,
    Health,
    TradeUnion,
    PoliticalOpinion,
    Religion,
    EthnicOrigin,
    SexLife,
    Genetic,
    Biometric,
    Criminal,
    /// A classification or defence marking: not personal data, but the reader must know.
    Classified,
}

impl Category {
    pub const ALL: [Self; 23] = [
        Self::Health,
        Self::TradeUnion,
        Self::PoliticalOpinion,
        Self::Religion,
        Self::EthnicOrigin,
        Self::SexLife,
        Self::Genetic,
        Self::Biometric,
        Self::Criminal,
        Self::IdentityDocument,
        Self::NationalId,
        Self::Payroll,
        Self::BankAccount,
        Self::PaymentCard,
        Self::Credential,
        Self::Classified,
        Self::Birth,
        Self::Name,
        Self::Email,
        Self::Phone,
        Self::Address,
        Self::EmployeeNumber,
        Self::Vat,
    ];

    /// The name in JSON and TOML.
    pub fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Birth => "birth",
            Self::Address => "address",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::NationalId => "national_id",
            Self::IdentityDocument => "identity_document",
            Self::EmployeeNumber => "employee_number",
            Self::Vat => "vat",
            Self::BankAccount => "bank_account",
            Self::PaymentCard => "payment_card",
            Self::Payroll => "payroll",
            Self::Credential => "credential",
            Self::Health => "health",
            Self::TradeUnion => "trade_union",
            Self::PoliticalOpinion => "political_opinion",
            Self::Religion => "religion",
            Self::EthnicOrigin => "ethnic_origin",
            Self::SexLife => "sex_life",
            Self::Genetic => "genetic",
            Self::Biometric => "biometric",
            Self::Criminal => "criminal",
            Self::Classified => "classified",
        }
    }

    /// The name for a reader.
    pub fn title(self) -> &'static str {
        match self {
            Self::Name => "names",
            Self::Birth => "dates of birth",
            Self::Address => "addresses",
            Self::Email => "e-mail addresses",
            Self::Phone => "phone numbers",
            Self::NationalId => "tax codes and national ids",
            Self::IdentityDocument => "identity documents",
            Self::EmployeeNumber => "employee numbers",
            Self::Vat => "VAT numbers",
            Self::BankAccount => "bank accounts",
            Self::PaymentCard => "payment cards",
            Self::Payroll => "payroll",
            Self::Credential => "passwords and keys",
            Self::Health => "health",
            Self::TradeUnion => "trade-union membership",
            Self::PoliticalOpinion => "political opinions",
            Self::Religion => "religious beliefs",
            Self::EthnicOrigin => "ethnic origin",
            Self::SexLife => "sex life or orientation",
            Self::Genetic => "genetic data",
            Self::Biometric => "biometric data",
            Self::Criminal => "criminal records",
            Self::Classified => "classification markings",
        }
    }

    /// Articles of Regulation (EU) 2016/679; empty for what is not personal data in itself.
    pub fn gdpr(self) -> &'static [&'static str] {
        match self {
            Self::NationalId => &["art4.1", "art87"],
            Self::Payroll => &["art4.1", "art88"],
            Self::Credential => &["art32"],
            Self::Criminal => &["art10"],
            Self::Classified => &[],
            special if special.is_special() => &["art9.1"],
            _ => &["art4.1"],
        }
    }

    /// Article 9(1): the special categories.
    pub fn is_special(self) -> bool {
        matches!(
            self,
            Self::Health
                | Self::TradeUnion
                | Self::PoliticalOpinion
                | Self::Religion
                | Self::EthnicOrigin
                | Self::SexLife
                | Self::Genetic
                | Self::Biometric
        )
    }

    /// Article 9(1) or Article 10: the word itself says what the law protects.
    pub fn is_sensitive(self) -> bool {
        self.is_special() || self == Self::Criminal
    }

    /// Articles 9 and 10, and payroll: a word of these is a finding only beside a data subject.
    pub fn needs_subject(self) -> bool {
        self.is_sensitive() || self == Self::Payroll
    }

    /// The value of the MISP taxonomy `gdpr:special-categories`, where it has one.
    pub fn misp(self) -> Option<&'static str> {
        Some(match self {
            Self::Health => "health",
            Self::TradeUnion => "trade-union-membership",
            Self::PoliticalOpinion => "political-opinions",
            Self::Religion => "religious-or-philosophical-beliefs",
            Self::EthnicOrigin => "racial-or-ethnic-origin",
            Self::SexLife => "sex-life-or-sexual-orientation",
            Self::Genetic => "genetic-data",
            Self::Biometric => "biometric-data",
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_holds_every_category_once_under_its_json_name() {
        let keys: std::collections::BTreeSet<_> = Category::ALL.iter().map(|c| c.key()).collect();
        assert_eq!(keys.len(), Category::ALL.len());
        for category in Category::ALL {
            assert_eq!(serde_json::to_value(category).unwrap(), category.key());
        }
    }
}
