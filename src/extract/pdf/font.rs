//! The fonts of a PDF: which characters a code stands for, and how far it moves the pen.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use hayro_font::hayro_cmap::{BfString, CMap, CMapName, CidFamily};
use hayro_font::{CMapResolverFn, Font, FontCache, FontGlyph, FontQuery, FontResolverFn};
use hayro_syntax::object::{Array, Dict, Name, Object, Stream, String as PdfString};
use hayro_syntax::page::Resources;

use super::chinese;
use super::fallback::{Cids, Fallback};
use super::stream;

/// Streams of a font: character maps and font programs.
const FONT_BYTES: usize = 128 << 20;
/// Codes that the width table of one font may name; the standard knows 65,536.
const MAX_WIDTHS: u64 = 1 << 20;

/// What one code of a font means.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Code {
    /// Range of the characters in the font's own buffer.
    start: u32,
    end: u32,
    /// Advance in thousandths of the font size: along the line, and down for vertical writing.
    pub(super) advance: (f32, f32),
    /// How wide the glyph is by the font program, in the same measure, where the document does not tell.
    pub(super) width: Option<f32>,
    /// The characters are not known, or a guess.
    pub(super) is_unsure: bool,
    /// There are none, and the glyph is no blank.
    pub(super) is_lost: bool,
}

/// One font, with what was learned of its codes so far.
pub(super) struct TextFont<'a> {
    kind: Kind<'a>,
    codes: RefCell<Codes>,
    /// Height in thousandths of the font size, as far as the widths tell: the fonts that draw
    /// their glyphs by content streams (Type 3) have a unit of their own.
    pub(super) height: f64,
}

#[derive(Default)]
struct Codes {
    text: String,
    known: HashMap<u32, Code>,
}

enum Kind<'a> {
    Known {
        font: Font<'a>,
        fallback: Box<Fallback>,
        dict: Dict<'a>,
        /// Its character map if that is damaged; read when a code is unknown.
        repaired: OnceCell<Option<Box<CMap>>>,
    },
    /// The font could not be loaded; its character map may still do.
    Unknown { two_bytes: bool, cmap: Option<Box<CMap>> },
    /// Chinese that passes for Western text: half as wide as high for each byte.
    Chinese,
}

/// The fonts of one document.
pub(super) struct Fonts<'a> {
    cache: FontCache<'a>,
    loaded: HashMap<Key, Rc<TextFont<'a>>>,
    font_resolver: FontResolverFn,
    cmap_resolver: CMapResolverFn,
}

#[derive(PartialEq, Eq, Hash)]
enum Key {
    Object(u32, i32),
    /// Address and length of a direct dictionary in the file.
    Direct(usize, usize),
    Missing,
}

impl<'a> Fonts<'a> {
    pub(super) fn new() -> Self {
        Self {
            cache: FontCache::new(),
            loaded: HashMap::new(),
            font_resolver: Arc::new(|query| match query {
                FontQuery::Standard(font) => Some(font.get_font_data()),
                FontQuery::Fallback(query) => Some(query.pick_standard_font().get_font_data()),
            }),
            cmap_resolver: Arc::new(hayro_cmap::load_embedded),
        }
    }

    /// The font that the resources hold under this name.
    pub(super) fn named(&mut self, resources: &Resources<'a>, name: &[u8]) -> Option<Rc<TextFont<'a>>> {
        if let Some(reference) = resources.fonts.get_ref(name) {
            let key = Key::Object(reference.obj_number, reference.gen_number);
            if let Some(font) = self.loaded.get(&key) {
                return Some(Rc::clone(font));
            }
            let dict: Dict<'a> = resources.fonts.get(name)?;
            return Some(self.load(key, &dict));
        }
        let dict: Dict<'a> = resources.fonts.get(name)?;
        Some(self.direct(&dict))
    }

    /// For a font that the document lacks: its codes are read as ASCII.
    pub(super) fn missing(&mut self) -> Rc<TextFont<'a>> {
        let load = || Rc::new(TextFont::new(Kind::Unknown { two_bytes: false, cmap: None }, 1000.0));
        Rc::clone(self.loaded.entry(Key::Missing).or_insert_with(load))
    }

