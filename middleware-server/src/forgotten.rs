//! The message for an application that serves requests through a layer without installing a tracer.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use packdog::internal::{is_forgotten, write_without_tracer};

use crate::config::Config;

const MESSAGE: &str = "requests pass through ServerTraceLayer, but no tracer is \
installed; nothing is traced. Call packdog::init() at the start of main, and keep its guard; with \
DD_TRACE_ENABLED=false it traces nothing, without this message.";

/// Writes the message at the first request, unless tracing is turned off.
pub(crate) fn warn_once(config: &Config) {
    static HAS_WARNED: AtomicBool = AtomicBool::new(false);
    if HAS_WARNED.load(Relaxed) || config.tracer.is_some() || !is_forgotten() {
        return;
    }
    if !HAS_WARNED.swap(true, Relaxed) {
        write_without_tracer(MESSAGE);
    }
}
