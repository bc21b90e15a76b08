//! Code pages of DOS and of the Macintosh that the Encoding Standard leaves out and old files are written in.
//!
//! <https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/PC/>, <https://www.unicode.org/Public/MAPPINGS/VENDORS/APPLE/>.

/// A code page whose lower half is ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodePage {
    /// Western Europe on DOS, and consoles of Windows. 437 has the same letters.
    Dos850,
    /// Central Europe on DOS.
    Dos852,
    /// Turkey on DOS.
    Dos857,
    /// Greece on DOS.
    Dos737,
    /// The Baltic on DOS.
    Dos775,
    /// Central Europe on the Macintosh.
    MacCentral,
}

impl CodePage {
    /// The characters from 0x80 on, in their order.
    pub fn upper(self) -> &'static str {
        match self {
            Self::Dos850 => {
                "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}"
            }
            Self::Dos852 => {
                "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}"
            }
            Self::Dos857 => {
                "ÇüéâäàåçêëèïîıÄÅÉæÆôöòûùİÖÜø£ØŞşáíóúñÑĞğ¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ºªÊËÈ\u{fffd}ÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµ\u{fffd}×ÚÛÙìÿ¯´\u{ad}±\u{fffd}¾¶§÷¸°¨·¹³²■\u{a0}"
            }
            Self::Dos737 => {
                "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρσςτυφχψ░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀ωάέήϊίόύϋώΆΈΉΊΌΎΏ±≥≤ΪΫ÷≈°∙·√ⁿ²■\u{a0}"
            }
            Self::Dos775 => {
                "ĆüéāäģåćłēŖŗīŹÄÅÉæÆōöĢ¢ŚśÖÜø£Ø×¤ĀĪóŻżź”¦©®¬½¼Ł«»░▒▓│┤ĄČĘĖ╣║╗╝ĮŠ┐└┴┬├─┼ŲŪ╚╔╩╦╠═╬Žąčęėįšųūž┘┌█▄▌▐▀ÓßŌŃõÕµńĶķĻļņĒŅ’\u{ad}±“¾¶§÷„°∙·¹³²■\u{a0}"
            }
            Self::MacCentral => {
                "ÄĀāÉĄÖÜáąČäčĆćéŹźĎíďĒēĖóėôöõúĚěü†°Ę£§•¶ß®©™ę¨≠ģĮįĪ≤≥īĶ∂∑łĻļĽľĹĺŅņŃ¬√ńŇ∆«»…\u{a0}ňŐÕőŌ–—“”‘’÷◊ōŔŕŘ‹›řŖŗŠ‚„šŚśÁŤťÍŽžŪÓÔūŮÚůŰűŲųÝýķŻŁżĢˇ"
            }
        }
    }

    pub fn decode(self, bytes: &[u8], out: &mut String) {
        let upper: Vec<char> = self.upper().chars().collect();
        out.extend(bytes.iter().map(|byte| match byte.checked_sub(0x80) {
            None => char::from(*byte),
            Some(index) => upper.get(usize::from(index)).copied().unwrap_or('\u{fffd}'),
        }));
    }

    /// By its name in a mail header, an XML declaration or a `meta` element.
    pub fn by_label(label: &str) -> Option<Self> {
        let label = label.to_ascii_lowercase();
        if matches!(label.as_str(), "x-mac-ce" | "x-mac-centraleurroman" | "maccentraleurope" | "cp10029") {
            return Some(Self::MacCentral);
        }
        let number = label.trim_start_matches(|c: char| !c.is_ascii_digit()).trim_start_matches('0');
        let prefix = label.strip_suffix(number).unwrap_or_default().trim_end_matches('0');
        matches!(prefix, "" | "cp" | "ibm" | "dos-" | "cp-" | "ibm-" | "x-ibm")
            .then(|| number.parse().ok())?
            .and_then(Self::by_number)
    }

    /// By its number in a document of Windows.
    pub fn by_number(number: u16) -> Option<Self> {
        Some(match number {
            437 | 850 | 858 => Self::Dos850,
            852 => Self::Dos852,
            857 => Self::Dos857,
            737 => Self::Dos737,
            775 => Self::Dos775,
            10029 => Self::MacCentral,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_pages_are_whole() {
        for number in [850, 852, 857, 737, 775, 10029] {
            let page = CodePage::by_number(number).unwrap();
            assert_eq!(page.upper().chars().count(), 128, "{page:?}");
        }
    }

    #[test]
    fn names_of_code_pages() {
        assert_eq!(CodePage::by_label("IBM00858"), Some(CodePage::Dos850));
        assert_eq!(CodePage::by_label("cp852"), Some(CodePage::Dos852));
        assert_eq!(CodePage::by_label("850"), Some(CodePage::Dos850));
        assert_eq!((CodePage::by_label("windows-850"), CodePage::by_label("utf-8")), (None, None));
    }
}
