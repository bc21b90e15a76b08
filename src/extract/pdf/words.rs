//! Joins the characters of a PDF page to words by their positions and advances.

use super::content::PageText;

/// A gap wider than this share of the font height separates words.
const WORD_GAP: f64 = 0.12;
/// Characters overlap by less than this share of the font height: more is another layer.
const OVERLAP: f64 = 0.45;
/// Characters whose baselines differ by more than this share are not of one word.
const BASELINE: f64 = 0.45;
/// A smaller character stands higher or lower than the one before it by less than this share of that one's size.
const SHIFTED: f64 = 0.5;
/// Gaps that differ by less than this share of the font height are the same.
const EVEN_GAP: f64 = 0.05;

/// Characters without a gap, in a frame turned so that the text runs along `x` and `y` points up.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) base: f64,
    pub(super) size: f64,
    /// Rank in the order of the content.
    pub(super) order: usize,
    /// A space was drawn before it.
    pub(super) after_space: bool,
    pub(super) right_to_left: bool,
}

/// The words of one direction of writing.
#[derive(Debug, Default)]
pub(super) struct Direction {
    pub(super) words: Vec<Word>,
    degrees: i32,
}

/// One character in its frame.
struct Placed<'t> {
    text: &'t str,
    left: f64,
    right: f64,
    base: f64,
    size: f64,
}

/// A word as it grows.
#[derive(Default)]
struct Growing<'t> {
    parts: Vec<Placed<'t>>,
    left: f64,
    right: f64,
    base: f64,
    size: f64,
    order: usize,
    after_space: bool,
    right_to_left: bool,
}

/// All words of a page by direction, the direction with the most words first.
pub(super) fn words(page: &PageText) -> Vec<Direction> {
    let mut directions: Vec<Direction> = Vec::new();
    let mut growing = Growing::default();
    let mut at: Option<usize> = None;
    let mut after_space = false;
    let (mut axis, mut across) = ((1.0, 0.0), (0.0, 1.0));
    for (order, glyph) in page.glyphs.iter().enumerate() {
        let degrees = degrees(glyph.dx, glyph.dy);
        if at.and_then(|at| directions.get(at)).is_none_or(|direction| direction.degrees != degrees) {
            finish(&mut growing, at, &mut directions);
            after_space = false;
            let found = directions.iter().position(|direction| direction.degrees == degrees);
            at = Some(found.unwrap_or_else(|| {
                directions.push(Direction { words: Vec::new(), degrees });
                directions.len() - 1
            }));
            let (sin, cos) = f64::from(degrees).to_radians().sin_cos();
            (axis, across) = ((cos, sin), (-sin, cos));
        }
        let text = page.text.get(glyph.start..glyph.end).unwrap_or_default();
        let left = glyph.x * axis.0 + glyph.y * axis.1;
        let advance = glyph.dx * axis.0 + glyph.dy * axis.1;
        let base = glyph.x * across.0 + glyph.y * across.1;
        let placed = Placed { text, left, right: left + advance, base, size: glyph.size };
        if text.trim().is_empty() {
            if !text.is_empty() {
                finish(&mut growing, at, &mut directions);
                after_space = true;
            }
            continue;
        }
        if growing.is_repetition(&placed) {
            continue;
        }
        if !growing.takes(&placed) {
            finish(&mut growing, at, &mut directions);
        }
        growing.push(placed, order, &mut after_space);
    }
    finish(&mut growing, at, &mut directions);
    for direction in &mut directions {
        join_spelled(&mut direction.words);
    }
    directions.sort_by_key(|direction| std::cmp::Reverse(direction.words.len()));
    directions
}

