//! Mends machine-readable zones that were read from a picture: lost fillers, and digits and letters where only the other can stand.
//!
//! ICAO Doc 9303 parts 3 to 7. What is mended is told apart by its place; where a digit and a letter
//! can both be meant, nothing is guessed. Where fillers are missing, the check digits say which.

use super::mrz_formats::{FORMATS, Format, Kind, numbers_of};

/// One line of a picture, in the frame of the upright page.
pub(super) struct Row<'t> {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) middle: f64,
    pub(super) height: f64,
    pub(super) text: &'t str,
}

/// A zone, and the rows that it was read from.
pub(super) struct Zone {
    pub(super) rows: Vec<usize>,
    pub(super) lines: Vec<String>,
}

/// What looks like a line of a zone; it may have been found in several pieces.
#[derive(Clone)]
struct Strip {
    rows: Vec<usize>,
    left: f64,
    right: f64,
    middle: f64,
    height: f64,
    text: Vec<u8>,
}

/// Characters of a strip: those of a short zone with some lost, to those of a long one with some too many.
const SHORTEST: usize = 24;
const LONGEST: usize = 50;
/// Fillers that may be lost or too many in a line.
const MOST_LOST: usize = 8;
/// Line to line within a zone, in heights of a box.
const LEADING: f64 = 2.5;

