//! Feeds libFuzzer's inputs to [`packdog_fuzz::traceparent`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| packdog_fuzz::traceparent(data));
