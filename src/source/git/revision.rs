//! What a revision is called on the command line, and where two lines of history parted.

use std::collections::{BinaryHeap, HashMap};

use gix_ref::Target;

use crate::model::Name;

use super::{GitError, ObjectId, Objects, Repository};

/// Symbolic references that are followed.
const MOST_LINKS: usize = 8;

/// The commit that is checked out; none before the first one.
pub fn head(repository: &Repository, objects: &Objects) -> Result<Option<ObjectId>, GitError> {
    match named(repository, "HEAD")? {
        Some(id) => objects.peel(id),
        None => Ok(None),
    }
}

/// The commit that `revision` means: a branch, a tag, `HEAD`, the digits of a commit; behind
/// it `~3` and `^2` as often as needed.
pub fn resolve(repository: &Repository, objects: &Objects, revision: &str) -> Result<ObjectId, GitError> {
    let unknown = || GitError::NoCommit(Name::from(revision));
    let steps = revision.find(['~', '^']).unwrap_or(revision.len());
    let (name, mut steps) = revision.split_at(steps);
    let name = if name == "@" { "HEAD" } else { name };
    let found = match named(repository, name)? {
        Some(id) => Some(id),
        None => match objects.beginning(name)? {
            Some(Ok(id)) => Some(id),
            Some(Err(())) => return Err(GitError::Ambiguous(Name::from(name))),
            None => None,
        },
    };
    let mut id = objects.peel(found.ok_or_else(unknown)?)?.ok_or_else(unknown)?;
    while let Some(step) = steps.chars().next() {
        let rest = steps.get(1..).unwrap_or_default();
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (count, rest) = rest.split_at(digits);
        let count: usize = if count.is_empty() { 1 } else { count.parse().map_err(|_| unknown())? };
        let parent = |id, which: usize| -> Result<ObjectId, GitError> {
            objects.commit(id)?.parents.get(which).copied().ok_or_else(unknown)
        };
        match step {
            '~' => {
                for _ in 0..count {
                    id = parent(id, 0)?;
                }
            }
            '^' if count > 0 => id = parent(id, count - 1)?,
            '^' => {}
            _ => return Err(unknown()),
        }
        steps = rest;
    }
    Ok(id)
}

/// What a reference of this name, short or full, points to.
fn named(repository: &Repository, name: &str) -> Result<Option<ObjectId>, GitError> {
    let refs = repository.refs();
    let mut name = name.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(partial) = <&gix_ref::PartialNameRef>::try_from(name.as_str()) else { return Ok(None) };
        let found = refs.try_find(partial).map_err(|error| GitError::Unreadable("a reference", error.into()))?;
        match found.map(|reference| reference.target) {
            None => return Ok(None),
            Some(Target::Object(id)) => return Ok(Some(id)),
            Some(Target::Symbolic(target)) => name = target.to_string(),
        }
    }
    Ok(None)
}

/// The commits that references of the repository point to, and whether some point elsewhere.
pub fn tips(repository: &Repository, objects: &Objects) -> Result<Vec<ObjectId>, GitError> {
    let unreadable = |error: super::Cause| GitError::Unreadable("the references", error);
    let mut tips: Vec<ObjectId> = head(repository, objects)?.into_iter().collect();
    let refs = repository.refs();
    let all = refs.iter().map_err(|error| unreadable(error.into()))?;
    for reference in all.all().map_err(|error| unreadable(error.into()))? {
        let reference = reference.map_err(|error| unreadable(error.into()))?;
        if let Target::Object(id) = reference.target {
            tips.extend(objects.peel(id)?);
        }
    }
    tips.sort_unstable();
    tips.dedup();
    Ok(tips)
}

const LEFT: u8 = 1;
const RIGHT: u8 = 2;
const STALE: u8 = 4;

/// The best common ancestor of two commits.
pub fn merge_base(objects: &Objects, left: ObjectId, right: ObjectId) -> Result<Option<ObjectId>, GitError> {
    if left == right {
        return Ok(Some(left));
    }
    let mut flags: HashMap<ObjectId, u8> = HashMap::from([(left, LEFT), (right, RIGHT)]);
    let mut queue: BinaryHeap<(i64, ObjectId)> = BinaryHeap::new();
    for id in [left, right] {
        queue.push((objects.commit(id)?.time, id));
    }
    let mut best: Option<(i64, ObjectId)> = None;
    while queue.iter().any(|(_, id)| flags.get(id).is_some_and(|flags| flags & STALE == 0)) {
        let Some((time, id)) = queue.pop() else { break };
        let mut marks = flags.get(&id).copied().unwrap_or_default();
        if marks & (LEFT | RIGHT) == LEFT | RIGHT {
            if marks & STALE == 0 && best.is_none_or(|best| (time, id) > best) {
                best = Some((time, id));
            }
            marks |= STALE;
        }
        let parents = match objects.commit(id) {
            Ok(commit) => commit.parents,
            Err(GitError::Missing(..)) => Vec::new(),
            Err(error) => return Err(error),
        };
        for parent in parents {
            let known = flags.entry(parent).or_default();
            if *known & marks == marks {
                continue;
            }
            *known |= marks;
            match objects.commit(parent) {
                Ok(commit) => queue.push((commit.time, parent)),
                // Beyond the end of a shallow history.
                Err(GitError::Missing(..)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(best.map(|(_, id)| id))
}

/// The two commits of `BASE...HEAD` (from where they parted) or `BASE..HEAD` (from BASE itself).
pub fn range(repository: &Repository, objects: &Objects, range: &str) -> Result<(ObjectId, ObjectId), GitError> {
    let or_head = |name: &str| resolve(repository, objects, if name.is_empty() { "HEAD" } else { name });
    if let Some((base, head)) = range.split_once("...") {
        let (left, right) = (or_head(base)?, or_head(head)?);
        let parted = merge_base(objects, left, right)?;
        return Ok((parted.ok_or_else(|| GitError::NoMergeBase(base.into(), head.into()))?, right));
    }
    let (base, head) = range.split_once("..").ok_or_else(|| GitError::NoRange(range.into()))?;
    Ok((or_head(base)?, or_head(head)?))
}