/// The zones among the lines of a page.
pub(super) fn zones(rows: &[Row<'_>]) -> Vec<Zone> {
    let strips = strips(rows);
    let mut zones = Vec::new();
    let mut at = 0;
    while let Some(first) = strips.get(at) {
        let mut block = vec![first];
        for next in strips.iter().skip(at + 1).take(2) {
            if block.last().is_some_and(|last| follows(last, next)) {
                block.push(next);
            }
        }
        let Some((count, lines)) = read(&block) else {
            at += 1;
            continue;
        };
        let rows = block.iter().take(count).flat_map(|strip| strip.rows.clone()).collect();
        zones.push(Zone { rows, lines });
        at += count;
    }
    zones
}

fn follows(above: &Strip, below: &Strip) -> bool {
    let overlap = above.right.min(below.right) - above.left.max(below.left);
    let width = (above.right - above.left).min(below.right - below.left);
    let down = below.middle - above.middle;
    down > 0.0 && down < LEADING * above.height.max(below.height) && overlap > 0.6 * width
}

/// The rows that may be lines of zones, from the top.
fn strips(rows: &[Row<'_>]) -> Vec<Strip> {
    let mut pieces: Vec<Strip> = rows
        .iter()
        .enumerate()
        .filter_map(|(at, row)| {
            let text = clean(row.text)?;
            let Row { left, right, middle, height, .. } = *row;
            Some(Strip { rows: vec![at], left, right, middle, height, text })
        })
        .collect();
    pieces.sort_by(|a, b| a.left.total_cmp(&b.left));
    let mut strips: Vec<Strip> = Vec::new();
    for piece in pieces {
        let before = strips.iter_mut().find(|strip| {
            let height = strip.height.max(piece.height);
            (strip.middle - piece.middle).abs() < 0.5 * height
                && piece.left - strip.right < 3.0 * height
                && piece.left > strip.right - height
                && strip.text.len() + piece.text.len() <= LONGEST
        });
        match before {
            Some(strip) => {
                strip.rows.extend(piece.rows);
                strip.text.extend(piece.text);
                strip.right = piece.right;
            }
            None => strips.push(piece),
        }
    }
    strips.retain(|strip| {
        let fillers = memchr::memchr_iter(b'<', &strip.text).count();
        let digits = strip.text.iter().filter(|byte| byte.is_ascii_digit()).count();
        (SHORTEST..=LONGEST).contains(&strip.text.len()) && (fillers >= 2 || digits >= 12)
    });
    strips.sort_by(|a, b| a.middle.total_cmp(&b.middle));
    strips
}

/// The text as a zone writes it; none if it holds what no zone can.
fn clean(text: &str) -> Option<Vec<u8>> {
    let mut cleaned = Vec::new();
    for character in text.chars() {
        match character {
            'A'..='Z' | '0'..='9' | '<' => cleaned.push(u8::try_from(character).ok()?),
            'a'..='z' => cleaned.push(u8::try_from(character.to_ascii_uppercase()).ok()?),
            '«' => cleaned.extend(b"<<"),
            '(' | '{' | '[' | '‹' => cleaned.push(b'<'),
            ' ' | '.' | ',' | '\'' => {}
            _ => return None,
        }
    }
    (!cleaned.is_empty()).then_some(cleaned)
}

/// The lines of the format that the strips fit best, and how many of them it takes.
fn read(block: &[&Strip]) -> Option<(usize, Vec<String>)> {
    let mut unproven: Option<(usize, usize, Vec<Vec<u8>>)> = None;
    for format in FORMATS {
        let Some(strips) = block.get(..format.lines) else { continue };
        let texts: Vec<&[u8]> = strips.iter().map(|strip| strip.text.as_slice()).collect();
        if !format.may_begin_with(&texts) {
            continue;
        }
        let off = texts.iter().map(|text| text.len().abs_diff(format.length)).max().unwrap_or(0);
        if off > MOST_LOST {
            continue;
        }
        let (lines, proven) = mend(format, &texts);
        if proven {
            return Some((format.lines, to_strings(lines)));
        }
        if unproven.as_ref().is_none_or(|(least, ..)| off < *least) {
            unproven = Some((off, format.lines, lines));
        }
    }
    let (off, count, lines) = unproven?;
    // Not a zone at all, unless it is much like one.
    (off <= 3 && looks_written(&lines)).then(|| (count, to_strings(lines)))
}

fn to_strings(lines: Vec<Vec<u8>>) -> Vec<String> {
    lines.into_iter().map(|line| String::from_utf8_lossy(&line).into_owned()).collect()
}

/// Fillers in pairs, and the digits of dates: ordinary text in capitals has neither.
fn looks_written(lines: &[Vec<u8>]) -> bool {
    let all = lines.concat();
    let digits = all.iter().filter(|byte| byte.is_ascii_digit()).count();
    digits >= 12 && all.windows(2).filter(|pair| pair == b"<<").count() >= 2
}

/// The lines at their length with what must be digits and letters made so; whether all check digits hold.
fn mend(format: &Format, texts: &[&[u8]]) -> (Vec<Vec<u8>>, bool) {
    let choices: Vec<Vec<Vec<u8>>> =
        texts.iter().enumerate().map(|(line, text)| lengthened(text, format.length, format.is_names(line))).collect();
    let mut first: Option<Vec<u8>> = None;
    for pick in picks(&choices) {
        let mut zone = pick.concat();
        if zone.len() != format.length * format.lines {
            continue;
        }
        format.place(&mut zone);
        format.name_states(&mut zone);
        if !format.holds(&zone) {
            mend_number(format, &mut zone);
        }
        if format.holds(&zone) {
            return (cut(&zone, format.length), true);
        }
        first.get_or_insert(zone);
    }
    match first {
        Some(zone) => (cut(&zone, format.length), false),
        None => (texts.iter().map(|text| text.to_vec()).collect(), false),
    }
}

fn cut(zone: &[u8], length: usize) -> Vec<Vec<u8>> {
    zone.chunks(length).map(<[u8]>::to_vec).collect()
}

/// One choice of each line, in all combinations; there are few.
fn picks(choices: &[Vec<Vec<u8>>]) -> Vec<Vec<Vec<u8>>> {
    const MOST: usize = 128;
    let mut picks: Vec<Vec<Vec<u8>>> = vec![Vec::new()];
    for line in choices {
        picks = picks
            .iter()
            .flat_map(|pick| line.iter().map(move |choice| [pick.as_slice(), std::slice::from_ref(choice)].concat()))
            .take(MOST)
            .collect();
    }
    picks
}

/// The line with fillers put in or taken out so that it has its length, in each place where that
/// can be: at the end of names, and in runs of fillers elsewhere.
fn lengthened(text: &[u8], length: usize, is_names: bool) -> Vec<Vec<u8>> {
    if text.len() == length {
        return vec![text.to_vec()];
    }
    let mut runs = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let run = text.iter().skip(at).take_while(|byte| **byte == b'<').count();
        if run >= 2 || run == 1 && at + 1 == text.len() {
            runs.push((at, run));
        }
        at += run.max(1);
    }
    if is_names {
        // Between surname and first names stand two.
        runs.retain(|(at, run)| at + run == text.len());
    }
    // The longest first: there the most is lost.
    runs.sort_by_key(|(at, run)| std::cmp::Reverse((*run, *at)));
    runs.iter()
        .take(4)
        .filter_map(|(at, run)| {
            let fillers =
                if text.len() < length { run + length - text.len() } else { run.checked_sub(text.len() - length)? };
            let (before, after) = (text.get(..*at)?, text.get(at + run..)?);
            Some([before, &vec![b'<'; fillers], after].concat())
        })
        .collect()
}

/// The number of the document, where the state that issued it says which places hold digits.
fn mend_number(format: &Format, zone: &mut [u8]) {
    let Some((number, check)) = format.number else { return };
    let end = number + 9;
    let Some(pattern) = numbers_of(zone.first().copied(), zone.get(2..5)) else { return };
    let Some(written) = zone.get(number..end).map(<[u8]>::to_vec) else { return };
    let mended: Vec<u8> = written.iter().zip(pattern).map(|(byte, place)| place.mend(*byte)).collect();
    let proves = |zone: &[u8]| super::mrz_formats::check_digit(&mended) == zone.get(check).copied();
    if proves(zone)
        && let Some(slot) = zone.get_mut(number..end)
    {
        slot.copy_from_slice(&mended);
    }
}

impl Format {
    /// Makes digits and letters what their places demand.
    fn place(&self, zone: &mut [u8]) {
        let kinds = self.places.iter().flat_map(|(kind, count)| std::iter::repeat_n(*kind, *count));
        for (byte, kind) in zone.iter_mut().zip(kinds) {
            *byte = kind.mend(*byte);
        }
    }

    /// Of all states only Germany has a code of one letter.
    fn name_states(&self, zone: &mut [u8]) {
        for at in self.states {
            if let Some([letter @ (b'O' | b'Q'), b'<', b'<']) = zone.get_mut(*at..at + 3) {
                *letter = b'D';
            }
        }
    }

    /// Whether the first line can be the first of this format.
    fn may_begin_with(&self, texts: &[&[u8]]) -> bool {
        let head: Vec<u8> = texts
            .first()
            .into_iter()
            .flat_map(|text| text.iter().take(5))
            .map(|byte| Kind::Letter.mend(*byte))
            .collect();
        head.len() == 5 && self.heads.iter().any(|start| head.starts_with(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows<'t>(lines: &[&'t str]) -> Vec<Row<'t>> {
        let row = |(at, text): (usize, &&'t str)| Row {
            left: 10.0,
            right: 900.0,
            middle: 100.0 + 50.0 * at as f64,
            height: 40.0,
            text,
        };
        lines.iter().enumerate().map(row).collect()
    }

    /// What becomes of lines that were read.
    #[track_caller]
    fn check(read: &[&str], expected: &[&str]) {
        let zones = zones(&rows(read));
        let lines: Vec<&str> = zones.iter().flat_map(|zone| &zone.lines).map(String::as_str).collect();
        assert_eq!(lines, expected);
    }

    const PASSPORT: [&str; 2] =
        ["P<ITACONTI<<LUCA<MARIA<<<<<<<<<<<<<<<<<<<<<<", "YB12345679ITA8305114M3005109<<<<<<<<<<<<<<08"];
    const CARD: [&str; 3] =
        ["C<ITACA12345AA7<<<<<<<<<<<<<<<", "9112078F3112076ITA<<<<<<<<<<<2", "FERRARI<<GIULIA<<<<<<<<<<<<<<<"];

    #[test]
    fn what_was_read_well_stays() {
        check(&PASSPORT, &PASSPORT);
        check(&CARD, &CARD);
        let td2 = ["I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"];
        check(&td2, &td2);
        let visa = ["V<ITAKOWALSKA<<ANNA<<<<<<<<<<<<<<<<<<<<<<<<<", "AB12345671POL8703145F2706306<<<<<<<<<<<<<<<<"];
        check(&visa, &visa);
        let french = ["IDFRADUBOIS<<<<<<<<<<<<<<<<<<<692043", "1408692012344ANNE<<MARIE<<<9001055F1"];
        check(&french, &french);
    }

    #[test]
    fn lost_fillers_come_back_where_the_digits_say() {
        check(&["P<ITACONTI<<LUCA<MARIA<<<<<<<<<<<<<<<<<<<", "YB12345679ITA8305114M3005109<<<<<<<<<<<08"], &PASSPORT);
        check(&["C<ITACA12345AA7<<<<<<<<<<<<<", "9112078F3112076ITA<<<<<<<<<2", "FERRARI<<GIULIA<<<<<<<<<<<<"], &CARD);
        check(
            &["P<ITACONTI<<LUCA<MARIA«<<<<<<<<<<<<<<<<<<<<<<<<", "YB12345679ITA8305114M3005109 <<<<<<<<<<<<<<<<08"],
            &PASSPORT,
        );
    }

    #[test]
    fn digits_and_letters_only_where_one_of_them_can_stand() {
        check(
            &["P<1TAC0NTI<<LUCA<MARIA<<<<<<<<<<<<<<<<<<<<<<", "YB12345679ITA83O5II4M3OO5109<<<<<<<<<<<<<<O8"],
            &PASSPORT,
        );
        // An Italian passport has two letters and seven digits.
        check(&[PASSPORT[0], "YBI2345679ITA8305114M3005109<<<<<<<<<<<<<<08"], &PASSPORT);
        check(&[CARD[0].replace("CA12345AA", "CAI2345AA").as_str(), CARD[1], CARD[2]], &CARD);
        // No state is called O.
        let german =
            ["C<D<<L01X00T471<<<<<<<<<<<<<<<", "6408125F3108011D<<<<<<<<<<<<<6", "MUSTERMANN<<ERIKA<<<<<<<<<<<<<"];
        check(&[&german[0].replace("<D<", "<O<"), &german[1].replace("1D<", "1O<"), german[2]], &german);
        // That of Utopia may have either: nothing is guessed, and nothing is lost.
        let unknown = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8989O2C36UTO7408122F1204159ZE184226B<<<<<10"];
        check(&unknown, &unknown);
    }

    #[test]
    fn a_line_in_pieces_is_one() {
        let mut all =
            rows(&["P<ITACONTI<<LUCA<MARIA<<<<<<<<<<<<<<<<<<<<<<", "YB12345679ITA8305114M30", "05109<<<<<<<<<<<<<<08"]);
        all[1].right = 450.0;
        (all[2].left, all[2].middle) = (460.0, 152.0);
        let found = zones(&all);
        assert_eq!(
            (found[0].lines.as_slice(), found[0].rows.as_slice()),
            (&PASSPORT.map(String::from)[..], &[0, 1, 2][..])
        );
    }

    #[test]
    fn text_in_capitals_is_no_zone() {
        check(&["PAGINA INIZIALE DEL DOCUMENTO DI PROVA", "CONTENUTO DEL DOCUMENTO 12345678901234"], &[]);
        check(&["IT60X0542811101000000123456", "IT60X0542811101000000123456"], &[]);
        check(&["if (a << b) { return c << 30; }", "int x = 1 << 20 << 3 << 4 << 55"], &[]);
    }
}
