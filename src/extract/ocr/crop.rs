//! Cuts lines out of a picture and scales pictures: what the models are given.

use crate::open::recognition::Picture;

use super::boxes::TextBox;

/// How often a line or page is turned by ninety degrees clockwise before it stands as it is read.
pub(super) type Turn = u8;

/// Whole pixels; nothing below none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "such casts end at the bounds")]
pub(super) fn whole(pixels: f32) -> usize {
    pixels as usize
}

/// The direction of reading and the direction of the lines below each other, for a box in which
/// the text is turned so often clockwise.
pub(super) fn axes(cos: f32, sin: f32, turn: Turn) -> ((f32, f32), (f32, f32)) {
    let (right, down) = ((cos, sin), (-sin, cos));
    let negative = |(x, y): (f32, f32)| (-x, -y);
    match turn % 4 {
        0 => (right, down),
        1 => (down, negative(right)),
        2 => (negative(right), negative(down)),
        _ => (negative(down), right),
    }
}

/// The sides of a box along and across its text.
pub(super) fn sides(found: &TextBox, turn: Turn) -> (f32, f32) {
    if turn.is_multiple_of(2) { (found.width, found.height) } else { (found.height, found.width) }
}

/// The content of a box as an upright strip of this size, one plane a colour (blue, green, red),
/// `offset` taken and the rest multiplied by `scale`, each by colour.
pub(super) fn strip(picture: &Picture, found: &TextBox, turn: Turn, width: usize, height: usize) -> Vec<f32> {
    let (along, across) = axes(found.cos, found.sin, turn);
    let (length, thickness) = sides(found, turn);
    let plane = width * height;
    let mut planes = vec![0.0; plane * 3];
    // Several samples a pixel where the strip is smaller than the box.
    let samples = (thickness / height as f32).round().clamp(1.0, 4.0);
    let count = whole(samples);
    for row in 0..height {
        for column in 0..width {
            let mut sum = [0.0f32; 3];
            for sub in 0..count * count {
                let shift = |of: usize| (of as f32 + 0.5) / samples;
                let u = ((column as f32 + shift(sub % count)) / width as f32 - 0.5) * length;
                let v = ((row as f32 + shift(sub / count)) / height as f32 - 0.5) * thickness;
                let x = found.x + along.0 * u + across.0 * v;
                let y = found.y + along.1 * u + across.1 * v;
                let colour = between(picture, x - 0.5, y - 0.5);
                sum.iter_mut().zip(colour).for_each(|(sum, part)| *sum += part);
            }
            let at = row * width + column;
            for (colour, sum) in sum.iter().rev().enumerate() {
                if let Some(value) = planes.get_mut(colour * plane + at) {
                    *value = (sum / (samples * samples) / 255.0 - 0.5) / 0.5;
                }
            }
        }
    }
    planes
}

/// The colour between four pixels.
fn between(picture: &Picture, x: f32, y: f32) -> [f32; 3] {
    let (x, y) = (x.max(0.0), y.max(0.0));
    let (column, row) = (whole(x), whole(y));
    let (right, down) = (x - column as f32, y - row as f32);
    let mut colour = [0.0; 3];
    for (corner, weight) in [
        (picture.at(column, row), (1.0 - right) * (1.0 - down)),
        (picture.at(column + 1, row), right * (1.0 - down)),
        (picture.at(column, row + 1), (1.0 - right) * down),
        (picture.at(column + 1, row + 1), right * down),
    ] {
        colour.iter_mut().zip(corner).for_each(|(sum, part)| *sum += f32::from(part) * weight);
    }
    colour
}

