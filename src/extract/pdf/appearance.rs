//! What the annotations of a PDF page look like: a content stream each, and where it is drawn.

use hayro_font::kurbo::{Affine, Point};
use hayro_syntax::object::{Dict, Name, Object, Stream};

/// The normal appearance of an annotation, in its current state.
pub(super) fn appearance<'a>(annotation: &Dict<'a>) -> Option<Stream<'a>> {
    match annotation.get::<Dict<'a>>("AP")?.get::<Object<'a>>("N")? {
        Object::Stream(stream) => Some(stream),
        Object::Dict(states) => states.get::<Stream<'a>>(annotation.get::<Name<'a>>("AS")?.as_ref()),
        _ => None,
    }
}

/// Maps the box of an appearance onto the rectangle of its annotation (ISO 32000-2, 12.5.5).
pub(super) fn place(form: &Dict<'_>, [x0, y0, x1, y1]: [f64; 4]) -> Affine {
    let matrix = form.get::<[f64; 6]>("Matrix").map_or(Affine::IDENTITY, Affine::new);
    let [bx0, by0, bx1, by1] = form.get::<[f64; 4]>("BBox").unwrap_or([0.0, 0.0, x1 - x0, y1 - y0]);
    let corners = [(bx0, by0), (bx1, by0), (bx0, by1), (bx1, by1)].map(|corner| matrix * Point::from(corner));
    let least = |of: fn(&Point) -> f64| corners.iter().map(of).fold(f64::INFINITY, f64::min);
    let most = |of: fn(&Point) -> f64| corners.iter().map(of).fold(f64::NEG_INFINITY, f64::max);
    let (left, right, bottom, top) = (least(|p| p.x), most(|p| p.x), least(|p| p.y), most(|p| p.y));
    let ratio = |to: f64, from: f64| if from.abs() > 1e-9 { to.abs() / from } else { 1.0 };
    let (sx, sy) = (ratio(x1 - x0, right - left), ratio(y1 - y0, top - bottom));
    Affine::new([sx, 0.0, 0.0, sy, x0.min(x1) - sx * left, y0.min(y1) - sy * bottom])
}
