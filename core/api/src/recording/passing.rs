//! A span that records nothing and passes on its context.

use super::Tracer;
use crate::{
    carrier::CarrierMut,
    process::process_id,
    sync::{Mutex, MutexGuard, lock_of},
    values::{Baggage, SpanContext},
};

pub(crate) struct Passing {
    /// The forwarded context; its baggage is kept separately, where it can be written.
    context: SpanContext,
    baggage: Mutex<Baggage>,
    /// The process that began it. A forked child does not wait for its lock.
    process: u32,
    pub(crate) tracer: Tracer,
    /// Whether descendants record nothing either.
    pub(crate) is_ignored: bool,
}

impl Passing {
    pub(crate) fn new(mut context: SpanContext, tracer: Tracer, is_ignored: bool) -> Self {
        let baggage = Mutex::new(std::mem::take(&mut context.baggage));
        Self { context, baggage, process: process_id(), tracer, is_ignored }
    }

    /// Returns the context with the current baggage.
    pub(crate) fn context(&self) -> SpanContext {
        self.context.clone().with_baggage(self.with_baggage(|baggage| baggage.clone()))
    }

    pub(crate) fn remote(&self) -> &SpanContext {
        &self.context
    }

    pub(crate) fn with_baggage<T>(&self, access: impl FnOnce(&mut Baggage) -> T) -> T {
        match self.lock() {
            Some(mut baggage) => access(&mut baggage),
            None => access(&mut Baggage::default()),
        }
    }

    fn lock(&self) -> Option<MutexGuard<'_, Baggage>> {
        lock_of(self.process, &self.baggage)
    }

    pub(crate) fn inject(&self, context: &SpanContext, carrier: &mut dyn CarrierMut) {
        if let Some(backing) = self.tracer.backing() {
            backing.propagator.inject(context, carrier);
        }
    }
}
