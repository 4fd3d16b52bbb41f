//! Feeds libFuzzer's inputs to [`packdog_fuzz::datadog_tags`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| packdog_fuzz::datadog_tags(data));
