//! Blocking work for asynchronous callers, done on one thread for all of them so that no runtime
//! blocks.

use std::{
    future::poll_fn,
    task::Poll,
    thread,
    time::{Duration, Instant},
};

use super::flush::deadline;
use crate::{
    recording::{Backing, Calls, Outcome, Tracer},
    report::Report,
    sync::lock,
};

/// The longest time between two checks whether the callers of a flush still wait.
const SLICE: Duration = Duration::from_millis(50);

impl Tracer {
    /// [`flush`](Tracer::flush) without blocking the calling thread, on any runtime.
    ///
    /// # Cancellation
    /// Dropping the future only stops the wait; the spans are still sent.
    pub fn flush_async(&self, timeout: Duration) -> impl Future<Output = Report> + Send + use<> {
        in_background(self.clone(), timeout, &FLUSH)
    }

    /// [`shutdown`](Tracer::shutdown) without blocking the calling thread, on any runtime.
    ///
    /// # Cancellation
    /// Dropping the future only stops the wait; the tracer is still shut down.
    pub fn shutdown_async(&self, timeout: Duration) -> impl Future<Output = Report> + Send + use<> {
        in_background(self.clone(), timeout, &SHUTDOWN)
    }
}

/// A kind of work that blocks.
struct Work {
    calls: fn(&Backing) -> &Calls,
    run: fn(&Tracer, Instant) -> Report,
    /// The longest time that one run takes.
    slice: Option<Duration>,
}

const FLUSH: Work =
    Work { calls: |backing| &backing.flushes, run: Tracer::flush_until, slice: Some(SLICE) };

/// Runs without interruption, because its end drops the remaining spans.
const SHUTDOWN: Work =
    Work { calls: |backing| &backing.shutdowns, run: Tracer::shutdown_until, slice: None };

async fn in_background(tracer: Tracer, timeout: Duration, work: &'static Work) -> Report {
    let Some(backing) = tracer.backing() else { return Report::default() };
    let calls = (work.calls)(backing);
    let (outcome, is_first) = calls.add(deadline(timeout));
    if is_first {
        let background = tracer.clone();
        let thread = thread::Builder::new().name("packdog-flush".to_owned());
        if thread.spawn(move || serve(&background, work)).is_err() {
            // Without a thread the work cannot wait.
            calls.abandon((work.run)(&tracer, Instant::now()));
        }
    }
    drop(tracer); // The caller may be the last one who has it.
    poll_fn(|cx| match &mut *lock(&outcome) {
        Outcome::Done(report) => Poll::Ready(*report),
        Outcome::Waiting(waker) => {
            *waker = Some(cx.waker().clone());
            Poll::Pending
        }
    })
    .await
}

/// Works until no calls are waiting.
fn serve(tracer: &Tracer, work: &Work) {
    let Some(backing) = tracer.backing() else { return };
    let abandoning = Abandoning((work.calls)(backing));
    while let Some(deadline) = abandoning.0.begin() {
        let now = Instant::now();
        let end = work.slice.map_or(deadline, |slice| deadline.min(now + slice));
        let report = (work.run)(tracer, end);
        let now = Instant::now();
        // Incomplete work lasts until its deadline.
        abandoning.0.end(report, work.slice.is_none() || now < end, now);
    }
    std::mem::forget(abandoning);
}

/// Ends all calls if the work panics.
struct Abandoning<'a>(&'a Calls);

impl Drop for Abandoning<'_> {
    fn drop(&mut self) {
        self.0.abandon(Report::default());
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        sync::Arc,
        task::{Context, Wake, Waker},
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
    fn a_flush_without_waiting_callers_goes_on() {
        let (tracer, recorder) = tracer();
        let gate = recorder.hold_flush();
        let mut flush = Box::pin(tracer.shutdown_async(Duration::ZERO));
        assert!(flush.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        drop((flush, gate));
        wait_for(|| recorder.flushes() == 1);
    }

    #[test]
    fn calls_that_are_given_up_leave_no_threads_and_the_others_end() {
        let (tracer, recorder) = tracer();
        let gate = recorder.hold_flush();
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut cx = Context::from_waker(&waker);
        let mut kept = pin!(tracer.flush_async(Duration::MAX));
        assert!(kept.as_mut().poll(&mut cx).is_pending());
        wait_for(|| recorder.held_flushes() == 1);
        for _ in 0..2_000 {
            let mut given_up = Box::pin(tracer.flush_async(Duration::MAX));
            assert!(given_up.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        }
        // One thread is in the flush; a second one would be there as well.
        assert_eq!(recorder.held_flushes(), 1);
        drop(gate);
        while kept.as_mut().poll(&mut cx).is_pending() {
            thread::park();
        }
        wait_for(|| recorder.held_flushes() == 0);
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
