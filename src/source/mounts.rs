//! Which mounted share a path lies on, and what people call that share.
//!
//! Specification: proc_pid_mountinfo(5).

use std::path::{Path, PathBuf};

/// The table of mounts; empty where the system has none.
#[derive(Clone, Debug, Default)]
pub struct Mounts(Vec<Mount>);

/// One mount as the system tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mount {
    id: u32,
    parent: u32,
    /// What of the file system is mounted: `/`, or a directory of it (a bind mount).
    root: Vec<u8>,
    pub point: PathBuf,
    /// The type of the file system: `cifs`, `nfs4`, `fuse.sshfs`, `ext4`.
    pub kind: String,
    source: Vec<u8>,
    /// The options of the mount, then those of the file system, with commas between them.
    pub options: String,
}

impl Mounts {
    pub fn of_system() -> Self {
        std::fs::read("/proc/self/mountinfo").map(|table| Self::parse(&table)).unwrap_or_default()
    }

    /// Lines that are none of such a table are left out.
    pub fn parse(table: &[u8]) -> Self {
        Self(table.split(|byte| *byte == b'\n').filter_map(parse_line).collect())
    }

    pub fn get(&self, index: usize) -> Option<&Mount> {
        self.0.get(index)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The index of the mount on which an absolute path lies: from the root of the system
    /// on, as the system itself crosses from mount to mount.
    pub fn of(&self, path: &Path) -> Option<usize> {
        let is_child_of = |mount: &Mount, id: u32| mount.parent == id && mount.id != id;
        let is_top = |mount: &Mount| !self.0.iter().any(|other| is_child_of(mount, other.id));
        let mut found = self.0.iter().rposition(|mount| is_top(mount) && path.starts_with(&mount.point))?;
        // No mount is crossed twice.
        for _ in 0..self.0.len() {
            let id = self.0.get(found)?.id;
            let below = self.0.iter().enumerate().filter(|(_, mount)| is_child_of(mount, id));
            let next = below
                .filter(|(_, mount)| path.starts_with(&mount.point))
                .min_by_key(|(index, mount)| (mount.point.as_os_str().len(), usize::MAX - index));
            match next {
                Some((index, _)) => found = index,
                None => break,
            }
        }
        Some(found)
    }

    /// The mounts strictly below an absolute path.
    pub fn below<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = &'a Mount> {
        let is_seen = |index: usize, mount: &Mount| self.of(&mount.point) == Some(index);
        self.0
            .iter()
            .enumerate()
            .filter(move |(index, mount)| {
                mount.point != path && mount.point.starts_with(path) && is_seen(*index, mount)
            })
            .map(|(_, mount)| mount)
    }
}

impl Mount {
    /// `\\server\share`, `server:/export`; none for what is no share.
    pub fn share(&self) -> Option<String> {
        let source = String::from_utf8_lossy(&self.source);
        let inside = String::from_utf8_lossy(&self.root);
        let inside = inside.trim_end_matches('/');
        // `//server/share`, by Windows' habit with backslashes.
        if let Some(share) = source.strip_prefix("//").or_else(|| source.strip_prefix(r"\\")) {
            let path = format!("{share}{inside}").replace('/', r"\");
            return (!share.is_empty()).then(|| format!(r"\\{path}"));
        }
        let is_fuse = self.kind.starts_with("fuse");
        let names_server = source.split_once(':').is_some_and(|(server, path)| {
            !server.is_empty() && !server.contains('/') && (is_fuse || path.starts_with('/') || path.is_empty())
        });
        if !names_server {
            return None;
        }
        // The root that the system tells for NFS is in the source already.
        let inside = if self.kind.starts_with("nfs") { "" } else { inside };
        let source = if inside.is_empty() { &source } else { source.trim_end_matches('/') };
        Some(format!("{source}{inside}"))
    }

    /// Whether the files may lie on another machine.
    pub fn is_remote(&self) -> bool {
        let is_known = matches!(self.kind.as_str(), "cifs" | "smb3" | "smbfs" | "nfs" | "nfs4" | "9p" | "ceph" | "afs");
        is_known || self.kind.starts_with("fuse") || self.share().is_some()
    }

    /// Whether owner and mode are made up by the mount rather than told by the file.
    pub fn makes_up_modes(&self) -> bool {
        match self.kind.as_str() {
            "cifs" | "smb3" | "smbfs" => {
                !self.options.split(',').any(|option| matches!(option, "cifsacl" | "modefromsid" | "posix"))
            }
            "vfat" | "exfat" | "msdos" | "ntfs" | "ntfs3" | "fuseblk" | "fuse.rclone" | "fuse.smbnetfs" => true,
            _ => false,
        }
    }
}

/// `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`.
fn parse_line(line: &[u8]) -> Option<Mount> {
    let mut fields = line.split(|byte| *byte == b' ').filter(|field| !field.is_empty());
    let mut number = || std::str::from_utf8(fields.next()?).ok()?.parse().ok();
    let (id, parent) = (number()?, number()?);
    let _device = fields.next()?;
    let (root, point) = (unescape(fields.next()?), unescape(fields.next()?));
    let own = String::from_utf8_lossy(fields.next().unwrap_or_default()).into_owned();
    let mut rest = fields.skip_while(|field| *field != b"-").skip(1);
    let kind = String::from_utf8_lossy(rest.next()?).into_owned();
    let source = unescape(rest.next().unwrap_or_default());
    let options = [own, String::from_utf8_lossy(rest.next().unwrap_or_default()).into_owned()].join(",");
    Some(Mount { id, parent, root, point: path(point), kind, source, options })
}

#[cfg(unix)]
fn path(bytes: Vec<u8>) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(bytes).into()
}

