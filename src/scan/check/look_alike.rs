//! Places in a repository where passwords and numbers are mostly none: tests, examples, lists that machines write.

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
        }
    }

    /// Why the finding is none here.
    pub(super) fn against(self, finding: &Finding) -> Option<&'static str> {
        use Category::{Address, Birth, Email, Name, Phone};
        let is_secret = finding.category == Category::Credential;
        let is_typed = TYPED.contains(&finding.detector.as_str());
        if is_secret && is_typed && self.is_test {
            return Some("a password in a test or an example");
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
        Surroundings::of(&path.into()).against(&finding).is_some()
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
}
