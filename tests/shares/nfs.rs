//! The demonstration share served by NFS-Ganesha and mounted by libnfs and FUSE (nfs_lab.sh): what is found is what is
//! found on the disk, and a server that stops answering does not stop the scan.
//!
//! Root is needed, and Debian's nfs-ganesha-vfs, libnfs13 and python3-fusepy.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::samba::{copy, findings};
use super::{GOOD, Mount, measure, outcomes, scan};

/// A served and mounted directory. All of it ends after this time, whatever becomes of the test.
const SECONDS: &str = "600";

pub(crate) struct Export {
    base: tempfile::TempDir,
    pub(crate) mount: Mount,
}

impl Export {
    /// Of what `fill` puts there; none, with a loud line, where it cannot be had.
    pub(crate) fn new(port: &str, fill: impl FnOnce(&Path)) -> Option<Self> {
        let has = |program: &str| {
            let paths = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
            paths.iter().any(|path| Path::new(path).join(program).exists())
        };
        let library = "import ctypes, fusepy; ctypes.CDLL('libnfs.so.13')";
        let has_library = Command::new("/usr/bin/python3")
            .args(["-c", library])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|s| s.success());
        if !rustix::process::geteuid().is_root() || !has("ganesha.nfsd") || !has("unshare") || !has_library {
            eprintln!(
                "*** NOT ROOT, OR NO nfs-ganesha-vfs, libnfs13, python3-fusepy: NO REAL NFS EXPORT IS TESTED ***"
            );
            return None;
        }
        let base = tempfile::tempdir().unwrap();
        fs::create_dir(base.path().join("data")).unwrap();
        fill(&base.path().join("data"));
        // The mount is waited for, and taken down, at a directory of its own.
        let point = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(point.path(), base.path().join("mount")).unwrap();
        let mut command = Command::new("unshare");
        command.args(["--net", "--pid", "--fork", "--kill-child"]).arg(lab()).arg(base.path()).args([port, SECONDS]);
        let mount = Mount::serve(command, point)?;
        Some(Self { base, mount })
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.base.path().join("data")
    }

    /// The number of the server's process, as the system outside knows it.
    fn server(&self) -> u32 {
        let is_server = |pid: &u32| {
            let command = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let command = String::from_utf8_lossy(&command).into_owned();
            command.starts_with("ganesha.nfsd") && command.contains(&self.base.path().display().to_string())
        };
        let pids = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        pids.into_iter().find(is_server).expect("the server runs")
    }
}

fn lab() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/shares/nfs_lab.sh")
}

#[test]
fn an_export_served_by_ganesha_is_scanned_like_a_disk() {
    let share = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/share");
    let Some(export) = Export::new("12049", |data| copy(&share, data)) else { return };
    let (on_share, remote) = scan(&[export.mount.path()], &[], None);
    let (on_disk, local) = scan(&[&export.data()], &[], None);
    assert_eq!(on_share[0]["shares"][0]["name"], "127.0.0.1:/data");
    assert_eq!(findings(&on_share), findings(&on_disk));
    assert!(!findings(&on_disk).is_empty());
    assert_eq!(outcomes(&on_share), outcomes(&on_disk));
    // Owner and mode are those of the server.
    let exposures = |lines: &[serde_json::Value]| {
        let items = lines.iter().filter(|line| line["type"] == "item" && line["members"].is_null());
        items.map(|item| (item["path"].to_string(), item["exposure"].to_string())).collect::<Vec<_>>()
    };
    let sorted = |mut exposures: Vec<(String, String)>| {
        exposures.sort();
        exposures
    };
    assert_eq!(sorted(exposures(&on_share)), sorted(exposures(&on_disk)));
    println!("nfs: {} findings, scan {remote:.1} s, scan of the disk {local:.1} s", findings(&on_share).len());
}

#[test]
fn a_server_of_nfs_that_stops_answering_is_told_and_the_other_root_is_read() {
    let fill = |data: &Path| {
        for number in 0..300 {
            fs::write(data.join(format!("{number}.txt")), GOOD).unwrap();
        }
    };
    let Some(export) = Export::new("12050", fill) else { return };
    let other = tempfile::tempdir().unwrap();
    fs::write(other.path().join("good.txt"), GOOD).unwrap();
    let (server, root) = (export.server().to_string(), export.mount.path().to_path_buf());
    let mut stopped = None;
    let Export { base, mount } = export;
    // Slowly, so that the scan is in the middle of it.
    let arguments = ["--max-files-per-second", "30", "--max-file-seconds", "3"];
    let scanned = measure(&[&root, other.path()], &arguments, Some(mount), |said| {
        if stopped.is_none() && said.contains("\"type\":\"item\"") {
            assert!(Command::new("kill").args(["-STOP", &server]).status().unwrap().success());
            stopped = Some(Instant::now());
        }
    });
    let told = outcomes(&scanned.lines);
    let count = |what: &str| told.iter().filter(|(path, told)| path.starts_with("0/") && told.contains(what)).count();
    println!(
        "nfs server that stops: {:.1} s, {} MiB, read {}, share_unavailable {}, timeout {}",
        scanned.seconds,
        scanned.peak_mib,
        told.iter().filter(|(path, told)| path.starts_with("0/") && *told == "read").count(),
        count("share_unavailable"),
        count("timeout")
    );
    assert!(stopped.is_some());
    assert_eq!(told["1/good.txt"], "read");
    assert!(count("share_unavailable") > 0, "{told:?}");
    assert_eq!(scanned.lines.last().unwrap()["complete"], false);
    assert!(scanned.seconds < 90.0, "{}", scanned.seconds);
    drop(base);
}
