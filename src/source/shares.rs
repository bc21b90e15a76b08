//! The mounts that a scan meets: their names, their health, and what they tell of who may read.

use std::fs::Metadata;
use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::model::{Access, Exposure, MountRecord, Name, ShareName};

use super::health::Health;
use super::mounts::{Mount, Mounts};
use super::permissions::{self, Listed};

/// What is known of the mounts; shared by all threads of a scan.
#[derive(Debug, Default)]
pub struct Shares {
    pub health: Health,
    /// What is known of the access control lists of each mount: one of the constants below.
    lists: Vec<AtomicU8>,
}

const NEVER_ASKED: u8 = 0;
/// It has answered once: what fails from then on is the fault of one file.
const ANSWERS: u8 = 1;
/// It has no lists.
const HAS_NONE: u8 = 2;
/// The first question failed. There are mounts on which one more makes everything fail for a while (smbnetfs).
const NOT_TO_BE_ASKED: u8 = 3;

impl Shares {
    pub fn of_system() -> Self {
        Self::new(Mounts::of_system())
    }

    pub fn new(mounts: Mounts) -> Self {
        let lists = (0..mounts.len()).map(|_| AtomicU8::new(NEVER_ASKED)).collect();
        Self { health: Health::new(mounts), lists }
    }

    /// The shares that the roots lie on, and those mounted below them. Names that the user
    /// gave go before those of the system, root by root.
    pub fn names(&self, roots: &[std::path::PathBuf], given: &[String]) -> Vec<ShareName> {
        let mounts = self.health.mounts();
        let mut names = Vec::new();
        for (root, path) in roots.iter().enumerate() {
            let Ok(path) = path.canonicalize() else { continue };
            let own = mounts.of(&path).and_then(|index| mounts.get(index));
            let named = |mount: &Mount| {
                // Below its mount point a share has the path from there on.
                let inside = path.strip_prefix(&mount.point).ok()?.to_string_lossy().into_owned();
                let share = mount.share()?;
                let separator = if share.starts_with('\\') { "\\" } else { "/" };
                let inside = inside.replace('/', separator);
                Some(if inside.is_empty() {
                    share
                } else {
                    format!("{}{separator}{inside}", share.trim_end_matches('/'))
                })
            };
            if let Some(name) = given.get(root).cloned().or_else(|| own.and_then(named)) {
                let file_system = own.map(|mount| mount.kind.clone()).unwrap_or_default();
                names.push(ShareName { root, path: Name::default(), name, file_system });
            }
            for mount in mounts.below(&path) {
                let Some(name) = mount.share() else { continue };
                let relative = mount.point.strip_prefix(&path).unwrap_or(&mount.point);
                names.push(ShareName { root, path: Name::from_path(relative), name, file_system: mount.kind.clone() });
            }
        }
        names
    }

    /// The file systems of the roots, and those mounted below them.
    pub fn mounts(&self, roots: &[std::path::PathBuf]) -> Vec<MountRecord> {
        let mounts = self.health.mounts();
        let mut records = Vec::new();
        for (root, path) in roots.iter().enumerate() {
            let Ok(path) = path.canonicalize() else { continue };
            let mut put = |mount: &Mount, path| {
                let (file_system, options) = (mount.kind.clone(), mount.options.clone());
                records.push(MountRecord { root, path, file_system, options });
            };
            if let Some(own) = mounts.of(&path).and_then(|index| mounts.get(index)) {
                put(own, Name::default());
            }
            for mount in mounts.below(&path) {
                put(mount, Name::from_path(mount.point.strip_prefix(&path).unwrap_or(&mount.point)));
            }
        }
        records
    }

