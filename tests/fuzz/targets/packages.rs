//! Parts of a package for one of these readers.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| plainsight_fuzz::read_package(&["ooxml", "odf", "epub", "iwork"], data));
