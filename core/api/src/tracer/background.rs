//! Blocking work for asynchronous callers: on a thread of its own, so that no runtime waits.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use super::flush::deadline;
use crate::{
    recording::Tracer,
    report::Report,
    sync::{Mutex, lock},
};

impl Tracer {
    /// [`flush`](Tracer::flush) without blocking the calling thread, on any runtime.
    ///
    /// # Cancellation
    /// Dropping the future stops the waiting; what was asked for goes on in the background.
    pub fn flush_async(&self, timeout: Duration) -> impl Future<Output = Report> + Send + use<> {
        in_background(self.clone(), timeout, Tracer::flush_until)
    }

    /// [`shutdown`](Tracer::shutdown) without blocking the calling thread, on any runtime.
    ///
    /// # Cancellation
    /// Dropping the future stops the waiting; what was asked for goes on in the background.
    pub fn shutdown_async(&self, timeout: Duration) -> impl Future<Output = Report> + Send + use<> {
        in_background(self.clone(), timeout, Tracer::shutdown_until)
    }
}

async fn in_background(
    tracer: Tracer,
    timeout: Duration,
    work: fn(&Tracer, Instant) -> Report,
) -> Report {
    if !tracer.is_enabled() {
        return Report::default();
    }
    let deadline = deadline(timeout);
    let shared = Arc::new(Mutex::new(State::Working(None)));
    let done = Done(Arc::clone(&shared));
    let background = tracer.clone();
    let spawned = thread::Builder::new().name("packdog-flush".to_owned()).spawn(move || {
        let report = work(&background, deadline);
        done.with(report);
    });
    if spawned.is_err() {
        return work(&tracer, Instant::now()); // Without a thread there is no time to wait.
    }
    poll_fn(|cx| match &mut *lock(&shared) {
        State::Done(report) => Poll::Ready(*report),
        State::Working(waker) => {
            *waker = Some(cx.waker().clone());
            Poll::Pending
        }
    })
    .await
}

enum State {
    Working(Option<Waker>),
    Done(Report),
}

/// Wakes whoever waits, also if the work panics.
struct Done(Arc<Mutex<State>>);

impl Done {
    fn with(&self, report: Report) {
        let before = std::mem::replace(&mut *lock(&self.0), State::Done(report));
        if let State::Working(Some(waker)) = before {
            waker.wake();
        }
    }
}

impl Drop for Done {
    fn drop(&mut self) {
        if matches!(*lock(&self.0), State::Working(_)) {
            self.with(Report::default());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        task::{Context, Wake},
        thread::Thread,
    };

    use super::*;
    use crate::recorder::{tracer, wait_for};

    #[test]
    fn the_caller_is_woken_when_the_flush_is_done() {
        let (tracer, recorder) = tracer();
        let gate = recorder.hold_flush();
        let mut flush = pin!(tracer.flush_async(Duration::MAX));
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut cx = Context::from_waker(&waker);
        assert!(flush.as_mut().poll(&mut cx).is_pending(), "it must not block");
        drop(gate);
        loop {
            match flush.as_mut().poll(&mut cx) {
                Poll::Ready(report) => break assert_eq!(report, Report::new(1, 2, 3)),
                Poll::Pending => thread::park(),
            }
        }
    }

    #[test]
    fn a_flush_that_nobody_waits_for_goes_on() {
        let (tracer, recorder) = tracer();
        let gate = recorder.hold_flush();
        let mut flush = Box::pin(tracer.shutdown_async(Duration::ZERO));
        assert!(flush.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop((flush, gate));
        wait_for(|| recorder.flushes() == 1);
    }

    #[test]
    fn a_disabled_tracer_is_done_at_once() {
        let flush = pin!(Tracer::disabled().flush_async(Duration::MAX));
        let poll = flush.poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(poll, Poll::Ready(Report::default()));
    }

    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
}
