//! The seam of text recognition: the pictures that readers hand over, and what reading them may cost.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::Reason;

use super::budget::Budget;

/// Which pictures are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum When {
    /// Pictures, and pages of documents that show a picture and no text.
    #[default]
    Auto,
    Off,
    /// Also the pictures of pages that have text.
    Always,
}

/// Text recognition as one scan has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Recognition {
    pub when: When,
    /// None if its models are not installed. Each process has its own.
    #[serde(skip)]
    pub engine: Option<Arc<dyn Recognise>>,
    /// What it may take for one file on the share, on top of the time of the file.
    pub time: Duration,
}

impl Default for Recognition {
    fn default() -> Self {
        Self { when: When::Auto, engine: None, time: Duration::from_mins(5) }
    }
}

impl Recognition {
    /// Whether pictures are read at all.
    pub fn is_on(&self) -> bool {
        self.when != When::Off && self.engine.is_some()
    }
}

/// Reads the text in pictures.
pub trait Recognise: fmt::Debug + Send + Sync {
    fn read(&self, picture: &Picture, budget: &Budget) -> Result<Recognised, RecogniseError>;
}

/// An upright or turned picture: three bytes a pixel, red, green, blue, row after row from the top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Picture {
    /// None if there are not as many pixels as the sides say.
    pub fn new(width: usize, height: usize, pixels: Vec<u8>) -> Option<Self> {
        let fits = width > 0 && height > 0 && width.checked_mul(height)?.checked_mul(3)? == pixels.len();
        fits.then_some(Self { width, height, pixels })
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn height(&self) -> usize {
        self.height
    }

    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The colour of a place; the nearest one inside for places outside.
    pub fn at(&self, x: usize, y: usize) -> [u8; 3] {
        let start = (y.min(self.height - 1) * self.width + x.min(self.width - 1)) * 3;
        match self.pixels.get(start..start + 3) {
            Some([red, green, blue]) => [*red, *green, *blue],
            _ => [255; 3],
        }
    }
}

/// What a picture says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recognised {
    /// In reading order; lines end with a line break, cells with a tab.
    pub paragraphs: Vec<String>,
    pub lines: usize,
    /// Lines that could not be read with any certainty; they are left out.
    pub illegible: usize,
}

/// Why a picture was not read.
#[derive(Debug, thiserror::Error)]
pub enum RecogniseError {
    #[error("budget spent: {}", .0.key())]
    Budget(Reason),
    #[error("{0}")]
    Failed(String),
}

/// What became of a picture.
#[derive(Debug)]
pub enum Seen {
    Read(Recognised),
    /// A gap of the item, and why.
    Unread(Reason, String),
}

impl Budget {
    /// Reads a picture within the time that is left for it. An error ends the file.
    pub fn recognise(&self, picture: &Picture) -> Result<Seen, Reason> {
        let engine = match self.may_recognise() {
            Ok(engine) => engine,
            Err((reason, detail)) => return Ok(Seen::Unread(reason, detail.to_owned())),
        };
        self.begin_recognition();
        let read = engine.read(picture, self);
        self.end_recognition();
        match read {
            Ok(recognised) => Ok(Seen::Read(recognised)),
            Err(RecogniseError::Budget(reason)) => {
                // Its own time may be over, and that of the file not.
                self.check()?;
                Ok(Seen::Unread(reason, "the time for text recognition in one file is used up".to_owned()))
            }
            Err(RecogniseError::Failed(detail)) => Ok(Seen::Unread(Reason::OcrUnavailable, detail)),
        }
    }

    /// The engine, or why no picture of this file is read any more.
    pub fn may_recognise(&self) -> Result<&dyn Recognise, (Reason, &'static str)> {
        let recognition = &self.limits().recognition;
        if recognition.when == When::Off {
            return Err((Reason::OcrUnavailable, "text recognition is switched off by --ocr off"));
        }
        let Some(engine) = &recognition.engine else {
            return Err((Reason::OcrUnavailable, "no text recognition is installed"));
        };
        if self.recognition_left().is_zero() {
            return Err((Reason::Timeout, "the time for text recognition in one file is used up"));
        }
        Ok(&**engine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::open::Limits;

    #[derive(Debug)]
    struct Slow;

    impl Recognise for Slow {
        fn read(&self, _picture: &Picture, budget: &Budget) -> Result<Recognised, RecogniseError> {
            std::thread::sleep(Duration::from_millis(300));
            budget.check().map_err(RecogniseError::Budget)?;
            std::thread::sleep(Duration::from_millis(300));
            Ok(Recognised { paragraphs: vec!["text".into()], ..Recognised::default() })
        }
    }

    fn budget(when: When, engine: Option<Arc<dyn Recognise>>) -> Budget {
        let recognition = Recognition { when, engine, time: Duration::from_millis(800) };
        Budget::new(Limits { recognition, time: Duration::from_millis(200), ..Limits::default() }, 1, Arc::default())
    }

    #[test]
    fn a_picture_holds_what_its_sides_say() {
        assert!(Picture::new(2, 1, vec![0; 6]).is_some());
        assert!(Picture::new(2, 1, vec![0; 5]).is_none());
        assert!(Picture::new(0, 1, vec![]).is_none());
        assert!(Picture::new(usize::MAX, 2, vec![]).is_none());
    }

    #[test]
    fn it_has_a_time_of_its_own_and_ends_with_it() {
        let picture = Picture::new(1, 1, vec![0; 3]).unwrap();
        let budget = budget(When::Auto, Some(Arc::new(Slow)));
        assert!(matches!(budget.recognise(&picture), Ok(Seen::Read(_))));
        assert_eq!(budget.check(), Ok(()), "the time of the file is not touched");
        assert!(matches!(budget.recognise(&picture), Ok(Seen::Unread(Reason::Timeout, _))), "ended in the middle");
        assert_eq!(budget.check(), Ok(()));
        assert!(matches!(budget.recognise(&picture), Ok(Seen::Unread(Reason::Timeout, _))), "not begun");
    }

    #[test]
    fn what_is_missing_or_switched_off_is_said() {
        let picture = Picture::new(1, 1, vec![0; 3]).unwrap();
        for budget in [budget(When::Off, Some(Arc::new(Slow))), budget(When::Always, None)] {
            assert!(matches!(budget.recognise(&picture), Ok(Seen::Unread(Reason::OcrUnavailable, _))));
        }
    }
}
