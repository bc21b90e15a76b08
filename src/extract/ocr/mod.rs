//! Reads the text in pictures: finds its lines, decides how the page is turned, reads each line, and puts them in order.

mod boxes;
mod codes;
mod crop;
mod ctc;
mod layout;
mod models;
mod mrz;
mod mrz_formats;
mod onnx;
pub(in crate::extract) mod report;

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rten::ThreadPool;

use crate::open::budget::Budget;
use crate::open::recognition::{Picture, Recognise, RecogniseError, Recognised};

use boxes::TextBox;
use crop::Turn;
use ctc::Reading;
use models::{Files, LINE_HEIGHT, Models};

/// The longest side on which text is looked for, in pixels: lines are then read at full size.
const LONGEST: usize = 960;
/// A short side below this is enlarged, as far as the longest allows.
const SHORTEST: usize = 736;
/// Mean and deviation of each colour on which the detection model was trained (ImageNet).
const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];
/// Boxes longer than this are of one line, and tell how it runs.
const LONG: f32 = 1.5;
/// Lines that are read to decide how the page is turned.
const SAMPLES: usize = 6;
/// Sample lines read with this confidence stand upright.
const UPRIGHT: f32 = 0.9;
/// Lines read with less are left out.
const LEGIBLE: f32 = 0.5;
/// Pixels of the longest strip.
const LONGEST_STRIP: usize = 3200;

/// Text recognition with models in a directory. They are loaded when the first picture comes.
pub struct Engine {
    files: Files,
    models: OnceLock<Result<Models, String>>,
    /// One thread each, for the workers that are reading: the runtime would take all processors.
    pools: Mutex<Vec<Arc<ThreadPool>>>,
}

/// A box with what it says.
struct Line {
    found: TextBox,
    turn: Turn,
    reading: Reading,
}

impl Engine {
    /// None if the models are not there.
    pub fn at(dir: &Path) -> Option<Self> {
        Some(Self { files: Files::open(dir)?, models: OnceLock::new(), pools: Mutex::default() })
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl Recognise for Engine {
    fn read(&self, picture: &Picture, budget: &Budget) -> Result<Recognised, RecogniseError> {
        let models = self.models.get_or_init(|| Models::load(&self.files));
        let models = models.as_ref().map_err(|fault| RecogniseError::Failed(fault.clone()))?;
        let free = self.pools.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let pool = free.unwrap_or_else(|| Arc::new(ThreadPool::with_num_threads(1)));
        let result = Page { models, pool: &pool, picture, budget }.read();
        self.pools.lock().unwrap_or_else(PoisonError::into_inner).push(pool);
        result
    }
}

/// One picture on its way through the models.
struct Page<'a> {
    models: &'a Models,
    pool: &'a Arc<ThreadPool>,
    picture: &'a Picture,
    budget: &'a Budget,
}

impl Page<'_> {
    fn read(&self) -> Result<Recognised, RecogniseError> {
        let boxes = self.boxes()?;
        let (turn, mut known) = self.turn(&boxes)?;
        let mut lines = Vec::with_capacity(boxes.len());
        for (at, found) in boxes.into_iter().enumerate() {
            let line = match known.remove(&at) {
                Some(reading) => Line { found, turn, reading },
                None => self.line(found, turn)?,
            };
            if !line.reading.text.trim().is_empty() {
                lines.push(line);
            }
        }
        let count = lines.len();
        lines.retain(|line| line.reading.confidence >= LEGIBLE);
        let illegible = count - lines.len();
        Ok(Recognised { paragraphs: layout::paragraphs(lines, turn), lines: count, illegible })
    }

