//! Feeds libFuzzer's inputs to [`packdog_fuzz::styles`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| packdog_fuzz::styles(data));