    /// A font given as its dictionary.
    pub(super) fn direct(&mut self, dict: &Dict<'a>) -> Rc<TextFont<'a>> {
        let key = Key::Direct(dict.data().as_ptr() as usize, dict.data().len());
        match self.loaded.get(&key) {
            Some(font) => Rc::clone(font),
            None => self.load(key, dict),
        }
    }

    fn load(&mut self, key: Key, dict: &Dict<'a>) -> Rc<TextFont<'a>> {
        let font = Rc::new(self.read(dict));
        self.loaded.insert(key, Rc::clone(&font));
        font
    }

    fn read(&self, dict: &Dict<'a>) -> TextFont<'a> {
        let subtype = dict.get::<Name<'_>>("Subtype");
        let composite = subtype.as_ref().is_some_and(|name| name.as_ref() == b"Type0");
        if !composite && chinese::is_chinese(dict) {
            return TextFont::new(Kind::Chinese, 1000.0);
        }
        let loaded = if is_sane(dict) { self.cache.font(dict, &self.font_resolver, &self.cmap_resolver) } else { None };
        let kind = match loaded {
            Some(font) => Kind::Known {
                font,
                fallback: Box::new(if composite {
                    Fallback::composite(dict, self.cids(dict))
                } else {
                    Fallback::simple(dict)
                }),
                dict: dict.clone(),
                repaired: OnceCell::new(),
            },
            None => Kind::Unknown { two_bytes: composite, cmap: self.to_unicode(dict).map(Box::new) },
        };
        let is_type3 = subtype.is_some_and(|name| name.as_ref() == b"Type3");
        let height = if is_type3 { type3_height(dict).unwrap_or(1000.0) } else { 1000.0 };
        TextFont::new(kind, height)
    }

    fn to_unicode(&self, dict: &Dict<'a>) -> Option<CMap> {
        let data = to_unicode_data(dict)?;
        self.parse(&data).or_else(|| repaired(&data))
    }

    fn parse(&self, data: &[u8]) -> Option<CMap> {
        let resolver = Arc::clone(&self.cmap_resolver);
        CMap::parse(data, move |name| resolver(name))
    }

    fn predefined(&self, name: CMapName<'_>) -> Option<CMap> {
        self.parse((self.cmap_resolver)(name)?)
    }

    /// For composite fonts of a registered collection: Adobe publishes the characters of its CIDs.
    fn cids(&self, dict: &Dict<'a>) -> Option<Cids> {
        if dict.contains_key("ToUnicode") {
            return None;
        }
        let encoding = match dict.get::<Object<'_>>("Encoding")? {
            Object::Name(name) => match CMapName::from_bytes(name.as_ref()) {
                CMapName::IdentityH => CMap::identity_h(),
                CMapName::IdentityV => CMap::identity_v(),
                name => self.predefined(name)?,
            },
            Object::Stream(data) => self.parse(&stream::decode(&data, FONT_BYTES).ok()?)?,
            _ => return None,
        };
        let of_encoding = encoding.metadata().character_collection.as_ref().map(|found| found.family.clone());
        let family = match of_encoding {
            Some(family) if family.ucs2_cmap().is_some() => family,
            _ => {
                let descendants = dict.get::<Array<'_>>("DescendantFonts")?;
                let info = descendants.iter::<Dict<'_>>().next()?.get::<Dict<'_>>("CIDSystemInfo")?;
                let registry = info.get::<PdfString<'_>>("Registry")?;
                let ordering = info.get::<PdfString<'_>>("Ordering")?;
                CidFamily::from_registry_ordering(registry.as_bytes(), ordering.as_bytes())
            }
        };
        Some(Cids { encoding, characters: self.predefined(family.ucs2_cmap()?)? })
    }
}

impl<'a> TextFont<'a> {
    fn new(kind: Kind<'a>, height: f64) -> Self {
        Self { kind, codes: RefCell::default(), height }
    }

    pub(super) fn is_horizontal(&self) -> bool {
        match &self.kind {
            Kind::Known { font, .. } => font.is_horizontal(),
            Kind::Unknown { .. } | Kind::Chinese => true,
        }
    }

    /// The next code of a string and the bytes that it takes, at least one.
    pub(super) fn next_code(&self, bytes: &[u8], at: usize) -> Option<(u32, usize)> {
        let first = u32::from(*bytes.get(at)?);
        Some(match &self.kind {
            Kind::Known { font, .. } => {
                let (code, length) = font.read_code(bytes, at);
                (code, length.max(1))
            }
            Kind::Unknown { two_bytes: true, .. } => match bytes.get(at + 1) {
                Some(second) => (first << 8 | u32::from(*second), 2),
                None => (first, 1),
            },
            Kind::Unknown { two_bytes: false, .. } => (first, 1),
            Kind::Chinese => chinese::next_code(bytes, at)?,
        })
    }

    /// Appends the characters of a code; those of an unknown code are none.
    pub(super) fn code(&self, code: u32, out: &mut String) -> Code {
        let mut codes = self.codes.borrow_mut();
        let codes = &mut *codes;
        let found = codes.known.entry(code).or_insert_with(|| {
            let start = codes.text.len();
            let mut learned = self.learn(code, &mut codes.text);
            learned.start = u32::try_from(start).unwrap_or(u32::MAX);
            learned.end = u32::try_from(codes.text.len()).unwrap_or(u32::MAX);
            learned
        });
        out.push_str(codes.text.get(found.start as usize..found.end as usize).unwrap_or_default());
        *found
    }

    /// Appends the characters of a code, and tells the rest of it.
    fn learn(&self, code: u32, out: &mut String) -> Code {
        let start = out.len();
        match &self.kind {
            Kind::Known { font, fallback, dict, repaired: by_repair } => {
                let advance = font.code_advance(code);
                let glyph = font.map_code(code);
                let shape = font.glyph(glyph, code);
                let unicode = match &shape {
                    FontGlyph::Outline(outline) => outline.as_unicode(),
                    FontGlyph::Type3(procedure) => procedure.as_unicode(),
                };
                let overruled = fallback.overrules(code);
                if !overruled {
                    push(unicode, out);
                }
                if out.len() == start {
                    let cmap = by_repair.get_or_init(|| {
                        let data = to_unicode_data(dict)?;
                        let is_damaged = CMap::parse(&data, hayro_cmap::load_embedded).is_none();
                        is_damaged.then(|| repaired(&data)).flatten().map(Box::new)
                    });
                    push(cmap.as_ref().and_then(|cmap| cmap.lookup_bf_string(code)), out);
                }
                if out.len() == start {
                    push(fallback.known(code, glyph, &shape), out);
                }
                let is_unsure = out.len() == start;
                if is_unsure {
                    push(fallback.likely(code), out);
                }
                #[expect(clippy::cast_possible_truncation, reason = "a coordinate")]
                let advance = (advance.x as f32, advance.y as f32);
                let is_lost = is_unsure && out.len() == start && is_drawn(&shape);
                Code { advance, width: fallback.width(glyph, &shape), is_unsure, is_lost, ..Code::default() }
            }
            Kind::Unknown { two_bytes, cmap } => {
                push(cmap.as_ref().and_then(|cmap| cmap.lookup_bf_string(code)), out);
                let is_unsure = out.len() == start;
                if is_unsure && !two_bytes {
                    push(char::from_u32(code).filter(char::is_ascii).map(BfString::Char), out);
                }
                Code { advance: (500.0, 0.0), is_unsure, ..Code::default() }
            }
            Kind::Chinese => {
                push(chinese::character(code).map(BfString::Char), out);
                let is_lost = out.len() == start;
                let width = if code > 0xff { 1000.0 } else { 500.0 };
                Code { advance: (width, 0.0), is_unsure: is_lost, is_lost, ..Code::default() }
            }
        }
    }
}

/// Whether a glyph of a font program has an outline. What draws itself is mostly a sign.
fn is_drawn(shape: &FontGlyph<'_>) -> bool {
    matches!(shape, FontGlyph::Outline(outline) if !outline.outline().elements().is_empty())
}

fn to_unicode_data<'a>(dict: &Dict<'a>) -> Option<Cow<'a, [u8]>> {
    stream::decode(&dict.get::<Stream<'a>>("ToUnicode")?, FONT_BYTES).ok()
}

/// The sections of a damaged character map that are whole: the parser gives up at the first fault.
fn repaired(data: &[u8]) -> Option<CMap> {
    let parse = |section: &[u8]| CMap::parse(section, |_| None);
    let mut whole = Vec::new();
    let mut rest = data;
    // A section ends at the next word `end`, and with the data.
    while let Some(start) = memchr::memmem::find(rest, b"beginbf") {
        rest = rest.get(start..)?;
        let end = memchr::memmem::find(rest, b"endbf").map_or(rest.len(), |end| end + b"endbfrange".len());
        let section = rest.get(..end.min(rest.len()))?;
        if parse(section).is_some() {
            whole.extend_from_slice(section);
            whole.push(b'\n');
        }
        rest = rest.get(section.len()..)?;
    }
    if whole.is_empty() { None } else { parse(&whole) }
}

/// Letters are about half as wide as a font is high.
fn type3_height(font: &Dict<'_>) -> Option<f64> {
    let [scale, ..] = font.get::<[f64; 6]>("FontMatrix")?;
    let widths = font.get::<Array<'_>>("Widths")?;
    let widths: Vec<f64> = widths.iter::<f64>().take(256).map(f64::abs).filter(|width| *width > 0.0).collect();
    let mean = widths.iter().sum::<f64>() / widths.len().max(1) as f64;
    let height = mean * scale.abs() * 2.0 * 1000.0;
    (height > 0.0 && height.is_finite()).then_some(height)
}

/// Appends mapped characters as readers search for them: ligatures taken apart, no control characters.
fn push(unicode: Option<BfString>, out: &mut String) {
    let mut character = |c: char| match c {
        '\u{fb00}' => out.push_str("ff"),
        '\u{fb01}' => out.push_str("fi"),
        '\u{fb02}' => out.push_str("fl"),
        '\u{fb03}' => out.push_str("ffi"),
        '\u{fb04}' => out.push_str("ffl"),
        '\u{fb05}' | '\u{fb06}' => out.push_str("st"),
        '\t' | '\n' | '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => out.push(' '),
        // A soft hyphen that is drawn is a hyphen.
        '\u{ad}' | '\u{2010}' | '\u{2011}' => out.push('-'),
        c if c.is_control() || matches!(c, '\u{fffd}' | '\u{feff}') => {}
        c => out.push(c),
    };
    match unicode {
        Some(BfString::Char(c)) => character(c),
        Some(BfString::String(text)) => text.chars().for_each(character),
        None => {}
    }
}

/// Whether the width table is of a size that a font can have: a range of two numbers may
/// claim four thousand million codes.
fn is_sane(dict: &Dict<'_>) -> bool {
    let Some(descendants) = dict.get::<Array<'_>>("DescendantFonts") else {
        return dict.get::<i64>("FirstChar").is_none_or(|first| (0..=0xffff).contains(&first));
    };
    let Some(descendant) = descendants.iter::<Dict<'_>>().next() else { return true };
    ["W", "W2"].into_iter().all(|key| {
        let Some(widths) = descendant.get::<Array<'_>>(key) else { return true };
        let numbers_of_range = if key == "W" { 3 } else { 5 };
        let (mut run, mut first, mut sum) = (0_u32, 0_u64, 0_u64);
        for object in widths.iter::<Object<'_>>() {
            let Object::Number(number) = object else {
                run = 0;
                continue;
            };
            let number = u64::try_from(number.as_i64()).unwrap_or(0);
            match run {
                0 => first = number,
                1 => sum = sum.saturating_add(number.saturating_sub(first)),
                _ => {}
            }
            run = (run + 1) % numbers_of_range;
        }
        sum <= MAX_WIDTHS
    })
}

