//! The people of one item: identities that a record ties together are one person, counted once.

use std::collections::HashMap;

use super::key::{ByHash, short};

/// What a person is known by, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    NationalId,
    Document,
    Email,
    NameAndBirth,
    NameAndEmployee,
    Employee,
    NameAndPhone,
    NameAndAccount,
}

/// One identity: its rank and its keyed hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    pub(super) rank: Rank,
    pub(super) hash: u128,
}

/// The person of a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Who {
    /// Somebody, but nothing tells him from others.
    #[default]
    Nameless,
    /// Kept in the crowd under this number.
    Known(u32),
    /// Seen after the crowd was full.
    Beyond(u128),
}

struct Node {
    identity: Identity,
    parent: u32,
    /// Of a root: the national id and the name with birth date of this person. Two people
    /// who differ in one of these are never merged, whatever mailbox or number they share.
    national: Option<u128>,
    birth: Option<u128>,
    /// Bits of what is known of this person, set by [`Crowd::mark`].
    marks: u32,
}

/// A union-find over identities, bounded.
pub(super) struct Crowd {
    nodes: Vec<Node>,
    index: ByHash<u32>,
    limit: usize,
    beyond: Option<Box<Sketch>>,
}

/// What the crowd says at the end.
pub(super) struct People {
    /// Ascending.
    pub(super) subjects: Vec<u64>,
    pub(super) beyond: u64,
    /// Marks of each person who has any.
    pub(super) marks: Vec<u32>,
}

impl Crowd {
    pub(super) fn new(limit: usize) -> Self {
        Self { nodes: Vec::new(), index: ByHash::default(), limit, beyond: None }
    }

    /// The person who has all of these identities.
    pub(super) fn person(&mut self, identities: &[Identity]) -> Who {
        let Some(best) = identities.iter().min() else { return Who::Nameless };
        let mut person = None;
        for identity in identities {
            let Some(node) = self.node(*identity) else { continue };
            person = Some(match person {
                Some(other) => self.unite(other, node),
                None => node,
            });
        }
        if person.is_none() {
            self.beyond.get_or_insert_default().add(short(best.hash));
            return Who::Beyond(best.hash);
        }
        self.index.get(&best.hash).map_or(Who::Nameless, |node| Who::Known(*node))
    }

    pub(super) fn mark(&mut self, who: Who, bits: u32) {
        if let Who::Known(node) = who
            && let root = self.root(node)
            && let Some(node) = self.nodes.get_mut(root as usize)
        {
            node.marks |= bits;
        }
    }

    /// Whether two are the same person, as far as is known by now.
    pub(super) fn same(&mut self, one: Who, other: Who) -> bool {
        match (one, other) {
            (Who::Known(one), Who::Known(other)) => self.root(one) == self.root(other),
            (one, other) => one == other,
        }
    }

    /// The hash of the best identity of each person, by node.
    pub(super) fn best(&mut self) -> Best {
        let mut roots = Vec::with_capacity(self.nodes.len());
        let mut best: HashMap<u32, Identity> = HashMap::new();
        for node in 0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX) {
            let root = self.root(node);
            roots.push(root);
            if let Some(Node { identity, .. }) = self.nodes.get(node as usize) {
                best.entry(root).and_modify(|known| *known = (*known).min(*identity)).or_insert(*identity);
            }
        }
        Best { roots, best }
    }

    pub(super) fn people(&self, best: &Best) -> People {
        let mut subjects: Vec<u64> = best.best.values().map(|identity| short(identity.hash)).collect();
        subjects.sort_unstable();
        let marks = best.best.keys().filter_map(|root| self.nodes.get(*root as usize)).map(|node| node.marks);
        let mut marks: Vec<u32> = marks.filter(|marks| *marks != 0).collect();
        marks.sort_unstable();
        People { subjects, beyond: self.beyond.as_ref().map_or(0, |sketch| sketch.estimate()), marks }
    }

    fn node(&mut self, identity: Identity) -> Option<u32> {
        if let Some(node) = self.index.get(&identity.hash) {
            return Some(*node);
        }
        if self.nodes.len() >= self.limit {
            return None;
        }
        let number = u32::try_from(self.nodes.len()).ok()?;
        let own = |rank| (identity.rank == rank).then_some(identity.hash);
        self.nodes.push(Node {
            identity,
            parent: number,
            national: own(Rank::NationalId),
            birth: own(Rank::NameAndBirth),
            marks: 0,
        });
        self.index.insert(identity.hash, number);
        Some(number)
    }

    fn root(&mut self, node: u32) -> u32 {
        let mut at = node;
        // Path halving: each step also shortens the way for the next one.
        while let Some(parent) = self.nodes.get(at as usize).map(|node| node.parent)
            && parent != at
        {
            let grand = self.nodes.get(parent as usize).map_or(parent, |node| node.parent);
            if let Some(node) = self.nodes.get_mut(at as usize) {
                node.parent = grand;
            }
            at = grand;
        }
        at
    }

    /// Merges two people, unless they are provably two. Returns the first one's root.
    fn unite(&mut self, one: u32, other: u32) -> u32 {
        let (one, other) = (self.root(one), self.root(other));
        if one == other {
            return one;
        }
        let Some((national, birth, marks)) = self.nodes.get(other as usize).map(|n| (n.national, n.birth, n.marks))
        else {
            return one;
        };
        let differ = |a: Option<u128>, b: Option<u128>| matches!((a, b), (Some(a), Some(b)) if a != b);
        let Some(node) = self.nodes.get_mut(one as usize) else { return one };
        if differ(node.national, national) || differ(node.birth, birth) {
            return one;
        }
        node.national = node.national.or(national);
        node.birth = node.birth.or(birth);
        node.marks |= marks;
        if let Some(node) = self.nodes.get_mut(other as usize) {
            node.parent = one;
        }
        one
    }
}

