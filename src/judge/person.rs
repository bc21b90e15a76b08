//! Who a record is about: its data subjects and what each of them is known by.

use crate::detect::fold::{fold, label_key, last_field};
use crate::detect::{DetectorSpec, Evidence, Match, SubjectRole};
use crate::model::{Category, Shape};

use super::crowd::{Identity, Rank};
use super::key::{Hasher, Hashes};

/// A match that says something about a person counts from this confidence.
const SURE: f32 = 0.5;

/// How firmly a person stands in a record. From `LabelledName` on, words can be about him.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strength {
    /// One weak sign: an e-mail address, a staff number.
    One,
    /// A full name in a column of names.
    LabelledName,
    /// In prose, a name with the address or number where it can be reached: perhaps only whom to ask.
    Contact,
    /// Two weak signs of different kinds.
    Two,
    /// A tax code, a national id, an identity document.
    Strong,
}

/// A person as a record shows him.
#[derive(Clone, Debug)]
pub(super) struct Sighting {
    /// Index into the signs of the record: where he stands.
    pub(super) anchor: usize,
    pub(super) strength: Strength,
    pub(super) identities: Vec<Identity>,
}

/// A match that says something about who its record is about.
#[derive(Clone, Copy)]
pub(super) struct Sign<'m> {
    pub(super) found: &'m Match,
    pub(super) spec: &'m DetectorSpec,
    /// Number of the piece of text; cells and fields are pieces.
    pub(super) piece: u64,
    /// An address in the head of a mail.
    pub(super) correspondent: bool,
    /// All that its cell holds.
    alone: bool,
}

impl<'m> Sign<'m> {
    /// None for a match that says nothing of a person.
    pub(super) fn new(
        found: &'m Match,
        spec: &'m DetectorSpec,
        piece: u64,
        correspondent: bool,
        alone: bool,
    ) -> Option<Self> {
        // A first name tells nobody alone, and completes a surname.
        let telling = (spec.subject != SubjectRole::None || spec.category == Category::Name)
            && found.confidence >= SURE
            && !found.evidence.contains(&Evidence::KnownSample);
        telling.then_some(Self { found, spec, piece, correspondent, alone })
    }

    /// Whether its column says that the row is about this person, and not that he is in charge of it.
    fn is_labelled(&self) -> bool {
        let of_label = |evidence: &Evidence| matches!(evidence, Evidence::Label(label) if !is_in_charge(label));
        self.alone || self.found.evidence.iter().any(of_label)
    }

    fn value(&self) -> &'m str {
        self.found.value.expose()
    }
}

/// Whether a column is about who made, keeps or answers for what its row is about.
pub(super) fn is_in_charge(label: &str) -> bool {
    const WORDS: &[&str] = &[
        "responsabil",
        "referent",
        "autor",
        "author",
        "manager",
        "verantwort",
        "ansprechpartner",
        "contatt",
        "contact",
        "firmatari",
        "arzt",
        "docente",
        "relatore",
        "creat",
        "owner",
        "editor",
        "modif",
        "titel",
        "title",
        "titolo",
        "kontakt",
        "odpowiedzialn",
        "kierownik",
        "opiekun",
        "verantwoord",
        "leidinggevende",
        "behandelaar",
        "medico",
        "medicul",
        "zodpoved",
        "vedouci",
        "lekar",
        "kapcsolattarto",
        "ansvarig",
        "ansvarlig",
        "odgovorn",
        "vastuuhenkilo",
        "yhteyshenkilo",
    ];
    let label = label_key(label);
    WORDS.iter().any(|word| label.contains(word))
}

