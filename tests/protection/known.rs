//! Passwords that others have too: a list that the scan is given, and what lies beside a sealed file.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use super::{files, make, scan, shell, write_documents};
use crate::cases::{CASES, Case};
use crate::office::OFFICE;

/// Sealed files that a known password opens and that are then read.
const READ: &[&str] = &[
    "content.7z",
    "headers.7z",
    "7z-zipcrypto.zip",
    "aes128.zip",
    "aes192.zip",
    "aes256.zip",
    "two-ciphers.zip",
    "infozip.zip",
    "infozip-streamed.zip",
    "r2.pdf",
    "r3.pdf",
    "r4-rc4.pdf",
    "r4.pdf",
    "r5.pdf",
    "r6.pdf",
    "objects.pdf",
    "lo.odt",
    "lo.ods",
    "lo.docx",
    "lo.xlsx",
    "lo.xls",
    "lo-sealed.pdf",
    "agile.xlsx",
];

fn wanted(cases: &'static [Case]) -> Vec<Case> {
    // LibreOffice makes all of its files with the first case.
    cases
        .iter()
        .filter(|case| {
            READ.contains(&case.file)
                || matches!(case.file, "mixed.7z" | "mixed.zip" | "locked-sheet.xlsx" | "lo-plain.odt")
        })
        .copied()
        .collect()
}

fn findings(lines: &[Value]) -> BTreeMap<&str, usize> {
    let mut found = BTreeMap::new();
    for line in lines.iter().filter(|line| line["type"] == "finding") {
        *found.entry(line["path"].as_str().unwrap_or_default()).or_insert(0) += 1;
    }
    found
}

#[test]
fn what_a_known_password_opens_is_read_and_weak() {
    let dir = tempfile::tempdir().unwrap();
    write_documents(dir.path());
    fs::create_dir(dir.path().join("out")).unwrap();
    let cases = [wanted(CASES), wanted(OFFICE)].concat();
    let made = make(dir.path(), &cases);
    let (right, wrong) = (dir.path().join("known"), dir.path().join("unknown"));
    fs::write(&right, "falsch\r\nauch falsch\r\ngeheim\r\n").unwrap();
    fs::write(&wrong, "falsch\nauch falsch\n").unwrap();
    let out = dir.path().join("out");

    let lines = scan(&out, &["--password-file", right.to_str().unwrap()]);
    assert!(!lines.iter().any(|line| line.to_string().contains("geheim")), "a password is in the report");
    let found = findings(&lines);
    let items = files(&lines);
    let mut faults = Vec::new();
    for case in made.iter().filter(|case| READ.contains(&case.file)) {
        let item = &items[case.file];
        let protection = &item["protection"];
        let said = (item["outcome"].as_str(), protection["state"].as_str(), protection["key"]["place"].as_str());
        if said != (Some("read"), Some("weak"), Some("password_list")) || protection["key"]["opens"] != true {
            faults.push(format!("{}: {said:?} {protection}", case.file));
        }
        if protection["scheme"].as_str() != case.scheme {
            faults.push(format!("{}: {} instead of {:?}", case.file, protection["scheme"], case.scheme));
        }
        // A presentation of LibreOffice has no text.
        if !found.contains_key(case.file) {
            faults.push(format!("{}: nothing was found in it", case.file));
        }
    }
    for mixed in ["mixed.7z", "mixed.zip"].iter().filter(|file| made.iter().any(|case| case.file == **file)) {
        let sealed = lines.iter().find(|line| {
            line["path"] == **mixed
                && line["members"].as_array().is_some_and(|members| members.iter().any(|m| m == "docs/people.csv"))
        });
        let protection = &sealed.unwrap()["protection"];
        if (protection["state"].as_str(), protection["key"]["opens"].as_bool()) != (Some("weak"), Some(true)) {
            faults.push(format!("{mixed}: {protection}"));
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));

    let lines = scan(&out, &["--password-file", wrong.to_str().unwrap()]);
    for (path, item) in files(&lines) {
        // LibreOffice makes more than was asked for.
        let Some(case) = made.iter().find(|case| case.file == path) else { continue };
        assert_eq!(item["protection"]["state"].as_str(), Some(case.state), "{path}");
        assert!(item["protection"]["key"].is_null(), "{path}");
    }
}

/// A folder with a sealed file, and what is said of it.
struct Folder {
    name: &'static str,
    make: &'static str,
    sealed: &'static str,
    place: Option<&'static str>,
    opens: bool,
}

