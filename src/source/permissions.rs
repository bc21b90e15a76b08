//! Who may read a file, from its access control list where the mount gives one.
//!
//! Specifications: acl(5) with the kernel's `posix_acl_xattr.h`; MS-DTYP 2.4.6 (security
//! descriptors of Windows, which cifs mounts give) and 2.4.2.4 (well-known identifiers).

use crate::model::Access;

/// What the list says beyond the mode bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    Access(Access),
    /// There is no list: the mode bits are all there is.
    None,
    /// The mount has no such lists.
    Unsupported,
    /// The list could not be read, or makes no sense.
    Unknown,
    /// Asking for it failed, as it does on mounts that mistake a question for an error of their own.
    Failed,
}

const READ: u16 = 4;

/// Who may read by the attribute `system.posix_acl_access`: version, then tag, permissions
/// and identifier of each entry.
pub fn posix_acl(bytes: &[u8]) -> Option<Access> {
    let number = |at: usize| Some(u16::from_le_bytes(*bytes.get(at..at + 2)?.first_chunk()?));
    if bytes.get(..4)? != [2, 0, 0, 0] || bytes.len() % 8 != 4 {
        return None;
    }
    let entries: Vec<(u16, u16)> =
        (4..bytes.len()).step_by(8).map(|at| Some((number(at)?, number(at + 2)?))).collect::<Option<_>>()?;
    let mask = entries.iter().find(|(tag, _)| *tag == 0x10).map_or(READ, |(_, permissions)| *permissions);
    let reads = |wanted: u16, mask: u16| {
        entries.iter().any(|(tag, permissions)| *tag == wanted && permissions & mask & READ != 0)
    };
    Some(if reads(0x20, READ) {
        Access::Everyone
    } else if reads(0x04, mask) || reads(0x08, mask) || reads(0x02, mask) {
        // The group of the file, another group, another user.
        Access::Group
    } else {
        Access::Owner
    })
}

/// FILE_READ_DATA, GENERIC_ALL, GENERIC_READ.
const READ_DATA: u32 = 0x9000_0001;
/// Everyone, network, anonymous, guests; guests of the domain by their last number.
const EVERYBODY: &[(u64, &[u32])] = &[(1, &[0]), (5, &[2]), (5, &[7]), (5, &[32, 546])];
/// Authenticated users, users; users of the domain by their last number.
const ACCOUNTS: &[(u64, &[u32])] = &[(5, &[11]), (5, &[32, 545])];
const DOMAIN_USERS: u32 = 513;
const DOMAIN_GUESTS: u32 = 514;
/// The system itself, administrators, backup operators, the creator and its owner rights: may read everywhere.
const TRUSTED: &[(u64, &[u32])] = &[(5, &[18]), (5, &[32, 544]), (5, &[32, 551]), (3, &[0]), (3, &[4])];

/// Who may read by a self-relative security descriptor (`system.cifs_acl`, `system.ntfs_acl`).
/// Refusals are not weighed up: who is allowed and refused counts as allowed.
pub fn descriptor(bytes: &[u8]) -> Option<Access> {
    let word = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..at.checked_add(4)?)?.first_chunk()?));
    let half = |at: usize| Some(u16::from_le_bytes(*bytes.get(at..at.checked_add(2)?)?.first_chunk()?));
    if bytes.first() != Some(&1) {
        return None;
    }
    let is_present = half(2)? & 4 != 0;
    let list = usize::try_from(word(16)?).ok()?;
    if !is_present || list == 0 {
        // No list at all lets everybody in.
        return Some(Access::Everyone);
    }
    let owner = usize::try_from(word(4)?).ok().filter(|at| *at != 0).and_then(|at| sid(bytes.get(at..)?));
    let mut access = Access::Owner;
    let mut at = list.checked_add(8)?;
    for _ in 0..half(list.checked_add(4)?)? {
        let (kind, size) = (*bytes.get(at)?, usize::from(half(at.checked_add(2)?)?));
        // Allowed, and not only for what is made inside.
        if kind == 0 && bytes.get(at + 1)? & 8 == 0 && word(at + 4)? & READ_DATA != 0 {
            let who = sid(bytes.get(at + 8..at.checked_add(size)?)?)?;
            access = access.max(if who.is_everybody() {
                Access::Everyone
            } else if who.is_every_account() {
                Access::Domain
            } else if owner.as_ref() == Some(&who) || who.is_in(TRUSTED) {
                Access::Owner
            } else {
                Access::Group
            });
        }
        at = at.checked_add(size.max(8))?;
    }
    Some(access)
}

