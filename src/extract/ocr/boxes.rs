//! Turns the map of where a picture holds text into boxes, one a line or word, turned as the text is.
//!
//! The last step of differentiable binarisation: <https://arxiv.org/abs/1911.08947>, section 3.

/// A rectangle along and across a line of text, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TextBox {
    pub(super) x: f32,
    pub(super) y: f32,
    /// The direction of its sides that run closest to the rows of the picture: right, and a little up or down.
    pub(super) cos: f32,
    pub(super) sin: f32,
    /// Along that direction.
    pub(super) width: f32,
    pub(super) height: f32,
}

/// From here on a pixel belongs to text.
const PIXEL: f32 = 0.3;
/// The mean of the pixels of a box.
const BOX: f32 = 0.5;
/// The map shows the inner part of each line: how far its box is let out, as area over perimeter.
const LET_OUT: f32 = 1.6;
/// Pixels of a side: smaller ones are specks.
const SPECK: f32 = 3.0;
/// Boxes of one picture.
const MOST: usize = 4000;

/// The boxes on a map of probabilities, in its own pixels.
pub(super) fn find(map: &[f32], width: usize, height: usize) -> Vec<TextBox> {
    let mut boxes = Vec::new();
    for component in components(map, width, height) {
        if component.pixels < 6 || component.sum / (component.pixels as f32) < BOX {
            continue;
        }
        let Some(tight) = smallest_box(&component.hull()) else { continue };
        if tight.width.min(tight.height) < SPECK {
            continue;
        }
        let out = tight.width * tight.height * LET_OUT / (2.0 * (tight.width + tight.height));
        boxes.push(TextBox { width: tight.width + 2.0 * out, height: tight.height + 2.0 * out, ..tight });
        if boxes.len() >= MOST {
            break;
        }
    }
    boxes
}

/// Pixels that touch each other.
#[derive(Default)]
struct Component {
    pixels: usize,
    sum: f32,
    /// The first and the last pixel of each row it has, not in order.
    ends: Vec<(usize, usize, usize)>,
}

impl Component {
    /// The corners of its pixels that no line between two others leaves inside.
    fn hull(&self) -> Vec<(f32, f32)> {
        let mut points: Vec<(f32, f32)> = Vec::with_capacity(self.ends.len() * 4);
        for (row, first, last) in &self.ends {
            for y in [*row as f32, *row as f32 + 1.0] {
                points.push((*first as f32, y));
                points.push((*last as f32 + 1.0, y));
            }
        }
        points.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        points.dedup();
        let mut hull: Vec<(f32, f32)> = Vec::new();
        for pass in 0..2 {
            let base = hull.len();
            for point in &points {
                while let [.., a, b] = hull.as_slice()
                    && hull.len() >= base + 2
                    && (b.0 - a.0) * (point.1 - a.1) - (b.1 - a.1) * (point.0 - a.0) <= 0.0
                {
                    hull.pop();
                }
                hull.push(*point);
            }
            hull.pop();
            if pass == 0 {
                points.reverse();
            }
        }
        hull
    }
}

/// Runs of text pixels joined row by row, corners included.
fn components(map: &[f32], width: usize, height: usize) -> Vec<Component> {
    struct Run {
        row: usize,
        first: usize,
        last: usize,
        sum: f32,
    }
    let mut runs: Vec<Run> = Vec::new();
    let mut parents: Vec<usize> = Vec::new();
    let mut above = 0..0;
    for row in 0..height {
        let pixels = map.get(row * width..(row + 1) * width).unwrap_or_default();
        let begin = runs.len();
        let mut x = 0;
        while let Some(first) = pixels.iter().skip(x).position(|p| *p > PIXEL).map(|at| at + x) {
            let rest = pixels.get(first..).unwrap_or_default();
            let length = rest.iter().take_while(|p| **p > PIXEL).count();
            let sum = rest.iter().take(length).sum();
            x = first + length;
            let run = runs.len();
            parents.push(run);
            for (other, upper) in runs.iter().enumerate().take(above.end).skip(above.start) {
                if upper.first <= x && upper.last + 1 >= first {
                    let (a, b) = (root(&mut parents, other), root(&mut parents, run));
                    if let Some(parent) = parents.get_mut(a.max(b)) {
                        *parent = a.min(b);
                    }
                }
            }
            runs.push(Run { row, first, last: x - 1, sum });
        }
        above = begin..runs.len();
    }
    let mut found: Vec<Component> = Vec::new();
    let mut places: Vec<Option<usize>> = vec![None; runs.len()];
    for (at, run) in runs.iter().enumerate() {
        let root = root(&mut parents, at);
        let place = places.get(root).copied().flatten().unwrap_or_else(|| {
            found.push(Component::default());
            found.len() - 1
        });
        if let Some(slot) = places.get_mut(root) {
            *slot = Some(place);
        }
        if let Some(component) = found.get_mut(place) {
            component.pixels += run.last + 1 - run.first;
            component.sum += run.sum;
            component.ends.push((run.row, run.first, run.last));
        }
    }
    found
}

