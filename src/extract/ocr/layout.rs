//! Puts the lines of a picture in reading order, as the characters of a page: columns and cells stay apart.

use crate::extract::pdf::content::{Glyph, PageText};
use crate::extract::pdf::layout;

use super::Line;
use super::codes;
use super::crop::{self, Turn};
use super::mrz;

/// The height of the letters in that of their box.
const LETTERS: f64 = 0.62;
/// Where the letters stand in their box, from its middle downwards.
const BASE: f64 = 0.25;

/// A line in the frame of the upright page: `y` points down.
struct Upright {
    left: f64,
    right: f64,
    middle: f64,
    height: f64,
    text: String,
    places: Vec<f32>,
}

/// The paragraphs of a page that is turned so often.
pub(super) fn paragraphs(lines: Vec<Line>, turn: Turn) -> Vec<String> {
    let tilt = tilt(&lines, turn);
    let (across, along): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(|line| line.turn != turn);
    let lines: Vec<Upright> = along.into_iter().map(|line| upright(line, turn, tilt)).collect();
    let rows = lines.iter().map(|line| mrz::Row {
        left: line.left,
        right: line.right,
        middle: line.middle,
        height: line.height,
        text: &line.text,
    });
    let zones = mrz::zones(&rows.collect::<Vec<_>>());
    let mut page = PageText::default();
    let taken = |at: usize| zones.iter().any(|zone| zone.rows.contains(&at));
    let mut rest: Vec<&Upright> =
        lines.iter().enumerate().filter(|(at, _)| !taken(*at)).map(|(_, line)| line).collect();
    rest.sort_by(|a, b| a.middle.total_cmp(&b.middle));
    order(&mut rest);
    for line in rest {
        set(line, &mut page);
    }
    let mut paragraphs: Vec<String> =
        layout::paragraphs(&page).iter().map(|text| codes::mended(text).into_owned()).collect();
    paragraphs.extend(zones.into_iter().map(|zone| zone.lines.join("\n")));
    // What stands across the page is on its own.
    paragraphs.extend(across.into_iter().map(|line| line.reading.text));
    paragraphs
}

/// Lines of one level from the left: their order is taken for that of the content.
fn order(lines: &mut [&Upright]) {
    let mut start = 0;
    while let Some(first) = lines.get(start) {
        let is_level = |line: &&Upright| line.middle - first.middle < 0.4 * first.height.min(line.height);
        let count = lines.iter().skip(start).take_while(|line| is_level(line)).count().max(1);
        if let Some(level) = lines.get_mut(start..start + count) {
            level.sort_by(|a, b| a.left.total_cmp(&b.left));
        }
        start += count;
    }
}

/// The mean direction of the long lines, in radians clockwise from the rows of the turned page.
fn tilt(lines: &[Line], turn: Turn) -> f32 {
    let mut angles: Vec<(f32, f32)> = lines
        .iter()
        .filter(|line| line.turn == turn)
        .map(|line| (line, crop::sides(&line.found, turn)))
        .filter(|(_, (length, thickness))| *length > 4.0 * thickness)
        .map(|(line, (length, _))| (line.found.sin.atan2(line.found.cos), length))
        .collect();
    angles.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = angles.iter().map(|(_, length)| length).sum::<f32>() / 2.0;
    let mut sum = 0.0;
    for (angle, length) in angles {
        sum += length;
        if sum >= half {
            return angle;
        }
    }
    0.0
}

fn upright(line: Line, turn: Turn, tilt: f32) -> Upright {
    let ((ax, ay), (dx, dy)) = crop::axes(tilt.cos(), tilt.sin(), turn);
    let (length, thickness) = crop::sides(&line.found, turn);
    let middle = f64::from(line.found.x * ax + line.found.y * ay);
    let half = f64::from(length) / 2.0;
    Upright {
        left: middle - half,
        right: middle + half,
        middle: f64::from(line.found.x * dx + line.found.y * dy),
        height: f64::from(thickness),
        text: line.reading.text,
        places: line.reading.places,
    }
}

