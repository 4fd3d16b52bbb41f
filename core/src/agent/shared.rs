//! The value that the application's threads and the sender's thread share.

use std::sync::{Arc, Mutex};

use packdog_api::internal::lock;

use super::{Queue, Tuning, contact::Contact, info::OrgMarker};
use crate::{
    log::{Log, Startup},
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
    /// Whether the Agent has been asked what it can do.
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
}