#[cfg(not(unix))]
fn path(bytes: Vec<u8>) -> PathBuf {
    String::from_utf8_lossy(&bytes).into_owned().into()
}

/// Blanks and backslashes are written as three octal digits.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let [first, after @ ..] = rest {
        let digits = after.get(..3).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.filter(|_| *first == b'\\').and_then(|digits| u8::from_str_radix(digits, 8).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { after.get(3..).unwrap_or_default() } else { after };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
22 28 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:12 - proc proc rw
28 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw,errors=remount-ro
40 28 0:50 / /mnt/hr rw,relatime shared:300 - cifs //fs1.example.org/HR$ rw,vers=3.1.1,cache=strict,username=scan,uid=0,file_mode=0755
41 28 0:51 /Personal\\040Akten /srv/akten ro,relatime - smb3 //fs2/Dept rw,cifsacl
42 28 0:52 / /mnt/nfs rw,relatime shared:301 - nfs4 filer:/export/home rw,vers=4.2,sec=krb5p
43 42 0:53 / /mnt/nfs/projects rw,relatime shared:302 - nfs4 filer:/export/projects rw,vers=4.2
44 28 259:2 /srv/data /mnt/bind rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw
45 28 0:54 / /mnt/ssh rw,nosuid - fuse.sshfs admin@host:/data rw,user_id=0
46 28 0:55 / /mnt/cloud rw,nosuid - fuse.rclone lab:data rw,user_id=0
47 28 0:56 / /mnt/dav rw - fuse //dav/x rw
48 28 0:57 / /mnt/stick rw - vfat /dev/sdb1 rw,uid=1000
49 28 0:58 / /mnt/over rw - nfs old:/a rw
50 49 0:59 / /mnt/over rw - nfs new:/b rw
51 28 0:60 / /deep/er rw - nfs hidden:/a rw
52 28 0:61 / /deep rw - nfs seen:/b rw
this is no line of such a table
";

    fn share_of(path: &str) -> Option<String> {
        let mounts = Mounts::parse(TABLE.as_bytes());
        mounts.get(mounts.of(Path::new(path))?)?.share()
    }

    #[test]
    fn shares_have_the_names_that_people_use() {
        let expected = [
            ("/mnt/hr/2024/a.doc", Some(r"\\fs1.example.org\HR$")),
            ("/srv/akten/x", Some(r"\\fs2\Dept\Personal Akten")),
            ("/mnt/nfs", Some("filer:/export/home")),
            ("/mnt/nfs/projects/a", Some("filer:/export/projects")),
            ("/mnt/nfs/projects2", Some("filer:/export/home")),
            ("/mnt/ssh/a", Some("admin@host:/data")),
            ("/mnt/cloud/a", Some("lab:data")),
            ("/mnt/dav/a", Some(r"\\dav\x")),
            ("/mnt/bind/a", None),
            ("/home/a", None),
        ];
        for (path, share) in expected {
            assert_eq!(share_of(path).as_deref(), share, "{path}");
        }
    }

    #[test]
    fn a_later_mount_hides_what_lies_below_it() {
        assert_eq!(share_of("/mnt/over/a").as_deref(), Some("new:/b"));
        assert_eq!(share_of("/deep/er/a").as_deref(), Some("seen:/b"));
    }

    #[test]
    fn mounts_below_a_root() {
        let mounts = Mounts::parse(TABLE.as_bytes());
        let below = |path: &str| mounts.below(Path::new(path)).filter_map(Mount::share).collect::<Vec<_>>();
        assert_eq!(below("/mnt/nfs"), ["filer:/export/projects"]);
        assert_eq!(below("/mnt/hr"), Vec::<String>::new());
        assert_eq!(below("/mnt/over"), Vec::<String>::new());
    }

    #[test]
    fn what_the_modes_are_worth() {
        let mounts = Mounts::parse(TABLE.as_bytes());
        let of = |path: &str| mounts.get(mounts.of(Path::new(path)).unwrap()).unwrap();
        assert!(of("/mnt/hr").makes_up_modes() && of("/mnt/stick").makes_up_modes());
        assert!(!of("/srv/akten").makes_up_modes() && !of("/mnt/nfs").makes_up_modes());
        assert!(of("/mnt/hr").is_remote() && of("/mnt/ssh").is_remote() && !of("/mnt/bind").is_remote());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_table_of_this_system_is_read() {
        let mounts = Mounts::of_system();
        assert!(mounts.of(Path::new("/proc/self")).is_some_and(|index| mounts.get(index).unwrap().kind == "proc"));
    }
}
