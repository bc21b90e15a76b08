//! The first bytes of a file, and its name behind a zero.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let (head, name) = data.split_at(data.iter().position(|byte| *byte == 0).unwrap_or(data.len()));
    std::hint::black_box(plainsight::identify::identify(name, &plainsight::model::Name::from_bytes(head)));
});
