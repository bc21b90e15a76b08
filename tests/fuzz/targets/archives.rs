//! Bytes for one of these readers.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| plainsight_fuzz::read(
    &["zip", "7z", "tar", "rar", "cab", "iso", "ar", "cpio", "rpm", "lha"],
    data
));
