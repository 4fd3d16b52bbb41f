//! The worker: packs the parcels of a queue, whose messages carry trace and baggage as headers.

use std::{collections::HashMap, sync::Arc};

use packdog::{propagation, span::SpanKind};
use tokio::sync::{
    Semaphore,
    mpsc::{self, UnboundedReceiver, UnboundedSender},
};

/// A message as brokers have it: headers, and a body.
struct Message {
    headers: HashMap<String, String>,
    item: String,
}

/// The sending end of the queue.
#[derive(Clone)]
pub(crate) struct Parcels(UnboundedSender<Message>);

impl Parcels {
    /// Sends a parcel to the worker, with the trace and the baggage of the current span.
    pub(crate) fn send(&self, item: String) {
        packdog::span("queue.send").resource("parcels").kind(SpanKind::Producer).in_scope(|span| {
            span.set_tag("messaging.system", "tokio");
            let mut headers = HashMap::new();
            propagation::inject(&mut headers);
            if self.0.send(Message { headers, item }).is_err() {
                span.set_error("the worker is gone");
            }
        });
    }
}

/// Starts the worker, which adds a permit to `packed` for each parcel.
pub(crate) fn start(packed: Arc<Semaphore>) -> Parcels {
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(work(receiver, packed));
    Parcels(sender)
}

async fn work(mut parcels: UnboundedReceiver<Message>, packed: Arc<Semaphore>) {
    while let Some(message) = parcels.recv().await {
        packdog::span("queue.process")
            .service("worker")
            .resource("parcels")
            .kind(SpanKind::Consumer)
            .child_of(propagation::extract(&message.headers))
            .in_scope(|span| {
                span.set_tag("messaging.system", "tokio");
                pack(&message.item);
            });
        packed.add_permits(1);
    }
}

#[tracing::instrument]
fn pack(item: &str) {
    let customer = packdog::current_span().baggage().get("user.id").unwrap_or_default();
    tracing::info!(customer, "packed");
}
