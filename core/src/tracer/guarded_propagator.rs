//! A propagator that keeps decisions and tags of other organisations out.

use std::sync::Arc;

use packdog_api::{
    SpanContext,
    carrier::{Carrier, CarrierMut},
    implementation,
};

use crate::{
    agent::{Delivery, PerProcess},
    propagation::{OrgGuard, Propagator},
};

#[derive(Debug)]
pub(super) struct GuardedPropagator {
    pub(super) propagator: Arc<Propagator>,
    pub(super) delivery: Arc<PerProcess<Delivery>>,
}

impl GuardedPropagator {
    /// Returns the guard, if it is on and the Agent has sent the marker of our organisation.
    fn guard(&self) -> Option<OrgGuard<'_>> {
        OrgGuard::new(self.propagator.config(), || {
            self.delivery.existing()?.shared.org_marker.known()
        })
    }
}

impl implementation::Propagator for GuardedPropagator {
    fn extract(&self, carrier: &dyn Carrier) -> SpanContext {
        match self.guard() {
            Some(guard) => guard.admit(self.propagator.extract(carrier)),
            None => self.propagator.extract(carrier),
        }
    }

    fn inject(&self, context: &SpanContext, carrier: &mut dyn CarrierMut) -> Option<&'static str> {
        match self.guard() {
            Some(guard) => self.propagator.inject(&guard.mark(context), carrier),
            None => self.propagator.inject(context, carrier),
        }
    }
}
