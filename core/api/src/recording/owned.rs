//! The owner of an open span, which finishes it when dropped.

use std::{fmt, mem, ops::Deref, thread};

use super::Span;

/// An open span; dropping it finishes the span.
///
/// It dereferences to [`Span`], whose handles can be cloned without keeping the span open.
/// If a panic that began while the span was open drops it, the span is marked as an error.
///
/// ```
/// # use packdog_api as packdog;
/// use packdog::span;
///
/// let span = span("sandwich.create").start();
/// let handle = span.handle(); // For others; keeps nothing open.
/// drop(span); // Finishes, as `span.finish()` does.
/// handle.finish(); // The second time does nothing.
/// ```
#[derive(Default)]
#[must_use = "dropping it finishes the span at once"]
pub struct OwnedSpan {
    span: Span,
    /// A span opened by a destructor during unwinding is not marked by that panic.
    opened_in_panic: bool,
}

impl OwnedSpan {
    pub(crate) fn new(span: Span) -> Self {
        let opened_in_panic = span.is_recording() && thread::panicking();
        Self { span, opened_in_panic }
    }

    /// A handle to the span.
    pub fn handle(&self) -> Span {
        self.span.clone()
    }

    /// Returns a handle without finishing the span. The caller must then finish it through a
    /// handle.
    pub fn release(mut self) -> Span {
        mem::take(&mut self.span)
    }
}

impl fmt::Debug for OwnedSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.span.fmt(f)
    }
}

impl Deref for OwnedSpan {
    type Target = Span;

    fn deref(&self) -> &Span {
        &self.span
    }
}

impl Drop for OwnedSpan {
    fn drop(&mut self) {
        if !self.span.is_recording() {
            return;
        }
        if thread::panicking() && !self.opened_in_panic {
            self.span.mark_panic();
        }
        self.span.finish();
    }
}
