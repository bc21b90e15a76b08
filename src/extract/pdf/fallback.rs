//! What the codes of a PDF font mean when the font itself does not tell: by collection, by glyph, by custom.

use std::cell::OnceCell;
use std::collections::HashMap;

use hayro_font::hayro_cmap::{BfString, CMap};
use hayro_font::{FontGlyph, GlyphId};
use hayro_syntax::object::{Array, Dict, Name, Object, String as PdfString};

use super::glyph_order::Order;
use super::reverse;

/// The ways to the characters of a font, best first.
#[derive(Default)]
pub(super) struct Fallback {
    by_name: HashMap<u32, char>,
    cids: Option<Cids>,
    /// From the tables of an embedded font; read when first needed.
    by_glyph: OnceCell<HashMap<u32, char>>,
    custom: Custom,
    /// An embedded TrueType font of which nothing says what its codes from 128 on mean.
    without_encoding: bool,
    /// A composite font of which the PDF gives no widths: some printer drivers leave them out and step back after each
    /// character.
    without_widths: bool,
}

/// From codes to characters by way of a registered character collection.
pub(super) struct Cids {
    pub(super) encoding: CMap,
    pub(super) characters: CMap,
}

/// What is most likely.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Custom {
    #[default]
    None,
    /// The code is a character.
    Identity,
    /// The code is a glyph of a font that is not embedded.
    Glyphs(Order),
    /// One byte, of Windows-1252.
    Windows1252,
}

/// Where a font descriptor keeps the font program: Type 1, TrueType, and others (ISO 32000-2, 9.9).
pub(super) const PROGRAMS: [&str; 3] = ["FontFile", "FontFile2", "FontFile3"];

/// Whether a font comes with a program under one of these keys.
pub(super) fn has_program(font: &Dict<'_>, keys: &[&str]) -> bool {
    let descriptor = font.get::<Dict<'_>>("FontDescriptor");
    descriptor.is_some_and(|descriptor| keys.iter().any(|key| descriptor.contains_key(*key)))
}

impl Fallback {
    pub(super) fn simple(font: &Dict<'_>) -> Self {
        let subtype = font.get::<Name<'_>>("Subtype");
        let custom = match subtype.as_ref().map(AsRef::as_ref) {
            Some(b"TrueType" | b"Type3") => Custom::Windows1252,
            _ => Custom::None,
        };
        let without_encoding = subtype.is_some_and(|subtype| subtype.as_ref() == b"TrueType")
            && !font.contains_key("Encoding")
            && !font.contains_key("ToUnicode")
            && has_program(font, &["FontFile2"]);
        Self { by_name: numeric_names(font), custom, without_encoding, ..Self::default() }
    }

    pub(super) fn composite(font: &Dict<'_>, cids: Option<Cids>) -> Self {
        let custom = Custom::of_composite(font).unwrap_or(Custom::None);
        let descendant = font.get::<Array<'_>>("DescendantFonts").and_then(|fonts| fonts.iter::<Dict<'_>>().next());
        let without_widths = descendant.is_some_and(|font| {
            has_program(&font, &["FontFile2"]) && !["W", "DW", "W2", "DW2"].iter().any(|key| font.contains_key(key))
        });
        Self { cids, custom, without_widths, ..Self::default() }
    }

    /// The width of a glyph by the embedded font, where nothing else tells it.
    pub(super) fn width(&self, glyph: GlyphId, shape: &FontGlyph<'_>) -> Option<f32> {
        match shape {
            FontGlyph::Outline(outline) if self.without_widths => {
                reverse::advance((*outline.font_data()?.data).as_ref(), glyph.to_u32())
            }
            _ => None,
        }
    }

    /// Whether the font's word on this code is the standard encoding of PDF for want of any other: TrueType
    /// fonts come from systems that do not know it.
    pub(super) fn overrules(&self, code: u32) -> bool {
        self.without_encoding && code > 127
    }

    /// What a code means by a table of its own.
    pub(super) fn known(&self, code: u32, glyph: GlyphId, shape: &FontGlyph<'_>) -> Option<BfString> {
        let by_cid = self.cids.as_ref().and_then(|cids| cids.characters(code));
        by_cid.or_else(|| self.by_name.get(&code).copied().map(BfString::Char)).or_else(|| {
            let FontGlyph::Outline(outline) = shape else { return None };
            let characters = self.by_glyph.get_or_init(|| match outline.font_data() {
                Some(font) => reverse::characters((*font.data).as_ref()),
                None => HashMap::new(),
            });
            characters.get(&glyph.to_u32()).copied().map(BfString::Char)
        })
    }

    /// What a code probably means.
    pub(super) fn likely(&self, code: u32) -> Option<BfString> {
        self.custom.character(code).map(BfString::Char)
    }
}

impl Cids {
    fn characters(&self, code: u32) -> Option<BfString> {
        let cid = (1..=4).find_map(|bytes| self.encoding.lookup_cid_code(code, bytes))?;
        self.characters.lookup_bf_string(cid)
    }
}

