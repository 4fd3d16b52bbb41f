//! Stacks of errors: the causes, and a backtrace that is resolved later.
//!
//! A backtrace is taken where the error is recorded, which is cheap. Finding the names and lines
//! of its frames reads the debug information of the program; that waits until the stack is read,
//! which is usually done by the thread that sends it.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    fmt,
    sync::{
        OnceLock,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use crate::{
    process::process_id,
    render::render,
    sync::{Mutex, lock},
    text::{MAX_TAG_VALUE_BYTES, cut},
};

/// The most backtraces that are taken in one second: naming the frames of one takes about a
/// millisecond of the thread that sends them.
const MAX_BACKTRACES_PER_SECOND: u64 = 100;

/// The text of a stack, built when it is first read.
pub(crate) struct Stack {
    causes: String,
    /// `None` once the text is there.
    backtrace: Mutex<Option<Backtrace>>,
    /// The process that took it. A forked child does not wait for a thread that builds the text.
    process: u32,
    text: OnceLock<String>,
}

impl Stack {
    /// Adds a backtrace after these lines if `RUST_BACKTRACE` or `RUST_LIB_BACKTRACE` enables it;
    /// returns the lines otherwise.
    pub(crate) fn take(causes: String) -> Result<Self, String> {
        let process = process_id();
        if !may_take_in(process) {
            return Err(causes);
        }
        let backtrace = Backtrace::capture();
        if backtrace.status() != BacktraceStatus::Captured || !has_room_in(unix_second()) {
            return Err(causes);
        }
        let backtrace = Mutex::new(Some(backtrace));
        Ok(Self { causes, backtrace, process, text: OnceLock::new() })
    }

    pub(crate) fn text(&self) -> &str {
        if let Some(text) = self.text.get() {
            return text;
        }
        if self.process != process_id() {
            return &self.causes;
        }
        // Held until the text is there, so that other threads wait for it.
        let mut backtrace = lock(&self.backtrace);
        if let Some(backtrace) = backtrace.take() {
            let _ = self.text.set(self.with_frames(&backtrace));
        }
        self.text.get().unwrap_or(&self.causes)
    }

    fn with_frames(&self, backtrace: &Backtrace) -> String {
        let frames = render(backtrace, 4 * MAX_TAG_VALUE_BYTES);
        let mut text = self.causes.clone();
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(from_application(&frames).trim_end());
        cut(&text, MAX_TAG_VALUE_BYTES).to_owned()
    }
}

/// Whether this process may take backtraces: not if its parent did. The standard library guards
/// them by a lock, which a thread of the parent may have held at the fork.
fn may_take_in(process: u32) -> bool {
    static TAKEN_IN: AtomicU32 = AtomicU32::new(0);
    TAKEN_IN.compare_exchange(0, process, Relaxed, Relaxed).is_ok()
        || TAKEN_IN.load(Relaxed) == process
}

impl PartialEq for Stack {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text.get() {
            Some(text) => text.fmt(f),
            None => f.write_str("a backtrace that has not been read"),
        }
    }
}

fn unix_second() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Counts one more backtrace in this second; `false` if there were too many.
fn has_room_in(second: u64) -> bool {
    /// The second, and the number of backtraces taken in it.
    static TAKEN: AtomicU64 = AtomicU64::new(0);
    const COUNT_BITS: u32 = 8;

    let second = second << COUNT_BITS;
    let counted = TAKEN.fetch_update(Relaxed, Relaxed, |taken| {
        let count = taken.saturating_sub(second);
        match count {
            MAX_BACKTRACES_PER_SECOND.. if taken >= second => None,
            _ => Some(taken.max(second) + 1),
        }
    });
    counted.is_ok()
}

/// The beginnings of the names of functions that stand between an error and the application.
const MACHINERY: [&str; 11] = [
    "packdog::",
    "packdog_api::",
    "packdog_http::",
    "packdog_server::",
    "packdog_client::",
    "packdog_opentelemetry::",
    "std::",
    "core::",
    "alloc::",
    "rust_",
    "__rust",
];

/// Returns the frames of a backtrace from the first one of the application on; all if there is
/// none.
fn from_application(frames: &str) -> &str {
    let mut start = 0;
    for line in frames.split_inclusive('\n') {
        let name = line.split_once(": ").filter(|(number, _)| number.trim().parse::<u32>().is_ok());
        if let Some((_, name)) = name
            && !is_machinery(name)
        {
            return frames.get(start..).unwrap_or_default();
        }
        start += line.len();
    }
    frames
}

fn is_machinery(name: &str) -> bool {
    let name = name.trim_start_matches(['<', '&']);
    let name = match name.split_once(" as ") {
        // `<E as Trait>`: a type parameter, which does not name a package.
        Some((parameter, name)) if !parameter.contains("::") => name,
        _ => name,
    };
    MACHINERY.iter().any(|machinery| name.starts_with(machinery))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_begin_with_the_application() {
        let ours = "   0: std::backtrace::Backtrace::create\n             at /rustc/backtrace.rs:331:13\n   \
                    1: <E as packdog_api::recording::error::SpanError>::record_on\n   2: <core::result::Result<T,E>>::inspect_err\n";
        let application = "   3: <bakery::Oven as core::ops::FnOnce>::call\n             at ./src/oven.rs:7:9\n   \
                           4: packdog_api::tracer::block::in_scope\n   5: bakery::main\n";
        assert_eq!(from_application(&format!("{ours}{application}")), application);
        assert_eq!(from_application(ours), ours);
        assert_eq!(from_application(""), "");
    }

    /// Those of packages with frames in a running program, whose own code calls into spans.
    #[test]
    fn frames_of_every_package_of_ours_are_skipped() {
        let packages = [
            "packdog::tracing::error::mark",
            "packdog_api::recording::error::record_error",
            "packdog_http::error::record",
            "packdog_server::handed_error::hand",
            "packdog_client::tracing::record",
            "<packdog_opentelemetry::span::Span as opentelemetry::trace::Span>::record_error",
        ];
        let application = "   9: bakery::main\n";
        for name in packages {
            let frames = format!("   0: {name}\n             at ./x.rs:1:1\n{application}");
            assert_eq!(from_application(&frames), application, "{name}");
        }
        let theirs = "   0: packdog_clients_of_ours::main\n";
        assert_eq!(from_application(theirs), theirs);
    }

    #[test]
    fn the_backtraces_of_one_second_are_limited() {
        // Far from the present, so that other tests do not count with this one.
        let second = unix_second() + 1_000_000;
        let taken = (0..1_000).filter(|_| has_room_in(second)).count();
        assert_eq!(taken, 100);
        assert!(has_room_in(second + 1));
    }
}