#[derive(PartialEq, Eq)]
struct Sid {
    authority: u64,
    parts: Vec<u32>,
}

impl Sid {
    fn is_in(&self, list: &[(u64, &[u32])]) -> bool {
        list.iter().any(|(authority, parts)| *authority == self.authority && *parts == self.parts)
    }

    /// Of a domain, with this last number.
    fn is_of_domain(&self, last: u32) -> bool {
        self.authority == 5 && self.parts.first() == Some(&21) && self.parts.last() == Some(&last)
    }

    fn is_everybody(&self) -> bool {
        self.is_in(EVERYBODY) || self.is_of_domain(DOMAIN_GUESTS)
    }

    fn is_every_account(&self) -> bool {
        self.is_in(ACCOUNTS) || self.is_of_domain(DOMAIN_USERS)
    }
}

fn sid(bytes: &[u8]) -> Option<Sid> {
    let count = usize::from(*bytes.get(1)?);
    let authority = bytes.get(2..8)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    let parts = bytes.get(8..8 + count * 4)?.chunks_exact(4);
    let parts = parts.filter_map(|part| part.first_chunk()).map(|part| u32::from_le_bytes(*part)).collect();
    Some(Sid { authority, parts })
}

/// FILE_ATTRIBUTE_OFFLINE, _RECALL_ON_OPEN, _RECALL_ON_DATA_ACCESS: reading would fetch the
/// content from where it was moved to.
const ELSEWHERE: u32 = 0x1000 | 0x4_0000 | 0x40_0000;

/// Whether the attributes of Windows say that only a placeholder lies here.
pub fn is_placeholder(attributes: &[u8]) -> bool {
    attributes.first_chunk().is_some_and(|word| u32::from_le_bytes(*word) & ELSEWHERE != 0)
}

#[cfg(target_os = "linux")]
mod attributes {
    use std::path::Path;

    use rustix::io::Errno;

    use super::{Listed, descriptor, is_placeholder, posix_acl};
    use crate::model::Access;

    /// Longer lists are not looked at.
    const LONGEST: usize = 8 << 10;

    fn get(path: &Path, name: &str) -> Result<Vec<u8>, Errno> {
        let mut value = vec![0; LONGEST];
        let length = rustix::fs::lgetxattr(path, name, &mut value)?;
        value.truncate(length);
        Ok(value)
    }

    fn listed(path: &Path, name: &str, read: fn(&[u8]) -> Option<Access>) -> Listed {
        match get(path, name) {
            Ok(value) => read(&value).map_or(Listed::Unknown, Listed::Access),
            Err(Errno::NODATA) => Listed::None,
            Err(Errno::NOTSUP | Errno::NOSYS) => Listed::Unsupported,
            // Of this one file.
            Err(Errno::ACCESS | Errno::PERM | Errno::NOENT | Errno::RANGE | Errno::TOOBIG) => Listed::Unknown,
            Err(_) => Listed::Failed,
        }
    }

    pub fn posix(path: &Path) -> Listed {
        listed(path, "system.posix_acl_access", posix_acl)
    }

    pub fn windows(path: &Path) -> Listed {
        match listed(path, "system.cifs_acl", descriptor) {
            Listed::Unsupported | Listed::None => listed(path, "system.ntfs_acl", descriptor),
            answer => answer,
        }
    }

    /// Whether the content lies elsewhere, by the attributes that cifs and ntfs-3g give.
    pub fn is_elsewhere(path: &Path) -> bool {
        ["user.cifs.dosattrib", "system.ntfs_attrib"]
            .into_iter()
            .any(|name| get(path, name).is_ok_and(|value| is_placeholder(&value)))
    }
}

#[cfg(not(target_os = "linux"))]
mod attributes {
    use std::path::Path;

    use super::Listed;

    pub fn posix(_path: &Path) -> Listed {
        Listed::Unsupported
    }

    pub fn windows(_path: &Path) -> Listed {
        Listed::Unsupported
    }

    pub fn is_elsewhere(_path: &Path) -> bool {
        false
    }
}

pub use attributes::{is_elsewhere, posix, windows};

#[cfg(test)]
mod tests {
    use super::*;