    /// Who may read the entry, by its access control list where there is one. Mode bits that
    /// the mount makes up say nothing.
    ///
    /// `mount` is the index of the mount under the path.
    pub fn exposure(&self, path: &Path, mount: Option<usize>, found: Exposure) -> Exposure {
        // The mode bits of others are those of the list; without a group that reads there is
        // nobody in the list who does.
        let Some((index, mount)) = mount.and_then(|index| Some((index, self.health.mounts().get(index)?))) else {
            return found;
        };
        let is_made_up = mount.makes_up_modes();
        let known = self.lists.get(index).map_or(HAS_NONE, |known| known.load(Ordering::Relaxed));
        if !is_made_up && (found.access != Access::Group || known == HAS_NONE) {
            return found;
        }
        let listed = match (known, is_made_up) {
            (HAS_NONE, _) => Listed::Unsupported,
            (NOT_TO_BE_ASKED, _) => Listed::Failed,
            (_, true) => permissions::windows(path),
            (_, false) => permissions::posix(path),
        };
        if let Some(state) = self.lists.get(index) {
            match listed {
                Listed::Unsupported => state.store(HAS_NONE, Ordering::Relaxed),
                Listed::Failed if known == NEVER_ASKED => state.store(NOT_TO_BE_ASKED, Ordering::Relaxed),
                Listed::Failed => {}
                _ => state.store(ANSWERS, Ordering::Relaxed),
            }
        }
        match listed {
            Listed::Access(access) if is_made_up => Exposure { access, owner: None },
            Listed::Access(access) => Exposure { access, ..found },
            Listed::None | Listed::Unsupported if !is_made_up => found,
            Listed::Unknown | Listed::Failed if !is_made_up => Exposure { access: Access::Unknown, ..found },
            _ => Exposure::default(),
        }
    }

    /// Whether only a placeholder lies here: reading it would fetch the content back from tape
    /// or cloud.
    pub fn is_elsewhere(&self, path: &Path, mount: Option<usize>, metadata: &Metadata) -> bool {
        has_no_blocks(metadata)
            && mount
                .and_then(|index| self.lists.get(index))
                .is_none_or(|known| known.load(Ordering::Relaxed) != NOT_TO_BE_ASKED)
            && mount
                .and_then(|index| self.health.mounts().get(index))
                .is_some_and(|mount| mount.is_remote() || mount.makes_up_modes())
            && permissions::is_elsewhere(path)
    }

    /// The index of the mount under a path.
    pub fn mount_of(&self, path: &Path) -> Option<usize> {
        let mounts = self.health.mounts();
        if mounts.is_empty() { None } else { mounts.of(&std::path::absolute(path).ok()?) }
    }
}

#[cfg(unix)]
fn has_no_blocks(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.is_file() && metadata.len() > 0 && metadata.blocks() == 0
}

#[cfg(not(unix))]
fn has_no_blocks(_metadata: &Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn roots_below_a_mount_point_and_mounts_below_a_root() {
        let dir = tempfile::tempdir().unwrap();
        let point = dir.path().canonicalize().unwrap();
        std::fs::create_dir_all(point.join("hr/2024/nfs")).unwrap();
        let at = point.display();
        let table = format!(
            "1 0 0:1 / / rw - ext4 /dev/sda rw\n2 1 0:2 / {at} rw - cifs //fs/HR rw\n3 2 0:3 / {at}/hr/2024/nfs rw - nfs4 fs:/x rw\n"
        );
        let shares = Shares::new(Mounts::parse(table.as_bytes()));
        let roots = [point.join("hr"), point.clone()];
        let told = |given: &[String]| {
            let names = shares.names(&roots, given);
            names.into_iter().map(|share| format!("{} {} {}", share.root, share.path, share.name)).collect::<Vec<_>>()
        };
        assert_eq!(told(&[]), [r"0  \\fs\HR\hr", "0 2024/nfs fs:/x", r"1  \\fs\HR", "1 hr/2024/nfs fs:/x"]);
        assert_eq!(told(&["Personnel".into()])[0], "0  Personnel");
        // The mode of a file on a cifs mount is made up, and there is no list on this disk.
        let exposure = Exposure { access: Access::Everyone, owner: Some(0) };
        let told = |path: &Path| shares.exposure(path, shares.mount_of(path), exposure.clone());
        assert_eq!(told(&point.join("a")), Exposure::default());
        assert_eq!(told(Path::new("/etc/passwd")), exposure);
    }
}
