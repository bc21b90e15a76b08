//! Holds the code to the map in `src/lib.rs`: who may import whom, and what every file begins with.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each module and the modules it may import. A new module needs a row.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("source", &["model"]),
    ("identify", &["model"]),
    ("open", &["model", "source", "identify"]),
    ("extract", &["model", "identify", "open"]),
    ("detect", &["model"]),
    ("judge", &["model", "extract", "detect"]),
    ("store", &["model"]),
    ("report", &["model"]),
    ("scan", &["model", "source", "identify", "open", "extract", "detect", "judge", "store", "report"]),
    ("cli", &["model", "source", "open", "detect", "judge", "store", "report", "scan"]),
];

/// Lines a file may have before it must be looked at for a second thing inside.
const CEILING: usize = 500;

fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The top-level modules named after `crate::` in the code, in groups too.
fn imports(source: &str) -> BTreeSet<String> {
    let code: String =
        source.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        // `$crate::` in a macro and `x_crate::` are something else.
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = code[at + "crate::".len()..].trim_start();
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        found.insert(std::mem::take(&mut name));
                    }
                    c if depth == 0 => name.push(c),
                    _ => {}
                }
            }
            found.insert(name);
        } else {
            found.insert(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    let first = |path: &String| path.trim().split("::").next().unwrap_or_default().trim().to_owned();
    found.iter().map(first).filter(|name| name.chars().next().is_some_and(char::is_lowercase)).collect()
}

fn module_of(path: &Path) -> String {
    let relative = path.strip_prefix("src").unwrap();
    let first = relative.components().next().unwrap().as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

#[test]
fn modules_import_only_in_the_direction_of_the_map() {
    let table: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let mut faults = Vec::new();
    for path in files_below(Path::new("src")) {
        let module = module_of(&path);
        if module == "lib" || module == "main" {
            continue;
        }
        let Some(allowed) = table.get(module.as_str()) else {
            faults.push(format!("{}: `{module}` has no row in MAY_IMPORT", path.display()));
            continue;
        };
        let source = fs::read_to_string(&path).unwrap();
        for import in imports(&source) {
            if import != module && table.contains_key(import.as_str()) && !allowed.contains(&import.as_str()) {
                faults.push(format!("{}: `{module}` may not import `{import}`", path.display()));
            }
        }
        // In a test module the second `super` only leaves the file.
        if source.split("#[cfg(test)]").next().unwrap_or_default().contains("super::super::") {
            faults.push(format!("{}: `super::super::` slips past the map", path.display()));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_map_has_no_circle() {
    let order: Vec<&str> = MAY_IMPORT.iter().map(|(module, _)| *module).collect();
    for (i, (module, imports)) in MAY_IMPORT.iter().enumerate() {
        for import in *imports {
            let at = order.iter().position(|other| other == import);
            assert!(at.is_some_and(|at| at < i), "`{module}` imports `{import}`, which does not stand before it");
        }
    }
}

#[test]
fn every_file_says_what_it_is_for_and_keeps_to_one_thing() {
    let mut faults = Vec::new();
    for path in files_below(Path::new("src")) {
        let source = fs::read_to_string(&path).unwrap();
        let first = source.lines().next().unwrap_or_default();
        if !first.starts_with("//! ") || first.len() < 20 {
            faults.push(format!("{}: begins without a sentence on what it is for", path.display()));
        }
        let lines = source.lines().count();
        // The map may be as long as it needs to be.
        if lines > CEILING && path != Path::new("src/lib.rs") {
            faults.push(format!("{}: {lines} lines; is there a second thing inside?", path.display()));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn only_these_places_write_files_or_start_anything() {
    // The share is read-only to us: a file is made by a report, as nameless scratch, or as a state; the
    // only program that is started is this one.
    let allowed = [
        "src/report/file.rs",
        "src/scan/scratch.rs",
        "src/scan/process/register.rs",
        "src/scan/process/child.rs",
        "src/store/place.rs",
        "src/store/tests.rs",
    ];
    // Once, before the scan, if the user asks for it: `ionice` on the scan itself.
    let starts = [("src/cli/gentle.rs", "Command::new")];
    let forbidden = [
        " File::create",
        "(File::create",
        "fs::write",
        "fs::remove",
        "fs::rename",
        "fs::create_dir",
        "fs::set_permissions",
        ".write(true)",
        "tempfile::",
        "Command::new",
        "TcpStream",
        "UdpSocket",
        "TcpListener",
        "UnixStream",
    ];
    let mut faults = Vec::new();
    for path in files_below(Path::new("src")) {
        if allowed.iter().any(|allowed| path == Path::new(allowed)) {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        for what in forbidden {
            if code.contains(what) && !starts.iter().any(|(file, start)| path == Path::new(file) && what == *start) {
                faults.push(format!("{}: {what}", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn imports_are_recognised() {
    let source = "use crate::model::Name;\nuse crate::{open::{Input, Reader}, scan};\n// crate::cli\nlet x = crate::judge::x();\n$crate::no::x";
    let expected: BTreeSet<String> = ["model", "open", "scan", "judge"].into_iter().map(str::to_owned).collect();
    assert_eq!(imports(source), expected);
}
