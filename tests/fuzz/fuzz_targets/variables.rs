//! Feeds libFuzzer's inputs to [`packdog_fuzz::variables`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| packdog_fuzz::variables(data));
