//! Gives bytes of a fuzzer to one reader, to the whole chain of readers, to the identification or to the engine.

mod package;
mod panics;

use std::io::{Cursor, Read};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cap::Cap;

use plainsight::detect::catalogue::Catalogue;
use plainsight::detect::engine::Engine;
use plainsight::judge::Judgement;
use plainsight::model::{Exposure, ItemPath, Name, Outcome, Place, Protection, Reason, Shape, Text};
use plainsight::open::recognition::{RecogniseError, Recognised};
use plainsight::open::{Budget, Input, Limits, Member, Picture, ReadError, ReadItem, Recognise, Recognition, Sink};
use plainsight::scan::item::{Content, Facts, Inspect, Inspection, Reading};
use plainsight::scan::readers::READERS;

/// Memory that a reader asks for counts, also where it is never written: what a header declares is not allocated.
/// Pictures, which are held whole, take the most.
#[global_allocator]
static ALLOCATOR: Cap<std::alloc::System> = Cap::new(std::alloc::System, 768 << 20);

/// Sees nothing, so that pictures are decoded.
#[derive(Debug)]
struct Blind;

impl Recognise for Blind {
    fn read(&self, picture: &Picture, _budget: &Budget) -> Result<Recognised, RecogniseError> {
        std::hint::black_box(picture);
        Ok(Recognised::default())
    }
}

/// Small: a fuzzer looks for crashes and endless loops, not for how large a bomb may be.
fn budget(bytes: &[u8]) -> Budget {
    let limits = Limits {
        depth: 4,
        members: 500,
        unpacked_bytes: 4 << 20,
        member_bytes: 1 << 20,
        ratio_floor: 4 << 20,
        time: Duration::from_secs(10),
        recognition: Recognition { engine: Some(Arc::new(Blind)), ..Recognition::default() },
        ..Limits::default()
    };
    Budget::new(limits, bytes.len() as u64, Arc::default())
}

/// Takes all that a reader pushes, members to their end.
struct Take<'a>(&'a Budget);

impl Sink for Take<'_> {
    fn text(&mut self, text: Text) -> Result<(), ReadError> {
        for piece in text.pieces() {
            std::hint::black_box(text.piece_content(piece.start));
        }
        Ok(self.0.check()?)
    }

    fn member(&mut self, _member: Member, content: &mut dyn Read) -> Result<(), ReadError> {
        match std::io::copy(&mut content.take(1 << 20), &mut std::io::sink()) {
            Err(error) if plainsight::open::budget::reason_of(&error).is_some() => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn item(&mut self, _member: Member, _media_type: &'static str, read: &mut ReadItem<'_>) -> Result<(), ReadError> {
        match read(self) {
            Err(ReadError::Budget(reason)) => Err(ReadError::Budget(reason)),
            _ => Ok(()),
        }
    }

    fn member_unread(&mut self, _member: Member, _reason: Reason, _detail: &str) {}
    fn protection(&mut self, _protection: Protection) {}
    fn refine(&mut self, _media_type: &'static str) {}
    fn gap(&mut self, _reason: Reason, _detail: &str) {}
}

/// The first byte chooses among the readers of these names; the rest is the file.
pub fn read(names: &[&str], data: &[u8]) {
    let Some((choice, bytes)) = data.split_first() else { return };
    let readers: Vec<_> = READERS.iter().filter(|reader| names.contains(&reader.name())).collect();
    assert_eq!(readers.len(), names.len(), "every name is that of a reader");
    let reader = readers[usize::from(*choice) % readers.len()];
    let budget = budget(bytes);
    let mut input = Input::bytes(bytes, &budget, Name::from("a"));
    panics::only_ours(bytes, || {
        let _ = reader.read(&mut input, &budget, &mut Take(&budget));
    });
}

/// The first byte chooses among the readers of these names; the rest are the parts of a package.
pub fn read_package(names: &[&str], data: &[u8]) {
    let Some((choice, parts)) = data.split_first() else { return };
    let mut bytes = vec![*choice];
    bytes.append(&mut package::pack(parts));
    read(names, &bytes);
}

/// Text goes nowhere.
struct Nothing;

impl Inspect for Nothing {
    fn begin(&self, _item: &ItemPath) -> Box<dyn Inspection + '_> {
        Box::new(Self)
    }
}

impl Inspection for Nothing {
    fn text(&mut self, text: Text) {
        std::hint::black_box(text);
    }

    fn name(&mut self, _item: &ItemPath) {}

    fn finish(self: Box<Self>, _protection: &Protection, _exposure: &Exposure) -> Judgement {
        Judgement::default()
    }
}

/// Identification and all readers, as a scan calls them; every record must make sense.
pub fn read_any(bytes: &[u8]) {
    let budget = budget(bytes);
    let mut records = Vec::new();
    let mut emit = |record| records.push(record);
    let mut reading = Reading { inspect: &Nothing, budget: &budget, emit: &mut emit };
    let facts = Facts {
        item: ItemPath::new(0, Name::from("a")),
        size: bytes.len() as u64,
        modified: None,
        exposure: Exposure::default(),
        protection: None,
        declared: None,
        depth: 0,
    };
    panics::only_ours(bytes, || {
        let (record, _) = reading.read(facts, Content::Seekable(&mut Cursor::new(bytes), bytes.len() as u64));
        (reading.emit)(record);
    });
    for record in records {
        assert_eq!(record.outcome() == Outcome::Read, record.reasons.is_empty(), "{record:?}");
    }
}

/// All detectors over the text.
pub fn detect(data: &[u8]) {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    let engine = ENGINE.get_or_init(|| Engine::new(&Catalogue::built_in().expect("the detectors are valid")));
    let mut text = Text::new(Shape::Prose);
    text.push(&String::from_utf8_lossy(data), Place::default(), 0, None);
    std::hint::black_box(engine.find(&text));
}