#[cfg(test)]
mod tests {
    use crate::extract::pdf::Pdf;
    use crate::extract::pdf::sample::Sample;
    use crate::open::collect::collect;

    /// What a string is read as in a font.
    #[track_caller]
    fn check(mut sample: Sample, font: &str, string: &str, expected: &str) {
        let font = sample.add(font);
        let resources = format!("/Resources<</Font<</F {font} 0 R>>>>");
        let sample = sample.page(&format!("BT /F 10 Tf 9 9 Td {string} Tj ET"), &resources);
        assert_eq!(collect(&Pdf, "a.pdf", &sample.bytes()).content(), expected);
    }

    #[test]
    fn embedded_fonts_without_encoding_follow_windows() {
        let font = |program: &str, encoding: &str| {
            let descriptor = format!("<</Type/FontDescriptor/FontName/X/Flags 4{program}>>");
            format!("<</Type/Font/Subtype/TrueType/BaseFont/X{encoding}/FontDescriptor{descriptor}>>")
        };
        let embedded = || {
            let mut sample = Sample::new();
            let program = sample.stream("", "damaged");
            (sample, format!("/FontFile2 {program} 0 R"))
        };
        let (sample, program) = embedded();
        check(sample, &font(&program, ""), "(Nicol\\303)", "NicolÃ\n");
        let (sample, program) = embedded();
        check(sample, &font(&program, "/Encoding/MacRomanEncoding"), "(Nicol\\303)", "Nicol√\n");
        check(Sample::new(), &font("", ""), "(Nicol\\361)", "Nicolæ\n");
    }

