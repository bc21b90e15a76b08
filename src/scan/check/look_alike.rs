//! Places in a repository where passwords and numbers are mostly none: tests, examples in manuals, lists that machines write.

use std::ops::Range;

use super::lines::Lines;
use crate::model::{Category, Finding, Name};

/// Folders whose passwords open nothing but the tests and the examples themselves.
const FOLDERS: &[&str] = &[
    "test",
    "tests",
    "testing",
    "testdata",
    "testcases",
    "testsuite",
    "testutil",
    "fixture",
    "fixtures",
    "testfixtures",
    "spec",
    "specs",
    "e2e",
    "mock",
    "mocks",
    "stub",
    "stubs",
    "snapshot",
    "snapshots",
    "example",
    "examples",
    "sample",
    "samples",
    "demo",
    "demos",
    "benchmark",
    "benchmarks",
    "benches",
    "tutorial",
    "tutorials",
    "i18n",
    "locale",
    "locales",
    "translations",
];

/// Folders and endings of manuals. A password in one may be real, as in the notes of those who run a service: only one
/// of an example is none.
const MANUALS: &[&str] = &["doc", "docs", "docs_src", "documentation", "man", "manual", "manuals", "site", "website"];
const MANUAL_ENDINGS: &[&str] = &["adoc", "asciidoc", "markdown", "md", "mdx", "rst"];
/// Descriptions of interfaces, with a sample of each answer.
const INTERFACES: &[&str] = &["openapi", "swagger"];

/// In a manual always those of an example: a hash opens nothing by itself, a token ends.
const SHOWN: &[&str] = &["credential.password_hash", "credential.jwt"];

/// Folders of what runs before a change is taken, with services of its own.
const PIPELINES: &[&str] = &[".circleci", ".github", ".gitlab"];

/// Names that stand for anybody's: the domains of RFC 2606 and RFC 6761, whatever machine one sits at, and people of
/// no place.
const ANYBODY: &[&str] = &[
    "127.0.0.1",
    "[::1]",
    "localhost",
    "example.com",
    "example.net",
    "example.org",
    ".example",
    "jane.doe",
    "jane_doe",
    "janedoe",
    "jdoe",
    "john.doe",
    "john_doe",
    "johndoe",
];
/// Lines above and below a value in which such a name makes it one of an example.
const ABOVE: u64 = 8;
const BELOW: u64 = 2;

/// With digits behind them, the passwords of examples.
const SAMPLES: &[&str] = &[
    "changeit", "changeme", "demo", "dummy", "example", "foo", "pass", "password", "passwd", "sample", "secret", "test",
];

/// Lists of versions and sums, written by package managers.
const LOCK_FILES: &[&str] = &[
    "cargo.lock",
    "composer.lock",
    "flake.lock",
    "gemfile.lock",
    "go.sum",
    "gradle.lockfile",
    "mix.lock",
    "npm-shrinkwrap.json",
    "package-lock.json",
    "packages.lock.json",
    "pdm.lock",
    "pipfile.lock",
    "pnpm-lock.yaml",
    "podfile.lock",
    "poetry.lock",
    "pubspec.lock",
    "uv.lock",
    "yarn.lock",
    "bun.lock",
    "deno.lock",
];

/// Endings of what a machine made of a source.
const GENERATED: &[&str] =
    &[".min.js", ".min.css", ".min.mjs", ".js.map", ".css.map", ".mjs.map", ".svg", ".snap", ".po", ".pot"];

/// Files in which people are named because they want to be.
const CREDITS: &[&str] = &[
    "authors",
    "contributors",
    "thanks",
    "credits",
    "maintainers",
    "codeowners",
    "owners",
    "acknowledgements",
    "acknowledgments",
    "changelog",
    "changes",
    "history",
    "news",
    "copying",
    "copyright",
    "license",
    "licence",
    "notice",
    "patents",
    "committers",
    "governance",
    "security_contacts",
    ".mailmap",
    ".gitattributes",
];

/// Passwords as anybody can type them. What a service issued, and private keys, are no look-alikes anywhere.
const TYPED: &[&str] = &[
    "credential.password",
    "credential.password_column",
    "credential.connection_string",
    "credential.login_pair",
    "credential.password_word",
    "credential.command_line",
    "credential.pin",
    "credential.netrc",
    "credential.pgpass",
    "credential.password_hash",
    "credential.windows_hash",
    "credential.wifi_key",
    "credential.encoded_password",
    "credential.session_password",
    "credential.group_policy_password",
    "credential.labelled_secret",
    "credential.authorization_header",
    "credential.bearer_token",
    "credential.jwt",
];

