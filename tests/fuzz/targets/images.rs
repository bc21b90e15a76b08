//! Bytes for this reader.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| plainsight_fuzz::read(&["image"], data));
