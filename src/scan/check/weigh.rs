//! How bad the findings are that are left when the accepted ones are taken away.

use std::collections::{BTreeMap, BTreeSet};

use crate::judge::severity::{Facts, severity};
use crate::model::{Access, Category, Finding, Severity, State};

/// From here on a password is one, and no placeholder: as the judge has it.
const LIVE: f32 = 0.8;

/// Of all these findings together, as the judge weighs an item.
pub(super) fn together(findings: &[&Finding], protection: State) -> Severity {
    let mut facts = Facts { protection, access: Access::Unknown, ..Facts::default() };
    let mut people: BTreeMap<&str, BTreeSet<Category>> = BTreeMap::new();
    for finding in findings {
        *facts.categories.entry(finding.category).or_default() += 1;
        facts.live_credentials += u64::from(is_live(finding));
        if let Some(subject) = &finding.subject {
            people.entry(subject).or_default().insert(finding.category);
        }
    }
    let sensitive = |category: &Category| category.is_special() || *category == Category::Criminal;
    let usable = |category: &Category| {
        matches!(category, Category::IdentityDocument | Category::BankAccount | Category::PaymentCard)
    };
    let money =
        |category: &Category| matches!(category, Category::BankAccount | Category::PaymentCard | Category::Payroll);
    let id = |category: &Category| matches!(category, Category::IdentityDocument | Category::NationalId);
    for of in people.values() {
        let has = |wanted: &dyn Fn(&Category) -> bool| of.iter().any(wanted);
        facts.special_subjects += u64::from(has(&sensitive));
        facts.special_and_document += u64::from(has(&sensitive) && has(&usable));
        facts.identity_kits += u64::from(has(&id) && has(&money));
    }
    facts.subjects = people.len() as u64;
    severity(&facts)
}

/// Of one finding by itself.
pub(super) fn alone(finding: &Finding, protection: State) -> Severity {
    together(&[finding], protection)
}

fn is_live(finding: &Finding) -> bool {
    finding.category == Category::Credential && finding.confidence >= LIVE
}
