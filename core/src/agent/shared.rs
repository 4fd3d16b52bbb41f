//! The value that the application's threads and the sender's thread share.

use std::{
    sync::{Arc, Mutex},
    time::Instant,
};

use packdog_api::{Report, internal::lock};

use super::{Queue, Tuning, contact::Contact, info::OrgMarker, queue::Spans};
use crate::{
    log::{Log, Startup, Topic},
    sampling::AgentRates,
};

/// Everything that both sides of the delivery touch.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Finished spans on their way to the sender.
    pub(crate) queue: Queue,
    /// The sampling rates of the Agent's newest response.
    pub(crate) rates: Arc<AgentRates>,
    /// The organisation of the Agent.
    pub(crate) org_marker: OrgMarker,
    /// The first response to `/info`.
    pub(crate) contact: Contact,
    /// The tracer's own messages.
    pub(crate) log: Log,
    /// The settings, until they are written.
    startup: Mutex<Option<Startup>>,
}

impl Shared {
    /// An empty queue with the limits of `tuning`, and nothing known about the Agent.
    pub(crate) fn new(tuning: &Tuning, log: Log, startup: Option<Startup>) -> Self {
        Self {
            queue: Queue::new(tuning.limits),
            rates: Arc::default(),
            org_marker: OrgMarker::default(),
            contact: Contact::default(),
            log,
            startup: Mutex::new(startup),
        }
    }

    /// Writes the settings, when the Agent has been asked for the first time.
    pub(super) fn report_startup(&self, is_agent_there: bool) {
        let startup = lock(&self.startup).take();
        if let Some(startup) = startup {
            self.log.startup(startup, is_agent_there);
        }
    }

    /// Writes how many spans a shutdown left on their way and dropped, if there are any.
    pub(crate) fn report_loss(&self, report: Report, dropped: u64) {
        if dropped + report.queued == 0 {
            return;
        }
        let (queued, dropped) = (Spans(report.queued), Spans(dropped));
        let metrics = self.queue.metrics();
        let message = format_args!(
            "shut down with {queued} on the way and {dropped} dropped; since the start: {metrics}"
        );
        self.log.limited(Topic::Loss, Instant::now(), &message);
    }
}