/// Sets the characters of a line on the page. The characters of a word stand close, so that it
/// stays one; where words begin and end the reading tells.
fn set(line: &Upright, page: &mut PageText) {
    let size = line.height * LETTERS;
    let base = -(line.middle + line.height * BASE);
    let length = line.right - line.left;
    let place = |at: usize| line.left + length * f64::from(line.places.get(at).copied().unwrap_or(1.0));
    let step = length / (line.places.len().max(1) as f64);
    let characters: Vec<char> = line.text.chars().collect();
    let mut start = 0;
    while start < characters.len() {
        let word: Vec<char> = characters.iter().skip(start).take_while(|c| !c.is_whitespace()).copied().collect();
        if word.is_empty() {
            let begin = page.text.len();
            page.text.push(' ');
            page.glyphs.push(Glyph { start: begin, end: begin + 1, x: place(start), y: base, dx: step, dy: 0.0, size });
            start += 1;
            continue;
        }
        let (from, to) = (place(start) - step / 2.0, place(start + word.len() - 1) + step / 2.0);
        let dx = (to - from) / word.len() as f64;
        for (at, character) in word.iter().enumerate() {
            let begin = page.text.len();
            page.text.push(*character);
            page.glyphs.push(Glyph {
                start: begin,
                end: page.text.len(),
                x: from + dx * at as f64,
                y: base,
                dx,
                dy: 0.0,
                size,
            });
        }
        start += word.len();
    }
}

#[cfg(test)]
mod tests {
    use super::super::boxes::TextBox;
    use super::super::ctc::Reading;
    use super::*;

    fn line(x: f32, y: f32, text: &str) -> Line {
        let count = text.chars().count() as f32;
        let width = count * 10.0;
        let places = (0..text.chars().count()).map(|at| (at as f32 + 0.5) / count).collect();
        Line {
            found: TextBox { x: x + width / 2.0, y, cos: 1.0, sin: 0.0, width, height: 30.0 },
            turn: 0,
            reading: Reading { text: text.to_owned(), places, confidence: 0.9 },
        }
    }

    #[test]
    fn cells_of_a_row_are_tabs_and_rows_are_lines() {
        let lines = vec![line(300.0, 101.0, "CF"), line(10.0, 100.0, "Cognome"), line(10.0, 150.0, "Rossi")];
        assert_eq!(paragraphs(lines, 0), ["Cognome\tCF", "Rossi"]);
    }

    #[test]
    fn prose_flows_and_words_stay_whole() {
        let lines = vec![
            line(10.0, 100.0, "Il lavoratore sottoscritto dichiara"),
            line(10.0, 130.0, "di essere nato a Torino il 3 maggio"),
            line(10.0, 160.0, "e di vivere a Bologna."),
        ];
        let text = "Il lavoratore sottoscritto dichiara di essere nato a Torino il 3 maggio e di vivere a Bologna.";
        assert_eq!(paragraphs(lines, 0), [text]);
    }

    #[test]
    fn a_tilted_page_keeps_its_rows() {
        let tilt = 3.0_f32.to_radians();
        let turned = |x: f32, y: f32, text: &str| {
            let mut line = line(x, y, text);
            let (sin, cos) = tilt.sin_cos();
            let TextBox { x, y, .. } = line.found;
            (line.found.x, line.found.y) = (x * cos - y * sin, x * sin + y * cos);
            (line.found.cos, line.found.sin) = (cos, sin);
            line
        };
        let lines = vec![
            turned(10.0, 100.0, "Cognome e nome"),
            turned(900.0, 100.0, "Codice fiscale"),
            turned(10.0, 170.0, "Rossi Mario"),
            turned(900.0, 170.0, "RSSMRA80A01H501U"),
        ];
        assert_eq!(paragraphs(lines, 0), ["Cognome e nome\tCodice fiscale", "Rossi Mario\tRSSMRA80A01H501U"]);
    }
}
