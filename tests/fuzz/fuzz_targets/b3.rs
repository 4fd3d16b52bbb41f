//! Feeds libFuzzer's inputs to [`packdog_fuzz::b3`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| packdog_fuzz::b3(data));
