//! The order of the glyphs in fonts of Windows: what a glyph's number means where a PDF tells nothing else.

/// A number of glyphs that tell which order they are of.
const ENOUGH: usize = 4;

/// In which order a font holds its glyphs; 3 is the space in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Most fonts: ASCII from the space on, then what the fonts of old Macs held.
    Classic,
    /// Arial, Times New Roman and Courier New: the same, and then the other letters of Europe.
    Arial,
    ArialBlack,
    Calibri,
    Cambria,
}

impl Order {
    /// The order of the font of this name; none if it is one that is not known here.
    pub(super) fn of_font(name: &[u8]) -> Option<Self> {
        let name = without_tag(name);
        // Fonts of Windows, since its version Vista, are ordered each in its own way.
        let others = [&b"Candara"[..], b"CambriaMath", b"Consolas", b"Constantia", b"Corbel", b"Segoe"];
        match name {
            _ if others.iter().any(|start| name.starts_with(start)) => None,
            _ if name.starts_with(b"Calibri") => Some(Self::Calibri),
            _ if name.starts_with(b"Cambria") => Some(Self::Cambria),
            _ if [&b"ArialBlack"[..], b"Arial-Black"].iter().any(|start| name.starts_with(start)) => {
                Some(Self::ArialBlack)
            }
            _ if name.starts_with(b"ArialNarrow") || name.starts_with(b"ArialUnicode") => Some(Self::Classic),
            _ if [&b"Arial"[..], b"TimesNewRoman", b"CourierNew"].iter().any(|start| name.starts_with(start)) => {
                Some(Self::Arial)
            }
            _ => Some(Self::Classic),
        }
    }

    /// The order in which nearly all of these glyphs are characters, as a font of any name shows them.
    pub(super) fn of_glyphs(name: &[u8], glyphs: &[u32]) -> Option<Self> {
        let by_name = Self::of_font(name)?;
        // Nobody writes the first glyphs: these were counted anew for a part of the font.
        if glyphs.iter().any(|glyph| matches!(glyph, 1 | 2)) {
            return None;
        }
        let known = |order: Self| glyphs.iter().filter(|glyph| order.character(**glyph).is_some()).count();
        let fits = |order: Self| known(order) * 10 >= glyphs.len() * 9;
        if !by_name.is_classic() {
            return Some(by_name);
        }
        let known_orders = [by_name, Self::Classic, Self::Calibri, Self::Cambria];
        if glyphs.len() < ENOUGH { None } else { known_orders.into_iter().find(|order| fits(*order)) }
    }

    /// Whether it begins as that of most fonts.
    pub(super) fn is_classic(self) -> bool {
        matches!(self, Self::Classic | Self::Arial | Self::ArialBlack)
    }

    /// The character of a glyph.
    pub(super) fn character(self, glyph: u32) -> Option<char> {
        match (self, glyph) {
            (_, 3) => Some(' '),
            (Self::Classic | Self::Arial | Self::ArialBlack, 4..=97) => char::from_u32(glyph + 29),
            // The letters of Cyrillic stand together.
            (Self::Classic | Self::Arial, 570..=633) => char::from_u32(glyph + 470),
            (Self::Classic | Self::Arial | Self::ArialBlack, 98..=171) => MAC_GLYPHS.chars().nth(glyph as usize - 98),
            (Self::Arial, 172..) => ARIAL_GLYPHS.chars().nth(glyph as usize - 172).filter(|c| *c != UNKNOWN),
            (Self::ArialBlack, _) => ARIAL_BLACK.iter().find(|(of, _)| *of == glyph).map(|(_, c)| *c),
            (Self::Calibri, 1004..=1013) => char::from_u32(glyph - 1004 + u32::from('0')),
            (Self::Calibri, _) => CALIBRI.iter().find(|(of, _)| *of == glyph).map(|(_, c)| *c),
            (Self::Cambria, 4..=29) => char::from_u32(glyph - 4 + u32::from('A')),
            (Self::Cambria, 131..=156) => char::from_u32(glyph - 131 + u32::from('a')),
            (Self::Cambria, 882..=891) => char::from_u32(glyph - 882 + u32::from('0')),
            (Self::Cambria, _) => CAMBRIA.iter().find(|(of, _)| *of == glyph).map(|(_, c)| *c),
            _ => None,
        }
    }
}

/// The name without the six letters that mark a part of a font.
fn without_tag(name: &[u8]) -> &[u8] {
    if name.get(6) == Some(&b'+') { name.get(7..).unwrap_or(name) } else { name }
}

/// Glyphs 98 to 171 in the order of the Macintosh (OpenType, table `post`). From 172 on, the space that does not break,
/// fonts of Windows leave out one or two of it, each at its time.
const MAC_GLYPHS: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…";

/// What stands for glyphs that show no character of text.
const UNKNOWN: char = '\u{fffd}';

/// Glyphs 172 to 298 of Arial: what old Macs held but for the space that does not break and the apple, and then the
/// letters of central Europe in the order of Unicode.
const ARIAL_GLYPHS: &str = "ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄¤‹›��‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇŁłŠšŽž¦ÐðÝýÞþ−×¹²³½¼¾�ĞğİŞşĆćČčđ¯·ĂăĄąĎďĐĘęĚěĹĺĽľĿŀŃńŇňŐőŔŕŘřŚśŢţŤťŮůŰűŹźŻż";

/// Nothing is left out, and what follows is in an order of its own, of which little is known.
const ARIAL_BLACK: [(u32, char); 3] = [(227, 'ł'), (264, 'ą'), (291, 'Ś')];

