//! The message for an application that serves requests through a layer without installing a tracer.
//!
//! Without a tracer there is no log of ours either, so it goes to standard error, by a thread of its
//! own: that may block.

use std::{
    io::{self, Write as _},
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
};

use packdog::internal::is_forgotten;

use crate::config::Config;

const MESSAGE: &[u8] = b"packdog: requests pass through ServerTraceLayer, but no tracer is \
installed; nothing is traced. Call packdog::init() at the start of main, and keep its guard; with \
DD_TRACE_ENABLED=false it traces nothing, without this message.\n";

/// Writes the message at the first request, unless tracing is turned off.
pub(crate) fn warn_once(config: &Config) {
    static HAS_WARNED: AtomicBool = AtomicBool::new(false);
    if HAS_WARNED.load(Relaxed) || config.tracer.is_some() || !is_forgotten() {
        return;
    }
    if !HAS_WARNED.swap(true, Relaxed) {
        let thread = thread::Builder::new().name("packdog-log".to_owned());
        // Without a thread there is no message: the request does not wait for it.
        let _ = thread.spawn(|| io::stderr().write_all(MESSAGE));
    }
}
