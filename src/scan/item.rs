//! One item through identification, its reader and the inspection of its text; its members the same way, inside.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};

use crate::extract::fragments;
use crate::extract::writer::TextWriter;
use crate::identify::{self, Format};
use crate::judge::{ContentHasher, Judgement};
use crate::model::{
    Exposure, ItemPath, ItemRecord, KeyPlace, Name, Outcome, Problem, Protection, Reason, Stage, State, Text,
};
use crate::open::input::ReadSeek;
use crate::open::passwords::phrase;
use crate::open::{Access, Budget, Input, Member, ReadError, ReadItem, Reader, Sink, sealed, zip};

use super::crash;
use super::head::{Counted, HEAD, head_of};
use super::readers;
use super::scratch::Scratch;
use super::surplus;

/// What becomes of the text of items: classification for a scan, printing for `text`.
pub trait Inspect {
    fn begin(&self, item: &ItemPath) -> Box<dyn Inspection + '_>;

    /// For the content of files that show something; none where nobody compares files.
    fn content_hasher(&self) -> Option<ContentHasher> {
        None
    }
}

/// The inspection of one item.
pub trait Inspection {
    fn text(&mut self, text: Text);

    /// The name of the item, which may itself hold personal data.
    fn name(&mut self, item: &ItemPath);

    fn finish(self: Box<Self>, protection: &Protection, exposure: &Exposure) -> Judgement;
}

/// What is known of an item before it is read.
pub struct Facts {
    pub item: ItemPath,
    pub size: u64,
    pub modified: Option<String>,
    pub exposure: Exposure,
    pub protection: Option<Protection>,
    /// The media type that its container gives it.
    pub declared: Option<String>,
    /// Containers around it.
    pub depth: u32,
}

/// The bytes of an item.
pub enum Content<'a> {
    Stream(&'a mut dyn Read),
    Seekable(&'a mut dyn ReadSeek, u64),
    /// What is around it pushes what it holds; its media type.
    Pushed(&'a mut ReadItem<'a>, &'static str),
}

/// Reads one file on the share with all its members. Records of members go to `emit` as
/// they are done; that of the file itself is returned, and comes last.
pub struct Reading<'a> {
    pub inspect: &'a dyn Inspect,
    pub budget: &'a Budget,
    pub emit: &'a mut dyn FnMut(ItemRecord),
}

impl Reading<'_> {
    /// The record of the item, and the budget that is spent if the whole file ends here.
    pub fn read(&mut self, facts: Facts, content: Content<'_>) -> (ItemRecord, Option<Reason>) {
        let inspect = self.inspect;
        let passwords = self.budget.passwords();
        let (scope, is_note) = (passwords.begin(), is_note(&facts));
        let mut reading = ItemReading {
            inspection: inspect.begin(&facts.item),
            reading: self,
            protection: facts.protection.clone(),
            facts,
            media_type: Format::Binary.media_type(),
            reasons: Vec::new(),
            problems: Vec::new(),
            delivered: false,
            spent: None,
        };
        let result = crash::catch(|| reading.run(content));
        let ended = reading.finish(result);
        passwords.end(scope, is_note);
        ended
    }
}

struct ItemReading<'r, 'a> {
    reading: &'r mut Reading<'a>,
    inspection: Box<dyn Inspection + 'r>,
    facts: Facts,
    media_type: &'static str,
    protection: Option<Protection>,
    reasons: Vec<Reason>,
    problems: Vec<Problem>,
    /// Text or a member came out.
    delivered: bool,
    /// The budget that ended the whole file.
    spent: Option<Reason>,
}

/// How a run ended when no error did.
enum Ended {
    Read,
    /// There is no reader for the format.
    NoReader(Reason),
}