/// The people of one record.
pub(super) fn sightings(signs: &[Sign<'_>], shape: Shape, hasher: &Hasher) -> Vec<Sighting> {
    let mut people = Vec::new();
    let strong = strong(signs, hasher);
    let several = strong.iter().any(|(_, group)| group.len() > 1);
    let one = !several && !strong.is_empty();
    if several {
        // A list in one record, or a family: everybody stands for himself.
        for (anchor, identity) in strong.into_iter().flat_map(|(_, group)| group) {
            people.push(Sighting { anchor, strength: Strength::Strong, identities: vec![identity] });
        }
        return people;
    }
    let weak = Weak::of(signs, shape, hasher);
    if one {
        let mut identities: Vec<Identity> = Vec::new();
        let mut anchor = usize::MAX;
        for (at, identity) in strong.into_iter().flat_map(|(_, group)| group) {
            anchor = anchor.min(at);
            identities.push(identity);
        }
        if weak.emails.len() == 1 || shape == Shape::Rows && weak.emails_of_one {
            identities.extend(weak.emails.iter().map(|(_, identity)| *identity));
        }
        identities.extend(weak.combined.iter().map(|(_, identity)| *identity));
        people.push(Sighting { anchor, strength: Strength::Strong, identities });
        return people;
    }
    if weak.emails.len() > 1 && !weak.emails_of_one {
        let strength = match weak.kinds {
            0 | 1 => Strength::One,
            _ if weak.contact => Strength::Contact,
            _ => Strength::Two,
        };
        for (anchor, identity) in weak.emails {
            people.push(Sighting { anchor, strength, identities: vec![identity] });
        }
        return people;
    }
    let strength = match weak.kinds {
        0 => return people,
        1 if weak.labelled_name => Strength::LabelledName,
        1 => Strength::One,
        _ if weak.contact && shape == Shape::Prose => Strength::Contact,
        _ => Strength::Two,
    };
    let all = weak.emails.iter().chain(&weak.combined);
    let identities: Vec<Identity> = all.map(|(_, identity)| *identity).collect();
    if strength == Strength::One && identities.is_empty() {
        return people;
    }
    people.push(Sighting { anchor: weak.anchor, strength, identities });
    people
}

/// Distinct strong identities, grouped by detector.
fn strong(signs: &[Sign<'_>], hasher: &Hasher) -> Vec<(usize, Vec<(usize, Identity)>)> {
    let mut groups: Vec<(usize, Vec<(usize, Identity)>)> = Vec::new();
    let mut known = Hashes::default();
    for (at, sign) in signs.iter().enumerate().filter(|(_, sign)| sign.spec.subject == SubjectRole::Strong) {
        let identity = identity(sign, hasher);
        match groups.iter_mut().find(|(detector, _)| *detector == sign.found.detector) {
            _ if !known.insert(identity.hash) => {}
            Some((_, group)) => group.push((at, identity)),
            None => groups.push((sign.found.detector, vec![(at, identity)])),
        }
    }
    groups
}

fn identity(sign: &Sign<'_>, hasher: &Hasher) -> Identity {
    let country = sign.spec.country.as_deref().unwrap_or_default();
    match sign.spec.category {
        Category::IdentityDocument => Identity { rank: Rank::Document, hash: hasher.hash(&["document", sign.value()]) },
        _ => Identity { rank: Rank::NationalId, hash: hasher.hash(&["national id", country, sign.value()]) },
    }
}

/// The weak signs of a record.
#[derive(Default)]
struct Weak {
    anchor: usize,
    /// Different kinds of signs.
    kinds: usize,
    labelled_name: bool,
    /// Nothing but a name and ways to reach somebody.
    contact: bool,
    emails: Vec<(usize, Identity)>,
    /// The addresses stand in columns of their own: office, private.
    emails_of_one: bool,
    /// Identities made of a name and another sign, or of a staff number.
    combined: Vec<(usize, Identity)>,
}

impl Weak {
    fn of(signs: &[Sign<'_>], shape: Shape, hasher: &Hasher) -> Self {
        let mut weak = Self { anchor: usize::MAX, ..Self::default() };
        let mut kinds: Vec<Category> = Vec::new();
        for (at, sign) in signs.iter().enumerate().filter(|(_, sign)| sign.spec.subject == SubjectRole::Weak) {
            if !kinds.contains(&sign.spec.category) {
                kinds.push(sign.spec.category);
            }
            weak.anchor = weak.anchor.min(at);
        }
        weak.kinds = kinds.len();
        weak.contact = kinds.iter().all(|c| matches!(c, Category::Name | Category::Email | Category::Phone));
        let (name, labelled) = full_name(signs, shape);
        weak.labelled_name = labelled;
        let of = |category: Category| distinct(signs, category);
        let emails = of(Category::Email);
        let mut pieces: Vec<u64> = emails.iter().filter_map(|at| signs.get(*at)).map(|sign| sign.piece).collect();
        pieces.dedup();
        weak.emails_of_one = emails.len() == 1
            || shape == Shape::Rows
                && pieces.len() == emails.len()
                && emails.iter().filter_map(|at| signs.get(*at)).all(|sign| !sign.correspondent);
        weak.emails = emails
            .into_iter()
            .filter_map(|at| Some((at, signs.get(at)?)))
            .map(|(at, sign)| {
                let hash = hasher.hash(&["email", &sign.value().to_lowercase()]);
                (at, Identity { rank: Rank::Email, hash })
            })
            .collect();
        let mut combine = |rank, kind: &str, category, with_name| {
            if let [at] = of(category)[..]
                && let Some(sign) = signs.get(at)
            {
                let name = if with_name { name.as_deref() } else { Some("") };
                if let Some(name) = name {
                    weak.combined.push((at, Identity { rank, hash: hasher.hash(&[kind, name, sign.value()]) }));
                }
            }
        };
        combine(Rank::NameAndBirth, "birth", Category::Birth, true);
        combine(Rank::NameAndEmployee, "employee", Category::EmployeeNumber, true);
        combine(Rank::Employee, "employee", Category::EmployeeNumber, false);
        combine(Rank::NameAndPhone, "phone", Category::Phone, true);
        combine(Rank::NameAndAccount, "account", Category::BankAccount, true);
        weak
    }
}

/// The identity of somebody whose name and other sign stand in neighbouring records.
pub(super) fn combined(name: &Sign<'_>, other: &Sign<'_>, hasher: &Hasher) -> Option<Identity> {
    let (rank, kind) = match other.spec.category {
        Category::Birth => (Rank::NameAndBirth, "birth"),
        Category::EmployeeNumber => (Rank::NameAndEmployee, "employee"),
        Category::Phone => (Rank::NameAndPhone, "phone"),
        Category::BankAccount => (Rank::NameAndAccount, "account"),
        Category::Email => {
            let hash = hasher.hash(&["email", &other.value().to_lowercase()]);
            return Some(Identity { rank: Rank::Email, hash });
        }
        _ => return None,
    };
    Some(Identity { rank, hash: hasher.hash(&[kind, &canonical([name.value()]), other.value()]) })
}

/// The first sign of each value of a category.
fn distinct(signs: &[Sign<'_>], category: Category) -> Vec<usize> {
    let mut values: Vec<&str> = Vec::new();
    let mut first = Vec::new();
    for (at, sign) in signs.iter().enumerate() {
        if sign.spec.category == category && !values.contains(&sign.value()) && values.len() < 64 {
            values.push(sign.value());
            first.push(at);
        }
    }
    first
}

/// The name of the one person of a record, with its words in order, and whether its column says
/// that it is one. Surname and given name may stand in columns of their own.
fn full_name(signs: &[Sign<'_>], shape: Shape) -> (Option<String>, bool) {
    let names: Vec<&Sign<'_>> =
        signs.iter().filter(|sign| sign.spec.category == Category::Name && !sign.correspondent).collect();
    let words = |sign: &Sign<'_>| sign.value().split_whitespace().count();
    if shape == Shape::Rows
        && let [one, other, rest @ ..] = &names[..]
        && one.is_labelled()
        && other.is_labelled()
        && one.piece != other.piece
        && rest.is_empty()
        && words(one) + words(other) <= 5
        && (words(one) == 1 || words(other) == 1)
    {
        return (Some(canonical([one.value(), other.value()])), true);
    }
    let full = names.iter().filter(|sign| words(sign) > 1);
    let mut distinct: Vec<String> = full.clone().map(|sign| canonical([sign.value()])).collect();
    distinct.dedup();
    let labelled = shape == Shape::Rows && full.clone().any(|sign| sign.is_labelled());
    match &distinct[..] {
        [one] => (Some(one.clone()), labelled),
        _ => (None, labelled),
    }
}

/// A name whatever the order, case and accents of its words.
fn canonical<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut words: Vec<String> = parts
        .into_iter()
        .flat_map(|part| fold(part).split_whitespace().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    words.sort_unstable();
    words.join(" ")
}

/// Whether this labels an address in the head of a mail.
pub(super) fn is_mail_header(label: &str) -> bool {
    const HEADERS: &[&str] = &[
        "from",
        "to",
        "cc",
        "bcc",
        "replyto",
        "sender",
        "deliveredto",
        "returnpath",
        "envelopeto",
        "xoriginalto",
        "da",
        "a",
        "per",
        "ccn",
        "mittente",
        "destinatario",
        "von",
        "an",
        "de",
        "expediteur",
        "destinataire",
        "para",
        "kopie",
        "rispondia",
        "od",
        "do",
        "dw",
        "nadawca",
        "odbiorca",
        "van",
        "aan",
        "dela",
        "catre",
        "pentru",
        "komu",
        "kopia",
        "felado",
        "cimzett",
        "fran",
        "till",
        "fra",
        "til",
        "kopi",
        "lahettaja",
        "vastaanottaja",
    ];
    HEADERS.contains(&label_key(last_field(label)).as_str())
}