    /// The boxes of text, in pixels of the picture.
    fn boxes(&self) -> Result<Vec<TextBox>, RecogniseError> {
        let (width, height) = (self.picture.width() as f32, self.picture.height() as f32);
        let grown = (SHORTEST as f32 / width.min(height)).max(1.0);
        let scale = grown.min(LONGEST as f32 / width.max(height));
        let side = |side: f32| (crop::whole((side * scale / 32.0).round()) * 32).max(32);
        let (columns, rows) = (side(width), side(height));
        let Some(small) = crop::scaled(self.picture, columns, rows) else { return Ok(Vec::new()) };
        let plane = columns * rows;
        let mut planes = Vec::with_capacity(plane * 3);
        for (colour, (mean, deviation)) in MEAN.iter().zip(DEVIATION).enumerate() {
            // Blue comes first.
            let parts = small.pixels().iter().skip(2 - colour).step_by(3);
            planes.extend(parts.map(|part| (f32::from(*part) / 255.0 - mean) / deviation));
        }
        self.budget.check().map_err(RecogniseError::Budget)?;
        let map = self.models.detect(planes, columns, rows, self.pool).map_err(RecogniseError::Failed)?;
        let (sx, sy) = (width / columns as f32, height / rows as f32);
        let mut found = boxes::find(&map, columns, rows);
        for one in &mut found {
            // The sides are scaled almost alike.
            (one.x, one.y) = (one.x * sx, one.y * sy);
            (one.width, one.height) = (one.width * sx, one.height * sy);
        }
        Ok(found)
    }

    /// How the page is turned: along the longer sides of most boxes; of the two ways that leaves,
    /// the one in which lines are read with more confidence. With it come the lines read so far, by
    /// their boxes.
    fn turn(&self, boxes: &[TextBox]) -> Result<(Turn, HashMap<usize, Reading>), RecogniseError> {
        let long = |found: &TextBox| found.width.max(found.height) >= LONG * found.width.min(found.height);
        let is_tall = |found: &TextBox| found.height > found.width;
        let sum = |tall: bool| -> f32 {
            let those = boxes.iter().filter(|found| long(found) && is_tall(found) == tall);
            those.map(|found| found.width.max(found.height)).sum()
        };
        let tall = sum(true) > sum(false);
        let mut samples: Vec<(usize, &TextBox)> =
            boxes.iter().enumerate().filter(|(_, found)| long(found) && is_tall(found) == tall).collect();
        // Long lines say more, but cost more.
        let ideal = |found: &TextBox| {
            let aspect = found.width.max(found.height) / found.width.min(found.height);
            (aspect.ln() - 8.0_f32.ln()).abs()
        };
        samples.sort_by(|a, b| ideal(a.1).total_cmp(&ideal(b.1)));
        samples.truncate(SAMPLES);
        let first = Turn::from(tall);
        let read = |turn: Turn| -> Result<(f32, HashMap<usize, Reading>), RecogniseError> {
            let (mut sum, mut characters) = (0.0, 0.0);
            let mut readings = HashMap::new();
            for (at, found) in &samples {
                let reading = self.recognise(found, turn)?;
                let count = reading.places.len() as f32;
                sum += reading.confidence * count;
                characters += count;
                readings.insert(*at, reading);
            }
            Ok((if characters > 0.0 { sum / characters } else { 0.0 }, readings))
        };
        let (confidence, readings) = read(first)?;
        if confidence >= UPRIGHT || samples.is_empty() {
            return Ok((first, readings));
        }
        let (other, turned) = read(first + 2)?;
        Ok(if other > confidence { (first + 2, turned) } else { (first, readings) })
    }

    /// Reads a box; one that stands across the page is tried both ways.
    fn line(&self, found: TextBox, turn: Turn) -> Result<Line, RecogniseError> {
        let (length, thickness) = crop::sides(&found, turn);
        if thickness < LONG * length {
            let reading = self.recognise(&found, turn)?;
            return Ok(Line { found, turn, reading });
        }
        let (down, up) = ((turn + 1) % 4, (turn + 3) % 4);
        let reading = self.recognise(&found, up)?;
        if reading.confidence >= UPRIGHT {
            return Ok(Line { found, turn: up, reading });
        }
        let other = self.recognise(&found, down)?;
        let better = if other.confidence > reading.confidence { (down, other) } else { (up, reading) };
        Ok(Line { found, turn: better.0, reading: better.1 })
    }

    fn recognise(&self, found: &TextBox, turn: Turn) -> Result<Reading, RecogniseError> {
        self.budget.check().map_err(RecogniseError::Budget)?;
        let (length, thickness) = crop::sides(found, turn);
        let width = crop::whole((LINE_HEIGHT as f32 * length / thickness.max(1.0)).round());
        let width = width.clamp(LINE_HEIGHT / 2, LONGEST_STRIP).next_multiple_of(8);
        let strip = crop::strip(self.picture, found, turn, width, LINE_HEIGHT);
        let steps = self.models.recognise(strip, width, self.pool).map_err(RecogniseError::Failed)?;
        Ok(self.models.alphabet.decode(&steps))
    }
}
