//! How the text around a match is written: as people write, as program text and lists of changes are, or as laws are.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::passage::window;
use super::words::pattern;

/// What a passage is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Register {
    #[default]
    Plain,
    /// Program text, its documentation, a list of changes, a log.
    Code,
    /// The sections of a law or a contract that cite each other.
    Law,
}

/// Bytes that are read as one: matches in one block stand in the same register.
const BLOCK: usize = 512;
/// Bytes before and after the block that are read with it.
const MARGIN: usize = 384;
/// Different signs of program text from which a passage is one.
const SIGNS: usize = 5;
/// Different citations from which a passage is a law.
const CITATIONS: usize = 3;

/// Reads the passages of one text, each block once.
#[derive(Default)]
pub(super) struct Registers {
    block: Option<(usize, Register)>,
}

impl Registers {
    pub(super) fn of(&mut self, content: &str, span: &Range<usize>) -> Register {
        let block = span.start / BLOCK;
        if let Some((known, register)) = self.block
            && known == block
        {
            return register;
        }
        let start = block * BLOCK;
        let register = read(window(content, start.saturating_sub(MARGIN), start + BLOCK + MARGIN));
        self.block = Some((block, register));
        register
    }
}

/// What is written in programs and about them, and in no letter, list of staff or medical report.
static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let signs = [
        // `some_name`, `someName`, `some()`
        r"[A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_]*[A-Za-z0-9]",
        r"(?-u:\b)[a-z]{2,}[A-Z][a-z]+[A-Za-z]*(?-u:\b)",
        r"(?-u:\b)[A-Z][a-z]+[A-Z][a-z]+[A-Z][a-z]+[A-Za-z]*(?-u:\b)",
        r"[A-Za-z0-9]{2,}\(\)",
        // `main.c`, `de.po`
        r"(?-u:\b)[A-Za-z0-9_+-]+\.(?:c|h|cc|cpp|cxx|hpp|py|rs|js|mjs|ts|pl|pm|pod|sh|java|go|rb|php|po|pot|texi|am|mk|css|json|ya?ml|toml|m4|ac|el|exp|vim|patch|diff|so|deb|in|cfg|rst|adoc)(?-u:\b)",
        r"::|->|=>|==|!=|&&|\|\||\+=|</|/>|\{\{|\$\{|<!--|#include|#define|\{$|^\}|\*/|^ *//",
        // `#1234`, `1.2.3-4`, a hash
        r"#[0-9]{3,}(?-u:\b)|(?-u:\b)(?:[Bb]ug|PR|CVE)[- ]#?[0-9]{3,}",
        r"(?-u:\b)v?[0-9]{1,3}\.[0-9]{1,3}(?:\.[0-9]{1,3})+[-~+a-z][0-9A-Za-z.~+-]*",
        r"(?-u:\b)[0-9a-f]*(?:[0-9][a-f]|[a-f][0-9])[0-9a-f]{5,}(?-u:\b)",
        // Marks of manual pages and TeX, long options, paths
        r"\\f[A-Z]|\\-|^\.(?:SH|TP|BR|PP|IP|B|I|SS|sp|Nm|Op|Ar|It)(?-u:\b)|\\[a-z]{4,}\{",
        r"(?:^|[ \t\r\n])--[a-z][a-z0-9-]+",
        r"[ \t\r\n('`](?:/[A-Za-z0-9._-]+){2,}",
        r"`[^`\n]{1,40}`",
        r"(?-u:\b)(?:Closes|Signed-off-by|Co-authored-by|Reviewed-by|ChangeLog|Makefile|urgency=|API|CLI|SDK|stdin|stdout|stderr|malloc|struct|const|static|void|boolean|nullptr|NULL|EOF|callback|regex|parser|compiler|linker|runtime|refactor|upstream|segfault|deprecated|backport|autoconf|automake|configure|Unicode|UTF-8|ASCII|glyphs?|fonts?|widgets?|pixels?|buffer|pointer|namespace|kernel|syscall|ioctl|locale|macro|constructor|iterator|typedef|enum|variable|manpage|daemon|commit|committer|repository|github|git|svn|cvs|tarball|changelog|maintainer)(?-u:\b)",
    ];
    pattern(&format!("(?m){}", signs.join("|")))
});

/// How a law and a contract cite their own sections and others'.
static LAW: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"§§? ?[0-9]+|(?-u:\b)(?:Abs(?:atz|ätze|atzes|\.)|Satz|Nummer|Artikels?|[Aa]rt\.|[Aa]rticol[oi]|[Cc]omm[ai]|lett\.|[Aa]linéa|[Aa]rticles?|[Aa]rtículos?|apartado|[Aa]rtigos?|ust\.|pkt|Dz\. ?U\.|BGBl\.|D\. ?Lgs\.|D\.P\.R\.|DPR|[Ll]ei|[Ss]ection|[Pp]aragraph|Anlage) (?:n\. ?|nº ?|I+ |L\. ?|R\. ?)?[0-9]+",
    )
});

fn read(passage: &str) -> Register {
    if different(CODE.as_ref(), passage, SIGNS) {
        return Register::Code;
    }
    if different(LAW.as_ref(), passage, CITATIONS) { Register::Law } else { Register::Plain }
}

/// Whether so many different matches stand in the passage.
fn different(signs: Option<&Regex>, passage: &str, enough: usize) -> bool {
    let mut seen = HashSet::new();
    signs.is_some_and(|signs| {
        signs.find_iter(passage).any(|sign| {
            seen.insert(sign.as_str().trim());
            seen.len() >= enough
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registers() {
        for (text, register) in [
            (
                "* src/main.c (read_line): Fix segfault (Closes: #12345).\n  [Anna Bruni] Refactor parse_args().",
                Register::Code,
            ),
            (".SH NAME\nfoo \\- print\n.TP\n\\fB--verbose\\fR writes /usr/share/foo/bar", Register::Code),
            ("§ 6 Die Altersrente nach Absatz 2 Satz 1 erhält, wer schwerbehindert ist (§ 236a).", Register::Law),
            (
                "Ciao Luca, la Ferri è in malattia: manda il certificato (vedi cedolino.pdf) entro le 12:30.",
                Register::Plain,
            ),
            (
                "Sehr geehrter Herr Klein,\nIhr Urlaub vom 12.03.2024 bis 14.03.2024 (3 Tage) ist genehmigt, § 7 BUrlG.",
                Register::Plain,
            ),
            ("matricola 004512; Conti Luca; via Sabbioneta 7; 26900 Lodi; 333 1234567", Register::Plain),
        ] {
            assert_eq!(read(text), register, "{text}");
        }
    }

    #[test]
    fn a_block_is_read_with_what_stands_around_it() {
        let code = "fn read_line() -> Result<()> { line_buffer.push_str(&new_line); // see main.c\n}\n".repeat(20);
        let text = format!("{code}{}", "Anna Bruni schreibt einen Brief. ".repeat(60));
        let mut registers = Registers::default();
        assert_eq!(registers.of(&text, &(40..44)), Register::Code);
        assert_eq!(registers.of(&text, &(text.len() - 4..text.len())), Register::Plain);
    }
}
