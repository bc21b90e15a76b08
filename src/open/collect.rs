//! A sink that keeps everything: for the tests of readers.
#![allow(clippy::unwrap_used, reason = "test code")]

use std::io::Read;

use crate::model::{Name, Protection, Reason, Text};

use super::budget::{Budget, Limits};
use super::input::Input;
use super::passwords::{Passwords, Secret};
use super::reader::{Member, ReadError, ReadItem, Reader, Sink};

/// What a reader pushed.
#[derive(Default, Debug)]
pub struct Collected {
    pub texts: Vec<Text>,
    pub members: Vec<(Member, Vec<u8>)>,
    /// Items without bytes of their own.
    pub items: Vec<(Member, Collected)>,
    pub unread: Vec<(Member, Reason)>,
    pub protection: Option<Protection>,
    pub media_type: Option<&'static str>,
    pub gaps: Vec<(Reason, String)>,
    pub error: Option<ReadError>,
}

impl Collected {
    pub fn content(&self) -> String {
        self.texts.iter().map(Text::content).collect()
    }

    pub fn member_names(&self) -> Vec<String> {
        self.members.iter().map(|(member, _)| member.name.to_string()).collect()
    }
}

impl Sink for Collected {
    fn text(&mut self, text: Text) -> Result<(), ReadError> {
        self.texts.push(text);
        Ok(())
    }

    fn member(&mut self, member: Member, content: &mut dyn Read) -> Result<(), ReadError> {
        let mut bytes = Vec::new();
        content.take(64 << 20).read_to_end(&mut bytes)?;
        self.members.push((member, bytes));
        Ok(())
    }

    fn item(&mut self, member: Member, media_type: &'static str, read: &mut ReadItem<'_>) -> Result<(), ReadError> {
        let mut inner = Self { media_type: Some(media_type), ..Self::default() };
        inner.error = read(&mut inner).err();
        self.items.push((member, inner));
        Ok(())
    }

    fn member_unread(&mut self, member: Member, reason: Reason, _detail: &str) {
        self.unread.push((member, reason));
    }

    fn protection(&mut self, protection: Protection) {
        self.protection = Some(protection);
    }

    fn refine(&mut self, media_type: &'static str) {
        self.media_type = Some(media_type);
    }

    fn gap(&mut self, reason: Reason, detail: &str) {
        self.gaps.push((reason, detail.to_owned()));
    }
}

/// Runs a reader over bytes with default limits.
pub fn collect(reader: &dyn Reader, name: &str, bytes: &[u8]) -> Collected {
    collect_with(reader, name, bytes, Limits::default())
}

pub fn collect_with(reader: &dyn Reader, name: &str, bytes: &[u8], limits: Limits) -> Collected {
    collect_within(reader, name, bytes, Budget::new(limits, bytes.len() as u64, std::sync::Arc::default()))
}

/// With known passwords.
pub fn collect_knowing(reader: &dyn Reader, name: &str, bytes: &[u8], known: &[&str]) -> Collected {
    let passwords = Passwords::new(known.iter().map(|password| Secret::new(password)).collect(), Vec::new);
    let budget = Budget::new(Limits::default(), bytes.len() as u64, std::sync::Arc::default());
    collect_within(reader, name, bytes, budget.with_passwords(passwords))
}

fn collect_within(reader: &dyn Reader, name: &str, bytes: &[u8], budget: Budget) -> Collected {
    let mut input = Input::bytes(bytes, &budget, Name::from(name));
    let mut collected = Collected::default();
    collected.error = reader.read(&mut input, &budget, &mut collected).err();
    collected
}