fn root(parents: &mut [usize], of: usize) -> usize {
    let mut at = of;
    while let Some(parent) = parents.get(at).copied()
        && parent != at
    {
        // Halves the way for the next one.
        let grand = parents.get(parent).copied().unwrap_or(parent);
        if let Some(slot) = parents.get_mut(at) {
            *slot = grand;
        }
        at = grand;
    }
    at
}

/// The rectangle of least area around the corners of a convex shape; one of its sides lies along one of theirs.
fn smallest_box(hull: &[(f32, f32)]) -> Option<TextBox> {
    let mut best: Option<(f32, TextBox)> = None;
    for (at, from) in hull.iter().enumerate() {
        let to = hull.get((at + 1) % hull.len())?;
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy);
        if length < 1e-3 {
            continue;
        }
        // The side, or its normal, that runs closest to the rows, to the right.
        let (mut cos, mut sin) = (dx / length, dy / length);
        if cos.abs() < sin.abs() {
            (cos, sin) = (sin, -cos);
        }
        if cos < 0.0 {
            (cos, sin) = (-cos, -sin);
        }
        let (mut left, mut right, mut top, mut bottom) = (f32::MAX, f32::MIN, f32::MAX, f32::MIN);
        for (x, y) in hull {
            let (along, across) = (x * cos + y * sin, y * cos - x * sin);
            (left, right) = (left.min(along), right.max(along));
            (top, bottom) = (top.min(across), bottom.max(across));
        }
        let area = (right - left) * (bottom - top);
        if best.as_ref().is_none_or(|(least, _)| area < *least) {
            let (along, across) = (f32::midpoint(left, right), f32::midpoint(top, bottom));
            let (x, y) = (along * cos - across * sin, along * sin + across * cos);
            best = Some((area, TextBox { x, y, cos, sin, width: right - left, height: bottom - top }));
        }
    }
    best.map(|(_, found)| found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A map on which the pixels for which `is_text` holds are sure.
    fn map(width: usize, height: usize, is_text: impl Fn(f32, f32) -> bool) -> Vec<f32> {
        let mut map = vec![0.0; width * height];
        for (at, pixel) in map.iter_mut().enumerate() {
            if is_text((at % width) as f32 + 0.5, (at / width) as f32 + 0.5) {
                *pixel = 0.9;
            }
        }
        map
    }

    #[test]
    fn a_line_is_a_box_let_out_on_all_sides() {
        let boxes = find(&map(100, 50, |x, y| x > 20.0 && x < 60.0 && y > 10.0 && y < 20.0), 100, 50);
        let [found] = boxes.as_slice() else { panic!("{boxes:?}") };
        assert_eq!((found.x, found.y, found.cos), (40.0, 15.0, 1.0));
        // 400 * 1.6 / 100 on each side.
        assert!((found.width - 52.8).abs() < 0.01 && (found.height - 22.8).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn turned_lines_have_turned_boxes() {
        for degrees in [-40.0f32, -10.0, 7.0, 30.0, 80.0, 90.0] {
            let (sin, cos) = degrees.to_radians().sin_cos();
            let inside = |x: f32, y: f32| {
                let (dx, dy) = (x - 100.0, y - 100.0);
                (dx * cos + dy * sin).abs() < 60.0 && (dy * cos - dx * sin).abs() < 6.0
            };
            let boxes = find(&map(200, 200, inside), 200, 200);
            let [found] = boxes.as_slice() else { panic!("{degrees}: {boxes:?}") };
            let long = found.width.max(found.height);
            let tilt = if degrees > 45.0 { degrees - 90.0 } else { degrees };
            assert!((found.sin.atan2(found.cos).to_degrees() - tilt).abs() < 2.0, "{degrees}: {found:?}");
            assert_eq!(found.width >= found.height, degrees <= 45.0, "{degrees}: {found:?}");
            assert!((found.x - 100.0).abs() < 1.5 && (found.y - 100.0).abs() < 1.5 && (long - 138.0).abs() < 6.0);
        }
    }

    #[test]
    fn lines_stay_apart_and_specks_are_nothing() {
        let two = map(100, 60, |x, y| x > 10.0 && x < 90.0 && (y > 10.0 && y < 18.0 || y > 30.0 && y < 38.0));
        assert_eq!(find(&two, 100, 60).len(), 2);
        // A shape that is joined only further down.
        let horseshoe = map(40, 40, |x, y| y < 35.0 && (!(8.0..=32.0).contains(&x) || y > 28.0));
        assert_eq!(find(&horseshoe, 40, 40).len(), 1);
        assert!(find(&map(40, 40, |x, y| x < 2.0 && y < 2.0), 40, 40).is_empty());
        assert!(find(&[0.4; 1600], 40, 40).is_empty(), "unsure everywhere");
        assert!(find(&[], 0, 0).is_empty());
    }
}
