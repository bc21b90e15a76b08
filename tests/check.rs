//! `plainsight check` in repositories that git makes: what counts, what is accepted, and the exit code of the whole run.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "test code")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

const PLAINSIGHT: &str = env!("CARGO_BIN_EXE_plainsight");

/// A repository of its own, untouched by the settings of whoever runs the test.
struct Repository(TempDir);

impl Repository {
    /// None, loudly, where git cannot be had.
    fn new() -> Option<Self> {
        if Command::new("git").arg("--version").output().is_err() {
            eprintln!("*** GIT IS NOT INSTALLED: `plainsight check` IS NOT TESTED ***");
            return None;
        }
        let repository = Self(tempfile::tempdir().unwrap());
        repository.git(&["init", "-q", "-b", "main"]);
        Some(repository)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    #[track_caller]
    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .current_dir(self.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    fn commit(&self, message: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    fn check(&self, arguments: &[&str]) -> Output {
        Command::new(PLAINSIGHT).arg("check").args(arguments).current_dir(self.path()).output().unwrap()
    }

    /// The exit code and what stands on stdout.
    #[track_caller]
    fn expect(&self, arguments: &[&str], code: i32) -> String {
        let output = self.check(arguments);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        text
    }

    fn found(&self, arguments: &[&str]) -> Vec<String> {
        let mut all = vec!["-o", "gitlab=-", "-q"];
        all.extend(arguments);
        let issues: Value = serde_json::from_slice(&self.check(&all).stdout).unwrap();
        let path = |issue: &Value| issue["location"]["path"].as_str().unwrap().to_owned();
        issues.as_array().unwrap().iter().map(path).collect()
    }
}

/// A small, even source of numbers.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn pick<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }

    /// A German account number with its check digits.
    fn iban(&mut self) -> String {
        let bban = format!("{:08}{:010}", 50_000_000 + self.below(9_999_999), 100_000_000 + self.below(899_999_999));
        let rest = format!("{bban}131400").bytes().fold(0, |rest, digit| (rest * 10 + u64::from(digit - b'0')) % 97);
        format!("DE{:02}{bban}", 98 - rest)
    }

    /// An Italian tax code with its check letter, of somebody who is not.
    fn tax_code(&mut self) -> String {
        const ODD: [u64; 36] = [
            1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14,
            16, 10, 22, 25, 24, 23,
        ];
        let (year, day) = (60 + self.below(39), 1 + self.below(28));
        let code = format!(
            "{}{}{year:02}C{day:02}L219",
            self.pick(&["RSS", "VRD", "BNC", "GLL"]),
            self.pick(&["MRA", "LRA", "PLA", "GNN"])
        );
        let value = |c: u8| u64::from(if c.is_ascii_digit() { c - b'0' } else { c - b'A' + 10 });
        let sum: u64 = code
            .bytes()
            .enumerate()
            .map(|(at, c)| match at % 2 {
                0 => ODD[usize::try_from(value(c)).unwrap()],
                _ if c.is_ascii_digit() => value(c),
                _ => value(c) - 10,
            })
            .sum();
        format!("{code}{}", char::from(b'A' + u8::try_from(sum % 26).unwrap()))
    }

    fn base64(&mut self, characters: usize) -> String {
        const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        (0..characters).map(|_| char::from(SIGNS[usize::try_from(self.below(64)).unwrap()])).collect()
    }

    fn private_key(&mut self) -> String {
        let lines: Vec<String> = (0..12).map(|_| self.base64(64)).collect();
        format!("-----BEGIN RSA PRIVATE KEY-----\nMIIEow{}\n-----END RSA PRIVATE KEY-----\n", lines.join("\n"))
    }

    fn payslip(&mut self) -> String {
        let (code, iban) = (self.tax_code(), self.iban());
        format!(
            "Busta paga\nDipendente: Laura Bianchi\nCodice fiscale: {code}\nRetribuzione lorda: 2.450,00 EUR\nIBAN: {iban}\n"
        )
    }

    fn accounts(&mut self) -> String {
        let rows: Vec<String> = (0..5).map(|n| format!("Kunde {n};{}\n", self.iban())).collect();
        format!("Name;IBAN\n{}", rows.concat())
    }
}

#[test]
fn the_working_tree_is_what_git_would_take_and_what_it_tracks() {
    let Some(repository) = Repository::new() else { return };
    let mut numbers = Numbers(1);
    let code = numbers.tax_code();
    repository.write("src/a.py", format!("x = 1\n# città di {code}\n"));
    repository.write("build/out.txt", numbers.payslip());
    repository.write("kept/in.txt", numbers.payslip());
    repository.git(&["add", "-A"]);
    repository.write(".gitignore", "build/\nkept/\n");
    repository.git(&["rm", "-q", "-r", "--cached", "build"]);
    let text = repository.expect(&[], 1);
    assert!(text.contains("src/a.py:2:12: medium: "), "characters are counted, not bytes: {text}");
    assert!(!text.contains(&code), "{text}");
    assert!(text.contains("kept/in.txt:"), "tracked files are checked whatever is ignored: {text}");
    assert!(!text.contains("build/out.txt"), "{text}");
    assert_eq!(repository.expect(&["src", "--fail-on", "high"], 0), "", "quiet when clean");
    assert!(repository.expect(&["kept/in.txt"], 1).starts_with("kept/in.txt:"), "named from the top");
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("a.txt"), numbers.payslip()).unwrap();
    let folder = outside.path().to_str().unwrap();
    assert!(repository.expect(&[folder], 1).contains("a.txt:"), "a folder without git is a tree too");
    repository.expect(&[folder, "--staged"], 2);
}

#[test]
fn only_what_is_staged_and_only_new_lines() {
    let Some(repository) = Repository::new() else { return };
    let mut numbers = Numbers(2);
    let (old, new) = (numbers.iban(), numbers.iban());
    // Before the first commit all is new.
    repository.write("a.txt", format!("IBAN {old}\n"));
    repository.git(&["add", "a.txt"]);
    repository.expect(&["--staged"], 1);
    repository.commit("first");
    assert_eq!(repository.expect(&["--staged"], 0), "");
    repository.write("a.txt", format!("one more line\nIBAN {old}\n"));
    repository.git(&["add", "a.txt"]);
    assert_eq!(repository.expect(&["--staged"], 0), "", "it only moved down");
    repository.write("a.txt", format!("one more line\nIBAN {old}\nIBAN {new}\n"));
    assert_eq!(repository.expect(&["--staged"], 0), "", "in the file, not in the index");
    repository.git(&["add", "a.txt"]);
    let text = repository.expect(&["--staged"], 1);
    assert!(text.starts_with("a.txt:3:6: ") && text.lines().count() == 2, "{text}");
    assert!(text.contains("1 on lines that did not change"), "{text}");
    // A commit of one file alone has an index of its own.
    repository.commit("second");
    repository.write("deep/er/b.txt", format!("IBAN {}\n", numbers.iban()));
    repository.git(&["add", "deep"]);
    assert_eq!(repository.found(&["--staged"]), ["deep/er/b.txt"]);
    repository.git(&["mv", "a.txt", "c.txt"]);
    assert_eq!(repository.found(&["--staged"]), ["deep/er/b.txt"], "a moved file brings nothing");
    assert_eq!(repository.found(&["--staged", "deep/er"]), ["deep/er/b.txt"]);
    repository.expect(&["--staged", "--history"], 2);
}

#[test]
fn a_new_line_that_makes_an_old_one_a_finding_counts() {
    let Some(repository) = Repository::new() else { return };
    let mut numbers = Numbers(3);
    repository.write("note.txt", "Assenza per chemioterapia dal 3 marzo, certificato medico allegato.\n");
    repository.commit("nobody");
    repository.expect(&[], 0);
    let person = format!("Dipendente: Laura Bianchi, codice fiscale {}\n", numbers.tax_code());
    repository
        .write("note.txt", format!("{person}Assenza per chemioterapia dal 3 marzo, certificato medico allegato.\n"));
    repository.git(&["add", "-A"]);
    let text = repository.expect(&["--staged"], 1);
    assert!(text.contains("note.txt:2:"), "the illness was nobody's, and is somebody's now: {text}");
}

#[test]
fn ranges_count_from_where_they_parted_and_the_history_forgets_nothing() {
    let Some(repository) = Repository::new() else { return };
    let mut numbers = Numbers(4);
    repository.write("readme", "x\n");
    let first = repository.commit("first");
    repository.git(&["checkout", "-q", "-b", "work"]);
    repository.write("pay.txt", numbers.payslip());
    let second = repository.commit("second");
    repository.git(&["rm", "-q", "pay.txt"]);
    repository.write("key.pem", numbers.private_key());
    repository.commit("third");
    repository.git(&["checkout", "-q", "main"]);
    repository.write("other.csv", numbers.accounts());
    repository.commit("on main");
    repository.git(&["checkout", "-q", "work"]);
    assert_eq!(repository.found(&["--since", "main"]), ["key.pem"]);
    assert_eq!(repository.found(&["--diff", "main...work"]), ["key.pem"]);
    assert_eq!(repository.found(&["--diff", "HEAD~2..HEAD^"]).first().map(String::as_str), Some("pay.txt"));
    assert_eq!(repository.found(&["--diff", &format!("{}..", &second[..9])]), ["key.pem"]);
    assert_eq!(repository.found(&["--diff", &format!("work...{first}")]), Vec::<String>::new());
    let all: BTreeSet<String> = repository.found(&["--history"]).into_iter().collect();
    assert_eq!(all.into_iter().collect::<Vec<_>>(), ["key.pem", "other.csv", "pay.txt"]);
    let text = repository.expect(&["--history"], 1);
    assert!(text.contains(&format!("since {}", &second[..12])), "{text}");
    // The same from packs, with references packed, in another working tree, and without one.
    repository.git(&["gc", "-q"]);
    repository.git(&["pack-refs", "--all"]);
    let beside = tempfile::tempdir().unwrap();
    let tree = beside.path().join("tree");
    repository.git(&["worktree", "add", "-q", tree.to_str().unwrap(), "main"]);
    let bare = beside.path().join("bare.git");
    repository.git(&["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let all = repository.found(&["--history"]);
    for place in [&tree, &bare] {
        let place = place.to_str().unwrap();
        assert_eq!(repository.found(&[place, "--history"]), all, "{place}");
    }
    assert_eq!(repository.found(&[tree.to_str().unwrap()]).len(), 5);
    repository.expect(&["--since", "nowhere"], 2);
    // What is cut off is not all of the history.
    let shallow = beside.path().join("shallow");
    let url = format!("file://{}", repository.path().display());
    repository.git(&["clone", "-q", "--depth", "1", "-b", "main", &url, shallow.to_str().unwrap()]);
    fs::remove_file(shallow.join("other.csv")).unwrap();
    let output = repository.check(&[shallow.to_str().unwrap(), "--history"]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("the history is shallow"), "{output:?}");
    repository.expect(&[shallow.to_str().unwrap(), "--since", "HEAD~1"], 2);
}

#[test]
fn a_baseline_survives_moves_and_ends_some_day() {
    let Some(repository) = Repository::new() else { return };
    let mut numbers = Numbers(5);
    let payslip = numbers.payslip();
    repository.write("a.txt", &payslip);
    repository.commit("first");
    repository.expect(&["--baseline", "base.toml"], 2);
    repository.expect(&["--baseline", "base.toml", "--update-baseline"], 2);
    let accept = ["--baseline", "base.toml", "--update-baseline", "--reason", "an invented person", "--owner", "hr"];
    repository.expect(&accept, 0);
    let text = repository.expect(&["--baseline", "base.toml"], 0);
    assert!(text.contains("accepted by the baseline, hr, until ") && text.contains("an invented person"), "{text}");
    // Another place and another name, the same values.
    fs::remove_file(repository.path().join("a.txt")).unwrap();
    repository.write("deep/b.txt", format!("\n\n\n{payslip}"));
    repository.expect(&["--baseline", "base.toml"], 0);
    repository.write("c.txt", numbers.payslip());
    assert!(repository.found(&["--baseline", "base.toml"]).iter().all(|path| path == "c.txt"));
    // Not written when something could not be read.
    repository.write("damaged.zip", "PK\u{3}\u{4} and nothing else");
    let before = fs::read(repository.path().join("base.toml")).unwrap();
    repository.expect(&accept, 3);
    assert_eq!(fs::read(repository.path().join("base.toml")).unwrap(), before);
    fs::remove_file(repository.path().join("damaged.zip")).unwrap();
    repository.expect(&accept, 0);
    repository.expect(&["--baseline", "base.toml"], 0);
    // What is gone leaves the baseline with the next update, and not before.
    fs::remove_file(repository.path().join("c.txt")).unwrap();
    let output = repository.check(&["--baseline", "base.toml"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("match nothing any more"), "{output:?}");
    repository.expect(&accept, 0);
    let text = fs::read_to_string(repository.path().join("base.toml")).unwrap();
    assert!(!text.contains("c.txt") && text.contains("a.txt"), "{text}");
    for value in ["Laura", "DE", "IBAN"] {
        assert!(!text.contains(value), "{value} in {text}");
    }
    // An entry ends.
    let expired: Vec<String> = text
        .lines()
        .map(|line| if line.starts_with("expires") { "expires = \"2020-01-31\"".to_owned() } else { line.to_owned() })
        .collect();
    repository.write("base.toml", expired.join("\n"));
    let text = repository.expect(&["--baseline", "base.toml"], 1);
    assert!(text.contains("accepted by hr until 2020-01-31, which is over"), "{text}");
    repository.write("base.toml", "version = 2\nsalt = \"\"\n");
    repository.expect(&["--baseline", "base.toml"], 2);
}

#[test]
fn marks_and_configurations_accept_and_are_told() {
    let Some(repository) = Repository::new() else { return };
    let mut numbers = Numbers(6);
    let (one, two, three) = (numbers.iban(), numbers.iban(), numbers.iban());
    repository.write("a.py", format!("a = '{one}'  # plainsight:allow eu.iban our own account\n"));
    repository.write("b.py", format!("# plainsight:allow eu.*\nb = '{two}'\n"));
    repository.write("vectors/c.txt", format!("IBAN {three}\n"));
    repository.write("ci.yml", "with:\n  password: ${{ secrets.REGISTRY_PASSWORD }}\n");
    let text = repository.expect(&[], 1);
    assert!(text.contains("a.py:1:6: eu.iban: accepted by a mark beside it: our own account"), "{text}");
    assert!(text.contains("b.py:2:6: "), "a mark without a reason accepts nothing: {text}");
    let config = "[[allow]]\npath = \"/vectors/\"\nreason = \"published numbers\"\n";
    repository.write("plainsight.toml", config);
    let output = repository.check(&[]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("plainsight.toml is not used"), "{output:?}");
    assert!(repository.found(&[]).contains(&"vectors/c.txt".to_owned()), "a tree cannot exempt itself");
    assert_eq!(repository.found(&["--config", "plainsight.toml"]), ["b.py"]);
    assert!(repository.expect(&["--config", "plainsight.toml"], 1).contains("published numbers"));
    repository.write("plainsight.toml", "[[allow]]\npath = \"x\"\n");
    repository.expect(&["--config", "plainsight.toml"], 2);
}

#[test]
fn the_whole_run_decides_and_never_the_last_file() {
    let Some(repository) = Repository::new() else { return };
    let mut numbers = Numbers(7);
    repository.write("z.txt", "clean\n");
    repository.expect(&[], 0);
    repository.write("m.zip", "PK\u{3}\u{4} and nothing else");
    assert!(repository.expect(&[], 3).contains("m.zip: not read"));
    repository.write("icon.png", include_bytes!("../fixtures/image/palette.png"));
    repository.write("a.txt", numbers.payslip());
    let text = repository.expect(&[], 1);
    assert!(text.contains("1 not read"), "{text}");
    fs::remove_file(repository.path().join("m.zip")).unwrap();
    fs::remove_file(repository.path().join("a.txt")).unwrap();
    repository.expect(&[], 0);
    repository.expect(&["--must-read", "everything"], 3);
    // A configuration says which broken files belong there.
    repository.write("m.zip", "PK\u{3}\u{4} and nothing else");
    repository.write("c.toml", "[[allow]]\npath = \"m.zip\"\nreason = \"broken on purpose\"\n");
    repository.expect(&["--config", "c.toml"], 0);
    repository.expect(&["--no-such-flag"], 2);
}

#[test]
fn reports_for_pipelines() {
    let Some(repository) = Repository::new() else { return };
    let mut numbers = Numbers(8);
    repository.write("a,b.txt", numbers.payslip());
    repository.write("key.pem", numbers.private_key());
    repository.commit("first");
    repository.expect(
        &[
            "-q",
            "-o",
            "github=g",
            "-o",
            "gitlab=q.json",
            "-o",
            "gitlab-secrets=s.json",
            "-o",
            "junit=j.xml",
            "-o",
            "sarif=c.sarif",
            "-o",
            "jsonl=l",
        ],
        1,
    );
    let read = |name: &str| fs::read_to_string(repository.path().join(name)).unwrap();
    assert!(read("g").contains("::error file=a%2Cb.txt,line="), "{}", read("g"));
    let quality: Value = serde_json::from_str(&read("q.json")).unwrap();
    let prints: BTreeSet<&str> =
        quality.as_array().unwrap().iter().map(|i| i["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints.len(), quality.as_array().unwrap().len());
    let secrets: Value = serde_json::from_str(&read("s.json")).unwrap();
    let head = repository.git(&["rev-parse", "HEAD"]);
    assert_eq!(secrets["vulnerabilities"][0]["location"]["commit"]["sha"], head.as_str());
    assert!(read("j.xml").contains("failures=\"2\" errors=\"0\""), "{}", read("j.xml"));
    let sarif: Value = serde_json::from_str(&read("c.sarif")).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let uris: BTreeSet<&str> = results
        .iter()
        .map(|result| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap())
        .collect();
    assert_eq!(uris.into_iter().collect::<Vec<_>>(), ["a%2Cb.txt", "key.pem"]);
    assert!(read("l").lines().all(|line| serde_json::from_str::<Value>(line).is_ok()));
    // Lines move; what GitLab compares does not.
    let text = read("a,b.txt");
    for name in ["g", "q.json", "s.json", "j.xml", "c.sarif", "l"] {
        fs::remove_file(repository.path().join(name)).unwrap();
    }
    repository.write("a,b.txt", format!("\n\n{text}"));
    let again: Value = serde_json::from_slice(&repository.check(&["-q", "-o", "gitlab=-"]).stdout).unwrap();
    assert_eq!(
        again.as_array().unwrap().iter().map(|i| i["fingerprint"].as_str().unwrap()).collect::<BTreeSet<_>>(),
        prints
    );
}

#[test]
fn what_is_planted_in_random_commits_is_found() {
    let Some(repository) = Repository::new() else { return };
    let commits: u64 = std::env::var("PLAINSIGHT_COMMITS").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    let mut numbers = Numbers(9);
    let folders = ["", "src/", "src/main/java/", "lib/core/", "tests/fixtures/", "docs/", "assets/", "config/"];
    let mut planted = BTreeSet::new();
    repository.write("README", "x\n");
    repository.commit("start");
    for number in 0..commits {
        let base = format!("{}f{number}", numbers.pick(&folders));
        repository
            .write(&format!("{base}.c"), format!("int f{number}(void) {{ return {}; }}\n", numbers.below(1 << 30)));
        let (path, content) = match number % 4 {
            0 => (format!("{base}.txt"), numbers.payslip()),
            1 => (format!("{base}.key"), numbers.private_key()),
            2 => (format!("{base}.csv"), numbers.accounts()),
            _ => (format!("{base}_test.py"), format!("def test():\n    pay('{}')\n", numbers.iban())),
        };
        repository.write(&path, content);
        repository.git(&["add", "-A"]);
        let staged = repository.found(&["--staged"]);
        assert!(!staged.is_empty() && staged.iter().all(|found| *found == path), "commit {number}: {staged:?}");
        repository.git(&["commit", "-q", "-m", "next"]);
        if number % 3 == 0 {
            repository.git(&["rm", "-q", &path]);
            repository.git(&["commit", "-q", "-m", "gone"]);
        }
        planted.insert(path);
    }
    let found: BTreeSet<String> = repository.found(&["--history"]).into_iter().collect();
    assert_eq!(found, planted);
}

#[test]
fn one_staged_file_among_many_costs_little() {
    let Some(repository) = Repository::new() else { return };
    let files: u32 = std::env::var("PLAINSIGHT_FILES").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000);
    for number in 0..files {
        let path = repository.path().join(format!("d{}/e{}", number % 37, number % 401));
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join(format!("f{number}.c")), format!("int f{number};\n")).unwrap();
    }
    repository.commit("many");
    let tree = repository.git(&["write-tree"]);
    assert!(!tree.is_empty());
    repository.write("d1/e1/new.txt", "nothing\n");
    repository.git(&["add", "d1/e1/new.txt"]);
    let mut best = f64::MAX;
    for _ in 0..3 {
        let started = Instant::now();
        repository.expect(&["--staged"], 0);
        best = best.min(started.elapsed().as_secs_f64());
    }
    eprintln!("check --staged, one file of {files}: {:.0} ms", best * 1000.0);
    // The program is not optimised here; what must not happen is a walk over the tree.
    assert!(best < 5.0, "{best} s");
}

#[test]
fn completions_and_pages_are_written() {
    let run = |arguments: &[&str]| Command::new(PLAINSIGHT).args(arguments).output().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(&["completions", shell]);
        assert!(
            output.status.success() && String::from_utf8_lossy(&output.stdout).contains("update-baseline"),
            "{shell}"
        );
    }
    let script = tempfile::NamedTempFile::new().unwrap();
    fs::write(script.path(), run(&["completions", "bash"]).stdout).unwrap();
    let bash = Command::new("bash").args(["-n", script.path().to_str().unwrap()]).output();
    assert!(bash.is_err() || bash.is_ok_and(|output| output.status.success()));
    for command in [&["man"][..], &["man", "scan"], &["man", "check"]] {
        let page = String::from_utf8(run(command).stdout).unwrap();
        assert!(page.contains(".TH plainsight") && page.contains(".SH"), "{page}");
    }
    assert_eq!(run(&["man", "nothing"]).status.code(), Some(2));
}
