//! Bytes for one of these readers.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| plainsight_fuzz::read(&["compound_file", "rtf"], data));
