//! What the words of RTF mean: which groups hold text, which code pages and character sets there are.

use encoding_rs::Encoding;

use super::code_pages::CodePage;
use super::encoding::Charset;

/// What a group holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Text,
    /// Text beside the running one: headers, notes, comments, properties.
    Aside,
    Nothing,
}

/// Whether text of this destination is no part of the running sentence: field results and links are.
pub fn is_beside(word: &str) -> bool {
    !matches!(word, "fldinst" | "fldrslt")
}

/// What a group that starts with this word holds; none for formatting.
pub fn destination(word: &str, optional: bool) -> Option<Holds> {
    Some(match word {
        "fonttbl" | "colortbl" | "stylesheet" | "pict" | "objdata" | "themedata" | "colorschememapping"
        | "datastore" | "latentstyles" | "listtable" | "listoverridetable" | "rsidtbl" | "generator" | "xmlnstbl"
        | "mmathPr" | "panose" | "falt" | "filetbl" | "fontemb" | "fontfile" | "blipuid" | "pgptbl" | "nonshppict"
        | "objclass" | "wgrffmtfilter" | "defchp" | "defpap" | "passwordhash" | "sn" => Holds::Nothing,
        // Numbers of lists are shown; shapes hold text boxes.
        "listtext" | "pntext" | "shpinst" => return None,
        "revtbl" | "info" | "author" | "title" | "subject" | "operator" | "manager" | "company" | "keywords"
        | "doccomm" | "comment" | "category" | "hlinkbase" | "header" | "headerl" | "headerr" | "headerf"
        | "footer" | "footerl" | "footerr" | "footerf" | "footnote" | "annotation" | "atnauthor" | "atnid"
        | "shptxt" | "fldinst" | "fldrslt" | "bkmkstart" | "bkmkend" | "userprops" | "propname" | "staticval"
        | "docvar" | "xe" | "tc" | "ffname" | "ffdeftext" | "ffl" | "ffhelptext" | "ffstattext" | "formfield" => {
            Holds::Aside
        }
        // What we do not know is text to us, unless it is the hexadecimal of some program.
        _ if optional => Holds::Aside,
        _ => return None,
    })
}

pub fn code_page(number: i32) -> Option<Charset> {
    if let Some(page) = u16::try_from(number).ok().and_then(CodePage::by_number) {
        return Some(Charset::Page(page));
    }
    Some(match number {
        932 => Charset::Other(encoding_rs::SHIFT_JIS),
        936 => Charset::Other(encoding_rs::GBK),
        949 => Charset::Other(encoding_rs::EUC_KR),
        950 => Charset::Other(encoding_rs::BIG5),
        866 => Charset::Other(encoding_rs::IBM866),
        874 => Charset::Other(encoding_rs::WINDOWS_874),
        10000 => Charset::Other(encoding_rs::MACINTOSH),
        65001 => Charset::Utf8,
        1250..=1258 => Charset::Other(Encoding::for_label(format!("windows-{number}").as_bytes())?),
        _ => return None,
    })
}

/// The character set of a font, as Windows numbers them.
pub fn font_charset(number: i32) -> Option<Charset> {
    code_page(match number {
        0 => 1252,
        77 => 10000,
        128 => 932,
        129 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        255 => 850,
        _ => return None,
    })
}