const FOLDERS: &[Folder] = &[
    Folder {
        name: "note",
        make: "7z a -bd '-pGirandola#388' pratica.7z ../docs; echo 'Per aprire pratica.7z la password è Girandola#388' > leggimi.txt",
        sealed: "pratica.7z",
        place: Some("folder"),
        opens: true,
    },
    Folder {
        name: "bare",
        make: "7z a -bd -tzip -mem=AES256 -pSommer2024 gehalt.zip ../docs; printf 'Sommer2024\\r\\n' > Passwort.txt",
        sealed: "gehalt.zip",
        place: Some("folder"),
        opens: true,
    },
    Folder {
        name: "name",
        make: "7z a -bd -tzip -pSommer2024 'report (pw Sommer2024).zip' ../docs",
        sealed: "report (pw Sommer2024).zip",
        place: Some("file_name"),
        opens: true,
    },
    Folder {
        name: "other",
        make: "7z a -bd -tzip -mem=AES256 -pgeheim liste.zip ../docs; echo 'Passwort: Herbst1999' > Passwort.txt",
        sealed: "liste.zip",
        place: None,
        opens: false,
    },
    Folder {
        name: "untried",
        make: "printf geheim | openssl enc -aes-256-cbc -pbkdf2 -k Sommer2024 -in ../docs/people.csv -out gehalt.csv.enc; echo 'Passwort: Sommer2024' > Passwort.txt",
        sealed: "gehalt.csv.enc",
        place: Some("folder"),
        opens: false,
    },
    Folder {
        name: "silent",
        make: "7z a -bd -pgeheim liste.7z ../docs; echo 'Il magazzino è chiuso' > nota.txt",
        sealed: "liste.7z",
        place: None,
        opens: false,
    },
];

#[test]
fn a_password_that_lies_beside_makes_it_weak() {
    let dir = tempfile::tempdir().unwrap();
    write_documents(dir.path());
    for tool in ["7z", "openssl"] {
        if !super::has(tool) {
            eprintln!("PROTECTION: {tool} IS NOT INSTALLED: passwords lying nearby are not checked");
            return;
        }
    }
    for folder in FOLDERS {
        fs::create_dir(dir.path().join(folder.name)).unwrap();
        shell(&dir.path().join(folder.name), folder.make).unwrap();
    }
    let lines = scan(dir.path(), &[]);
    let items = files(&lines);
    for folder in FOLDERS {
        let item = items[&format!("{}/{}", folder.name, folder.sealed)];
        let (key, state) = (&item["protection"]["key"], &item["protection"]["state"]);
        assert_eq!(key["place"].as_str(), folder.place, "{}: {}", folder.name, item["protection"]);
        assert_eq!(key["opens"].as_bool().unwrap_or_default(), folder.opens, "{}", folder.name);
        assert_eq!((state == "weak", item["outcome"] == "read"), (folder.opens, folder.opens), "{}", folder.name);
    }
}

#[test]
fn a_password_in_the_mail_opens_its_attachment() {
    let dir = tempfile::tempdir().unwrap();
    write_documents(dir.path());
    if !super::has("7z") {
        eprintln!("PROTECTION: 7z IS NOT INSTALLED: passwords in mails are not checked");
        return;
    }
    let share = dir.path().join("share");
    fs::create_dir(&share).unwrap();
    shell(dir.path(), "7z a -bd -tzip -mem=AES256 -pSommer#24 a.zip docs; 7z a -bd -mhe=on -pAnders b.7z docs")
        .unwrap();
    let mail = |body: &str| {
        let attached = |name: &str| {
            let bytes = fs::read(dir.path().join(name)).unwrap();
            let encoded: Vec<String> =
                base64(&bytes).as_bytes().chunks(76).map(|line| String::from_utf8(line.to_vec()).unwrap()).collect();
            format!(
                "--x\r\nContent-Type: application/octet-stream; name=\"{name}\"\r\nContent-Transfer-Encoding: base64\r\n\
                     Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n{}\r\n",
                encoded.join("\r\n")
            )
        };
        format!(
            "From: hr@example.org\r\nTo: paghe@example.org\r\nSubject: Paghe\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n{}{}--x--\r\n",
            attached("a.zip"),
            attached("b.7z")
        )
    };
    fs::write(share.join("told.eml"), mail("In allegato le buste paga.\r\nLa password è Sommer#24.\r\n")).unwrap();
    fs::write(share.join("silent.eml"), mail("In allegato. La password segue per telefono.\r\n")).unwrap();
    let lines = scan(&share, &[]);
    let member = |path: &str, name: &str| {
        lines
            .iter()
            .find(|line| line["path"] == path && line["members"] == serde_json::json!([name]))
            .unwrap_or_else(|| panic!("{path} {name}"))["protection"]
            .clone()
    };
    let told = member("told.eml", "a.zip");
    assert_eq!((told["state"].as_str(), told["key"]["place"].as_str()), (Some("weak"), Some("mail")), "{told}");
    for (path, name) in [("told.eml", "b.7z"), ("silent.eml", "a.zip"), ("silent.eml", "b.7z")] {
        let protection = member(path, name);
        assert_eq!(
            (protection["state"].as_str(), protection["key"].is_null()),
            (Some("strong"), true),
            "{path} {name}"
        );
    }
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |bits: u32| char::from(LETTERS[(bits & 63) as usize]);
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|i| u32::from(chunk.get(i).copied().unwrap_or(0)));
        let bits = (a << 16) | (b << 8) | c;
        out.extend([letter(bits >> 18), letter(bits >> 12)]);
        out.push(if chunk.len() > 1 { letter(bits >> 6) } else { '=' });
        out.push(if chunk.len() > 2 { letter(bits) } else { '=' });
    }
    out
}