/// The best identity of everybody in a crowd.
pub(super) struct Best {
    roots: Vec<u32>,
    best: HashMap<u32, Identity>,
}

impl Best {
    pub(super) fn hash(&self, who: Who) -> Option<u128> {
        match who {
            Who::Nameless => None,
            Who::Known(node) => {
                let root = self.roots.get(node as usize)?;
                self.best.get(root).map(|identity| identity.hash)
            }
            Who::Beyond(hash) => Some(hash),
        }
    }
}

/// Counts distinct hashes to within about two per cent in four kilobytes: HyperLogLog,
/// Flajolet et al. 2007.
struct Sketch([u8; 4096]);

impl Default for Sketch {
    fn default() -> Self {
        Self([0; 4096])
    }
}

impl Sketch {
    fn add(&mut self, hash: u64) {
        let register = usize::try_from(hash >> 52).unwrap_or_default();
        let zeros = u8::try_from((hash << 12 | 1 << 11).leading_zeros() + 1).unwrap_or(u8::MAX);
        if let Some(highest) = self.0.get_mut(register) {
            *highest = zeros.max(*highest);
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive estimate")]
    fn estimate(&self) -> u64 {
        let m = self.0.len() as f64;
        let sum: f64 = self.0.iter().map(|highest| 0.5f64.powi(i32::from(*highest))).sum();
        let empty = memchr::memchr_iter(0, &self.0).count();
        let raw = 0.7213 / (1.0 + 1.079 / m) * m * m / sum;
        let estimate = if raw <= 2.5 * m && empty > 0 { m * (m / empty as f64).ln() } else { raw };
        estimate.round() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(rank: Rank, hash: u64) -> Identity {
        Identity { rank, hash: u128::from(hash) << 64 }
    }

    fn count(limit: usize, records: &[&[Identity]]) -> (usize, u64) {
        let mut crowd = Crowd::new(limit);
        for record in records {
            crowd.person(record);
        }
        let best = crowd.best();
        let people = crowd.people(&best);
        (people.subjects.len(), people.beyond)
    }

    #[test]
    fn a_record_ties_identities_together() {
        let (cf, mail, number) = (id(Rank::NationalId, 1), id(Rank::Email, 2), id(Rank::Employee, 3));
        assert_eq!(count(10, &[&[cf], &[mail], &[number]]), (3, 0));
        assert_eq!(count(10, &[&[mail, number], &[cf, mail]]), (1, 0));
    }

    #[test]
    fn a_shared_mailbox_does_not_merge_two_tax_codes() {
        let (one, two, mail) = (id(Rank::NationalId, 1), id(Rank::NationalId, 2), id(Rank::Email, 3));
        assert_eq!(count(10, &[&[one, mail], &[two, mail]]), (2, 0));
    }

    #[test]
    fn who_does_not_fit_is_counted_about() {
        let mut crowd = Crowd::new(10);
        for n in 0..20_000u64 {
            // splitmix64: hashes spread like these
            let mut hash = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            hash = (hash ^ hash >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            hash = (hash ^ hash >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
            crowd.person(&[id(Rank::Email, hash ^ hash >> 31)]);
        }
        let best = crowd.best();
        let people = crowd.people(&best);
        assert_eq!(people.subjects.len(), 10);
        assert!((19_000..21_000).contains(&people.beyond), "{}", people.beyond);
    }
}
