//! The demonstration share served by Samba and mounted by rclone: what is found is what is found on the disk.
//!
//! It runs where `PLAINSIGHT_SAMBA` is set, as `tests/run` does where both programs are; it needs root, for the user of the share.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Mount, outcomes, scan};

const PORT: &str = "4445";
/// Who logs in: an account that every Debian has.
const USER: &str = "games";
/// There is one port.
pub(crate) static ALONE: Mutex<()> = Mutex::new(());

/// Ends with this; see `Share`.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // It ends its children when it is asked to, not when it is killed.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

fn run(command: &str, arguments: &[&str]) -> bool {
    let status = Command::new(command).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn serve(base: &Path) -> Option<Server> {
    for name in ["private", "lock", "state", "cache", "pid", "ncalrpc"] {
        fs::create_dir_all(base.join(name)).unwrap();
    }
    let at = base.display();
    let configuration = format!(
        "[global]\nserver role = standalone server\ninterfaces = 127.0.0.1/8\nbind interfaces only = yes\n\
         smb ports = {PORT}\ndisable netbios = yes\nprivate dir = {at}/private\nlock directory = {at}/lock\n\
         state directory = {at}/state\ncache directory = {at}/cache\npid directory = {at}/pid\nncalrpc dir = {at}/ncalrpc\n\
         passdb backend = smbpasswd:{at}/private/smbpasswd\nlog file = {at}/log\nload printers = no\n\
         printcap name = /dev/null\ndisable spoolss = yes\n[data]\npath = {at}/data\nread only = yes\n"
    );
    let path = base.join("smb.conf");
    fs::write(&path, configuration).unwrap();
    let path = path.to_str().unwrap();
    let mut password = Command::new("smbpasswd")
        .args(["-c", path, "-s", "-a", USER])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    password.stdin.take()?.write_all(b"pw1\npw1\n").ok()?;
    password.wait().ok()?.success().then_some(())?;
    let mut server = Command::new("smbd");
    server.args(["-s", path, "-F", "--no-process-group"]).stdin(Stdio::null()).stdout(Stdio::null());
    // When it ends it ends its whole group of processes, to which this test must not belong.
    let server = Server(server.stderr(Stdio::null()).process_group(0).spawn().ok()?);
    let started = Instant::now();
    while TcpStream::connect(format!("127.0.0.1:{PORT}")).is_err() {
        if started.elapsed() > Duration::from_secs(20) {
            return None;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Some(server)
}

fn mount(base: &Path) -> Option<Mount> {
    let config = base.join("rclone.conf");
    let config = config.to_str()?;
    let settings = ["host", "127.0.0.1", "port", PORT, "user", USER, "pass", "pw1"];
    run("rclone", &[&["--config", config, "config", "create", "lab", "smb"][..], &settings].concat()).then_some(())?;
    let point = tempfile::tempdir().unwrap();
    let mut command = Command::new("rclone");
    command.args(["--config", config, "mount", "lab:data"]).arg(point.path()).args([
        "--read-only",
        "--vfs-cache-mode",
        "off",
    ]);
    command.args(["--devname", "//127.0.0.1/data"]);
    Mount::serve(command, point)
}

/// Who reads it, and the place, in a form that can be compared.
pub(crate) fn findings(lines: &[Value]) -> BTreeSet<String> {
    let findings = lines.iter().filter(|line| line["type"] == "finding");
    findings
        .map(|line| format!("{} {} {} {}", line["path"], line["members"], line["detector"], line["sample"]))
        .collect()
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// A served and mounted directory.
pub(crate) struct Share {
    // Taken down in this order.
    pub(crate) mount: Mount,
    server: Server,
    base: tempfile::TempDir,
}

impl Share {
    /// Of what `fill` puts there; none, with a loud line, where it is not asked for.
    pub(crate) fn new(fill: impl FnOnce(&Path)) -> Option<Self> {
        if std::env::var_os("PLAINSIGHT_SAMBA").is_none() {
            eprintln!("*** PLAINSIGHT_SAMBA IS NOT SET: NO REAL SMB SHARE IS TESTED ***");
            return None;
        }
        let base = tempfile::tempdir().unwrap();
        // The user of the share is another one.
        assert!(run("chmod", &["755", base.path().to_str().unwrap()]));
        fs::create_dir(base.path().join("data")).unwrap();
        fill(&base.path().join("data"));
        let server = serve(base.path()).expect("smbd starts");
        let mount = mount(base.path()).expect("rclone mounts the share");
        Some(Self { mount, server, base })
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.base.path().join("data")
    }

    /// The processes that serve connections. Other children of the server have names of their own.
    fn sessions(&self) -> Vec<u32> {
        let children = format!("/proc/{0}/task/{0}/children", self.server.0.id());
        let children = fs::read_to_string(children).unwrap_or_default();
        let serves = |pid: &u32| fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name == "smbd\n");
        children.split_whitespace().filter_map(|pid| pid.parse().ok()).filter(serves).collect()
    }
}

#[test]
fn a_share_served_by_samba_is_scanned_like_a_disk() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let share = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/share");
    let Some(share) = Share::new(|data| copy(&share, data)) else { return };
    let (on_share, remote) = scan(&[share.mount.path()], &[], None);
    let (on_disk, local) = scan(&[&share.data()], &[], None);
    assert_eq!(on_share[0]["shares"][0]["name"], r"\\127.0.0.1\data");
    assert_eq!(findings(&on_share), findings(&on_disk));
    assert!(!findings(&on_disk).is_empty());
    let is_unknown = |line: &Value| line["type"] == "item" && line["exposure"]["access"] == "unknown";
    assert!(on_share.iter().any(is_unknown), "modes that the mount makes up are not believed");
    println!("samba: {} findings, scan {remote:.1} s, scan of the disk {local:.1} s", findings(&on_share).len());
}

/// The session of the mount is killed again and again: the client comes back, and nothing is lost.
#[test]
fn sessions_that_die_lose_nothing() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let share = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/share");
    let Some(share) = Share::new(|data| copy(&share, data)) else { return };
    let (on_disk, _) = scan(&[&share.data()], &[], None);
    let (mut killed, mut last) = (0, Instant::now());
    let scanned = super::measure(&[share.mount.path()], &["--max-files-per-second", "20"], None, |_| {
        if last.elapsed() < Duration::from_secs(1) || killed == 5 {
            return;
        }
        last = Instant::now();
        for session in share.sessions() {
            killed += usize::from(run("kill", &["-KILL", &session.to_string()]));
        }
    });
    println!("samba: {killed} sessions killed during {:.1} s", scanned.seconds);
    assert!(killed > 0);
    assert_eq!(findings(&scanned.lines), findings(&on_disk));
    assert_eq!(outcomes(&scanned.lines), outcomes(&on_disk));
}
