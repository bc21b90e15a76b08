//! Bytes as a file on a share: identified, and read by whatever reads it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| plainsight_fuzz::read_any(data));
