//! Waits for spans that other tasks and threads finish, without sleeping and not forever.

use std::{
    future::poll_fn,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering::SeqCst},
        mpsc::{RecvTimeoutError, Sender, channel},
    },
    task::{Poll, Waker},
    thread,
    time::Duration,
};

use packdog_api::internal::lock;

/// The time that a test waits before it fails: far longer than spans ever take.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// The tasks that wait for the next trace.
#[derive(Debug, Default)]
pub(super) struct Waiting(Mutex<Vec<Waker>>);

impl Waiting {
    /// Wakes every task to check again.
    pub(super) fn wake(&self) {
        let wakers = std::mem::take(&mut *self.wakers());
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Returns the value of `ready`, which is tried after each trace; `None` after [`PATIENCE`].
    pub(super) async fn until<T>(
        self: &Arc<Self>,
        mut ready: impl FnMut() -> Option<T>,
    ) -> Option<T> {
        let mut alarm = None;
        poll_fn(|context| {
            // Registered before it is tried, so that a trace in between is not missed.
            self.wakers().push(context.waker().clone());
            if let Some(value) = ready() {
                return Poll::Ready(Some(value));
            }
            match alarm.get_or_insert_with(|| Alarm::set(Arc::clone(self))).has_rung() {
                true => Poll::Ready(None),
                false => Poll::Pending,
            }
        })
        .await
    }

    fn wakers(&self) -> MutexGuard<'_, Vec<Waker>> {
        lock(&self.0)
    }
}

/// A thread that wakes the waiting tasks after [`PATIENCE`], and ends when this is dropped.
///
/// It uses a thread, since a test may have no runtime, or one whose time is paused.
#[derive(Debug)]
struct Alarm {
    has_rung: Arc<AtomicBool>,
    _ends_when_dropped: Sender<()>,
}

impl Alarm {
    fn set(waiting: Arc<Waiting>) -> Self {
        let has_rung = Arc::new(AtomicBool::new(false));
        let (alive, dropped) = channel::<()>();
        let rung = Arc::clone(&has_rung);
        thread::spawn(move || {
            if dropped.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                rung.store(true, SeqCst);
                waiting.wake();
            }
        });
        Self { has_rung, _ends_when_dropped: alive }
    }

    fn has_rung(&self) -> bool {
        self.has_rung.load(SeqCst)
    }
}
