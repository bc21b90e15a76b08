//! What kind of file system a path lies on, and how far its file numbers and times can be trusted.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::model::Trust;

/// The mounts of this system as they were when it was asked.
#[derive(Clone, Debug, Default)]
pub struct Mounts {
    mounts: Vec<Mount>,
    devices: HashMap<u64, usize>,
}

#[derive(Clone, Debug)]
struct Mount {
    point: PathBuf,
    kind: String,
    options: String,
}

impl Mounts {
    /// Asks the system; knows none where it does not tell.
    pub fn read() -> Self {
        Self::parse(&std::fs::read("/proc/self/mountinfo").unwrap_or_default())
    }

    /// The format of <https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html>.
    fn parse(table: &[u8]) -> Self {
        let mut mounts = Self::default();
        for line in table.split(|&byte| byte == b'\n') {
            let fields: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
            let Some(dash) = fields.iter().position(|field| *field == b"-") else { continue };
            let (Some(device), Some(point), Some(kind)) = (fields.get(2), fields.get(4), fields.get(dash + 1)) else {
                continue;
            };
            let text = |field: Option<&&[u8]>| String::from_utf8_lossy(field.unwrap_or(&&[][..])).into_owned();
            let mount = Mount { point: unescape(point), kind: text(Some(kind)), options: text(fields.get(dash + 3)) };
            if let Some(device) = number_of(device) {
                mounts.devices.insert(device, mounts.mounts.len());
            }
            mounts.mounts.push(mount);
        }
        mounts
    }

    fn at(&self, path: &Path) -> Option<&Mount> {
        // Of two mounts on one point the later one is seen.
        let below = self.mounts.iter().filter(|mount| path.starts_with(&mount.point));
        below.max_by_key(|mount| mount.point.components().count())
    }

    /// The type of the file system under an absolute path, as `ext4` or `cifs`.
    pub fn kind(&self, path: &Path) -> Option<&str> {
        self.at(path).map(|mount| mount.kind.as_str())
    }

    /// What stamps are worth on the device, else at the root that is scanned.
    pub fn trust(&self, device: Option<u64>, root: &Path) -> Trust {
        let known = device.and_then(|device| self.devices.get(&device)).and_then(|&mount| self.mounts.get(mount));
        known.or_else(|| self.at(root)).map_or_else(Trust::default, |mount| trust(&mount.kind, &mount.options))
    }
}

/// `\040` is a space.
fn unescape(field: &[u8]) -> PathBuf {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, tail)) = rest.split_first() {
        let octal = tail.get(..3).filter(|_| first == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            bytes.push(byte);
            rest = tail.get(3..).unwrap_or_default();
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        std::ffi::OsString::from_vec(bytes).into()
    }
    #[cfg(not(unix))]
    PathBuf::from(String::from_utf8_lossy(&bytes).into_owned())
}

/// `8:1` as `st_dev` has it on Linux.
fn number_of(field: &[u8]) -> Option<u64> {
    let (major, minor) = std::str::from_utf8(field).ok()?.split_once(':')?;
    let (major, minor): (u64, u64) = (major.parse().ok()?, minor.parse().ok()?);
    Some((minor & 0xff) | ((major & 0xfff) << 8) | ((minor & !0xff) << 12) | ((major & !0xfff) << 32))
}

fn trust(kind: &str, options: &str) -> Trust {
    let local = Trust { ids: true, changes: true, local_clock: true };
    match kind {
        "ext2" | "ext3" | "ext4" | "xfs" | "btrfs" | "zfs" | "f2fs" | "bcachefs" | "jfs" | "reiserfs" | "tmpfs"
        | "ramfs" | "overlay" | "iso9660" | "squashfs" | "erofs" | "ntfs3" => local,
        "nfs" | "nfs4" | "ceph" | "lustre" | "gpfs" | "beegfs" => Trust { local_clock: false, ..local },
        // Without the numbers of the server the client invents them anew at every mount.
        "cifs" | "smb3" => {
            let ids = options.split(',').any(|option| option == "serverino");
            Trust { ids, changes: true, local_clock: false }
        }
        _ => Trust::default(),
    }
}

/// Whether a database must not lie there: it needs locks and shared memory that work.
pub fn is_network(kind: &str) -> bool {
    let by_name = matches!(
        kind,
        "nfs"
            | "nfs4"
            | "cifs"
            | "smb3"
            | "smbfs"
            | "ncpfs"
            | "afs"
            | "9p"
            | "ceph"
            | "lustre"
            | "gpfs"
            | "beegfs"
            | "glusterfs"
            | "coda"
            | "virtiofs"
            | "drvfs"
            | "fuse"
            | "ocfs2"
            | "gfs2"
            | "prl_fs"
            | "vboxsf"
    );
    // What is known to be a file system of this machine in user space.
    by_name || kind.starts_with("fuse.") && !matches!(kind, "fuse.gocryptfs" | "fuse.mergerfs" | "fuse.encfs")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[u8] = b"\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:35 / /mnt/my\\040share rw shared:2 - cifs //srv/share rw,vers=3.1.1,serverino
41 22 0:36 / /mnt/old rw - cifs //old/share rw,noserverino
42 40 0:40 / /mnt/my\\040share/cloud rw - fuse.rclone remote: rw
";

    #[test]
    fn the_longest_mount_point_is_the_one() {
        let mounts = Mounts::parse(TABLE);
        assert_eq!(mounts.kind(Path::new("/home/x")), Some("ext4"));
        assert_eq!(mounts.kind(Path::new("/mnt/my share/a")), Some("cifs"));
        assert_eq!(mounts.kind(Path::new("/mnt/my share/cloud/a")), Some("fuse.rclone"));
        assert_eq!(mounts.kind(Path::new("/mnt/my shared")), Some("ext4"));
    }

    #[test]
    fn trust_goes_by_the_mount_a_file_is_on() {
        let mounts = Mounts::parse(TABLE);
        let root = Path::new("/");
        let cifs = Trust { ids: true, changes: true, local_clock: false };
        assert_eq!(mounts.trust(Some(0x0801), root), Trust { ids: true, changes: true, local_clock: true });
        assert_eq!(mounts.trust(Some(35), root), cifs);
        assert_eq!(mounts.trust(Some(36), root), Trust { ids: false, ..cifs });
        assert!(mounts.trust(Some(40), root).is_weak());
        assert!(!mounts.trust(Some(99), root).is_weak(), "a device that is not listed: that of the root");
        assert!(Mounts::default().trust(None, root).is_weak());
        assert!(is_network("cifs") && is_network("fuse.sshfs") && !is_network("ext4") && !is_network("fuseblk"));
    }
}