/// What a path says of the findings in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Surroundings {
    is_test: bool,
    is_list: bool,
    is_credits: bool,
    is_manual: bool,
    is_pipeline: bool,
}

/// Signs near a password, and in it, that it is written as an example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Example {
    /// A name that stands for anybody's, within a few lines.
    beside: bool,
    /// It is itself a common sample.
    itself: bool,
}

impl Example {
    pub(super) fn of(lines: &Lines<'_>, number: u64, value: &Range<usize>) -> Self {
        let mut near = (number.saturating_sub(ABOVE)..=number + BELOW).filter_map(|number| lines.line(number));
        Self {
            itself: lines.line(number).and_then(|line| line.get(value.clone())).is_some_and(is_sample),
            beside: near.any(|line| {
                // Longer lines are none that people write.
                line.len() <= 1_000 && {
                    let lower = line.to_ascii_lowercase();
                    ANYBODY.iter().any(|name| lower.contains(name))
                }
            }),
        }
    }
}

impl Surroundings {
    pub(super) fn of(path: &Name) -> Self {
        let path = String::from_utf8_lossy(path.as_bytes()).into_owned();
        let lower = path.to_lowercase();
        let mut folders: Vec<&str> = lower.split('/').collect();
        let name = folders.pop().unwrap_or_default();
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let own = path.rsplit('/').next().unwrap_or_default();
        let own_stem = own.rsplit_once('.').map_or(own, |(stem, _)| stem);
        let is_named_test = stem.starts_with("test_")
            || stem.starts_with("test-")
            || ["tutorial", "example", "sample", "demo"].iter().any(|start| {
                stem.strip_prefix(start).is_some_and(|rest| rest.starts_with(|c: char| !c.is_alphabetic()))
            })
            || ["_test", ".test", ".spec", "_spec", "-test", ".example", "-example", ".stories"]
                .iter()
                .any(|end| stem.ends_with(end))
            || ["Test", "Tests", "TestCase", "Spec", "IT"]
                .iter()
                .any(|end| own_stem.ends_with(end) && own_stem.len() > end.len() && is_code(extension))
            || matches!(extension, "example" | "sample" | "dist" | "template" | "tmpl");
        Self {
            is_test: is_named_test || folders.iter().any(|folder| is_test_folder(folder)),
            is_list: LOCK_FILES.contains(&name) || GENERATED.iter().any(|ending| name.ends_with(ending)),
            is_credits: CREDITS.contains(&stem) || CREDITS.contains(&name),
            is_pipeline: folders.iter().any(|folder| PIPELINES.contains(folder)),
            is_manual: MANUAL_ENDINGS.contains(&extension)
                || INTERFACES.contains(&stem)
                || folders.iter().any(|folder| MANUALS.contains(folder)),
        }
    }

    /// Why the finding is none here.
    pub(super) fn against(self, finding: &Finding, example: Example) -> Option<&'static str> {
        use Category::{Address, Birth, Email, Name, Phone};
        let is_secret = finding.category == Category::Credential;
        let is_typed = TYPED.contains(&finding.detector.as_str());
        if is_secret && is_typed && self.is_test {
            return Some("a password in a test or an example");
        }
        let is_shown = SHOWN.contains(&finding.detector.as_str());
        if is_secret && is_typed && self.is_manual && (example.beside || example.itself || is_shown) {
            return Some("a password of an example in a manual");
        }
        if is_secret && is_typed && example.itself && (self.is_pipeline || example.beside) {
            return Some("a common sample for a service of a test");
        }
        if self.is_list && (!is_secret || is_typed && finding.detector != "credential.connection_string") {
            return Some("in a list or a text that a machine wrote");
        }
        if self.is_credits && matches!(finding.category, Address | Birth | Email | Name | Phone) {
            return Some("people who are named as authors");
        }
        None
    }
}

fn is_sample(value: &str) -> bool {
    let lower = value.trim_matches(['"', '\'', '`']).to_ascii_lowercase();
    let word = lower.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '!' | '-' | '_'));
    let counts_up = ["123", "1234", "12345", "123456"].iter().any(|digits| lower.strip_suffix(digits) == Some(word));
    SAMPLES.contains(&word) || counts_up && word.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// `src/test`, `dockerTest`, `integration-tests`, `__tests__`.
fn is_test_folder(folder: &str) -> bool {
    let plain = folder.trim_matches('_');
    FOLDERS.contains(&plain)
        || plain
            .split(['-', '_', '.'])
            .any(|part| matches!(part, "test" | "tests" | "testing" | "e2e" | "fixtures" | "examples"))
        || plain.ends_with("test") && plain.len() > 6 && !plain.ends_with("latest") && !plain.ends_with("contest")
        || plain.ends_with("fixtures")
}