impl<'a> ItemReading<'_, 'a> {
    fn run(&mut self, content: Content<'_>) -> Result<Ended, ReadError> {
        let budget = self.reading.budget;
        match content {
            Content::Seekable(file, size) => {
                let head = head_of(file, size)?;
                if head.len() as u64 == size && size < HEAD {
                    // All of it is here.
                    return self.run_seekable(&head, &mut io::Cursor::new(&head), size);
                }
                file.rewind()?;
                self.run_seekable(&head, file, size)
            }
            Content::Stream(stream) => {
                let counted = Cell::new(0);
                let mut stream = Counted { inner: stream, count: &counted };
                let head = head_of(&mut stream, HEAD)?;
                let format = self.identify(&head);
                let mut whole = io::Cursor::new(&head).chain(&mut stream);
                let ended = match readers::reader(format) {
                    Some(reader) if reader.access() == Access::Stream => {
                        self.media_type = format.media_type();
                        let name = self.facts.item.name().clone();
                        let mut input = Input::stream(&mut whole, budget, name, self.facts.depth);
                        self.run_reader(reader, &mut input)
                    }
                    Some(_) => {
                        let (mut scratch, size) = Scratch::fill(&mut whole, budget.limits().member_bytes)?;
                        self.facts.size = size;
                        return self.run_seekable(&head, &mut scratch, size);
                    }
                    None => {
                        let ended = self.no_reader(format, &head, &[], None);
                        self.fragments(format, &mut whole).map(|()| ended)
                    }
                };
                // A declared size is hostile; what came out is not.
                self.facts.size = self.facts.size.max(counted.get());
                ended
            }
            Content::Pushed(push, media_type) => {
                self.media_type = media_type;
                push(self)?;
                Ok(Ended::Read)
            }
        }
    }

    /// Bytes first, name second. A message that begins with the `From ` line of its mailbox
    /// looks like a mailbox, and one with unusual headers like a text: there the container knows.
    fn identify(&self, head: &[u8]) -> Format {
        let is_message = self.facts.declared.as_deref() == Some(Format::Mail.media_type());
        match identify::identify(head, self.facts.item.name()) {
            Format::Mbox | Format::Text if is_message => Format::Mail,
            format => format,
        }
    }

    fn run_seekable(&mut self, head: &[u8], file: &mut dyn ReadSeek, size: u64) -> Result<Ended, ReadError> {
        let mut format = self.identify(head);
        if identify::is_zip_family(format) {
            let name = self.facts.item.name().clone();
            let kind = {
                let mut input = Input::seekable(&mut *file, size, self.reading.budget, name, self.facts.depth);
                zip::kind(&mut input, self.reading.budget)
            };
            format = match kind {
                Ok(kind) => kind,
                Err(ReadError::Budget(reason)) => return Err(ReadError::Budget(reason)),
                Err(_) => Format::Zip,
            };
        }
        self.media_type = format.media_type();
        let holds_archive = surplus::may_be(format) && self.surplus(format, head, file, size)?;
        file.rewind()?;
        let name = self.facts.item.name().clone();
        let mut input = Input::seekable(file, size, self.reading.budget, name, self.facts.depth);
        let ended = if let Some(reader) = readers::reader(format) {
            self.run_reader(reader, &mut input)
        } else {
            let tail = zip::bytes_at(&mut input, size.saturating_sub(8), 8)?;
            Ok(self.no_reader(format, head, &tail, Some(size)))
        };
        if holds_archive && !matches!(ended, Err(ReadError::Budget(reason)) if ends_the_file(reason)) {
            input.rewind()?;
            self.run_reader(&zip::Zip, &mut input)?;
        } else {
            self.fragments(format, &mut input)?;
        }
        ended
    }

    /// Reads what the file holds beside what its format says: comments, and bytes before and
    /// after. True if an archive stands behind something else.
    fn surplus(&mut self, format: Format, head: &[u8], file: &mut dyn ReadSeek, size: u64) -> Result<bool, ReadError> {
        let budget = self.reading.budget;
        let mut input = Input::seekable(file, size, budget, self.facts.item.name().clone(), self.facts.depth);
        let surplus = match surplus::find(format, head, &mut input, budget) {
            Ok(surplus) => surplus,
            Err(ReadError::Budget(reason)) => return Err(ReadError::Budget(reason)),
            // The reader will meet the same fault and tell it.
            Err(_) => return Ok(false),
        };
        if !surplus.comments.is_empty() {
            // A comment is not the content: it leaves open whether that could be read.
            let delivered = self.delivered;
            self.text(surplus.comments)?;
            self.delivered = delivered;
        }
        for (name, range) in surplus.bytes {
            budget.spend_member()?;
            input.seek(SeekFrom::Start(range.start))?;
            let length = range.end.saturating_sub(range.start);
            let member = Member { size: Some(length), ..Member::new(name) };
            self.member(member, &mut (&mut input).take(length))?;
        }
        Ok(surplus.is_archive)
    }

    fn run_reader(&mut self, reader: &dyn Reader, input: &mut Input<'_>) -> Result<Ended, ReadError> {
        let budget: &'a Budget = self.reading.budget;
        reader.read(input, budget, self)?;
        Ok(Ended::Read)
    }

    fn no_reader(&mut self, format: Format, head: &[u8], tail: &[u8], size: Option<u64>) -> Ended {
        self.media_type = format.media_type();
        if format == Format::Empty {
            return Ended::Read;
        }
        let reason = super::formats::reason_of_unread(format);
        // An image that only its name tells may be a sealed volume.
        let is_marked = format == Format::DiskImage && identify::identify(head, &Name::default()) == format;
        if !is_marked {
            let random = sealed::unmarked(format, head, tail, size, self.facts.item.name());
            self.protection = random.or(self.protection.take());
        }
        Ended::NoReader(reason)
    }

    /// The runs of characters in what no reader knows, if they are asked for.
    fn fragments(&mut self, format: Format, content: &mut dyn Read) -> Result<(), ReadError> {
        let is_searched = matches!(format, Format::Binary | Format::Database | Format::Executable);
        let budget = self.reading.budget;
        if !is_searched || !budget.limits().strings || self.protection.is_some() {
            return Ok(());
        }
        let mut writer = TextWriter::new(self);
        let end = fragments::write(content, budget, &mut writer);
        writer.finish()?;
        end
    }

    fn finish(mut self, result: Result<Result<Ended, ReadError>, String>) -> (ItemRecord, Option<Reason>) {
        let failed = match result {
            Ok(Ok(Ended::Read)) => None,
            Ok(Ok(Ended::NoReader(reason))) => {
                self.reasons.push(reason);
                let outcome = if self.delivered { Outcome::ReadInPart } else { Outcome::Skipped };
                return self.close(outcome);
            }
            Ok(Err(error)) => {
                let reason = error.reason();
                if reason != Reason::Encrypted {
                    self.problem(Stage::Open, reason, error.to_string());
                }
                if ends_the_file(reason) {
                    self.spent = Some(reason);
                }
                Some(reason)
            }
            Err(place) => {
                self.problem(Stage::Open, Reason::Crashed, format!("the reader stopped at {place}"));
                Some(Reason::Crashed)
            }
        };
        let outcome = match failed {
            None if self.reasons.is_empty() => Outcome::Read,
            None => Outcome::ReadInPart,
            Some(reason) => {
                self.reasons.push(reason);
                if self.delivered { Outcome::ReadInPart } else { Outcome::Unreadable }
            }
        };
        self.close(outcome)
    }

    fn close(mut self, outcome: Outcome) -> (ItemRecord, Option<Reason>) {
        self.reasons.sort_unstable();
        self.reasons.dedup();
        let protection = match self.protection {
            Some(protection) => protection,
            None if outcome == Outcome::Unreadable => Protection::unknown("the content could not be read"),
            None => Protection::default(),
        };
        let protection = match self.reading.budget.passwords().claim(self.facts.item.name(), &protection) {
            Some(key) if self.reasons.contains(&Reason::Encrypted) => key.weaken(protection),
            _ => protection,
        };
        let Facts { item, size, modified, exposure, .. } = self.facts;
        let mut inspection = self.inspection;
        let judged = crash::catch(|| {
            inspection.name(&item);
            inspection.finish(&protection, &exposure)
        });
        let mut outcome = outcome;
        let judgement = judged.unwrap_or_else(|place| {
            outcome = Outcome::ReadInPart;
            self.reasons.push(Reason::Crashed);
            let message = format!("the classification stopped at {place}");
            self.problems.push(Problem { item: item.clone(), stage: Stage::Judge, code: Reason::Crashed, message });
            Judgement::default()
        });
        let record = ItemRecord {
            item,
            size,
            modified,
            media_type: self.media_type.into(),
            content: None,
            outcome: Some(outcome),
            reasons: self.reasons,
            protection,
            exposure,
            categories: judgement.categories,
            severity: judgement.severity,
            subjects: judgement.subjects,
            subjects_beyond: judgement.subjects_beyond,
            findings: judgement.findings,
            findings_beyond: judgement.findings_beyond,
            problems: self.problems,
        };
        (record, self.spent)
    }

    fn problem(&mut self, stage: Stage, code: Reason, message: String) {
        // Messages of parsers are short; a long one would be content.
        let message = message.chars().filter(|c| !c.is_control()).take(200).collect();
        self.problems.push(Problem { item: self.facts.item.clone(), stage, code, message });
    }

    fn member_facts(&self, member: &Member) -> Facts {
        Facts {
            item: self.facts.item.member(member.name.clone()),
            size: 0,
            modified: member.modified.clone(),
            exposure: self.facts.exposure.clone(),
            protection: member.protection.clone().or_else(|| self.opened_by_key()),
            declared: member.media_type.clone(),
            depth: self.facts.depth + 1,
        }
    }

    /// What lies in something that a password opened is no better protected than that.
    fn opened_by_key(&self) -> Option<Protection> {
        self.protection.clone().filter(|own| own.key.as_ref().is_some_and(|key| key.opens))
    }

    fn read_member(&mut self, member: &Member, content: Content<'_>) -> Result<(), ReadError> {
        let facts = self.member_facts(member);
        self.delivered = true;
        if let Err(reason) = self.reading.budget.may_enter(facts.depth) {
            self.emit_unread(facts, Outcome::Skipped, reason, "containers nested deeper than the limit");
            return Ok(());
        }
        let has_bytes = !matches!(content, Content::Pushed(..));
        let (mut record, spent) = self.reading.read(facts, content);
        let is_declared = record.outcome() == Outcome::Skipped || !has_bytes;
        record.size = record.size.max(member.size.filter(|_| is_declared).unwrap_or(0));
        (self.reading.emit)(record);
        match spent {
            Some(reason) => Err(ReadError::Budget(reason)),
            None => Ok(()),
        }
    }

    /// A member of which nothing is read.
    fn emit_unread(&mut self, facts: Facts, outcome: Outcome, reason: Reason, detail: &str) {
        let inspect = self.reading.inspect;
        let mut unread = ItemReading {
            inspection: inspect.begin(&facts.item),
            protection: facts.protection.clone(),
            reading: self.reading,
            facts,
            media_type: Format::Binary.media_type(),
            reasons: vec![reason],
            problems: Vec::new(),
            delivered: false,
            spent: None,
        };
        if !detail.is_empty() && reason != Reason::Encrypted {
            unread.problem(Stage::Open, reason, detail.to_owned());
        }
        let (record, _) = unread.close(outcome);
        (self.reading.emit)(record);
    }
}

