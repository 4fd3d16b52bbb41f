//! The half of an implementation that reads and writes headers.

use std::{
    fmt,
    panic::{RefUnwindSafe, UnwindSafe},
};

use crate::{
    carrier::{Carrier, CarrierMut},
    values::SpanContext,
};

/// Reads contexts from headers and writes them to headers.
pub trait Propagator: fmt::Debug + Send + Sync + UnwindSafe + RefUnwindSafe + 'static {
    /// Reads the trace and the baggage that headers carry.
    ///
    /// Returns an empty context by default.
    fn extract(&self, carrier: &dyn Carrier) -> SpanContext {
        let _ = carrier;
        SpanContext::new()
    }

    /// Writes headers; returns an error as the value of `_dd.propagation_error`.
    ///
    /// Writes nothing by default.
    fn inject(&self, context: &SpanContext, carrier: &mut dyn CarrierMut) -> Option<&'static str> {
        let _ = (context, carrier);
        None
    }
}

/// The propagator of a tracer that was built without one: it finds and writes nothing.
#[derive(Debug)]
pub(crate) struct NoHeaders;

impl Propagator for NoHeaders {}
