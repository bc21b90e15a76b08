//! Tests of the reader of pictures, with an engine that says what it was shown.

use std::fmt::Write as _;
use std::io::Cursor;

use super::*;
use crate::model::Name;
use crate::open::Limits;
use crate::open::collect::{Collected, collect};
use crate::open::recognition::{Picture, Recognise, RecogniseError, Recognised, Recognition, When};

/// Says how large the picture is and the colour of its first pixel.
#[derive(Debug)]
struct Sides;

impl Recognise for Sides {
    fn read(&self, picture: &Picture, _budget: &Budget) -> Result<Recognised, RecogniseError> {
        let [r, g, b] = picture.at(0, 0);
        let text = format!("{} by {}, {r} {g} {b}", picture.width(), picture.height());
        Ok(Recognised { paragraphs: vec![text], lines: 1, illegible: 0 })
    }
}

fn read_with(when: When, bytes: &[u8]) -> Collected {
    let recognition = Recognition { when, engine: Some(Arc::new(Sides)), ..Recognition::default() };
    let budget = Budget::new(Limits { recognition, ..Limits::default() }, bytes.len() as u64, Arc::default());
    let mut input = Input::bytes(bytes, &budget, Name::from("a"));
    let mut collected = Collected::default();
    collected.error = Image.read(&mut input, &budget, &mut collected).err();
    collected
}

#[track_caller]
fn check(bytes: &[u8], media_type: &str, expected: &str) {
    let collected = read_with(When::Auto, bytes);
    assert!(collected.error.is_none() && collected.gaps.is_empty(), "{collected:?}");
    assert_eq!((collected.media_type, collected.content().as_str()), (Some(media_type), expected));
}

/// Reddish from the left, greenish from the top.
fn pixels(width: usize, height: usize) -> Vec<u8> {
    (0..width * height).flat_map(|at| [200, u8::try_from(at / width % 256).unwrap(), 7]).collect()
}

fn png_file(width: u32, height: u32, text: &[(&str, &str)]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    for (keyword, text) in text {
        encoder.add_itxt_chunk((*keyword).to_owned(), (*text).to_owned()).unwrap();
    }
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixels(width as usize, height as usize)).unwrap();
    writer.finish().unwrap();
    file
}

fn tiff_file(sides: &[(u32, u32)]) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let mut encoder = ::tiff::encoder::TiffEncoder::new(&mut file).unwrap();
    for (width, height) in sides {
        let mut image = encoder.new_image::<::tiff::encoder::colortype::RGB8>(*width, *height).unwrap();
        image.encoder().write_tag(::tiff::tags::Tag::Artist, "Elisa Fiorvanti").unwrap();
        image.write_data(&pixels(*width as usize, *height as usize)).unwrap();
    }
    file.into_inner()
}

#[test]
fn every_kind_is_decoded() {
    check(&png_file(120, 100, &[]), "image/png", "120 by 100, 200 0 7\n");
    let mut webp = Vec::new();
    let encoder = image_webp::WebPEncoder::new(&mut webp);
    encoder.encode(&pixels(120, 100), 120, 100, image_webp::ColorType::Rgb8).unwrap();
    check(&webp, "image/webp", "120 by 100, 200 0 7\n");
    let mut gif = Vec::new();
    let mut encoder = gif::Encoder::new(&mut gif, 120, 100, &[200, 0, 7, 9, 9, 9]).unwrap();
    let frame = gif::Frame { width: 120, height: 100, buffer: vec![0; 12000].into(), ..gif::Frame::default() };
    encoder.write_frame(&frame).unwrap();
    drop(encoder);
    check(&gif, "image/gif", "120 by 100, 200 0 7\n");
    check(include_bytes!("../../../fixtures/image/gray.jpg"), "image/jpeg", "120 by 100, 128 128 128\n");
}

