//! Runs the content streams of a PDF page and notes every character with its position; nothing is painted.

use std::collections::HashSet;
use std::rc::Rc;

use hayro_font::kurbo::{Affine, Point};
use hayro_syntax::object::{Array, Dict, FromBytes, Name, Object, ObjectIdentifier, Stream, String as PdfString};
use hayro_syntax::page::{Page, Resources};

use crate::model::Reason;
use crate::open::budget::Budget;

use super::appearance;
use super::font::{Fonts, TextFont};
use super::operators::{Operand, Operators, Piece};
use super::resources::Around;
use super::stream;
use super::string;

/// Forms within forms.
const MAX_DEPTH: u32 = 16;
/// Saved graphics states.
const MAX_STATES: usize = 512;
const MAX_GLYPHS: usize = 2_000_000;
/// Operators of one page, those of its forms counted each time they are drawn.
const MAX_OPERATORS: u32 = 50_000_000;
/// Decoded bytes of one content stream.
const MAX_CONTENT: usize = 256 << 20;
/// The same of one page, a form each time that it is drawn.
const MAX_CONTENT_OF_PAGE: usize = 1 << 30;
/// A picture with fewer pixels is decoration.
const MIN_PIXELS: f64 = 10_000.0;
/// A replacement text for more characters than this describes them and does not spell them.
const MAX_REPLACED: usize = 64;

/// One character (or ligature) where it is drawn, in the coordinates of the page: y points up.
#[derive(Clone, Copy, Debug)]
pub(in crate::extract) struct Glyph {
    /// Range of its characters in [`PageText::text`]; empty when they are unknown.
    pub(in crate::extract) start: usize,
    pub(in crate::extract) end: usize,
    pub(in crate::extract) x: f64,
    pub(in crate::extract) y: f64,
    /// The way to the next character, without extra spacing.
    pub(in crate::extract) dx: f64,
    pub(in crate::extract) dy: f64,
    /// Height of the font.
    pub(in crate::extract) size: f64,
}

/// What the content of a page shows.
#[derive(Debug, Default)]
pub(in crate::extract) struct PageText {
    pub(in crate::extract) text: String,
    pub(in crate::extract) glyphs: Vec<Glyph>,
    /// Characters drawn in fonts that do not tell what they are: left out, or guessed.
    pub(in crate::extract) unknown: usize,
    /// Of these, the ones left out that are no blanks.
    pub(in crate::extract) lost: usize,
    /// The share of the page that its largest picture covers; none without a picture.
    pub(in crate::extract) picture: Option<f64>,
    /// What was left out.
    pub(in crate::extract) gap: Option<(Reason, &'static str)>,
}

#[derive(Clone)]
struct State<'a> {
    ctm: Affine,
    font: Option<Rc<TextFont<'a>>>,
    size: f64,
    char_space: f64,
    word_space: f64,
    /// Horizontal scaling, one is normal.
    stretch: f64,
    leading: f64,
    rise: f64,
}

/// A marked-content sequence.
struct Marked {
    replacement: Option<String>,
    first_glyph: usize,
}

/// A picture that the page shows.
pub(super) struct Shown<'a> {
    pub(super) stream: Stream<'a>,
    /// Names of colours.
    pub(super) resources: Resources<'a>,
    /// The share of the page that it covers.
    pub(super) share: f64,
    /// Its upper edge: `y` points up.
    pub(super) top: f64,
}

/// Pictures of one page; those that are drawn again are counted again.
const MAX_PICTURES: usize = 256;

struct Interpreter<'a, 'b> {
    fonts: &'b mut Fonts<'a>,
    budget: &'b Budget,
    /// Where names are looked up that the resources at hand do not know.
    around: Around<'a, 'b>,
    page: PageText,
    pictures: Vec<Shown<'a>>,
    /// The way over the last glyph by its font, where the document does not tell its width.
    narrower: Option<(f64, f64)>,
    /// Forms within forms, up to the one that is being read.
    drawing: Vec<ObjectIdentifier>,
    /// Patterns whose content was read.
    patterns: HashSet<ObjectIdentifier>,
    area: f64,
    operators: u32,
    /// Bytes of content so far.
    decoded: usize,
}

