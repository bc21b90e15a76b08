//! Reads generated passports, cards, payslips and letters with the installed models, and holds what comes out to floors.
//!
//! Needs the models and Python with Pillow (`tests/run` installs both); without them it says so loudly.
//! `PLAINSIGHT_OCR_SET=held-out:4` measures another set, whose pictures are made with other people, fonts and angles.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "test code")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// In percent: lines of machine-readable zones, codes, words.
#[derive(Default)]
struct Score {
    pictures: usize,
    lines: (usize, usize),
    codes: (usize, usize),
    words: (usize, usize),
    seconds: f64,
}

fn share((right, all): (usize, usize)) -> f64 {
    if all == 0 { 100.0 } else { 100.0 * right as f64 / all as f64 }
}

impl Score {
    fn row(&self, name: &str) -> String {
        format!(
            "{name:12} {:4} pictures  zones {:5.1} ({})  codes {:5.1} ({})  words {:5.1}  {:.2} s CPU",
            self.pictures,
            share(self.lines),
            self.lines.1,
            share(self.codes),
            self.codes.1,
            share(self.words),
            self.seconds / self.pictures.max(1) as f64
        )
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The models, where `tests/install-ocr-models` puts them.
fn models() -> Option<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = variable("XDG_DATA_HOME").or_else(|| Some(variable("HOME")?.join(".local/share")));
    let dir = variable("PLAINSIGHT_OCR_MODELS").or_else(|| Some(data?.join("plainsight/ocr")))?;
    dir.join("PP-OCRv6_rec_small.onnx").is_file().then_some(dir)
}

/// The pictures of a set with what stands on them; none if they cannot be made.
fn pictures(set: &str, count: &str) -> Option<(PathBuf, Vec<Value>)> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ocr-{set}-{count}"));
    let truth = folder.join("truth.json");
    if !truth.is_file() {
        let python = std::env::var("PLAINSIGHT_PYTHON").unwrap_or_else(|_| "python3".into());
        let made = Command::new(python)
            .arg(root().join("fixtures/generator/scans.py"))
            .args([folder.as_os_str(), set.as_ref(), count.as_ref()])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .status();
        if !made.is_ok_and(|status| status.success()) {
            return None;
        }
    }
    Some((folder, serde_json::from_slice(&fs::read(truth).unwrap()).unwrap()))
}

fn skip(why: &str) {
    assert!(std::env::var_os("PLAINSIGHT_OCR_REQUIRED").is_none(), "{why}");
    eprintln!("\n!!! tests/ocr.rs: TEXT RECOGNITION WAS NOT TESTED: {why}\n");
}

/// CPU seconds of the children so far, from the kernel's accounts (proc(5), fields 16 and 17).
fn spent() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<f64> =
        stat.rsplit(')').next().unwrap_or_default().split_whitespace().filter_map(|field| field.parse().ok()).collect();
    // The state, which is a letter, is left out.
    fields.get(12..14).map_or(0.0, |ticks| ticks.iter().sum::<f64>() / 100.0)
}

fn plainsight(arguments: &[&str], file: &Path, models: &Path) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_plainsight"))
        .args(arguments)
        .arg(file)
        .arg("--ocr-models")
        .arg(models)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn words(text: &str) -> BTreeSet<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() >= 3);
    words.map(str::to_owned).collect()
}

