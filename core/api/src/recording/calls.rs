//! Asynchronous calls of a tracer, which one thread serves.

use std::{sync::Arc, task::Waker, time::Instant};

use crate::{
    per_process::PerProcess,
    report::Report,
    sync::{Mutex, MutexGuard, lock},
};

/// The calls that wait for one kind of work. A forked child has no thread of its parent, and calls
/// of its own.
#[derive(Debug, Default)]
pub(crate) struct Calls(PerProcess<Mutex<Waiting>>);

#[derive(Debug, Default)]
struct Waiting {
    calls: Vec<Call>,
    /// Whether there is a thread that serves the calls.
    is_served: bool,
}

#[derive(Debug)]
struct Call {
    deadline: Instant,
    /// Whether the work began after the call was made.
    is_begun: bool,
    outcome: Arc<Mutex<Outcome>>,
}

/// The state of a call, which the caller and the thread share.
#[derive(Debug)]
pub(crate) enum Outcome {
    Waiting(Option<Waker>),
    Done(Report),
}

impl Calls {
    /// Adds a call; also returns whether the caller must start the thread that serves it.
    pub(crate) fn add(&self, deadline: Instant) -> (Arc<Mutex<Outcome>>, bool) {
        let outcome = Arc::new(Mutex::new(Outcome::Waiting(None)));
        let call = Call { deadline, is_begun: false, outcome: Arc::clone(&outcome) };
        let mut waiting = self.waiting();
        let is_first = !std::mem::replace(&mut waiting.is_served, true);
        waiting.calls.push(call);
        (outcome, is_first)
    }

    /// Begins the work for all calls, on their thread, and returns the earliest of their deadlines.
    /// Returns `None` if there are no more calls; the thread must then end. A call whose caller has
    /// gone is begun as well, but not waited for.
    pub(crate) fn begin(&self) -> Option<Instant> {
        let mut waiting = self.waiting();
        waiting.calls.retain(|call| !call.is_begun || Arc::strong_count(&call.outcome) > 1);
        for call in &mut waiting.calls {
            call.is_begun = true;
        }
        let deadline = waiting.calls.iter().map(|call| call.deadline).min();
        if deadline.is_none() {
            waiting.is_served = false;
        }
        deadline
    }

    /// Ends the calls whose deadline has passed, on their thread, and all calls that the work was
    /// begun for if it is complete.
    pub(crate) fn end(&self, report: Report, is_complete: bool, now: Instant) {
        let is_over = |call: &Call| call.deadline <= now || (is_complete && call.is_begun);
        self.take(is_over).into_iter().for_each(|call| call.end(report));
    }

    /// Ends all calls, because the thread is gone.
    pub(crate) fn abandon(&self, report: Report) {
        self.waiting().is_served = false;
        self.take(|_| true).into_iter().for_each(|call| call.end(report));
    }

    fn take(&self, is_over: impl Fn(&Call) -> bool) -> Vec<Call> {
        let mut waiting = self.waiting();
        let (over, left) = std::mem::take(&mut waiting.calls).into_iter().partition(is_over);
        waiting.calls = left;
        over
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        lock(self.0.get(Mutex::default))
    }
}

impl Call {
    fn end(self, report: Report) {
        let before = std::mem::replace(&mut *lock(&self.outcome), Outcome::Done(report));
        if let Outcome::Waiting(Some(waker)) = before {
            waker.wake();
        }
    }
}