impl Custom {
    fn of_composite(font: &Dict<'_>) -> Option<Self> {
        if font.get::<Name<'_>>("ToUnicode").is_some() {
            // Identity-H: the only character map that is given by name.
            return Some(Self::Identity);
        }
        let descendant = font.get::<Array<'_>>("DescendantFonts")?.iter::<Dict<'_>>().next()?;
        let ordering = descendant.get::<Dict<'_>>("CIDSystemInfo")?.get::<PdfString<'_>>("Ordering")?;
        if ordering.as_bytes() == b"UCS" {
            return Some(Self::Identity);
        }
        descendant.get::<Dict<'_>>("FontDescriptor")?;
        let is_embedded = has_program(&descendant, &PROGRAMS);
        let maps_glyphs =
            descendant.get::<Object<'_>>("CIDToGIDMap").is_some_and(|map| matches!(map, Object::Stream(_)));
        if ordering.as_bytes() != b"Identity" || is_embedded || maps_glyphs {
            return None;
        }
        let order = match descendant.get::<Name<'_>>("BaseFont") {
            Some(name) => Order::of_font(name.as_ref())?,
            None => Order::Classic,
        };
        Some(Self::Glyphs(order))
    }

    fn character(self, code: u32) -> Option<char> {
        match self {
            Self::None => None,
            Self::Identity => {
                char::from_u32(code).filter(|c| !c.is_control() && !('\u{e000}'..='\u{f8ff}').contains(c))
            }
            Self::Glyphs(order) => order.character(code),
            Self::Windows1252 => match u8::try_from(code) {
                Ok(byte @ 32..) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(&[byte]).0.chars().next(),
                _ => None,
            },
        }
    }
}

/// Codes whose glyphs have numeric names, as some producers write them: `/g65`, `/C66`, or in hexadecimal `/G4B`.
fn numeric_names(font: &Dict<'_>) -> HashMap<u32, char> {
    let differences = font.get::<Dict<'_>>("Encoding").and_then(|encoding| encoding.get::<Array<'_>>("Differences"));
    let Some(differences) = differences else { return HashMap::new() };
    let mut code = 0_i64;
    let mut names = Vec::new();
    for object in differences.iter::<Object<'_>>().take(1024) {
        match object {
            Object::Number(number) => code = number.as_i64(),
            Object::Name(name) => {
                if let Ok(code) = u32::try_from(code) {
                    names.push((code, name));
                }
                code = code.saturating_add(1);
            }
            _ => {}
        }
    }
    if let Some(by_glyph) = glyph_names(font, &names) {
        return by_glyph;
    }
    // One name that is no decimal number tells that none of them is.
    let hexadecimal = names.iter().any(|(_, name)| hexadecimal_name(name.as_ref()).is_some_and(|(_, sure)| sure));
    let character = |name: &[u8]| match hexadecimal_name(name) {
        Some((c, _)) if hexadecimal => Some(c),
        _ => numeric_name(name),
    };
    names.into_iter().filter_map(|(code, name)| Some((code, character(name.as_ref())?))).collect()
}

/// Codes whose glyph names are numbers of glyphs, as printer drivers of Windows write them: `/g3`, `/g286`, or `/g0024` in
/// hexadecimal. What tells them from characters is a number below that of the space or no decimal one, or the name of the
/// font.
fn glyph_names(font: &Dict<'_>, names: &[(u32, Name<'_>)]) -> Option<HashMap<u32, char>> {
    if font.get::<Name<'_>>("Subtype").is_some_and(|subtype| subtype.as_ref() == b"Type3") {
        return None;
    }
    let digits = |name: &[u8]| std::str::from_utf8(name.strip_prefix(b"g")?).ok().map(str::to_owned);
    let names: Vec<(u32, String)> =
        names.iter().filter_map(|(code, name)| Some((*code, digits(name.as_ref())?))).collect();
    let padded = names.iter().all(|(_, digits)| digits.len() == 4) && names.iter().any(|(_, d)| d.starts_with('0'));
    let radix = if padded { 16 } else { 10 };
    let glyphs: Vec<(u32, u32)> =
        names.iter().filter_map(|(code, digits)| Some((*code, u32::from_str_radix(digits, radix).ok()?))).collect();
    let base = font.get::<Name<'_>>("BaseFont");
    let base = base.as_ref().map_or(&b""[..], AsRef::as_ref);
    let by_name = Order::of_font(base).is_some_and(|order| !order.is_classic());
    let is_no_character = |digits: &str| digits.parse::<u32>().map_or(padded, |number| number < 32);
    let are_glyphs = by_name || names.iter().any(|(_, digits)| is_no_character(digits));
    if glyphs.is_empty() || glyphs.len() < names.len() || !are_glyphs {
        return None;
    }
    let numbers: Vec<u32> = glyphs.iter().map(|(_, glyph)| *glyph).collect();
    let order = Order::of_glyphs(base, &numbers);
    let character = |glyph| order.and_then(|order| order.character(glyph));
    Some(glyphs.into_iter().filter_map(|(code, glyph)| Some((code, character(glyph)?))).collect())
}

/// The character of a glyph name that is a letter and two hexadecimal digits, and whether it can be nothing else.
fn hexadecimal_name(name: &[u8]) -> Option<(char, bool)> {
    let [b'A'..=b'Z' | b'a'..=b'z', digits @ ..] = name else { return None };
    if digits.len() != 2 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let code = u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    Some((Custom::Windows1252.character(code)?, !digits.iter().all(u8::is_ascii_digit)))
}

/// The character of a glyph name that is a letter or two and a decimal number.
fn numeric_name(name: &[u8]) -> Option<char> {
    let digits = std::str::from_utf8(name).ok()?.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    if digits.len() == name.len() || digits.len() + 2 < name.len() {
        return None;
    }
    char::from_u32(digits.parse().ok()?).filter(|c| !c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numeric_glyph_names() {
        let check = |name: &[u8], expected: Option<char>| assert_eq!(numeric_name(name), expected);
        check(b"g65", Some('A'));
        check(b"C0066", Some('B'));
        check(b"65", None);
        check(b"a1", None);
        check(b"uni0041", None);
        assert_eq!(hexadecimal_name(b"GE9"), Some(('é', true)));
        assert_eq!(hexadecimal_name(b"G8A"), Some(('Š', true)));
        assert_eq!(hexadecimal_name(b"G61"), Some(('a', false)));
        assert_eq!(hexadecimal_name(b"G061"), None);
    }
}
