//! The catalogue: every detector of patterns/ and of the user's own folder, checked and compiled.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::digest::common::hazmat::{SerializableState, SerializedState};
use sha2::{Digest, Sha256};

use super::automaton;
use super::built_in::{self, DESCRIPTIONS, DETECTORS, Description, HASH_STATE, Prepared, describe};
use super::fold::fold;
use super::lexicon::Lexicon;
use super::pattern::Pattern;
use super::spec::{DetectorSpec, Normal, PatternFile};
use super::start::Start;

/// A detector ready to use.
#[derive(Clone, Debug)]
pub struct Detector {
    pub spec: Arc<DetectorSpec>,
    pub(super) pattern: Option<Arc<Pattern>>,
    /// What the pattern can begin with.
    pub(super) start: Option<Arc<Start>>,
    pub(super) normal: Normal,
}

impl Detector {
    fn new(spec: DetectorSpec, start: Option<Start>, automaton: Option<automaton::Prepared>) -> Self {
        let pattern = spec.pattern.as_deref().map(|pattern| Arc::new(Pattern::known(pattern, automaton)));
        let normal = spec.normal.unwrap_or(Normal::of(spec.mask));
        Self { spec: Arc::new(spec), pattern, start: start.map(Arc::new), normal }
    }

    /// Whether it can fire at all without a word or label beside it.
    pub(super) fn fires_without_context(&self) -> bool {
        self.spec.confidence.bare > 0.0 || self.spec.confidence.checked > 0.0
    }
}

/// What is wrong with a pattern file.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    #[error("cannot read {path}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{file} is no pattern file: {message}")]
    Syntax { file: String, message: String },
    #[error("{file}: detector {id}: {problem}")]
    Detector { file: String, id: String, problem: String },
}

/// All detectors, in the order of their files. The index into it names a detector in a [`super::Match`].
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    detectors: Vec<Detector>,
    ids: BTreeSet<String>,
    hash: Sha256,
    /// Whether the detectors are those of the program and no others, whose words are put together already.
    is_built_in: bool,
}

impl Catalogue {
    /// The detectors that the program brings with it.
    pub fn built_in() -> Result<Self, CatalogueError> {
        Self::of_prepared(descriptions()?)
    }

    /// The same without their references, examples and lists of words: a scan has the words put together, and would
    /// wait for the rest.
    pub fn built_in_to_run() -> Result<Self, CatalogueError> {
        Self::of_prepared(Vec::new())
    }

    fn of_prepared(descriptions: Vec<Description>) -> Result<Self, CatalogueError> {
        let mut prepared: Vec<Prepared> = serde_json::from_str(DETECTORS).map_err(|error| broken(error.to_string()))?;
        for (prepared, description) in prepared.iter_mut().zip(descriptions) {
            describe(&mut prepared.spec, description);
        }
        let state = SerializedState::<Sha256>::try_from(HASH_STATE).map_err(|error| broken(error.to_string()))?;
        let hash = Sha256::deserialize(&state).map_err(|error| broken(error.to_string()))?;
        let ids = prepared.iter().map(|prepared| prepared.spec.id.clone()).collect();
        // A test has looked at them as at a user's own.
        let detector = |Prepared { spec, start, automaton }| Detector::new(spec, start, automaton);
        Ok(Self { detectors: prepared.into_iter().map(detector).collect(), ids, hash, is_built_in: true })
    }

    /// Before other detectors come or some go: what was left out for a run is needed then.
    fn complete(&mut self) -> Result<(), CatalogueError> {
        if std::mem::take(&mut self.is_built_in) {
            for (detector, description) in self.detectors.iter_mut().zip(descriptions()?) {
                describe(Arc::make_mut(&mut detector.spec), description);
            }
        }
        Ok(())
    }

    /// All words of the detectors, if they are those of the program and no others.
    pub(super) fn lexicon(&self) -> Option<Lexicon> {
        self.is_built_in.then(built_in::lexicon)
    }

    /// Adds the detectors of every `*.toml` in `dir` and the folders below it. In a folder, ids
    /// begin with its name; directly in `dir` they may begin with any word.
    pub fn with_user_dir(mut self, dir: &Path) -> Result<Self, CatalogueError> {
        for path in toml_files(dir)? {
            let content = read(&path)?;
            let folder = path.parent().filter(|parent| *parent != dir).and_then(Path::file_name);
            let folder = folder.map(|name| name.to_string_lossy().into_owned());
            // The hash depends on the name below `dir`, not on where `dir` is.
            let file = path.strip_prefix(dir).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            let known = self.detectors.len();
            self.add(&file, &content, folder.as_deref())?;
            // What the program brings with it is compiled by a test, and here when first tried.
            for detector in self.detectors.get(known..).unwrap_or_default() {
                if let Some(Err(problem)) = detector.pattern.as_ref().map(|pattern| pattern.compile()) {
                    return Err(CatalogueError::Detector { file, id: detector.spec.id.clone(), problem });
                }
            }
        }
        Ok(self)
    }