impl Sink for ItemReading<'_, '_> {
    fn text(&mut self, text: Text) -> Result<(), ReadError> {
        // What was read before the time ran out counts.
        self.delivered |= !text.is_empty();
        let passwords = self.reading.budget.passwords();
        if matches!(self.media_type, "message/rfc822" | "application/vnd.ms-outlook") {
            passwords.tell(text.content(), KeyPlace::Mail, None);
        } else if is_note(&self.facts) {
            passwords.tell(text.content(), KeyPlace::Container, Some(self.facts.item.name()));
        }
        self.inspection.text(text);
        Ok(self.reading.budget.check()?)
    }

    fn member(&mut self, member: Member, content: &mut dyn Read) -> Result<(), ReadError> {
        self.read_member(&member, Content::Stream(content))
    }

    fn item(&mut self, member: Member, media_type: &'static str, read: &mut ReadItem<'_>) -> Result<(), ReadError> {
        self.read_member(&member, Content::Pushed(&mut |sink| read(sink), media_type))
    }

    fn member_unread(&mut self, member: Member, reason: Reason, detail: &str) {
        let mut facts = self.member_facts(&member);
        facts.size = member.size.unwrap_or(0);
        let outcome = match reason {
            Reason::Encrypted | Reason::Malformed | Reason::Truncated | Reason::IoError => Outcome::Unreadable,
            _ => Outcome::Skipped,
        };
        self.emit_unread(facts, outcome, reason, detail);
    }

    fn protection(&mut self, protection: Protection) {
        // A reader that finds nothing sealed does not know what lies around the item.
        let around = self.protection.as_ref().filter(|own| own.key.is_some() && protection.state == State::Plain);
        if around.is_none() {
            self.protection = Some(protection);
        }
    }

    fn refine(&mut self, media_type: &'static str) {
        self.media_type = media_type;
    }

    fn gap(&mut self, reason: Reason, detail: &str) {
        self.reasons.push(reason);
        self.problem(Stage::Extract, reason, detail.to_owned());
    }
}

/// A text in a container that is there to be read before its neighbours.
fn is_note(facts: &Facts) -> bool {
    let name = facts.item.name();
    facts.depth > 0
        && matches!(name.extension().as_str(), "txt" | "text" | "md" | "nfo" | "")
        && phrase::is_telling(&String::from_utf8_lossy(name.file_name()))
}

/// Whether a spent budget is that of the whole file rather than of one member.
fn ends_the_file(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::Timeout | Reason::TooManyBytes | Reason::RatioTooHigh | Reason::TooManyMembers | Reason::Interrupted
    )
}
