//! `.trace_err()`: an `Err` marks the current span on its way through `?`.

use std::{
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use crate::{
    recording::SpanError,
    scope::{CarriedSpan, InSpan, InSpanExt, current_span},
};

/// Marks the current span with the error of a `Result`: `.trace_err()?`.
///
/// Implemented for types that implement [`Error`](std::error::Error), for those that hold an error
/// (`anyhow::Error`, `Box<dyn Error>`, also with `Send + Sync`), and for texts (`String`, `&str`).
/// The compiler infers `By`, which distinguishes these cases.
///
/// ```
/// # use packdog_api as packdog;
/// use packdog::TraceErr;
///
/// fn slices(text: &str) -> Result<u8, std::num::ParseIntError> {
///     let slices = text.parse::<u8>().trace_err()?;
///     Ok(slices)
/// }
/// # assert!(slices("many").is_err());
/// ```
pub trait TraceErr<By>: Sized {
    /// Marks the [current span](crate::current_span) if this is an `Err`, as
    /// [`Span::set_error`](crate::Span::set_error) does, and returns the result unchanged.
    fn trace_err(self) -> Self;
}

impl<T, E: SpanError<By>, By> TraceErr<By> for Result<T, E> {
    fn trace_err(self) -> Self {
        self.inspect_err(|error| current_span().set_error(error))
    }
}

/// Extends futures of a `Result` with `.try_in_span(span)`.
pub trait TryInSpanExt: Future + Sized {
    /// Attaches a span like [`in_span`](InSpanExt::in_span), and marks it if the result is an
    /// `Err`, as [`trace_err`](TraceErr::trace_err) does.
    ///
    /// ```
    /// # mod packdog { pub use packdog_api::*; pub mod scope { pub use packdog_api::*; } }
    /// use packdog::{scope::TryInSpanExt, span};
    ///
    /// async fn slices(text: &str) -> Result<u8, std::num::ParseIntError> {
    ///     async { text.parse() }.try_in_span(span("order.parse")).await
    /// }
    /// # drop(slices("many"));
    /// ```
    fn try_in_span<By>(self, span: impl Into<CarriedSpan>) -> InSpan<TracedErr<Self, By>>
    where
        Self::Output: TraceErr<By>,
    {
        TracedErr { inner: self, by: PhantomData }.in_span(span)
    }
}

impl<F: Future> TryInSpanExt for F {}

pin_project! {
    /// A future whose `Err` marks the current span, made by [`TryInSpanExt::try_in_span`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct TracedErr<F, By> {
        #[pin]
        inner: F,
        by: PhantomData<fn() -> By>,
    }
}

impl<F: Future<Output: TraceErr<By>>, By> Future for TracedErr<F, By> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().inner.poll(cx).map(TraceErr::trace_err)
    }
}

#[cfg(test)]
mod tests {
    use std::{error::Error, num::ParseIntError};

    use super::*;
    use crate::{recorder::tracer, recording::Span};

    type BoxError = Box<dyn Error + Send + Sync>;

    /// The message of the current span's error, if it is marked with one.
    fn message(f: impl FnOnce()) -> Option<String> {
        let (tracer, recorder) = tracer();
        tracer.span("root").in_scope(|_: &Span| f());
        let chunks = recorder.chunks();
        let span = chunks[0].spans().next().unwrap();
        let message = span.tag("error.message").map(|text| text.as_str().unwrap().to_owned());
        message.filter(|_| span.is_error())
    }

    fn generic<E: Error>(result: Result<(), E>) -> Result<(), E> {
        result.trace_err()
    }

    #[test]
    fn an_err_of_each_kind_marks_the_current_span() {
        let error = || "many".parse::<u8>().unwrap_err();
        let expected = Some(error().to_string());
        assert_eq!(message(|| assert!(Err::<(), _>(error()).trace_err().is_err())), expected);
        assert_eq!(message(|| assert!(generic(Err(error())).is_err())), expected);
        let inside = || Err::<(), BoxError>(error().into());
        assert_eq!(message(|| assert!(inside().trace_err().is_err())), expected);
        let boxed = || Err::<(), Box<dyn Error>>(error().into());
        assert_eq!(message(|| assert!(boxed().trace_err().is_err())), expected);
        let text = || Err::<(), _>(error().to_string());
        assert_eq!(message(|| assert!(text().trace_err().is_err())), expected);
        let fixed = || Err::<(), _>("no bread");
        assert_eq!(message(|| assert!(fixed().trace_err().is_err())).as_deref(), Some("no bread"));
    }

    #[test]
    fn an_ok_marks_nothing() {
        assert_eq!(message(|| assert_eq!(Ok::<_, ParseIntError>(1).trace_err(), Ok(1))), None);
    }

    #[test]
    fn a_future_that_ends_with_an_err_marks_its_span() {
        let (tracer, recorder) = tracer();
        for text in ["many", "7"] {
            let parsed = async { text.parse::<u8>() }.try_in_span(tracer.span("order.parse"));
            let mut parsed = std::pin::pin!(parsed);
            let waker = std::task::Waker::noop();
            assert!(parsed.as_mut().poll(&mut Context::from_waker(waker)).is_ready());
        }
        let marked = crate::recorder::recorded(&recorder).into_iter().map(|span| span.is_error);
        assert_eq!(marked.collect::<Vec<_>>(), [true, false]);
    }
}
