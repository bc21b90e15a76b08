//! VAT numbers of the European Union: the country in front says whose rule holds.

use super::number::{clean, part};
use super::{
    Verdict, at, be, bg, cy, cz, de, dk, ee, es, fi, fr, gb, gr, hr, hu, ie, it, lt, lu, lv, mt, nl, pl, pt, ro, se,
    si, sk,
};

type Rule = (&'static str, &'static str, fn(&str) -> Verdict);

/// Country, signs that may stand between the digits, rule.
const RULES: &[Rule] = &[
    ("AT", " -./", at::uid),
    ("BE", " -./", be::vat),
    ("BG", " -.", bg::vat),
    ("CY", " -", cy::tic),
    ("CZ", " /", cz::dic),
    ("DE", " -./,", de::ust_id),
    ("DK", " -.,/:", dk::cvr),
    ("EE", " ", ee::kmkr),
    ("EL", " -./:", gr::afm),
    ("ES", " -", es::nif),
    ("EU", " -", one_stop_shop),
    ("FI", " -", fi::y_tunnus),
    ("FR", " -.", fr::tva),
    ("GR", " -./:", gr::afm),
    ("HR", " -", hr::oib),
    ("HU", " -", hu::adoszam),
    ("IE", " -", ie::vat),
    ("IM", " -", one_stop_shop),
    ("IT", " -:", it::partita_iva),
    ("LT", " -", lt::pvm),
    ("LU", " :.-", lu::tva),
    ("LV", " -", lv::pvn),
    ("MT", " -", mt::vat),
    ("NL", "", nl::btw),
    ("PL", " -", pl::nip),
    ("PT", " -.", pt::nif),
    ("RO", " -", ro::fiscal_code),
    ("SE", " -.", se::vat),
    ("SI", " -", si::davcna),
    ("SK", " -", sk::ic_dph),
    // Northern Ireland.
    ("XI", " -.", gb::vat),
];

/// VAT identification number (Directive 2006/112/EC art. 215) with its country. It is read as
/// written: what may stand between the digits differs.
pub fn number(written: &str) -> Verdict {
    let written = written.trim().to_uppercase();
    RULES
        .iter()
        .find(|(country, ..)| written.starts_with(country))
        .map_or(Verdict::Refuted, |(_, separators, rule)| rule(&clean(&written, separators)))
}

/// Countries by ISO 3166-1 number; 900 is Northern Ireland.
const MEMBERS: [u64; 28] = [
    40, 56, 100, 191, 196, 203, 208, 233, 246, 250, 276, 300, 348, 372, 380, 428, 440, 442, 470, 528, 616, 620, 642,
    703, 705, 724, 752, 900,
];

/// Number of the one-stop shop (EU) or the import scheme (IM): country of registration, and five or six
/// digits with a check digit whose rule is not published.
pub fn one_stop_shop(value: &str) -> Verdict {
    let length = match value.get(..2) {
        Some("EU") => 11,
        Some("IM") => 12,
        _ => return Verdict::Refuted,
    };
    let member = part(value, 2, 5).is_some_and(|country| MEMBERS.contains(&country));
    Verdict::when(member && value.len() == length && part(value, 5, length).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_country_says_whose_rule_holds() {
        for (value, passes) in [
            ("ATU 13585627", true),
            ("BE 0428.759.497", true),
            ("DE 136,695 976", true),
            ("ES B-58378431", true),
            ("FR 40 303 265 045", true),
            ("IT 00743110157", true),
            ("lu 150 274 42", true),
            ("NL4495445B01", true),
            ("PT 501 964 843", true),
            ("EU 372022452", true),
            ("IM3720000224", true),
            ("EU 371022452", false),
            ("FR 40 303 265 046", false),
            ("D E136695976", false),
            ("136695976", false),
            ("XX136695976", false),
        ] {
            assert_eq!(number(value) == Verdict::Certain, passes, "{value}");
        }
    }
}