    fn acl(entries: &[(u16, u16)]) -> Vec<u8> {
        let entry =
            |(tag, permissions): &(u16, u16)| [&tag.to_le_bytes()[..], &permissions.to_le_bytes(), &[0xff; 4]].concat();
        [vec![2, 0, 0, 0], entries.iter().flat_map(entry).collect()].concat()
    }

    #[test]
    fn posix_lists() {
        // Owner, group and others; then a user and a mask that takes the right away.
        let check = |entries: &[(u16, u16)], expected| assert_eq!(posix_acl(&acl(entries)), expected, "{entries:?}");
        check(&[(1, 6), (4, 4), (0x20, 4)], Some(Access::Everyone));
        check(&[(1, 6), (4, 0), (0x20, 0)], Some(Access::Owner));
        check(&[(1, 6), (2, 4), (4, 0), (0x10, 4), (0x20, 0)], Some(Access::Group));
        check(&[(1, 6), (2, 4), (4, 4), (0x10, 0), (0x20, 0)], Some(Access::Owner));
        assert_eq!(posix_acl(b"\x02\0\0\0\x01"), None);
        assert_eq!(posix_acl(b""), None);
    }

    fn sid_of(authority: u8, parts: &[u32]) -> Vec<u8> {
        let parts: Vec<u8> = parts.iter().flat_map(|part| part.to_le_bytes()).collect();
        [&[1, u8::try_from(parts.len() / 4).unwrap(), 0, 0, 0, 0, 0, authority][..], &parts].concat()
    }

    /// A descriptor with an owner and entries: type, flags, rights, whom.
    fn security(owner: &[u8], entries: &[(u8, u8, u32, Vec<u8>)]) -> Vec<u8> {
        let list: Vec<u8> = entries
            .iter()
            .flat_map(|(kind, flags, rights, who)| {
                let size = u16::try_from(8 + who.len()).unwrap().to_le_bytes();
                [&[*kind, *flags][..], &size, &rights.to_le_bytes(), who].concat()
            })
            .collect();
        let at = u32::try_from(20 + owner.len()).unwrap().to_le_bytes();
        let head = [&[1, 0, 4, 0x80, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &at].concat();
        let count = u8::try_from(entries.len()).unwrap();
        [&head[..], owner, &[2, 0, 0, 0, count, 0, 0, 0], &list].concat()
    }

    #[test]
    fn security_descriptors() {
        let owner = sid_of(5, &[21, 1, 2, 3, 1001]);
        let check = |entries: &[(u8, u8, u32, Vec<u8>)], expected| {
            assert_eq!(descriptor(&security(&owner, entries)), Some(expected));
        };
        let full = 0x001f_01ff;
        check(&[(0, 0, full, owner.clone()), (0, 0, full, sid_of(5, &[18]))], Access::Owner);
        check(&[(0, 0, 0x0012_0089, sid_of(5, &[21, 1, 2, 3, 1102]))], Access::Group);
        check(&[(0, 0, 0x0012_0089, sid_of(1, &[0]))], Access::Everyone);
        for accounts in [&[21, 1, 2, 3, 513][..], &[11], &[32, 545]] {
            check(&[(0, 0, 0x0012_0089, sid_of(5, accounts))], Access::Domain);
            check(&[(0, 0, full, sid_of(1, &[0])), (0, 0, 0x0012_0089, sid_of(5, accounts))], Access::Everyone);
        }
        check(&[(0, 0, 0x0012_0089, sid_of(5, &[21, 1, 2, 3, 514]))], Access::Everyone);
        // For what is made inside only; refused; without the right to read.
        check(
            &[(0, 8, full, sid_of(1, &[0])), (1, 0, full, sid_of(1, &[0])), (0, 0, 0x0010_0080, sid_of(1, &[0]))],
            Access::Owner,
        );
        // Neither a list nor a promise.
        assert_eq!(
            descriptor(&[1, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            Some(Access::Everyone)
        );
        let whole = security(&owner, &[(0, 0, full, owner.clone())]);
        for length in 0..whole.len() {
            // Cut anywhere it must not break, and must not say more than the whole.
            let _ = descriptor(&whole[..length]);
        }
    }

    #[test]
    fn placeholders() {
        assert!(is_placeholder(&0x1020_u32.to_le_bytes()));
        assert!(is_placeholder(&0x0040_0020_u32.to_le_bytes()));
        assert!(!is_placeholder(&0x20_u32.to_le_bytes()) && !is_placeholder(b""));
    }
}