#[test]
fn what_programs_write_is_decoded() {
    let white = "620 by 120, 255 255 255\n";
    check(include_bytes!("../../../fixtures/image/palette.png"), "image/png", white);
    check(include_bytes!("../../../fixtures/image/written.bmp"), "image/bmp", white);
    check(include_bytes!("../../../fixtures/image/written.gif"), "image/gif", white);
    check(include_bytes!("../../../fixtures/image/written.webp"), "image/webp", white);
    check(include_bytes!("../../../fixtures/image/lzw.tiff"), "image/tiff", white);
    check(include_bytes!("../../../fixtures/image/fax.tiff"), "image/tiff", &white.repeat(2));
    // As a phone held upright takes it.
    let turned = read_with(When::Auto, include_bytes!("../../../fixtures/image/turned.jpg"));
    assert_eq!(turned.content(), format!("Author: Elisa Fiorvanti\nGPS position: 45.46000, 9.18333\n{white}"));
}

#[test]
fn pages_are_places() {
    let file = tiff_file(&[(120, 100), (200, 300)]);
    let collected = read_with(When::Auto, &file);
    assert!(collected.error.is_none() && collected.gaps.is_empty(), "{collected:?}");
    let mut found = String::new();
    for piece in collected.texts.iter().flat_map(|text| text.pieces().iter().map(move |piece| (text, piece))) {
        writeln!(found, "[{}] {}", piece.1.place, piece.0.piece_content(piece.1.start).trim_end()).unwrap();
    }
    assert_eq!(
        found,
        "[Author] Author:\n[Author] Elisa Fiorvanti\n[page 1, line 1] 120 by 100, 200 0 7\n\
         [page 2, line 1] 200 by 300, 200 0 7\n"
    );
    for length in 0..file.len().min(400) {
        read_with(When::Auto, &file[..length]);
    }
}

#[test]
fn what_is_written_into_it_is_text_even_without_an_engine() {
    let collected = collect(&Image, "a.png", &png_file(120, 100, &[("Author", "Elisa Fiorvanti")]));
    assert_eq!(collected.content(), "Author: Elisa Fiorvanti\n");
    assert_eq!(collected.gaps, [(Reason::OcrUnavailable, "no text recognition is installed".to_owned())]);
    let exif = exif::tests::block(&[&[(0x013b, 2, b"Elisa Fiorvanti\0"), (0x0112, 3, &[6, 0])]]);
    let heic = [b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", b"....Exif\0\0".as_slice(), &exif].concat();
    let collected = collect(&Image, "a.heic", &heic);
    assert_eq!(collected.content(), "Author: Elisa Fiorvanti\n");
    assert_eq!(collected.gaps[0].0, Reason::UnsupportedFormat);
}

#[test]
fn off_is_said_and_icons_are_no_gap() {
    let off = read_with(When::Off, &png_file(120, 100, &[]));
    assert_eq!((off.gaps[0].0, off.content().as_str()), (Reason::OcrUnavailable, ""));
    assert!(off.gaps[0].1.contains("--ocr off"));
    let icon = collect(&Image, "a.png", &png_file(32, 32, &[]));
    assert!(icon.gaps.is_empty() && icon.error.is_none());
}

#[test]
fn a_picture_that_claims_too_much_is_not_decoded() {
    let mut claims = png_file(120, 100, &[]);
    claims[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    let sum = crc32(&claims[12..29]);
    claims[29..33].copy_from_slice(&sum.to_be_bytes());
    let collected = read_with(When::Auto, &claims);
    assert_eq!(collected.gaps.first().map(|gap| gap.0), Some(Reason::MemberTooLarge), "{collected:?}");
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

#[test]
fn damaged_pictures_are_told() {
    for whole in [png_file(120, 100, &[]), include_bytes!("../../../fixtures/image/gray.jpg").to_vec()] {
        for length in 0..whole.len() - 12 {
            let collected = read_with(When::Auto, &whole[..length]);
            assert!(collected.error.is_some() || !collected.gaps.is_empty(), "{length} of {}", whole.len());
        }
    }
}