/// Joins single characters at one pitch or with one gap, as the boxes of a form or wide lettering set them: a
/// code in boxes is read as one word. Letters that count on (`a b c d e`) are a table of them, or a scale.
fn join_spelled(words: &mut Vec<Word>) {
    const SHORTEST: usize = 5;
    let mut joined: Vec<Word> = Vec::with_capacity(words.len());
    let mut rest = words.as_slice();
    // The end of what was joined last, and the gap between its letters: shorter words may follow, spaced alike.
    let mut lettering: Option<(&Word, f64)> = None;
    while let Some((first, after)) = rest.split_first() {
        let run = spelled(rest);
        let gap = after.first().map_or(0.0, |next| next.left - first.right);
        let goes_on = lettering.is_some_and(|(last, of_last)| {
            is_level(last, first) && first.left > last.right && (gap - of_last).abs() <= EVEN_GAP * first.size
        });
        let run = if run >= SHORTEST || run > 1 && goes_on { run } else { 1 };
        let (run, after) = rest.split_at(run);
        if run.len() == 1 || counts_on(run) {
            joined.extend_from_slice(run);
        } else {
            let mut word = first.clone();
            word.right = run.last().map_or(word.right, |last| last.right);
            word.text = run.iter().map(|word| word.text.as_str()).collect();
            joined.push(word);
            lettering = run.last().map(|last| (last, gap));
        }
        rest = after;
    }
    *words = joined;
}

/// How many of these words are single characters of one spelled word.
fn spelled(words: &[Word]) -> usize {
    const WIDEST: f64 = 2.2;
    let is_single = |word: &Word| {
        let mut chars = word.text.chars();
        chars.next().is_some_and(char::is_alphanumeric) && chars.next().is_none()
    };
    let middle = |word: &Word| f64::midpoint(word.left, word.right);
    let mut of_first: Option<(f64, f64)> = None;
    let steps = words.windows(2).take_while(|pair| {
        let [last, next] = pair else { return false };
        let (step, gap) = (middle(next) - middle(last), next.left - last.right);
        let (pitch, spacing) = *of_first.get_or_insert((step, gap));
        let even = (step - pitch).abs() <= 0.2 * pitch || (gap - spacing).abs() <= EVEN_GAP * last.size;
        let near = step > 0.0 && step <= WIDEST * last.size;
        is_single(last) && is_single(next) && !next.after_space && is_level(last, next) && even && near
    });
    steps.count() + 1
}

fn is_level(last: &Word, next: &Word) -> bool {
    (next.base - last.base).abs() < 0.1 * last.size && (next.size - last.size).abs() < 0.1 * last.size
}

/// Whether each character is the next one, or among letters one of the next.
fn counts_on(run: &[Word]) -> bool {
    run.windows(2).all(|pair| {
        let [last, next] = pair else { return false };
        let (Some(last), Some(next)) = (last.text.chars().next(), next.text.chars().next()) else { return false };
        let step = u32::from(next).saturating_sub(u32::from(last));
        step == 1 || !next.is_numeric() && (2..=3).contains(&step)
    })
}

/// The direction of an advance in whole degrees.
fn degrees(dx: f64, dy: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "-180 to 180")]
    let degrees = dy.atan2(dx).to_degrees().round() as i32;
    if degrees == -180 { 180 } else { degrees }
}

fn finish(growing: &mut Growing<'_>, at: Option<usize>, directions: &mut [Direction]) {
    let done = std::mem::take(growing);
    if let Some(direction) = at.and_then(|at| directions.get_mut(at))
        && !done.parts.is_empty()
    {
        direction.words.push(done.into_word());
    }
}

impl<'t> Growing<'t> {
    /// The same character again at nearly the same place: bold, made by printing twice.
    fn is_repetition(&self, next: &Placed<'_>) -> bool {
        self.parts.iter().rev().take(2).any(|part| {
            part.text == next.text
                && (part.left - next.left).abs() < 0.1 * part.size.min(part.right - part.left)
                && (part.base - next.base).abs() < 0.1 * part.size
        })
    }

