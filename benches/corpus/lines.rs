//! The lines of each kind of text.

use std::fmt::Write;

use super::words::ENGLISH;
use super::{Dice, Writer};

fn number(dice: &mut Dice) -> usize {
    let digits = 1 + dice.below(5);
    dice.below(10usize.pow(u32::try_from(digits).unwrap_or(1)))
}

fn capital(word: &str, out: &mut String) {
    let mut letters = word.chars();
    if let Some(first) = letters.next() {
        out.extend(first.to_uppercase());
        out.push_str(letters.as_str());
    }
}

/// One paragraph, wrapped.
fn paragraph(writer: &mut Writer, language: usize, indent: &str, width: usize, out: &mut String) {
    let Writer { dice, vocabulary, .. } = writer;
    let mut column = indent.len();
    out.push_str(indent);
    for _ in 0..2 + dice.below(4) {
        let length = 5 + dice.below(14);
        for at in 0..length {
            let start = out.len();
            if at > 0 && dice.one_in(22) {
                let _ = write!(out, "{}", number(dice));
            } else if at == 0 {
                capital(vocabulary.word(language, dice), out);
            } else {
                out.push_str(vocabulary.word(language, dice));
            }
            if at + 1 == length {
                out.push('.');
            } else if dice.one_in(9) {
                out.push(',');
            }
            column += out.len() - start + 1;
            if column >= width {
                out.push('\n');
                out.push_str(indent);
                column = indent.len();
            } else {
                out.push(' ');
            }
        }
    }
    out.truncate(out.trim_end().len());
    out.push_str("\n\n");
}

pub(super) fn prose(writer: &mut Writer, language: usize, out: &mut String) {
    let width = 60 + writer.dice.below(20);
    paragraph(writer, language, "", width, out);
}

pub(super) fn manual(writer: &mut Writer, out: &mut String) {
    match writer.dice.below(8) {
        0 => {
            let heading = writer.vocabulary.rare(ENGLISH, &mut writer.dice).to_uppercase();
            out.push_str(&heading);
            out.push('\n');
        }
        1 | 2 => {
            let Writer { dice, vocabulary, .. } = &mut *writer;
            let option = vocabulary.rare(ENGLISH, dice);
            let letter = option.chars().next().unwrap_or('x');
            let value = vocabulary.rare(ENGLISH, dice).to_uppercase();
            let _ = writeln!(out, "       -{letter}, --{option}={value}");
            paragraph(writer, ENGLISH, "              ", 78, out);
        }
        3 => {
            let Writer { dice, vocabulary, .. } = &mut *writer;
            let section = 1 + dice.below(8);
            let (one, other) = (vocabulary.rare(ENGLISH, dice), vocabulary.rare(ENGLISH, dice));
            let _ = writeln!(out, "       {one}({section}), {other}({section}), /usr/share/{one}/{other}.conf\n");
        }
        _ => paragraph(writer, ENGLISH, "       ", 78, out),
    }
}

pub(super) fn notes(writer: &mut Writer, out: &mut String) {
    let Writer { dice, vocabulary, .. } = &mut *writer;
    match dice.below(5) {
        0 => {
            let name = vocabulary.rare(ENGLISH, dice);
            let (a, b, c) = (dice.below(9), dice.below(20), dice.below(90));
            let (year, month, day) = (2001 + dice.below(25), 1 + dice.below(12), 1 + dice.below(28));
            let _ = writeln!(out, "\n## {name} {a}.{b}.{c} ({year}-{month:02}-{day:02})\n");
        }
        1 => {
            let (host, path) = (vocabulary.rare(ENGLISH, dice), vocabulary.rare(ENGLISH, dice));
            let _ =
                writeln!(out, "- see https://www.{host}.example/{path}/{} (closes: #{})", number(dice), number(dice));
        }
        _ => {
            out.push_str("- ");
            for at in 0..4 + dice.below(12) {
                if at > 0 {
                    out.push(' ');
                }
                out.push_str(vocabulary.word(ENGLISH, dice));
            }
            out.push('\n');
        }
    }
}