    #[test]
    fn hexadecimal_glyph_names() {
        let font = |names| format!("<</Type/Font/Subtype/Type1/BaseFont/X/Encoding<</Differences[65{names}]>>>>");
        check(Sample::new(), &font("/G4B/G61/GE9"), "(ABC)", "Kaé\n");
        check(Sample::new(), &font("/G75/G97/G114"), "(ABC)", "Kar\n");
    }

    #[test]
    fn glyph_numbers_as_names() {
        let font = |base: &str, names: &str| {
            format!("<</Type/Font/Subtype/Type1/BaseFont/{base}/Encoding<</Differences[65{names}]>>>>")
        };
        let names = "/g44/g286/g396/g3/g1005/g856";
        check(Sample::new(), &font("X", names), "(ABCDEF)", "Her 1.\n");
        let names = "/g11/g135/g148/g3/g883/g484";
        check(Sample::new(), &font("ABCDEF+Cambria", names), "(ABCDEF)", "Her 1.\n");
        check(Sample::new(), &font("ABCDEF+Arial", "/g0024/g002a/g0037/g0003"), "(ABCDA)", "AGT A\n");
        check(Sample::new(), &font("X", "/g75/g97/g114"), "(ABC)", "Kar\n");
        check(Sample::new(), &font("X", "/g0075/g0097/g0114/g0108"), "(ABCD)", "Karl\n");
    }