    fn takes(&self, next: &Placed<'_>) -> bool {
        let Some(last) = self.parts.last() else { return true };
        let size = last.size.min(next.size).max(0.4 * last.size.max(next.size));
        let gap = next.left - last.right;
        let near = |gap: f64| gap <= WORD_GAP * size && gap >= -OVERLAP * size;
        if (last.base - next.base).abs() > BASELINE * size {
            return near(gap) && is_index(last, next);
        }
        if near(gap) {
            return true;
        }
        // An accent over its letter: they share their middle.
        let middle = |part: &Placed<'_>| f64::midpoint(part.left, part.right);
        if (accent(last.text).is_some() || accent(next.text).is_some())
            && (middle(last) - middle(next)).abs() < 0.3 * size
        {
            return true;
        }
        // Written from right to left, or a mark on top of its letter.
        let leftward = self.left - next.right;
        (is_right_to_left(next.text) || self.right_to_left) && near(leftward)
            || next.text.chars().all(is_mark) && next.left >= self.left - size && next.left <= self.right + size
    }

    fn push(&mut self, next: Placed<'t>, order: usize, after_space: &mut bool) {
        if self.parts.is_empty() {
            *self = Self {
                parts: Vec::new(),
                left: next.left,
                right: next.right,
                base: next.base,
                size: next.size,
                order,
                after_space: std::mem::take(after_space),
                right_to_left: false,
            };
        }
        self.left = self.left.min(next.left);
        self.right = self.right.max(next.right);
        if next.size > self.size {
            (self.size, self.base) = (next.size, next.base);
        }
        self.right_to_left |= is_right_to_left(next.text);
        self.parts.push(next);
    }

    fn into_word(mut self) -> Word {
        if self.right_to_left {
            // From the order on paper to the order of reading: numbers and foreign words run the other way.
            self.parts.sort_by(|a, b| (a.left + a.right).total_cmp(&(b.left + b.right)));
            self.parts.reverse();
            let mut start = 0;
            while start < self.parts.len() {
                let rest = self.parts.get(start..).unwrap_or_default();
                let run = rest.iter().take_while(|part| is_left_to_right(part.text)).count();
                if let Some(run) = self.parts.get_mut(start..start + run) {
                    run.reverse();
                }
                start += run.max(1);
            }
        }
        Word {
            text: compose(&self.parts),
            left: self.left,
            right: self.right,
            base: self.base,
            size: self.size,
            order: self.order,
            after_space: self.after_space,
            right_to_left: self.right_to_left,
        }
    }
}

/// The characters in a row; an accent that is printed over a letter becomes part of it.
fn compose(parts: &[Placed<'_>]) -> String {
    let mut text = String::new();
    let mut parts = parts.iter().peekable();
    while let Some(part) = parts.next() {
        let next = parts.peek();
        let over = |a: &Placed<'_>, b: &Placed<'_>| {
            let middle = f64::midpoint(a.left, a.right);
            middle > b.left && middle < b.right
        };
        match (accent(part.text), next) {
            // TeX prints the accent first.
            (Some(mark), Some(letter)) if over(part, letter) && is_letter(letter.text) => {
                text.push_str(letter.text);
                text.push(mark);
                parts.next();
            }
            _ => {
                text.push_str(part.text);
                if let Some(next) = next
                    && let Some(mark) = accent(next.text)
                    && over(next, part)
                    && is_letter(part.text)
                {
                    text.push(mark);
                    parts.next();
                }
            }
        }
    }
    if text.is_ascii() { text } else { super::accents::precompose(&text) }
}

/// Whether a small letter belongs to what it stands beside: below anything, above a number (`2nd`, `1er`).
/// Digits, and letters above a letter, may be the mark of a footnote.
fn is_index(last: &Placed<'_>, next: &Placed<'_>) -> bool {
    let up = next.base - last.base;
    next.size < 0.85 * last.size
        && up.abs() <= SHIFTED * last.size
        && next.text.chars().all(char::is_alphabetic)
        && (up < 0.0 || last.text.ends_with(|c: char| c.is_ascii_digit()))
}

fn is_letter(text: &str) -> bool {
    let mut chars = text.chars();
    matches!((chars.next(), chars.next()), (Some(c), None) if c.is_alphabetic())
}

/// The combining mark that a spacing accent stands for.
fn accent(text: &str) -> Option<char> {
    Some(match text {
        "`" | "ˋ" => '\u{300}',
        "´" | "ˊ" => '\u{301}',
        "^" | "ˆ" => '\u{302}',
        "~" | "˜" => '\u{303}',
        "¯" | "ˉ" => '\u{304}',
        "˘" => '\u{306}',
        "˙" => '\u{307}',
        "¨" => '\u{308}',
        "˚" => '\u{30a}',
        "˝" => '\u{30b}',
        "ˇ" => '\u{30c}',
        "¸" => '\u{327}',
        "˛" => '\u{328}',
        _ => return None,
    })
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{5b0}'..='\u{5c7}' | '\u{64b}'..='\u{65f}' | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}')
}

