//! Discovery of the Agent's capabilities, beside the delivery of spans and never before it.
//!
//! It is asked at the start, every 45 s, when a response to traces names another state, and when
//! traces are accepted again after it could not be asked. Each request has a short-lived thread of
//! its own, so that an Agent that does not respond delays no spans.

use std::{
    mem,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use packdog_api::internal::lock;

use super::{
    Shared,
    client::InfoClient,
    info::{Info, InfoError},
};

/// The time between two requests.
const INTERVAL: Duration = Duration::from_secs(45);

/// The sender thread's knowledge of the Agent.
#[derive(Debug)]
pub(super) struct Discovery {
    info: Info,
    /// The state that the Agent named last.
    state: Option<String>,
    /// Whether the last request found no Agent.
    is_agent_missing: bool,
    /// Whether an Agent has responded, be it that it has no such endpoint.
    has_response: bool,
    due_at: Instant,
    /// The outcome of the request that is under way.
    outcome: Arc<Mutex<Outcome>>,
}

type Response = Result<(Info, Option<String>), InfoError>;

#[derive(Debug, Default)]
enum Outcome {
    #[default]
    None,
    UnderWay,
    Known(Box<Response>),
}

impl Discovery {
    /// Knows nothing, and is due at once.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            info: Info::default(),
            state: None,
            is_agent_missing: false,
            has_response: false,
            due_at: now,
            outcome: Arc::default(),
        }
    }

    pub(super) fn info(&self) -> &Info {
        &self.info
    }

    /// Whether an Agent has responded, so that what [`info`](Self::info) lacks is not offered.
    pub(super) fn has_response(&self) -> bool {
        self.has_response
    }

    /// The time of the next request.
    pub(super) fn due_at(&self) -> Instant {
        self.due_at
    }

    /// Takes in the response to the last request, if it has come, and begins the next one, if that
    /// is due. Never waits.
    pub(super) fn advance(&mut self, now: Instant, client: &InfoClient, shared: &Arc<Shared>) {
        match self.take_outcome() {
            Outcome::UnderWay => return self.due_at = now + INTERVAL,
            Outcome::Known(response) => self.learn(*response),
            Outcome::None => {}
        }
        if self.due_at <= now {
            self.due_at = now + INTERVAL;
            self.ask(client.clone(), Arc::clone(shared));
        }
    }

    /// Takes a response. A request under way stays so, under one lock: its response may come at any
    /// moment.
    fn take_outcome(&self) -> Outcome {
        let mut outcome = lock(&self.outcome);
        match *outcome {
            Outcome::UnderWay => Outcome::UnderWay,
            _ => mem::take(&mut *outcome),
        }
    }

    fn ask(&self, client: InfoClient, shared: Arc<Shared>) {
        let outcome = Arc::clone(&self.outcome);
        *lock(&outcome) = Outcome::UnderWay;
        let thread = thread::Builder::new().name("packdog-info".to_owned());
        let spawned = thread.spawn(move || {
            let response = client.info();
            let is_known = response.is_ok();
            // An Agent that is away for a while does not move us to another organisation.
            if let Ok((info, _)) = &response {
                shared.org_marker.replace(info.org_marker());
            }
            shared.report_startup(!matches!(response, Err(InfoError::Unreachable)));
            *lock(&outcome) = Outcome::Known(Box::new(response));
            shared.contact.record(is_known);
        });
        if spawned.is_err() {
            *lock(&self.outcome) = Outcome::None;
        }
    }

    fn learn(&mut self, response: Response) {
        self.is_agent_missing = matches!(response, Err(InfoError::Unreachable));
        self.has_response |= !self.is_agent_missing;
        let (info, state) = response.unwrap_or_default();
        self.info = info;
        self.state = state.or(self.state.take());
    }

    /// Takes note of a response to traces, and of the state that it names.
    pub(super) fn hear(&mut self, state: Option<String>, now: Instant) {
        let is_back = mem::take(&mut self.is_agent_missing);
        let is_changed = state.is_some() && state != self.state;
        if is_changed {
            self.state = state;
        }
        if is_changed || is_back {
            self.due_at = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_state_or_a_recovered_agent_makes_info_due() {
        let start = Instant::now();
        let later = start + Duration::from_secs(1);
        let mut discovery = Discovery::new(start);
        let quiet = start + INTERVAL;
        discovery.due_at = quiet;
        discovery.learn(Ok((Info::default(), Some("a".to_owned()))));
        for state in [None, Some("a")] {
            discovery.hear(state.map(str::to_owned), later);
            assert_eq!(discovery.due_at(), quiet, "{state:?}");
        }
        discovery.hear(Some("b".to_owned()), later);
        assert_eq!(discovery.due_at(), later);

        discovery.due_at = quiet;
        discovery.learn(Err(InfoError::Unsupported));
        discovery.hear(None, later);
        assert_eq!(discovery.due_at(), quiet);
        discovery.learn(Err(InfoError::Unreachable));
        discovery.hear(None, later);
        assert_eq!(discovery.due_at(), later);
    }
}
