//! A file that is read from a share: in the pace that is allowed, and through faults that pass.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use crate::model::Reason;

use super::entry::Entry;
use super::fault::{self, Class};
use super::pace::Pace;

/// An open file. Reading it tries again what may pass, by opening the file once more.
pub struct OpenFile<'a> {
    entry: &'a Entry,
    pace: &'a Pace,
    stop: &'a AtomicBool,
    file: File,
    position: u64,
    fault: Option<Reason>,
}

impl<'a> OpenFile<'a> {
    pub fn open(entry: &'a Entry, pace: &'a Pace, stop: &'a AtomicBool) -> io::Result<Self> {
        let file = fault::retried(stop, |_| {
            let started = Instant::now();
            let opened = entry.open();
            pace.opened_in(started.elapsed());
            opened
        })?;
        Ok(Self { entry, pace, stop, file, position: 0, fault: None })
    }

    /// What the share failed to deliver, if it did, in the end.
    pub fn fault(&self) -> Option<Reason> {
        self.fault
    }

    /// Whether the open file is no longer what the walk met. A share that is down does not say so: that is a fault,
    /// and no change; any other error may be that of a file which was replaced.
    pub fn has_changed(&mut self) -> bool {
        match fault::retried(self.stop, |_| self.entry.is_unchanged(&self.file)) {
            Ok(is_unchanged) => !is_unchanged,
            Err(error) if fault::class(&error) == Class::Down => {
                self.fault = Some(fault::reason(&error));
                false
            }
            Err(_) => true,
        }
    }

    /// The same place of the file under its path; an error if that is another one by now.
    fn reopen(&mut self) -> io::Result<()> {
        let mut file = self.entry.open()?;
        if !self.entry.is_unchanged(&file)? {
            return Err(io::Error::other("the file changed while it was read"));
        }
        file.seek(SeekFrom::Start(self.position))?;
        self.file = file;
        Ok(())
    }
}

impl Read for OpenFile<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (mut last, stop) = (None, self.stop);
        let result = fault::retried(stop, |tries| {
            let is_stale = last.take().is_some_and(|class| class != Class::Again);
            if tries > 0 && is_stale {
                self.reopen()?;
            }
            self.file.read(buffer).inspect_err(|error| last = Some(fault::class(error)))
        });
        match &result {
            Ok(length) => {
                self.position += *length as u64;
                self.pace.after_bytes(*length, self.stop);
            }
            Err(error) => self.fault = Some(fault::reason(error)),
        }
        result
    }
}

impl Seek for OpenFile<'_> {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        let sought = self.file.seek(position)?;
        self.position = sought;
        Ok(sought)
    }
}