/// The picture at another size, each new pixel the mean of those it covers, or between four of them.
pub(super) fn scaled(picture: &Picture, width: usize, height: usize) -> Option<Picture> {
    if (width, height) == (picture.width(), picture.height()) {
        return Some(picture.clone());
    }
    let mut pixels = Vec::with_capacity(width.checked_mul(height)?.checked_mul(3)?);
    let (sx, sy) = (picture.width() as f32 / width as f32, picture.height() as f32 / height as f32);
    let shrinks = sx > 1.0 && sy > 1.0;
    // Sums of each source column range are made row by row.
    for row in 0..height {
        if !shrinks {
            for column in 0..width {
                let colour = between(picture, (column as f32 + 0.5) * sx - 0.5, (row as f32 + 0.5) * sy - 0.5);
                pixels.extend(colour.map(|part| u8::try_from(whole(part.round())).unwrap_or(255)));
            }
            continue;
        }
        let rows = whole(row as f32 * sy)..whole(((row + 1) as f32 * sy).ceil()).min(picture.height());
        for column in 0..width {
            let first = whole(column as f32 * sx);
            let last = whole(((column + 1) as f32 * sx).ceil()).min(picture.width());
            let mut sum = [0u32; 3];
            let mut count = 0;
            for y in rows.clone() {
                let start = y * picture.width();
                let run = picture.pixels().get((start + first) * 3..(start + last) * 3).unwrap_or_default();
                for pixel in run.chunks_exact(3) {
                    sum.iter_mut().zip(pixel).for_each(|(sum, part)| *sum += u32::from(*part));
                    count += 1;
                }
            }
            pixels.extend(sum.map(|sum| u8::try_from(sum / count.max(1)).unwrap_or(255)));
        }
    }
    Picture::new(width, height, pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: usize, height: usize, colour: impl Fn(usize, usize) -> [u8; 3]) -> Picture {
        let pixels = (0..width * height).flat_map(|at| colour(at % width, at / width)).collect();
        Picture::new(width, height, pixels).unwrap()
    }

    /// Red from the left, green from the top.
    fn slopes(x: usize, y: usize) -> [u8; 3] {
        [u8::try_from(x * 2).unwrap(), u8::try_from(y * 2).unwrap(), 0]
    }

    #[test]
    fn a_strip_runs_along_the_text() {
        let picture = picture(100, 100, slopes);
        let found = TextBox { x: 50.0, y: 50.0, cos: 1.0, sin: 0.0, width: 40.0, height: 10.0 };
        // The colours at the middle of the left and of the right end, as blue, green, red.
        let ends = |found: &TextBox, turn: Turn| {
            let strip = strip(&picture, found, turn, 40, 10);
            let at = |column: usize| {
                [0, 1, 2].map(|plane| ((strip[plane * 400 + 5 * 40 + column] * 0.5 + 0.5) * 255.0 / 2.0).round())
            };
            (at(0), at(39))
        };
        assert_eq!(ends(&found, 0), ([0.0, 50.0, 30.0], [0.0, 50.0, 69.0]));
        assert_eq!(ends(&found, 2), ([0.0, 49.0, 69.0], [0.0, 49.0, 30.0]));
        let tall = TextBox { width: 10.0, height: 40.0, ..found };
        assert_eq!(ends(&tall, 1), ([0.0, 30.0, 49.0], [0.0, 69.0, 49.0]), "downwards");
        assert_eq!(ends(&tall, 3), ([0.0, 69.0, 50.0], [0.0, 30.0, 50.0]), "upwards");
    }

    #[test]
    fn scaling_keeps_the_mean() {
        let board = picture(64, 64, |x, y| if (x + y) % 2 == 0 { [255; 3] } else { [0; 3] });
        let small = scaled(&board, 16, 16).unwrap();
        assert_eq!(small.at(3, 3), [127; 3]);
        let large = scaled(&picture(2, 1, |x, _| [if x == 0 { 0 } else { 200 }; 3]), 8, 4).unwrap();
        assert_eq!((large.at(0, 0)[0], large.at(7, 3)[0]), (0, 200));
        assert!(large.at(4, 0)[0] > 90 && large.at(4, 0)[0] < 130);
    }
}
