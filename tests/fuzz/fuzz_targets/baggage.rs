//! Feeds libFuzzer's inputs to [`packdog_fuzz::baggage`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| packdog_fuzz::baggage(data));
