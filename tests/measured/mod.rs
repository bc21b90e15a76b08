//! Runs a program and says how long it took and how much memory it ever had.
#![allow(dead_code, reason = "not every test that shares it uses all of it")]

use std::fs::File;
use std::io::{Read, Seek};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) struct Measured {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) elapsed: Duration,
    /// The high-water marks of its resident memory and of that of its children together (Linux; else 0),
    /// looked at every few milliseconds.
    pub(crate) peak_kib: u64,
}

pub(crate) fn run(command: &mut Command) -> Measured {
    let mut stdout = tempfile::tempfile().unwrap();
    let mut stderr = tempfile::tempfile().unwrap();
    command.stdin(Stdio::null()).stdout(stdout.try_clone().unwrap()).stderr(stderr.try_clone().unwrap());
    let started = Instant::now();
    let mut child = command.spawn().unwrap();
    let mut peak_kib = 0;
    let status = loop {
        peak_kib = peak_kib.max(self::peak_kib(child.id()));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    let elapsed = started.elapsed();
    Measured { code: status.code(), stdout: all(&mut stdout), stderr: all(&mut stderr), elapsed, peak_kib }
}

/// The high-water marks, until now, of the process and the workers that it has now.
pub(crate) fn peak_kib(id: u32) -> u64 {
    family(id).into_iter().filter_map(high_water).sum()
}

fn all(file: &mut File) -> String {
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

/// The process, and the workers that it has now.
fn family(id: u32) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = processes.filter_map(|process| process.file_name().to_str()?.parse().ok());
    ids.filter(|other| *other == id || parent(*other) == Some(id)).collect()
}

/// The fourth field; the second, in parentheses, is a name that may hold anything.
fn parent(id: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

fn high_water(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?.trim().parse().ok()
}