pub(super) fn source(writer: &mut Writer, out: &mut String) {
    let Writer { dice, vocabulary, .. } = &mut *writer;
    let mut name = || vocabulary.rare(ENGLISH, dice);
    let (one, two, three) = (name(), name(), name());
    let indent = ["", "    ", "        ", "            "][dice.below(4)];
    let _ = match dice.below(9) {
        0 => writeln!(out, "static int {one}_{two}(struct {three} *{one}, size_t {two})\n{{"),
        1 => writeln!(out, "{indent}if ({one}->{two} != NULL && {three}_count < {}) {{", number(dice)),
        2 => writeln!(out, "{indent}{one}->{two} = {three}({one}, {});", number(dice)),
        3 => writeln!(out, "{indent}return -{};\n{indent}}}\n", dice.below(40)),
        4 => writeln!(out, "{indent}/* {one} {two} the {three} of {one} */"),
        5 => writeln!(out, "#define {}_{} 0x{:08x}u", one.to_uppercase(), two.to_uppercase(), dice.below(1 << 32)),
        6 => writeln!(out, "{indent}log_debug(\"{one}: %d {two} of %s\\n\", {three}, {one}->name);"),
        7 => writeln!(
            out,
            "{indent}{{ {}, {}, {}, 0x{:02x}, \"{one}\" }},",
            number(dice),
            number(dice),
            number(dice),
            dice.below(256)
        ),
        _ => writeln!(out, "{indent}}}\n"),
    };
}

pub(super) fn table(writer: &mut Writer, out: &mut String) {
    let Writer { dice, vocabulary, number: id, .. } = &mut *writer;
    let (year, month, day) = (2015 + dice.below(11), 1 + dice.below(12), 1 + dice.below(28));
    let (article, colour) = (vocabulary.rare(ENGLISH, dice), vocabulary.rare(1, dice));
    let state = dice.pick(&["open", "paid", "sent", "back", ""]);
    let (quantity, euros, cents) = (dice.below(500), dice.below(3000), dice.below(100));
    let reference = dice.below(100_000_000);
    let _ = writeln!(
        out,
        "{id};{year}-{month:02}-{day:02};{article};{colour};{quantity};{euros},{cents:02};{state};{reference:08}"
    );
}

pub(super) fn log(writer: &mut Writer, out: &mut String) {
    let Writer { dice, vocabulary, number: id, .. } = &mut *writer;
    let (hour, minute, second, millis) = (dice.below(24), dice.below(60), dice.below(60), dice.below(1000));
    let day = 1 + dice.below(28);
    let level = dice.pick(&["INFO", "INFO", "INFO", "DEBUG", "WARN", "ERROR"]);
    let (module, what) = (vocabulary.rare(ENGLISH, dice), vocabulary.rare(ENGLISH, dice));
    let _ =
        write!(out, "2026-03-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z {level} [{module}-{}] ", *id % 16);
    let _ = match dice.below(4) {
        0 => writeln!(
            out,
            "10.{}.{}.{} \"GET /{what}/{} HTTP/1.1\" {} {}",
            dice.below(256),
            dice.below(256),
            dice.below(256),
            number(dice),
            [200, 200, 200, 304, 404, 500][dice.below(6)],
            number(dice)
        ),
        1 => writeln!(out, "request {:016x} {what} done in {} ms", dice.roll(), dice.below(4000)),
        2 => writeln!(out, "{module}.{what}: {} of {} left, retry {}", number(dice), number(dice), dice.below(9)),
        _ => writeln!(out, "session={} {what}={} size={}", dice.below(100_000_000), module, number(dice)),
    };
}

pub(super) fn json(writer: &mut Writer, out: &mut String) {
    let Writer { dice, vocabulary, number: id, .. } = &mut *writer;
    let (one, two, three) = (vocabulary.rare(ENGLISH, dice), vocabulary.rare(ENGLISH, dice), vocabulary.rare(5, dice));
    let _ = writeln!(
        out,
        "{{\"id\":{id},\"type\":\"{one}\",\"active\":{},\"tags\":[\"{two}\",\"{three}\"],\"size\":{{\"w\":{},\"h\":{}}},\"sum\":{:x},\"note\":\"{} {} {}\"}}",
        dice.one_in(2),
        number(dice),
        number(dice),
        dice.below(10),
        vocabulary.word(ENGLISH, dice),
        vocabulary.word(ENGLISH, dice),
        vocabulary.word(ENGLISH, dice),
    );
}
