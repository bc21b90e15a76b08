//! Bytes for one of these readers.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| plainsight_fuzz::read(
    &["plain", "csv", "json", "xml", "html", "ldif", "yaml", "toml"],
    data
));