    #[test]
    fn a_page_of_unknown_letters_is_a_gap() {
        let gaps = |string: &str| {
            let mut sample = Sample::new();
            let descendant = "<</Type/Font/Subtype/CIDFontType2/BaseFont/Candara/DW 600\
                 /CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>\
                 /FontDescriptor<</Type/FontDescriptor/FontName/Candara/Flags 32>>>>";
            let font = sample.add(&format!(
                "<</Type/Font/Subtype/Type0/BaseFont/Candara/Encoding/Identity-H/DescendantFonts[{descendant}]>>"
            ));
            let resources = format!("/Resources<</Font<</F {font} 0 R>>>>");
            let sample = sample.page(&format!("BT /F 10 Tf 9 9 Td {string} Tj ET"), &resources);
            collect(&Pdf, "a.pdf", &sample.bytes()).gaps.len()
        };
        assert_eq!(gaps("<00240025002600270028>"), 1);
        assert_eq!(gaps("<0024002500260027>"), 0);
    }

    #[test]
    fn what_is_whole_of_a_damaged_character_map_counts() {
        let mut sample = Sample::new();
        let head = "begincmap/CIDSystemInfo<</Registry(Adobe)/Ordering(UC>)>>def/CMapName/UC> def";
        let sections = "1 beginbfchar<0041><0052>endbfchar 1 beginbfrange<0042><0043><006F>endbfrange";
        let map = sample.stream("", &format!("{head} {sections} 1 beginbfchar<0043>)<0041"));
        let descendant = "<</Type/Font/Subtype/CIDFontType2/BaseFont/X/DW 600\
             /CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>";
        let font = format!(
            "<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[{descendant}]/ToUnicode {map} 0 R>>"
        );
        check(sample, &font, "<004100420043>", "Rop\n");
    }
}
