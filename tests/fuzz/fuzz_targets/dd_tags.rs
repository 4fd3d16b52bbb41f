//! Feeds libFuzzer's inputs to [`packdog_fuzz::dd_tags`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| packdog_fuzz::dd_tags(data));