    /// Adds one pattern file. `folder`, if given, is what its ids must begin with.
    pub fn add(&mut self, file: &str, content: &str, folder: Option<&str>) -> Result<(), CatalogueError> {
        let parsed: PatternFile = toml::from_str(content)
            .map_err(|error| CatalogueError::Syntax { file: file.into(), message: error.to_string() })?;
        self.complete()?;
        self.hash.update((file.len() as u64).to_le_bytes());
        self.hash.update(file);
        self.hash.update((content.len() as u64).to_le_bytes());
        self.hash.update(content);
        for spec in parsed.detector {
            let id = spec.id.clone();
            let fail = |problem: String| CatalogueError::Detector { file: file.into(), id: id.clone(), problem };
            let detector = compile(spec, folder).map_err(fail)?;
            if !self.ids.insert(id.clone()) {
                return Err(fail("this id is taken".into()));
            }
            self.detectors.push(detector);
        }
        Ok(())
    }

    pub fn detectors(&self) -> &[Detector] {
        &self.detectors
    }

    /// Keeps the detectors for which `keep` says so.
    pub fn retain(&mut self, keep: impl FnMut(&Detector) -> bool) -> Result<(), CatalogueError> {
        self.complete()?;
        self.detectors.retain(keep);
        self.ids = self.detectors.iter().map(|detector| detector.spec.id.clone()).collect();
        Ok(())
    }

    pub fn get(&self, id: &str) -> Option<&Detector> {
        self.detectors.iter().find(|detector| detector.spec.id == id)
    }

    /// SHA-256 in hex over the names and contents of the pattern files, in their order.
    pub fn hash(&self) -> String {
        crate::model::hex(&self.hash.clone().finalize())
    }
}

fn descriptions() -> Result<Vec<Description>, CatalogueError> {
    serde_json::from_str(DESCRIPTIONS).map_err(|error| broken(error.to_string()))
}

fn broken(message: String) -> CatalogueError {
    CatalogueError::Syntax { file: "patterns/".into(), message }
}

fn compile(spec: DetectorSpec, folder: Option<&str>) -> Result<Detector, String> {
    well_formed(&spec.id, folder)?;
    if spec.pattern.is_some() != spec.phrases.is_empty() {
        return Err("give either `pattern` or `phrases`".into());
    }
    for (key, list) in
        [("references", &spec.references), ("examples", &spec.examples), ("counterexamples", &spec.counterexamples)]
    {
        if list.is_empty() || list.iter().any(|text| text.trim().is_empty()) {
            return Err(format!("`{key}` must not be empty"));
        }
    }
    for (key, list) in [
        ("phrases", &spec.phrases),
        ("context", &spec.context),
        ("context_after", &spec.context_after),
        ("veto", &spec.veto),
        ("labels", &spec.labels),
    ] {
        if let Some(word) = list.iter().find(|word| !fold(word).chars().any(char::is_alphanumeric)) {
            return Err(format!("`{key}` holds {word:?}, which has no letter or digit"));
        }
    }
    let table = spec.confidence;
    let levels = [table.bare, table.checked, table.in_context, table.checked_in_context];
    if levels.iter().any(|level| !(0.0..=1.0).contains(level)) {
        return Err("a confidence lies outside 0 to 1".into());
    }
    if levels.iter().all(|level| *level == 0.0) {
        return Err("no confidence is above 0".into());
    }
    let start = match &spec.pattern {
        None => None,
        Some(pattern) => {
            if let Some(class) = [r"\b", r"\d", r"\w"].iter().find(|class| has_unicode_class(pattern, class)) {
                return Err(format!("`{class}` means all of Unicode and is slow: write (?-u:{class})"));
            }
            Some(Start::of(&Pattern::parsed(pattern)?, spec.holds_digit))
        }
    };
    Ok(Detector::new(spec, start, None))
}

/// `<folder>.<name>` of lower-case ASCII letters, digits and underscores.
fn well_formed(id: &str, folder: Option<&str>) -> Result<(), String> {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    match id.split_once('.') {
        Some((first, name)) if word(first) && word(name) => match folder {
            Some(folder) if folder != first => {
                Err(format!("its file lies in {folder}/, so the id begins with {folder}."))
            }
            _ => Ok(()),
        },
        _ => Err("an id is `<folder>.<name>` in lower-case letters, digits and underscores".into()),
    }
}