/// Hebrew, Arabic and their neighbours.
pub(super) fn is_right_to_left(text: &str) -> bool {
    text.chars().any(|c| {
        matches!(c, '\u{590}'..='\u{65f}' | '\u{66a}'..='\u{6ef}' | '\u{6fa}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}')
    })
}

fn is_left_to_right(text: &str) -> bool {
    !is_right_to_left(text) && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | ',' | '/' | '-' | ':'))
}

#[cfg(test)]
mod tests {
    use crate::extract::pdf::Pdf;
    use crate::extract::pdf::sample::Sample;
    use crate::open::collect::collect;

    /// The text of a page with this content.
    #[track_caller]
    fn check(content: &str, expected: &str) {
        let content = format!("BT /F 10 Tf 1 0 0 1 50 700 Tm {content} ET");
        assert_eq!(collect(&Pdf, "a.pdf", &Sample::pages(&[&content]).bytes()).content(), expected);
    }

    #[test]
    fn letters_that_count_on_stay_apart() {
        check("8 Tc (RSSMRA) Tj", "RSSMRA\n");
        check("8 Tc (abcdefg) Tj", "a b c d e f g\n");
        check("8 Tc (12345) Tj", "1 2 3 4 5\n");
        check("8 Tc (13579) Tj", "13579\n");
        check("8 Tc (\\344\\345\\346\\350\\351\\353) Tj", "ä å æ è é ë\n");
    }

    #[test]
    fn wide_lettering_goes_on_over_short_words() {
        check("8 Tc (MARIO DI ROSSO) Tj", "MARIO\tDI\tROSSO\n");
        check("8 Tc (MARIO) Tj 0 -30 Td (D I) Tj", "MARIO\nD\tI\n");
    }

    #[test]
    fn small_letters_join_and_marks_stay_apart() {
        let small = |shift: i32, text: &str| format!("/F 6 Tf {shift} Ts ({text}) Tj 0 Ts /F 10 Tf ( e) Tj");
        check(&format!("(il 240) Tj {}", small(4, "th")), "il 240th e\n");
        check(&format!("(k) Tj {}", small(-4, "a")), "ka e\n");
        check(&format!("(Rossi) Tj {}", small(4, "1")), "Rossi 1 e\n");
        check(&format!("(Rossi) Tj {}", small(4, "a")), "Rossi a e\n");
        check(&format!("(10) Tj {}", small(4, "2")), "10 2 e\n");
    }

    #[test]
    fn a_replacement_text_takes_the_place_of_what_is_drawn() {
        check("(sin) Tj /Span<</ActualText(da)>>BDC (xx) Tj EMC (cato) Tj", "sindacato\n");
    }

    #[test]
    fn a_marked_hyphen_is_no_part_of_the_word() {
        let hyphen = "/Span<</ActualText<FEFF00AD>>>BDC (-) Tj EMC";
        let lines =
            format!("(Il lavoratore sottoscritto Ros) Tj {hyphen} 0 -12 Td (Si di essere iscritto al sindacato) Tj");
        check(&lines, "Il lavoratore sottoscritto RosSi di essere iscritto al sindacato\n");
        check(&format!("(sinda) Tj {hyphen} (cato) Tj"), "sindacato\n");
    }
}
