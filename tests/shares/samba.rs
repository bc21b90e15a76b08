//! The demonstration share served by Samba and mounted by rclone: what is found is what is found on the disk.
//!
//! Both programs are large, so this runs only where `PLAINSIGHT_SAMBA` is set; it needs root,
//! for the user of the share.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Mount, scan};

const PORT: &str = "4445";

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
    let _ = run("useradd", &["-M", "-s", "/usr/sbin/nologin", "scanlab"]);
    let mut password = Command::new("smbpasswd")
        .args(["-c", path, "-s", "-a", "scanlab"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
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
    let settings = ["host", "127.0.0.1", "port", PORT, "user", "scanlab", "pass", "pw1"];
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
fn findings(lines: &[Value]) -> BTreeSet<String> {
    let findings = lines.iter().filter(|line| line["type"] == "finding");
    findings
        .map(|line| format!("{} {} {} {}", line["path"], line["members"], line["detector"], line["sample"]))
        .collect()
}

fn copy(from: &Path, to: &Path) {
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

#[test]
fn a_share_served_by_samba_is_scanned_like_a_disk() {
    if std::env::var_os("PLAINSIGHT_SAMBA").is_none() {
        eprintln!("*** PLAINSIGHT_SAMBA IS NOT SET: NO REAL SMB SHARE IS TESTED ***");
        return;
    }
    let base = tempfile::tempdir().unwrap();
    // The user of the share is another one.
    assert!(run("chmod", &["755", base.path().to_str().unwrap()]));
    let data = base.path().join("data");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/share"), &data);
    let server = serve(base.path()).expect("smbd starts");
    let mount = mount(base.path()).expect("rclone mounts the share");
    let started = Instant::now();
    // Into a pipe: tar does not read what goes to /dev/null.
    assert!(run("sh", &["-c", "tar cf - \"$0\" | cat >/dev/null", mount.path().to_str().unwrap()]));
    let tar = started.elapsed().as_secs_f32();
    let (on_share, remote) = scan(&[mount.path()], &[], None);
    let (on_disk, local) = scan(&[&data], &[], None);
    assert_eq!(on_share[0]["shares"][0]["name"], r"\\127.0.0.1\data");
    assert_eq!(findings(&on_share), findings(&on_disk));
    assert!(!findings(&on_disk).is_empty());
    let is_unknown = |line: &Value| line["type"] == "item" && line["exposure"]["access"] == "unknown";
    assert!(on_share.iter().any(is_unknown), "modes that the mount makes up are not believed");
    println!("samba: scan {remote:.1} s, tar of the same mount {tar:.1} s, scan of the disk {local:.1} s");
    drop((mount, server));
}