/// Letters stand before their kin with accents, the figures apart.
const CALIBRI: [(u32, char); 103] = [
    (4, 'A'),
    (5, 'À'),
    (6, 'Á'),
    (9, 'Ä'),
    (17, 'B'),
    (18, 'C'),
    (21, 'Č'),
    (24, 'D'),
    (28, 'E'),
    (29, 'È'),
    (30, 'É'),
    (32, 'Ě'),
    (38, 'F'),
    (39, 'G'),
    (44, 'H'),
    (47, 'I'),
    (48, 'Ì'),
    (49, 'Í'),
    (58, 'J'),
    (60, 'K'),
    (62, 'L'),
    (68, 'M'),
    (69, 'N'),
    (75, 'O'),
    (76, 'Ò'),
    (80, 'Ö'),
    (87, 'P'),
    (89, 'Q'),
    (90, 'R'),
    (92, 'Ř'),
    (94, 'S'),
    (97, 'Š'),
    (100, 'T'),
    (104, 'U'),
    (109, 'Ü'),
    (115, 'V'),
    (116, 'W'),
    (121, 'X'),
    (122, 'Y'),
    (124, 'Ý'),
    (127, 'Z'),
    (129, 'Ž'),
    (258, 'a'),
    (259, 'à'),
    (260, 'á'),
    (263, 'ä'),
    (268, 'ą'),
    (271, 'b'),
    (272, 'c'),
    (273, 'ć'),
    (275, 'č'),
    (282, 'd'),
    (286, 'e'),
    (287, 'è'),
    (288, 'é'),
    (290, 'ě'),
    (295, 'ę'),
    (296, 'f'),
    (336, 'g'),
    (346, 'h'),
    (349, 'i'),
    (350, 'ì'),
    (351, 'í'),
    (361, 'j'),
    (364, 'k'),
    (367, 'l'),
    (371, 'ł'),
    (373, 'm'),
    (374, 'n'),
    (381, 'o'),
    (382, 'ò'),
    (383, 'ó'),
    (386, 'ö'),
    (393, 'p'),
    (395, 'q'),
    (396, 'r'),
    (398, 'ř'),
    (400, 's'),
    (401, 'ś'),
    (403, 'š'),
    (410, 't'),
    (437, 'u'),
    (442, 'ü'),
    (448, 'v'),
    (449, 'w'),
    (454, 'x'),
    (455, 'y'),
    (457, 'ý'),
    (460, 'z'),
    (462, 'ž'),
    (463, 'ż'),
    (842, '!'),
    (845, '?'),
    (853, ','),
    (854, ';'),
    (855, ':'),
    (856, '.'),
    (882, '-'),
    (894, '('),
    (895, ')'),
    (920, '&'),
    (936, '$'),
    (1081, '%'),
];

const CAMBRIA: [(u32, char); 12] = [
    (481, ','),
    (482, ';'),
    (483, ':'),
    (484, '.'),
    (486, '-'),
    (491, '?'),
    (495, '’'),
    (498, '“'),
    (499, '”'),
    (514, '–'),
    (523, '('),
    (524, ')'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(order: Order, glyphs: &[u32], expected: &str) {
        let text: String = glyphs.iter().filter_map(|glyph| order.character(*glyph)).collect();
        assert_eq!(text, expected);
    }

    #[test]
    fn every_order_has_its_characters() {
        check(Order::Classic, &[54, 82, 3, 83, 76], "So pi");
        check(Order::Classic, &[98, 112, 171, 172, 569], "Äé…");
        check(Order::Classic, &[585, 618, 570, 633], "ПрАя");
        check(Order::Arial, &[54, 172, 254, 225, 268, 286, 292, 298, 299, 633], "SÀčłěśůżя");
        check(Order::ArialBlack, &[54, 227, 264, 291, 292], "SłąŚ");
        check(Order::Calibri, &[97, 259, 288, 383, 442, 371, 275], "Šàéóüłč");
        check(Order::Calibri, &[44, 286, 396, 396, 3, 1004, 1013, 856, 7], "Herr 09.");
        check(Order::Cambria, &[11, 135, 148, 148, 3, 882, 891, 484, 500], "Herr 09.");
        assert_eq!((MAC_GLYPHS.chars().count(), ARIAL_GLYPHS.chars().count()), (74, 127));
    }

    #[test]
    fn orders_are_told_by_name_and_by_glyphs() {
        assert_eq!(Order::of_font(b"ABCDEF+Calibri-Bold"), Some(Order::Calibri));
        assert_eq!(Order::of_font(b"ArialMT"), Some(Order::Arial));
        assert_eq!(Order::of_font(b"Arial-Black"), Some(Order::ArialBlack));
        assert_eq!(Order::of_font(b"ArialNarrow"), Some(Order::Classic));
        assert_eq!(Order::of_font(b"CambriaMath"), None);
        assert_eq!(Order::of_glyphs(b"X", &[36, 37, 68, 3]), Some(Order::Classic));
        assert_eq!(Order::of_glyphs(b"X", &[4, 258, 271, 286, 3]), Some(Order::Calibri));
        assert_eq!(Order::of_glyphs(b"X", &[882, 4, 131, 132]), Some(Order::Cambria));
        assert_eq!(Order::of_glyphs(b"X", &[1, 2, 3, 4, 5]), None);
        assert_eq!(Order::of_glyphs(b"X", &[3, 700, 701, 702]), None);
        assert_eq!(Order::of_glyphs(b"Segoe", &[36, 37, 68, 3]), None);
    }
}
