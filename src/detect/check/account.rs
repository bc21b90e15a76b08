//! The check digits that a country puts into its account numbers: the second lock of an IBAN.

use super::Verdict;
use super::it;
use super::number::{digits, luhn, mod_11_10, mod_97, weighted};

/// Whether the national check digits inside an IBAN hold. Silent where the country has none, or
/// where every bank has its own. The rules are those of the central banks and bank associations
/// as the SWIFT IBAN Registry and the European Committee for Banking Standards (TR 201) list them.
pub fn national(iban: &str) -> Verdict {
    let (Some(country), Some(bban)) = (iban.get(..2), iban.get(4..)) else { return Verdict::Silent };
    let holds = match country {
        // CIN, one letter over bank, branch and account (ABI).
        "IT" | "SM" => Some(it::cin(iban) == Verdict::Certain),
        // Clé RIB: letters count 1 to 9, the whole is a multiple of 97.
        "FR" | "MC" | "BI" | "DJ" | "MR" | "TN" => rib(bban),
        // ISO 7064 mod 97-10 over the whole.
        "BA" | "ME" | "MK" | "PT" | "RS" | "SI" | "TL" | "XK" => mod_97(bban.chars()).map(|rest| rest == 1),
        "BE" => belgian(bban),
        "ES" => spanish(bban),
        "NO" => norwegian(bban),
        "FI" => digits(bban).map(|all| luhn(&all)),
        "EE" => estonian(bban),
        "PL" => bank_code(bban, &[3, 9, 7, 1, 3, 9, 7, 1]),
        "AL" => bank_code(bban, &[9, 7, 3, 1, 9, 7, 3, 1]),
        "HU" => hungarian(bban),
        "CZ" | "SK" => czechoslovak(bban),
        "HR" => parts(bban, 0..7, 7..17).map(|(bank, account)| mod_11_10(&bank) && mod_11_10(&account)),
        // The account belongs to a kennitala.
        "IS" => part(bban, 12..22).map(|owner| weighted(&owner, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)),
        _ => None,
    };
    match holds {
        None => Verdict::Silent,
        Some(true) => Verdict::Certain,
        Some(false) => Verdict::Refuted,
    }
}

fn part(bban: &str, range: std::ops::Range<usize>) -> Option<Vec<u32>> {
    digits(bban.get(range)?)
}

fn parts(bban: &str, one: std::ops::Range<usize>, other: std::ops::Range<usize>) -> Option<(Vec<u32>, Vec<u32>)> {
    Some((part(bban, one)?, part(bban, other)?))
}

fn rib(bban: &str) -> Option<bool> {
    let digit = |c: char| match c {
        '0'..='9' => c.to_digit(10),
        // A and J are 1, B, K and S are 2.
        'A'..='R' => Some((u32::from(c) - u32::from('A')) % 9 + 1),
        'S'..='Z' => Some(u32::from(c) - u32::from('S') + 2),
        _ => None,
    };
    bban.chars().try_fold(0, |rest, c| Some((rest * 10 + digit(c)?) % 97)).map(|rest| rest == 0)
}

fn belgian(bban: &str) -> Option<bool> {
    let (body, check) = (bban.get(..10)?.parse::<u64>().ok()?, bban.get(10..)?.parse::<u64>().ok()?);
    let rest = body % 97;
    Some(check == if rest == 0 { 97 } else { rest })
}

/// One digit over bank and branch, one over the account; weights are the powers of two mod 11.
fn spanish(bban: &str) -> Option<bool> {
    let all = digits(bban)?;
    let (bank, check, account) = (all.get(..8)?, all.get(8..10)?, all.get(10..20)?);
    let digit = |sum: u32| match sum % 11 {
        rest @ 0..2 => rest,
        rest => 11 - rest,
    };
    let expected =
        [digit(weighted(bank, &[4, 8, 5, 10, 9, 7, 3, 6])), digit(weighted(account, &[1, 2, 4, 8, 5, 10, 9, 7, 3, 6]))];
    Some(check == expected)
}

