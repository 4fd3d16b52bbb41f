//! Feeds libFuzzer's inputs to [`packdog_fuzz::dd_member`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| packdog_fuzz::dd_member(data));