/// Whether the class stands in the pattern other than after `(?-u:`.
fn has_unicode_class(pattern: &str, class: &str) -> bool {
    pattern.match_indices(class).any(|(at, _)| {
        let before = pattern.get(..at).unwrap_or_default();
        let escaped = before.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1;
        !escaped && !before.ends_with("(?-u:")
    })
}

fn toml_files(dir: &Path) -> Result<Vec<PathBuf>, CatalogueError> {
    let mut files = Vec::new();
    let mut folders = vec![dir.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let failed = |source| CatalogueError::Read { path: folder.clone(), source };
        for entry in std::fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if entry.path().extension().is_some_and(|extension| extension == "toml") {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<String, CatalogueError> {
    std::fs::read_to_string(path).map_err(|source| CatalogueError::Read { path: path.into(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        [[detector]]
        id = "user.badge"
        title = "badge number"
        category = "employee_number"
        pattern = '(?-u:\b)BDG-[0-9]{6}(?-u:\b)'
        confidence = { bare = 0.9 }
        references = ["the badge office"]
        examples = ["BDG-123456"]
        counterexamples = ["BDG-12"]
    "#;

    fn load(content: &str) -> Result<Catalogue, CatalogueError> {
        let mut catalogue = Catalogue::default();
        catalogue.add("user/badge.toml", content, Some("user"))?;
        Ok(catalogue)
    }

    #[test]
    fn a_good_file_loads_and_the_hash_depends_on_it() {
        let catalogue = load(GOOD).unwrap();
        assert_eq!(catalogue.detectors().len(), 1);
        assert_eq!(catalogue.hash().len(), 64);
        assert_eq!(catalogue.hash(), load(GOOD).unwrap().hash());
        assert_ne!(catalogue.hash(), load(&GOOD.replace("0.9", "0.8")).unwrap().hash());
    }

    #[test]
    fn the_built_in_catalogue_loads() {
        let (all, to_run) = (Catalogue::built_in().unwrap(), Catalogue::built_in_to_run().unwrap());
        assert!(all.detectors().iter().all(|detector| !detector.spec.references.is_empty()));
        let names = |catalogue: &Catalogue| {
            catalogue.detectors().iter().map(|detector| detector.spec.id.clone()).collect::<Vec<_>>()
        };
        assert_eq!((names(&all), all.hash()), (names(&to_run), to_run.hash()));
    }

    #[test]
    fn faults_are_errors() {
        for (from, to, complaint) in [
            ("title", "titel", "unknown field"),
            ("user.badge", "badge", "<folder>.<name>"),
            ("user.badge", "it.badge", "lies in user/"),
            ("user.badge", "user.Badge", "<folder>.<name>"),
            ("(?-u:\\b)BDG-", "BDG-(", "unclosed group"),
            ("(?-u:\\b)BDG-", "\\bBDG-", "means all of Unicode"),
            ("(?-u:\\b)BDG-[0-9]{6}(?-u:\\b)", "(BDG)?", "empty text"),
            ("0.9", "1.9", "outside 0 to 1"),
            ("0.9", "0.0", "no confidence"),
            ("[\"the badge office\"]", "[]", "`references` must not be empty"),
            ("[\"BDG-123456\"]", "[]", "`examples` must not be empty"),
            ("[\"BDG-12\"]", "[\" \"]", "`counterexamples` must not be empty"),
            ("confidence", "phrases = [\"badge\"]\nconfidence", "either `pattern` or `phrases`"),
            ("confidence", "context = [\"--\"]\nconfidence", "no letter or digit"),
        ] {
            let error = load(&GOOD.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(complaint), "{to}: {error}");
        }
        assert!(load(&format!("{GOOD}\n{GOOD}")).unwrap_err().to_string().contains("taken"));
    }

    #[test]
    fn a_user_folder_is_read_with_the_same_strictness() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("user");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("badge.toml"), GOOD).unwrap();
        std::fs::write(folder.join("README"), "not a pattern file").unwrap();
        let catalogue = Catalogue::default().with_user_dir(dir.path()).unwrap();
        assert!(catalogue.get("user.badge").is_some());
        std::fs::write(folder.join("bad.toml"), GOOD.replace("title", "titel")).unwrap();
        assert!(Catalogue::default().with_user_dir(dir.path()).is_err());
        assert!(Catalogue::default().with_user_dir(&dir.path().join("missing")).is_err());
    }
}
