//! A future that carries a span: the span is current in every poll, and nowhere else.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use pin_project_lite::pin_project;

use super::{SpanScope, current_tracer};
use crate::{
    span::{OwnedSpan, Span, SpanBuilder},
    tracer::Tracer,
};

/// Carries spans with futures: `.in_span(span)`.
pub trait InSpanExt: Future + Sized {
    /// Makes `span` current in every poll of this future, and while it is dropped.
    ///
    /// A builder is started at this call. A span that the future owns, from a builder or an
    /// [`OwnedSpan`], finishes when the future is ready or dropped; a handle finishes nothing.
    ///
    /// ```
    /// use packdog_api::{InSpanExt, span};
    ///
    /// async fn fetch() {}
    /// async fn pantry() {
    ///     fetch().in_span(span("pantry.fetch")).await;
    /// }
    /// ```
    fn in_span(self, span: impl Into<CarriedSpan>) -> InSpan<Self> {
        InSpan { inner: Some(self), span: span.into(), tracer: current_tracer() }
    }
}

impl<F: Future> InSpanExt for F {}

/// A span that a future carries: owned, or only a handle.
#[derive(Debug)]
pub struct CarriedSpan(Carried);

#[derive(Debug)]
enum Carried {
    Owned(OwnedSpan),
    Handle(Span),
}

impl CarriedSpan {
    fn handle(&self) -> &Span {
        match &self.0 {
            Carried::Owned(span) => span,
            Carried::Handle(span) => span,
        }
    }

    /// Finishes the span, if it is owned.
    fn let_go(&mut self) {
        if let Carried::Owned(span) = &self.0 {
            self.0 = Carried::Handle(span.handle());
        }
    }
}

impl From<OwnedSpan> for CarriedSpan {
    fn from(span: OwnedSpan) -> Self {
        Self(Carried::Owned(span))
    }
}

impl From<SpanBuilder> for CarriedSpan {
    fn from(builder: SpanBuilder) -> Self {
        builder.start().into()
    }
}

impl From<Span> for CarriedSpan {
    fn from(span: Span) -> Self {
        Self(Carried::Handle(span))
    }
}

impl From<&Span> for CarriedSpan {
    fn from(span: &Span) -> Self {
        span.clone().into()
    }
}

pin_project! {
    /// A future with a span, made by [`InSpanExt::in_span`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct InSpan<F> {
        // `None` once it was dropped inside its span.
        #[pin]
        inner: Option<F>,
        span: CarriedSpan,
        tracer: Option<Tracer>,
    }

    impl<F> PinnedDrop for InSpan<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let _scope = SpanScope::enter_with(this.span.handle().clone(), this.tracer.clone());
            this.inner.set(None);
        }
    }
}

impl<F: Future> Future for InSpan<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let scope = SpanScope::enter_with(this.span.handle().clone(), this.tracer.clone());
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            return Poll::Pending; // Polled again after it was ready.
        };
        let output = std::task::ready!(inner.poll(cx));
        this.inner.set(None);
        drop(scope);
        this.span.let_go();
        Poll::Ready(output)
    }
}
