//! Decides which values of nested data (JSON, XML) make one record, as they stream by.
//!
//! - The elements of an outermost list are records, with all that is nested in them.
//! - So are elements of inner lists that name a person of their own (`name`, `email`, `cf` ...);
//!   the others belong to what encloses them: the diagnoses of a patient, the lines of an invoice.
//! - What is larger than `MAX_VALUES` or `MAX_BYTES` falls apart into its elements.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Arc;

use crate::model::Place;
use crate::open::reader::ReadError;

use super::writer::TextWriter;

const MAX_VALUES: usize = 200;
const MAX_BYTES: usize = 64 * 1024;
/// Containers within containers that are told apart; deeper ones are read, too, but flat.
const MAX_DEPTH: usize = 512;
/// Bytes of a path after which it is no longer spelt out.
const MAX_PATH: usize = 400;
const MAX_LABELS: usize = 4096;

/// What a container is to the one around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Its children are things of the same kind: a JSON array.
    List,
    /// A part of what encloses it.
    Group,
    /// A member of a list.
    Element,
}

/// What a container or value adds to the path.
#[derive(Clone, Copy, Debug)]
pub enum Step<'s> {
    Nothing,
    /// `.key`, or `["a key"]` where it is no simple word.
    Key(&'s str),
    /// `[7]`
    Index(u64),
    /// `/name`
    Child(&'s str),
    /// `/@name`
    Attribute(&'s str),
}

impl Step<'_> {
    fn append(self, path: &mut String) {
        let is_simple = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        // Writing to a string does not fail.
        let _ = match self {
            Self::Nothing => Ok(()),
            Self::Key(key) if !key.is_empty() && key.chars().all(is_simple) => {
                path.push('.');
                path.write_str(key)
            }
            Self::Key(key) => write!(path, "[{key:?}]"),
            Self::Index(index) => write!(path, "[{index}]"),
            Self::Child(name) => {
                path.push('/');
                path.write_str(name)
            }
            Self::Attribute(name) => {
                path.push_str("/@");
                path.write_str(name)
            }
        };
    }
}

#[derive(Debug)]
struct Frame {
    kind: Kind,
    /// Length of the path without this container.
    path: usize,
    label: Option<Arc<str>>,
    /// The first of its values in `pending`.
    start: usize,
    id: u64,
    names_person: bool,
    /// The child that closed last, if its values are still the last ones pending.
    previous: Option<Previous>,
}

impl Frame {
    /// What follows is no repetition of the last child: that one was a part of this container.
    fn end_previous(&mut self) {
        if let Some(previous) = self.previous.take() {
            self.names_person |= previous.names_person;
        }
    }
}

#[derive(Debug)]
struct Previous {
    label: Option<Arc<str>>,
    start: usize,
    names_person: bool,
}

#[derive(Debug)]
struct Value {
    place: Place,
    label: Option<Arc<str>>,
    /// From where to where it lies in the text of all that wait.
    start: usize,
    end: usize,
    /// The element it falls to when the record is too large.
    unit: u64,
}

#[derive(Debug)]
struct Label {
    text: Arc<str>,
    names_person: bool,
    /// The path of the last value with this label: rows have the same one again and again.
    path: Option<Arc<str>>,
}

/// Open containers and the values that wait for a record.
#[derive(Debug, Default)]
pub struct Nested {
    frames: Vec<Frame>,
    /// Open containers beyond `MAX_DEPTH`.
    beyond: u64,
    pending: Vec<Value>,
    /// What they hold, one after the other.
    text: String,
    path: String,
    next_id: u64,
    /// A record was too large: from here on groups that name a person are records.
    split: bool,
    labels: Vec<Label>,
    by_text: HashMap<Arc<str>, usize>,
    /// The label that came after the last one the time before.
    expected: usize,
}

impl Nested {
    /// `path` starts all paths: `$` in JSON.
    pub fn new(path: &str) -> Self {
        Self { path: path.to_owned(), ..Self::default() }
    }

    /// A container opens. `step` is what it adds to the path.
    pub fn open(
        &mut self,
        kind: Kind,
        label: Option<&str>,
        step: Step<'_>,
        writer: &mut TextWriter<'_>,
    ) -> Result<(), ReadError> {
        if self.frames.len() >= MAX_DEPTH {
            self.beyond += 1;
            return Ok(());
        }
        let label = label.and_then(|label| self.label(label)).map(|label| Arc::clone(&label.text));
        let mut kind = kind;
        // A second child of the same name: the first one was an element, too.
        let repeats = |previous: &Previous| previous.label.is_some() && previous.label == label;
        if let Some(parent) = self.frames.last_mut()
            && let Some(previous) = parent.previous.take_if(|previous| repeats(previous))
        {
            kind = Kind::Element;
            if previous.names_person || self.is_list_of_records() {
                self.emit_from(previous.start, writer)?;
            }
        } else if let Some(parent) = self.frames.last_mut() {
            parent.end_previous();
        }
        let path = self.path.len();
        self.push_step(step);
        self.next_id += 1;
        self.frames.push(Frame {
            kind,
            path,
            label,
            start: self.pending.len(),
            id: self.next_id,
            names_person: false,
            previous: None,
        });
        Ok(())
    }

    /// The innermost container closes.
    pub fn close(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if let Some(beyond) = self.beyond.checked_sub(1) {
            self.beyond = beyond;
            return Ok(());
        }
        let Some(mut frame) = self.frames.pop() else { return Ok(()) };
        frame.end_previous();
        self.path.truncate(frame.path);
        let outermost = self.frames.iter().all(|frame| frame.kind == Kind::List);
        let is_record = match frame.kind {
            Kind::Element => outermost || frame.names_person || self.is_list_of_records(),
            Kind::Group => outermost || (self.split && frame.names_person),
            Kind::List => self.frames.is_empty(),
        };
        if is_record {
            return self.emit_from(frame.start, writer);
        }
        if let Some(parent) = self.frames.last_mut() {
            let names_person = frame.names_person && frame.kind == Kind::Group;
            parent.previous = Some(Previous { label: frame.label, start: frame.start, names_person });
        }
        Ok(())
    }

    /// The name of the innermost container as text: a heading above its values.
    pub fn heading(&mut self, line: u64, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        if self.beyond > 0 || self.frames.last().is_none_or(|frame| frame.label.is_none()) {
            return Ok(());
        }
        self.value(Some(line), None, Step::Nothing, "", writer)
    }

    /// A value inside the innermost container. Without a label of its own it takes that of the container.
    pub fn value(
        &mut self,
        line: Option<u64>,
        label: Option<&str>,
        step: Step<'_>,
        text: &str,
        writer: &mut TextWriter<'_>,
    ) -> Result<(), ReadError> {
        let length = self.path.len();
        self.push_step(step);
        let path = std::mem::take(&mut self.path);
        let mut own = None;
        let mut names_person = false;
        let field = match label.and_then(|label| self.label(label)) {
            Some(label) => {
                own = Some(Arc::clone(&label.text));
                names_person = label.names_person;
                match &label.path {
                    Some(known) if **known == *path => Arc::clone(known),
                    _ => Arc::clone(label.path.insert(path.as_str().into())),
                }
            }
            None => path.as_str().into(),
        };
        self.path = path;
        self.path.truncate(length);
        let place = Place { line, field: Some(field), ..Place::default() };
        let mut unit = 0;
        if let Some(frame) = self.frames.last_mut() {
            frame.end_previous();
            frame.names_person |= names_person;
            unit = frame.id;
            if own.is_none() {
                own.clone_from(&frame.label);
            }
        }
        if let Some(element) = self.frames.iter().find(|frame| frame.kind == Kind::Element) {
            unit = element.id;
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.pending.push(Value { place, label: own, start, end: self.text.len(), unit });
        if self.frames.iter().all(|frame| frame.kind == Kind::List) {
            return self.emit_from(self.pending.len().saturating_sub(1), writer);
        }
        if self.pending.len() > MAX_VALUES || self.text.len() > MAX_BYTES { self.fall_apart(writer) } else { Ok(()) }
    }

    pub fn depth(&self) -> usize {
        self.frames.len() + usize::try_from(self.beyond).unwrap_or(usize::MAX)
    }

    /// Closes everything: the end of the text, or of a line that must be a document of its own.
    pub fn end(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        self.beyond = 0;
        if let Some(root) = self.frames.first() {
            self.path.truncate(root.path);
        }
        self.frames.clear();
        self.emit_from(0, writer)
    }

    /// Only the root is open, and it is about nobody itself.
    fn is_list_of_records(&self) -> bool {
        matches!(self.frames.as_slice(), [root] if !root.names_person)
    }

    fn push_step(&mut self, step: Step<'_>) {
        let length = self.path.len();
        step.append(&mut self.path);
        if self.path.len() > MAX_PATH {
            self.path.truncate(length);
            if !self.path.ends_with('…') {
                self.path.push('…');
            }
        }
    }

    /// The label of this text; there is always one.
    fn label(&mut self, text: &str) -> Option<&mut Label> {
        let is_expected = self.labels.get(self.expected).is_some_and(|label| *label.text == *text);
        let known = if is_expected { Some(self.expected) } else { self.by_text.get(text).copied() };
        let at = if let Some(at) = known {
            at
        } else {
            if self.labels.len() >= MAX_LABELS {
                self.labels.clear();
                self.by_text.clear();
            }
            let new: Arc<str> = text.into();
            self.by_text.insert(Arc::clone(&new), self.labels.len());
            self.labels.push(Label { text: new, names_person: names_a_person(text), path: None });
            self.labels.len() - 1
        };
        self.expected = at + 1;
        self.labels.get_mut(at)
    }

    fn fall_apart(&mut self, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        self.split = true;
        let values = std::mem::take(&mut self.pending);
        let text = std::mem::take(&mut self.text);
        for frame in &mut self.frames {
            frame.start = 0;
            frame.previous = None;
        }
        values.chunk_by(|a, b| a.unit == b.unit).try_for_each(|unit| write(unit, &text, writer))
    }

    fn emit_from(&mut self, start: usize, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
        let values = self.pending.get(start..).unwrap_or_default();
        let Some(first) = values.first() else { return Ok(()) };
        let rest = first.start;
        let written = write(values, &self.text, writer);
        self.pending.truncate(start);
        self.text.truncate(rest);
        written
    }
}

/// `text` is what the values lie in.
fn write(values: &[Value], text: &str, writer: &mut TextWriter<'_>) -> Result<(), ReadError> {
    let of = |value: &Value| text.get(value.start..value.end).unwrap_or_default();
    if values.iter().all(|value| value.label.is_none()) {
        return writer.row(values.iter().map(|value| (value.place.clone(), None, of(value))));
    }
    let mut none: Option<Arc<str>> = None;
    for value in values {
        let label = value.label.as_ref().unwrap_or_else(|| none.get_or_insert_with(|| "".into()));
        writer.field(value.place.clone(), label, of(value))?;
    }
    writer.end_record()
}

/// Words in keys that say who something is about.
const PERSON_WORDS: &[&str] = &[
    "name",
    "nome",
    "cognome",
    "nominativo",
    "surname",
    "firstname",
    "lastname",
    "fullname",
    "username",
    "vorname",
    "nachname",
    "nom",
    "prenom",
    "apellido",
    "nm",
    "denominazione",
    "cf",
    "fiscale",
    "codfisc",
    "ssn",
    "email",
    "mail",
    "iban",
    "matricola",
    "paziente",
    "patient",
    "dipendente",
    "employee",
    "mitarbeiter",
    "salarie",
    "birth",
    "birthdate",
    "dob",
    "nascita",
    "geburtsdatum",
    "naissance",
    "phone",
    "telefono",
    "personid",
    "userid",
];

fn names_a_person(label: &str) -> bool {
    let mut word = String::new();
    let mut after_lower = false;
    let is_person = |word: &str| PERSON_WORDS.contains(&word);
    for c in label.chars().take(80) {
        if !c.is_alphabetic() || (c.is_uppercase() && after_lower) {
            if is_person(&word) {
                return true;
            }
            word.clear();
        }
        if c.is_alphabetic() {
            word.extend(c.to_lowercase());
        }
        after_lower = c.is_lowercase();
    }
    is_person(&word) || is_person(&label.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::names_a_person;

    #[test]
    fn keys_that_name_a_person() {
        for key in ["name", "lastName", "CODICE_FISCALE", "codiceFiscale", "e-mail", "Nm", "cdtr.Nm", "data_nascita"] {
            assert!(names_a_person(key), "{key}");
        }
        for key in ["amount", "rename", "names_of_files", "code", ""] {
            assert!(!names_a_person(key), "{key}");
        }
    }
}