fn is_code(extension: &str) -> bool {
    matches!(
        extension,
        "java"
            | "kt"
            | "kts"
            | "scala"
            | "groovy"
            | "cs"
            | "php"
            | "swift"
            | "ts"
            | "js"
            | "tsx"
            | "jsx"
            | "vb"
            | "dart"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::Mask;
    use crate::model::{Place, Sample};

    fn against(path: &str, detector: &str, category: Category) -> bool {
        told(path, detector, category, Example::default())
    }

    fn told(path: &str, detector: &str, category: Category, example: Example) -> bool {
        let finding = Finding {
            place: Place::line(1),
            detector: detector.into(),
            category,
            confidence: 0.9,
            why: Vec::new(),
            sample: Sample::new(Mask::Secret, "x"),
            fingerprint: String::new(),
            subject: None,
            born: None,
            value: None,
        };
        Surroundings::of(&path.into()).against(&finding, example).is_some()
    }

    #[test]
    fn passwords_of_tests_open_nothing() {
        use Category::{Credential, Email, Health, NationalId};
        for path in [
            "tests/a.c",
            "src/test/java/A.java",
            "module/src/dockerTest/resources/x.yml",
            "pkg/a_test.go",
            "web/__tests__/a.js",
            "a/LoginTests.java",
            "config.ini.template",
            "guide/tutorial004_py310.py",
            "lib/integration-tests/x",
        ] {
            assert!(against(path, "credential.password", Credential), "{path}");
            assert!(!against(path, "credential.private_key", Credential), "{path}");
            assert!(!against(path, "credential.github_token", Credential), "{path}");
            assert!(!against(path, "it.codice_fiscale", NationalId), "{path}");
        }
        for path in [
            "src/main.c",
            "latest/x.py",
            "config/prod.ini",
            "contest/a.c",
            "Submit.java",
            "attestation/x.yml",
            "docs/run.md",
        ] {
            assert!(!against(path, "credential.password", Credential), "{path}");
        }
        assert!(against("web/package-lock.json", "eu.iban", Category::BankAccount));
        assert!(!against("web/package-lock.json", "credential.connection_string", Credential));
        assert!(against("AUTHORS.md", "intl.email", Email));
        assert!(against(".mailmap", "intl.email", Email));
        assert!(!against("AUTHORS", "special.health", Health));
    }
    #[test]
    fn examples_in_manuals_open_nothing() {
        const NONE: Example = Example { beside: false, itself: false };
        const BESIDE: Example = Example { beside: true, itself: false };
        const ITSELF: Example = Example { beside: false, itself: true };
        const BOTH: Example = Example { beside: true, itself: true };
        for (path, none, beside, itself, both) in [
            ("docs/security.html", false, true, true, true),
            ("README.md", false, true, true, true),
            ("api/swagger.yaml", false, true, true, true),
            (".github/workflows/test.yml", false, false, true, true),
            ("scripts/verify.sh", false, false, false, true),
        ] {
            for (example, expected) in [(NONE, none), (BESIDE, beside), (ITSELF, itself), (BOTH, both)] {
                assert_eq!(told(path, "credential.password", Category::Credential, example), expected, "{path}");
                assert!(!told(path, "credential.private_key", Category::Credential, example), "{path}");
            }
        }
        assert!(told("docs/a.md", "credential.password_hash", Category::Credential, NONE));
        assert!(!told("src/a.c", "credential.password_hash", Category::Credential, NONE));
        let check = |text: &str, value: &str, expected| {
            let lines = Lines::new(text.as_bytes()).unwrap();
            let (number, start) = lines.locate(text.rfind(value).unwrap());
            let Example { beside, itself } = Example::of(&lines, number, &(start..start + value.len()));
            assert_eq!(beside || itself, expected, "{text}");
        };
        check("host: db.example.com\nuser: app\npassword: Fi8#kLwq", "Fi8#kLwq", true);
        check("{\"username\": \"janedoe\",\n \"password\": \"Fi8#kLwq\"}", "Fi8#kLwq", true);
        check("keystore.password=test1234", "test1234", true);
        check("keystore.password=Test-2024!", "Test-2024!", true);
        check("export ROOT_PASSWORD=minio123", "minio123", true);
        check("remote: http://root:Fi8#kLwq@localhost:9000", "Fi8#kLwq", true);
        check("host: db.nordacciai.it\nuser: app\npassword: Fi8#kLwq", "Fi8#kLwq", false);
        check("password: contested7", "contested7", false);
        let far = format!("see example.com\n{}password: Fi8#kLwq", "\n".repeat(9));
        check(&far, "Fi8#kLwq", false);
    }
}
