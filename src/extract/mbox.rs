//! Splits a mailbox file into its messages.
//!
//! <https://www.rfc-editor.org/rfc/rfc4155>, in all its dialects: a message starts at a line `From ` after a blank one.

use std::io::{self, BufRead, BufReader, Read};

use crate::identify::Format;
use crate::open::budget::Budget;
use crate::open::input::{Access, Input};
use crate::open::reader::{Member, ReadError, Reader, Sink};

pub struct Mbox;

impl Reader for Mbox {
    fn name(&self) -> &'static str {
        "mbox"
    }

    fn version(&self) -> u32 {
        1
    }

    fn formats(&self) -> &'static [Format] {
        &[Format::Mbox]
    }

    fn access(&self) -> Access {
        Access::Stream
    }

    fn read(&self, input: &mut Input<'_>, budget: &Budget, sink: &mut dyn Sink) -> Result<(), ReadError> {
        let mut mailbox = Mailbox {
            reader: BufReader::with_capacity(128 * 1024, input),
            line: Vec::new(),
            after_blank: true,
            at_start: true,
            pending: false,
        };
        let mut number = 0u64;
        while !mailbox.reader.fill_buf()?.is_empty() || mailbox.pending {
            number += 1;
            budget.spend_member()?;
            let member = Member {
                media_type: Some(Format::Mail.media_type().to_owned()),
                ..Member::new(format!("message {number}"))
            };
            let mut message = Message { mailbox: &mut mailbox, started: false, ended: false, ready: false, handed: 0 };
            sink.member(member, &mut message)?;
            io::copy(&mut message, &mut io::sink())?;
        }
        Ok(())
    }
}

struct Mailbox<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
    after_blank: bool,
    at_start: bool,
    /// The line at hand starts the next message.
    pending: bool,
}

/// The bytes of one message.
struct Message<'a, R> {
    mailbox: &'a mut Mailbox<R>,
    started: bool,
    ended: bool,
    /// The line at hand belongs to this message.
    ready: bool,
    handed: usize,
}

impl<R: Read> Message<'_, R> {
    /// Makes the next line ready; false at the end of the message.
    fn advance(&mut self) -> io::Result<bool> {
        let mailbox = &mut *self.mailbox;
        if std::mem::take(&mut mailbox.pending) {
            self.started = true;
            return Ok(true);
        }
        mailbox.line.clear();
        let starts = mailbox.at_start;
        if (&mut mailbox.reader).take(64 * 1024).read_until(b'\n', &mut mailbox.line)? == 0 {
            return Ok(false);
        }
        mailbox.at_start = mailbox.line.ends_with(b"\n");
        let after_blank = std::mem::replace(&mut mailbox.after_blank, starts && mailbox.line.trim_ascii().is_empty());
        if starts && after_blank && is_separator(&mailbox.line) && std::mem::replace(&mut self.started, true) {
            mailbox.pending = true;
            return Ok(false);
        }
        self.started |= !mailbox.line.trim_ascii().is_empty();
        // `>From ` was `From ` before it went into the mailbox.
        let quotes = mailbox.line.iter().take_while(|byte| **byte == b'>').count();
        if starts && quotes > 0 && mailbox.line.get(quotes..).is_some_and(|rest| rest.starts_with(b"From ")) {
            mailbox.line.remove(0);
        }
        Ok(true)
    }
}

/// `From sender date`: with a year and a time, so that a sentence is not taken for it.
fn is_separator(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else { return false };
    let digits = rest.iter().filter(|byte| byte.is_ascii_digit()).count();
    let has_time = rest.windows(3).any(|w| matches!(w, [a, b':', b] if a.is_ascii_digit() && b.is_ascii_digit()));
    (digits >= 5 && has_time) || rest.trim_ascii() == b"???@???" || rest.starts_with(b"- ")
}

impl<R: Read> Read for Message<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.handed >= self.mailbox.line.len() || !self.ready {
            if self.ended || !self.advance()? {
                self.ended = true;
                return Ok(0);
            }
            self.ready = true;
            self.handed = 0;
        }
        let n = self.mailbox.line.get(self.handed..).unwrap_or_default().read(buffer)?;
        self.handed += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::collect::collect;

    const FROM: &str = "From mario@example.org Thu Jan  1 10:00:00 2026\n";

    fn check(mailbox: &str, expected: &[&str]) {
        let got = collect(&Mbox, "a.mbox", mailbox.as_bytes());
        assert!(got.error.is_none());
        let messages: Vec<_> =
            got.members.iter().map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned()).collect();
        assert_eq!(messages, expected);
    }

    #[test]
    fn messages_start_at_from_lines_after_blank_lines() {
        let one = format!("{FROM}Subject: a\n\nFrom here on\n\n");
        let two = format!("{FROM}Subject: b\n\ntext\n");
        check(&format!("{one}{two}"), &[&one, &two]);
        check(&format!("{two}{FROM}no blank line before\n"), &[&format!("{two}{FROM}no blank line before\n")]);
    }

    #[test]
    fn quoted_from_lines_are_as_they_were() {
        check(&format!("{FROM}\n\n>From me\n>>From you\n"), &[&format!("{FROM}\n\nFrom me\n>From you\n")]);
    }

    #[test]
    fn empty_cut_and_not_a_mailbox() {
        check("", &[]);
        check("Subject: x\n\nMario", &["Subject: x\n\nMario"]);
        check(&format!("{FROM}Subj"), &[&format!("{FROM}Subj")]);
        let long = format!("{FROM}\n{}\n", "x".repeat(300_000));
        check(&long, &[&long]);
    }
}
