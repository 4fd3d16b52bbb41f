//! Feeds libFuzzer's inputs to [`packdog_fuzz::agent_url`].
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| packdog_fuzz::agent_url(data));