/// Mod 11; the accounts of the former post giro, behind four zeros, by Luhn.
fn norwegian(bban: &str) -> Option<bool> {
    let all = digits(bban)?;
    match all.strip_prefix(&[0, 0, 0, 0]) {
        Some(giro) => Some(luhn(giro)),
        None => Some(all.last() == Some(&(weighted(&all, &[6, 7, 8, 9, 4, 5, 6, 7, 8, 9]) % 11))),
    }
}

/// Weights 7, 3, 1 from the right over all but the code of the bank.
fn estonian(bban: &str) -> Option<bool> {
    let all = part(bban, 2..16)?;
    let (check, body) = all.split_last()?;
    let sum: u32 = body.iter().rev().zip([7, 3, 1].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    Some((sum + check).is_multiple_of(10))
}

fn bank_code(bban: &str, weights: &[u32]) -> Option<bool> {
    Some(weighted(&part(bban, 0..8)?, weights).is_multiple_of(10))
}

fn hungarian(bban: &str) -> Option<bool> {
    const WEIGHTS: [u32; 16] = [9, 7, 3, 1, 9, 7, 3, 1, 9, 7, 3, 1, 9, 7, 3, 1];
    let (bank, account) = parts(bban, 0..8, 8..24)?;
    Some(weighted(&bank, &WEIGHTS).is_multiple_of(10) && weighted(&account, &WEIGHTS).is_multiple_of(10))
}

fn czechoslovak(bban: &str) -> Option<bool> {
    let (prefix, account) = parts(bban, 4..10, 10..20)?;
    Some(
        weighted(&prefix, &[10, 5, 8, 4, 2, 1]).is_multiple_of(11)
            && weighted(&account, &[6, 3, 7, 9, 10, 5, 8, 4, 2, 1]).is_multiple_of(11),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::check::testing::changed;

    /// The examples of the SWIFT IBAN Registry.
    const EXAMPLES: &[&str] = &[
        "AL47212110090000000235698741",
        "BA391290079401028494",
        "BE68539007547034",
        "BI4210000100010000332045181",
        "CZ6508000000192000145399",
        "DJ2100010000000154000100186",
        "EE382200221020145685",
        "ES9121000418450200051332",
        "FI2112345600000785",
        "FR1420041010050500013M02606",
        "HR1210010051863000160",
        "HU42117730161111101800000000",
        "IS140159260076545510730339",
        "IT60X0542811101000000123456",
        "MC5811222000010123456789030",
        "ME25505000012345678951",
        "MK07250120000058984",
        "MR1300020001010000123456753",
        "NO9386011117947",
        "PL61109010140000071219812874",
        "PT50000201231234567890154",
        "RS35260005601001611379",
        "SI56263300012039086",
        "SK3112000000198742637541",
        "SM86U0322509800000000270100",
        "TL380080012345678910157",
        "TN5910006035183598478831",
        "XK051212012345678906",
    ];

    #[test]
    fn the_examples_of_the_registry_hold() {
        for iban in EXAMPLES {
            assert_eq!(national(iban), Verdict::Certain, "{iban}");
        }
        for iban in ["DE89370400440532013000", "GB29NWBK60161331926819", "NL91ABNA0417164300", "", "é", "IT"] {
            assert_ne!(national(iban), Verdict::Certain, "{iban}");
        }
        assert_eq!(national("DE89370400440532013000"), Verdict::Silent);
    }

    #[test]
    fn a_changed_digit_of_the_account_does_not_hold() {
        for iban in EXAMPLES {
            // In Poland and Albania the check covers the bank alone, in Iceland the owner.
            let places = match &iban[..2] {
                "PL" | "AL" => 4..12,
                "IS" => 16..25,
                "CZ" | "SK" => 8..24,
                "EE" => 6..20,
                _ => 4..iban.len(),
            };
            for place in places.filter(|place| iban.as_bytes()[*place].is_ascii_digit()) {
                assert_eq!(national(&changed(iban, place)), Verdict::Refuted, "{iban} at {place}");
            }
        }
    }
}
