//! One span of this process: its identity, and its state from start to finish.
//!
//! ```text
//! handles ──▶ record ──▶ state ◀── chunk, which the sender reads
//! ```
//! An open span is changed under its lock. When it finishes, its state is shared with the chunk that
//! leaves, and never changes again, so the sender reads it without a lock. A record stays with the
//! threads that work on the span, which free it: memory that one thread takes and another one frees
//! costs ten times as much.
//!
//! A record does not refer to its trace, and refers to its parent only weakly. So no cycle keeps
//! spans in memory, and a chain of a million spans is dropped one by one.

use std::{
    mem,
    ops::Deref,
    sync::{Arc, LazyLock, Weak},
};

use smol_str::SmolStr;

use super::{State, Unshared};
use crate::{
    sync::{Mutex, MutexGuard, lock_of},
    values::{Baggage, SpanId},
};

#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) id: SpanId,
    /// Whether it is the first span of its trace in this process.
    pub(crate) is_local_root: bool,
    /// The process that began its trace. In a forked child, whose parent may have held the lock,
    /// the span is left as it is.
    process: u32,
    /// The local parent. A span without handles is kept by its trace while that waits for others.
    pub(crate) parent: Weak<Record>,
    open: Mutex<Open>,
}

/// The part of a record that can change.
#[derive(Debug)]
pub(crate) struct Open {
    /// The state where the builder put it, because it is large and would otherwise be moved several
    /// times. Not shared before the span finishes.
    state: Arc<State>,
    is_finished: bool,
    /// A finished span can still pass its baggage on.
    baggage: Baggage,
}

impl Record {
    /// Returns the record of a span whose state has its id already, below a span of this process
    /// unless it is the local root.
    pub(crate) fn new(
        id: SpanId,
        process: u32,
        parent: Option<&Arc<Record>>,
        state: Arc<State>,
        baggage: Baggage,
    ) -> Self {
        let is_local_root = parent.is_none();
        let parent = parent.map(Arc::downgrade).unwrap_or_default();
        let open = Mutex::new(Open { state, is_finished: false, baggage });
        Self { id, is_local_root, process, parent, open }
    }

    /// Returns the state, locked.
    pub(crate) fn state(&self) -> StateRef<'_> {
        StateRef(self.lock())
    }

    /// Whether the span has finished.
    pub(crate) fn is_finished(&self) -> bool {
        self.lock().is_some_and(|open| open.is_finished)
    }

    /// Changes an open span; does nothing on a finished one.
    pub(crate) fn edit<T>(&self, edit: impl FnOnce(&mut State) -> T) -> Option<T> {
        let mut open = self.lock()?;
        if open.is_finished { None } else { open.state.unshared().map(edit) }
    }

    pub(crate) fn with_baggage<T>(&self, access: impl FnOnce(&mut Baggage) -> T) -> T {
        match self.lock() {
            Some(mut open) => access(&mut open.baggage),
            None => access(&mut Baggage::default()),
        }
    }

    /// Returns the service and the baggage that a child inherits.
    pub(crate) fn inheritance(&self) -> (SmolStr, Baggage) {
        match self.lock() {
            Some(open) => (open.state.service.clone(), open.baggage.clone()),
            None => Default::default(),
        }
    }

    /// Ends the span; returns its state if this call did, which nothing changes any more.
    ///
    /// `now` is only asked then, because a look at the clock takes a while.
    /// `take_room` gets the bytes of the span. If it has no room for them, the span is lost, and
    /// keeps nothing that would take memory as long as its trace does.
    pub(crate) fn finish(
        &self,
        now: impl FnOnce() -> i64,
        take_room: impl FnOnce(usize) -> bool,
    ) -> Option<Arc<State>> {
        let parent = self.parent.upgrade();
        let parent_service = parent.map(|parent| parent.state().service.clone());
        let mut open = self.lock()?;
        let Open { state: shared, is_finished, baggage } = &mut *open;
        if mem::replace(is_finished, true) {
            return None;
        }
        let state = shared.unshared()?;
        state.duration = now().saturating_sub(state.start).max(1); // Statistics need more than zero.
        state.is_top_level = parent_service
            .as_ref()
            .or(state.parent_service.as_ref())
            .is_none_or(|service| *service != state.service);
        let baggage = if baggage.is_empty() { 0 } else { baggage.memory_bytes() };
        if !take_room(size_of::<Self>() + state.bytes() + baggage) {
            state.shed();
        }
        Some(Arc::clone(shared))
    }

    fn lock(&self) -> Option<MutexGuard<'_, Open>> {
        lock_of(self.process, &self.open)
    }
}

/// A view of the state of a span; `None` if it belongs to the parent of this process, where a thread
/// held the lock at the fork.
#[derive(Debug)]
pub(crate) struct StateRef<'a>(Option<MutexGuard<'a, Open>>);

impl Deref for StateRef<'_> {
    type Target = State;

    #[inline]
    fn deref(&self) -> &State {
        /// Stands for a state that is out of reach.
        static EMPTY: LazyLock<State> = LazyLock::new(State::default);

        self.0.as_ref().map_or_else(|| &*EMPTY, |open| &open.state)
    }
}