/// The content of a page and the appearances of its annotations, and the pictures it shows.
pub(super) fn read_page<'a>(
    page: &Page<'a>,
    fonts: &mut Fonts<'a>,
    budget: &Budget,
) -> Result<(PageText, Vec<Shown<'a>>), Reason> {
    let (width, height) = page.base_dimensions();
    let mut interpreter = Interpreter {
        fonts,
        budget,
        around: Around::new(page),
        narrower: None,
        drawing: Vec::new(),
        patterns: HashSet::new(),
        page: PageText::default(),
        pictures: Vec::new(),
        area: f64::from(width) * f64::from(height),
        operators: 0,
        decoded: 0,
    };
    let content = interpreter.content(page.raw());
    budget.spend_bytes(content.len() as u64)?;
    interpreter.run(&content, page.resources(), State::new(Affine::IDENTITY), 0)?;
    interpreter.annotations(page)?;
    Ok((interpreter.page, interpreter.pictures))
}

impl State<'_> {
    fn new(ctm: Affine) -> Self {
        Self { ctm, font: None, size: 1.0, char_space: 0.0, word_space: 0.0, stretch: 1.0, leading: 0.0, rise: 0.0 }
    }
}

impl<'a> Interpreter<'a, '_> {
    fn content(&mut self, page: &Dict<'a>) -> Vec<u8> {
        if let Some(stream) = page.get::<Stream<'a>>("Contents") {
            return self.decode(&stream).unwrap_or_default();
        }
        let mut content = Vec::new();
        if let Some(streams) = page.get::<Array<'a>>("Contents") {
            for stream in streams.iter::<Stream<'a>>().take(100_000) {
                if content.len() > MAX_CONTENT {
                    self.page.gap = Some((Reason::TooManyBytes, "content of a page that is too large"));
                    break;
                }
                content.extend_from_slice(&self.decode(&stream).unwrap_or_default());
                content.push(b'\n');
            }
        }
        content
    }

    fn decode(&mut self, stream: &Stream<'a>) -> Option<Vec<u8>> {
        let left = MAX_CONTENT_OF_PAGE.saturating_sub(self.decoded);
        match stream::decode(stream, MAX_CONTENT.min(left)) {
            Ok(bytes) => {
                self.decoded += bytes.len();
                Some(bytes.into_owned())
            }
            Err(stream::Fault::TooLarge) => {
                self.page.gap = Some((Reason::TooManyBytes, "content of a page that is too large"));
                None
            }
            Err(stream::Fault::Undecodable) => {
                self.page.gap = Some((Reason::Malformed, "content of a page that does not decode"));
                None
            }
        }
    }

    fn annotations(&mut self, page: &Page<'a>) -> Result<(), Reason> {
        let Some(annotations) = page.raw().get::<Array<'a>>("Annots") else { return Ok(()) };
        for annotation in annotations.iter::<Dict<'a>>().take(100_000) {
            self.budget.check()?;
            let Some(shown) = appearance::appearance(&annotation) else { continue };
            let Some(rect) = annotation.get::<[f64; 4]>("Rect") else { continue };
            let place = appearance::place(shown.dict(), rect);
            self.form(&shown, page.resources(), &State::new(place), 1)?;
        }
        Ok(())
    }

    fn form(&mut self, form: &Stream<'a>, outer: &Resources<'a>, state: &State<'a>, depth: u32) -> Result<(), Reason> {
        self.budget.check()?;
        if depth >= MAX_DEPTH {
            self.page.gap = Some((Reason::TooDeep, "forms within forms"));
            return Ok(());
        }
        // A form that draws itself says nothing new.
        let id = form.obj_id();
        if self.drawing.contains(&id) {
            return Ok(());
        }
        let Some(content) = self.decode(form) else { return Ok(()) };
        let matrix = form.dict().get::<[f64; 6]>("Matrix").map_or(Affine::IDENTITY, Affine::new);
        let mut state = state.clone();
        state.ctm *= matrix;
        self.drawing.push(id);
        let ran = match form.dict().get::<Dict<'a>>("Resources") {
            Some(own) => self.run(&content, &Resources::new(own), state, depth),
            None => self.run(&content, outer, state, depth),
        };
        self.drawing.pop();
        ran
    }

    /// The font of this name; one of which nothing is known if there is none.
    fn font(&mut self, resources: &Resources<'a>, name: &[u8]) -> Rc<TextFont<'a>> {
        let found = self.around.find(resources, |resources| self.fonts.named(resources, name));
        found.unwrap_or_else(|| self.fonts.missing())
    }

    fn drawn(&self, resources: &Resources<'a>, name: &[u8]) -> Option<Stream<'a>> {
        self.around.find(resources, |resources| resources.x_objects.get::<Stream<'a>>(name))
    }

    /// Reads what a pattern shows, once a page however often it is repeated.
    fn pattern(&mut self, resources: &Resources<'a>, name: &[u8], depth: u32) -> Result<(), Reason> {
        let Some(pattern) = resources.patterns.get::<Stream<'a>>(name) else { return Ok(()) };
        if self.patterns.insert(pattern.obj_id()) {
            self.form(&pattern, resources, &State::new(Affine::IDENTITY), depth + 1)?;
        }
        Ok(())
    }

    fn run(&mut self, content: &[u8], resources: &Resources<'a>, state: State<'a>, depth: u32) -> Result<(), Reason> {
        let mut state = state;
        let mut saved: Vec<State<'a>> = Vec::new();
        let mut marked: Vec<Marked> = Vec::new();
        let mut line = Affine::IDENTITY;
        let mut pen = Affine::IDENTITY;
        let mut operators = Operators::new(content);
        while let Some(operator) = operators.next() {
            self.operators += 1;
            if self.operators.is_multiple_of(4096) {
                self.budget.check()?;
            }
            if self.operators > MAX_OPERATORS || self.page.glyphs.len() > MAX_GLYPHS {
                self.page.gap = Some((Reason::TooManyBytes, "a page with too much on it"));
                return Ok(());
            }
            match operator {
                b"q" if saved.len() < MAX_STATES => saved.push(state.clone()),
                b"Q" => state = saved.pop().unwrap_or(state),
                b"cm" => {
                    if let Some(matrix) = operators.numbers() {
                        state.ctm *= Affine::new(matrix);
                    }
                }
                b"BT" => {
                    line = Affine::IDENTITY;
                    pen = line;
                }
                b"Tf" => {
                    if let (Some(name), Some(size)) = (operators.name_operand(1), operators.number_at(0)) {
                        state.font = Some(self.font(resources, name));
                        state.size = size;
                    }
                }
                b"gs" => {
                    let settings =
                        operators.name_operand(0).and_then(|name| resources.ext_g_states.get::<Dict<'a>>(name));
                    if let Some(font) = settings.and_then(|settings| settings.get::<Array<'a>>("Font")) {
                        let mut items = font.iter::<Object<'a>>();
                        if let (Some(Object::Dict(font)), Some(Object::Number(size))) = (items.next(), items.next()) {
                            state.font = Some(self.fonts.direct(&font));
                            state.size = size.as_f64();
                        }
                    }
                }
                b"Tc" => state.char_space = operators.number_at(0).unwrap_or(state.char_space),
                b"Tw" => state.word_space = operators.number_at(0).unwrap_or(state.word_space),
                b"Tz" => state.stretch = operators.number_at(0).map_or(state.stretch, |percent| percent / 100.0),
                b"TL" => state.leading = operators.number_at(0).unwrap_or(state.leading),
                b"Ts" => state.rise = operators.number_at(0).unwrap_or(state.rise),
                b"Td" | b"TD" => {
                    if let Some([x, y]) = operators.numbers() {
                        if operator == b"TD" {
                            state.leading = -y;
                        }
                        line *= Affine::translate((x, y));
                        pen = line;
                    }
                }
                b"Tm" => {
                    if let Some(matrix) = operators.numbers() {
                        line = Affine::new(matrix);
                        pen = line;
                    }
                }
                b"T*" | b"'" | b"\"" => {
                    line *= Affine::translate((0.0, -state.leading));
                    pen = line;
                    if operator == b"\"" {
                        state.word_space = operators.number_at(2).unwrap_or(state.word_space);
                        state.char_space = operators.number_at(1).unwrap_or(state.char_space);
                    }
                    if let Some(text) = operators.string() {
                        self.show(text, &state, &mut pen);
                    }
                }
                b"Tj" => {
                    if let Some(text) = operators.string() {
                        self.show(text, &state, &mut pen);
                    }
                }
                b"TJ" => {
                    let horizontal = state.font.as_ref().is_none_or(|font| font.is_horizontal());
                    for piece in operators.pieces() {
                        match piece {
                            Piece::String(text) => self.show(text, &state, &mut pen),
                            Piece::Shift(shift) => {
                                if *shift > 0.0 {
                                    self.narrow();
                                }
                                let shift = -shift / 1000.0 * state.size;
                                let step = if horizontal { (shift * state.stretch, 0.0) } else { (0.0, shift) };
                                pen *= Affine::translate(step);
                            }
                        }
                    }
                }
                b"Do" => {
                    if let Some(object) = operators.name_operand(0).and_then(|name| self.drawn(resources, name)) {
                        let subtype = object.dict().get::<Name<'_>>("Subtype");
                        match subtype.as_ref().map(AsRef::as_ref) {
                            Some(b"Image") => {
                                let side = |key| object.dict().get::<f64>(key).unwrap_or(0.0);
                                if self.picture(side("Width") * side("Height"), &state)
                                    && self.pictures.len() < MAX_PICTURES
                                {
                                    self.pictures.push(Shown {
                                        resources: resources.clone(),
                                        share: self.share(&state),
                                        top: [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]
                                            .map(|corner| (state.ctm * Point::from(corner)).y)
                                            .into_iter()
                                            .fold(f64::NEG_INFINITY, f64::max),
                                        stream: object,
                                    });
                                }
                            }
                            Some(b"PS") => {}
                            _ => self.form(&object, resources, &state, depth + 1)?,
                        }
                    }
                }
                b"scn" | b"SCN" => {
                    if let Some(name) = operators.name_operand(0) {
                        self.pattern(resources, name, depth)?;
                    }
                }
                b"BI" => {
                    let side = |names| operators.entry(names).unwrap_or(0.0);
                    self.picture(side([b"W", b"Width"]) * side([b"H", b"Height"]), &state);
                }
                b"BMC" => marked.push(Marked { replacement: None, first_glyph: self.page.glyphs.len() }),
                b"BDC" => {
                    let properties = match operators.operand(0) {
                        Some(Operand::Dict(dict)) => Dict::from_bytes(dict).and_then(|dict| actual_text(&dict)),
                        Some(Operand::Name(name)) => {
                            resources.properties.get::<Dict<'a>>(name).and_then(|dict| actual_text(&dict))
                        }
                        _ => None,
                    };
                    marked.push(Marked { replacement: properties, first_glyph: self.page.glyphs.len() });
                }
                b"EMC" => {
                    if let Some(Marked { replacement: Some(text), first_glyph }) = marked.pop() {
                        self.replace(&text, first_glyph);
                    }
                }
                _ => {}
            }
            if marked.len() > MAX_STATES {
                marked.clear();
            }
        }
        Ok(())
    }

    fn share(&self, state: &State<'a>) -> f64 {
        state.ctm.determinant().abs() / self.area.max(1.0)
    }

    /// Whether it is more than decoration.
    fn picture(&mut self, pixels: f64, state: &State<'a>) -> bool {
        if pixels >= MIN_PIXELS {
            let share = self.share(state);
            self.page.picture = Some(self.page.picture.unwrap_or(0.0).max(share));
        }
        pixels >= MIN_PIXELS
    }

    fn show(&mut self, bytes: &[u8], state: &State<'a>, pen: &mut Affine) {
        let Some(font) = &state.font else { return };
        let horizontal = font.is_horizontal();
        let scale = Affine::new([state.size * state.stretch, 0.0, 0.0, state.size, 0.0, state.rise]);
        let [xx, xy, yx, yy, ..] = (state.ctm * *pen * scale).as_coeffs();
        let along = if horizontal { xx.hypot(xy) } else { yx.hypot(yy) };
        let size = if along > 0.0 { (xx * yy - xy * yx).abs() / along * font.height / 1000.0 } else { 0.0 };
        let mut at = 0;
        while let Some((code, length)) = font.next_code(bytes, at) {
            let start = self.page.text.len();
            let found = font.code(code, &mut self.page.text);
            let end = self.page.text.len();
            let (right, down) = (f64::from(found.advance.0) / 1000.0, f64::from(found.advance.1) / 1000.0);
            let origin = state.ctm * *pen * Point::new(0.0, state.rise);
            let (dx, dy) = if horizontal { (xx * right, xy * right) } else { (yx * down, yy * down) };
            let mut glyph = Glyph { start, end, x: origin.x, y: origin.y, dx, dy, size };
            if dx == 0.0 && dy == 0.0 && along > 0.0 {
                // The direction still counts.
                let (ux, uy) = if horizontal { (xx, xy) } else { (yx, yy) };
                (glyph.dx, glyph.dy) = (ux / along * 1e-6, uy / along * 1e-6);
            }
            self.page.unknown += usize::from(found.is_unsure);
            self.page.lost += usize::from(found.is_lost);
            if glyph.x.is_finite() && glyph.y.is_finite() && glyph.size.is_finite() && glyph.dx.is_finite() {
                self.page.glyphs.push(glyph);
                let width = found.width.filter(|_| horizontal).map(|width| f64::from(width) / 1000.0);
                self.narrower = width.map(|width| (xx * width, xy * width));
            }
            let space = state.char_space + if length == 1 && code == 32 { state.word_space } else { 0.0 };
            let step = if horizontal {
                ((right * state.size + space) * state.stretch, 0.0)
            } else {
                (0.0, down * state.size + space)
            };
            *pen *= Affine::translate(step);
            at += length;
            if self.page.glyphs.len() > MAX_GLYPHS {
                return;
            }
        }
    }

    /// Gives the last glyph its own width: the pen goes back after it.
    fn narrow(&mut self) {
        if let (Some(glyph), Some(own)) = (self.page.glyphs.last_mut(), self.narrower.take()) {
            (glyph.dx, glyph.dy) = own;
        }
    }

    /// Puts the text that a marked sequence stands for in the place of its characters.
    fn replace(&mut self, text: &str, first: usize) {
        let Some(covered) = self.page.glyphs.get(first..) else { return };
        let (Some(head), Some(tail)) = (covered.first().copied(), covered.last().copied()) else { return };
        let all_unknown = covered.iter().all(|glyph| glyph.start == glyph.end);
        if covered.len() > MAX_REPLACED && !all_unknown {
            return;
        }
        let start = self.page.text.len();
        self.page.text.push_str(text);
        let end = self.page.text.len();
        let (dx, dy) = (tail.x + tail.dx - head.x, tail.y + tail.dy - head.y);
        // A sequence that turns a corner has no one direction.
        let straight = dx * head.dx + dy * head.dy > 0.0 && (dx * head.dy - dy * head.dx).abs() < 1e-3;
        let (dx, dy) = if straight { (dx, dy) } else { (head.dx, head.dy) };
        self.page.glyphs.truncate(first);
        self.page.glyphs.push(Glyph { start, end, dx, dy, ..head });
    }
}

/// The text that a marked sequence stands for.
fn actual_text(properties: &Dict<'_>) -> Option<String> {
    properties.get::<PdfString<'_>>("ActualText").map(|text| string::decode(text.as_bytes()))
}