fn strings<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v str> {
    value[key].as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn measure(folder: &Path, truth: &[Value], models: &Path) -> BTreeMap<String, Score> {
    let mut scores: BTreeMap<String, Score> = BTreeMap::new();
    for picture in truth {
        let file = picture["file"].as_str().unwrap();
        let before = spent();
        let text = plainsight(&["text", "--plain"], &folder.join(file), models);
        let seconds = spent() - before;
        let lines: BTreeSet<&str> = text.lines().map(str::trim).collect();
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let written = words(&strings(picture, "text").collect::<Vec<_>>().join("\n"));
        let read = words(&text);
        let variant = picture["variant"].as_str().unwrap();
        for row in [picture["kind"].as_str().unwrap(), variant, "all"] {
            let score = scores.entry(row.to_owned()).or_default();
            score.pictures += 1;
            score.seconds += seconds;
            for line in strings(picture, "mrz") {
                score.lines.1 += 1;
                score.lines.0 += usize::from(lines.contains(line));
            }
            for code in strings(picture, "codes") {
                score.codes.1 += 1;
                score.codes.0 += usize::from(compact.contains(&code.replace(' ', "")));
            }
            score.words.1 += written.len();
            score.words.0 += written.intersection(&read).count();
        }
        for line in strings(picture, "mrz").filter(|line| !lines.contains(line)) {
            println!("missed in {file}: {line}");
        }
        for code in strings(picture, "codes").filter(|code| !compact.contains(&code.replace(' ', ""))) {
            println!("missed in {file}: {code}");
        }
    }
    scores
}

#[test]
fn documents_are_read() {
    let Some(models) = models() else { return skip("the models are not installed; run tests/install-ocr-models") };
    let wanted = std::env::var("PLAINSIGHT_OCR_SET").unwrap_or_else(|_| "held-out:1".into());
    let (set, count) = wanted.split_once(':').unwrap();
    let Some((folder, truth)) = pictures(set, count) else {
        return skip(
            "the pictures cannot be made; they need Python with Pillow, fonts-ocr-b, fonts-liberation and fonts-dejavu",
        );
    };
    let scores = measure(&folder, &truth, &models);
    for (name, score) in &scores {
        println!("{}", score.row(name));
    }
    let all = &scores["all"];
    assert!(all.pictures >= 15, "{} pictures", all.pictures);
    assert!(share(all.lines) >= 90.0, "lines of machine-readable zones: {}", all.row("all"));
    assert!(share(all.codes) >= 90.0, "codes: {}", all.row("all"));
    assert!(share(all.words) >= 85.0, "words: {}", all.row("all"));
}

#[test]
fn a_scanned_passport_is_found_in_a_picture_and_in_a_pdf() {
    let Some(models) = models() else { return skip("the models are not installed; run tests/install-ocr-models") };
    let Some((folder, truth)) = pictures("held-out", "1") else { return skip("the pictures cannot be made") };
    let passport = truth.iter().find(|one| one["kind"] == "passport" && one["variant"] == "photo").unwrap();
    let jpeg = fs::read(folder.join(passport["file"].as_str().unwrap())).unwrap();
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("passaporto.jpg"), &jpeg).unwrap();
    fs::write(dir.path().join("passaporto.pdf"), pdf_around(&jpeg)).unwrap();
    let scan = |arguments: &[&str]| -> Vec<Value> {
        let text = plainsight(&[&["scan", "-q", "-o", "jsonl=-"], arguments].concat(), dir.path(), &models);
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let lines = scan(&[]);
    for file in ["passaporto.jpg", "passaporto.pdf"] {
        let found: Vec<&Value> =
            lines.iter().filter(|line| line["path"] == file && line["type"] == "finding").collect();
        let zone = found.iter().find(|finding| finding["detector"].as_str().unwrap().starts_with("intl.mrz"));
        assert!(zone.is_some(), "{file}: {found:?}");
        assert_eq!(zone.unwrap()["place"]["page"].is_u64(), file.ends_with("pdf"));
        let item = lines.iter().find(|line| line["path"] == file && line["type"] == "item").unwrap();
        assert_eq!(item["outcome"], "read", "{item}");
    }
    for line in scan(&["--ocr", "off"]).iter().filter(|line| line["type"] == "item") {
        assert_eq!(
            (&line["outcome"], &line["reasons"][0]),
            (&"read_in_part".into(), &"ocr_unavailable".into()),
            "{line}"
        );
    }
}

/// A document of one page that shows the picture and nothing else.
fn pdf_around(jpeg: &[u8]) -> Vec<u8> {
    let frame = jpeg.windows(2).position(|pair| matches!(pair, [0xff, 0xc0 | 0xc2])).unwrap();
    let side = |at: usize| u16::from_be_bytes([jpeg[frame + at], jpeg[frame + at + 1]]);
    let (height, width) = (side(5), side(7));
    let content = "q 595 0 0 420 0 200 cm /I Do Q";
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    let mut add = |head: String, data: &[u8]| {
        offsets.push(file.len());
        file.extend_from_slice(head.as_bytes());
        file.extend_from_slice(data);
        file.extend_from_slice(if data.is_empty() { b"\nendobj\n" } else { b"\nendstream\nendobj\n" });
    };
    add("1 0 obj\n<</Type/Catalog/Pages 2 0 R>>".into(), b"");
    add("2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>".into(), b"");
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>";
    add(format!("3 0 obj\n{page}"), b"");
    add(format!("4 0 obj\n<</Length {}>>\nstream\n", content.len()), content.as_bytes());
    let image = format!(
        "5 0 obj\n<</Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceRGB/BitsPerComponent 8\
         /Filter/DCTDecode/Length {}>>\nstream\n",
        jpeg.len()
    );
    add(image, jpeg);
    let start = file.len();
    file.extend_from_slice(b"xref\n0 6\n0000000000 65535 f \n");
    for offset in offsets {
        file.extend_from_slice(format!("{offset:010} 00000 n \n").as_bytes());
    }
    file.extend_from_slice(format!("trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").as_bytes());
    file
}
