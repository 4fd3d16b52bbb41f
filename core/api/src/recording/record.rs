//! One span of this process: its identity, and its state from start to finish.
//!
//! An open span is changed under its lock. When it finishes, its state moves out of the lock and
//! never changes again, so readers (mainly the sender) need no lock.
//!
//! A record does not refer to its trace, and refers to its parent only weakly. So no cycle keeps
//! spans in memory, and a chain of a million spans is dropped one by one.

use std::{
    ops::Deref,
    sync::{Arc, LazyLock, OnceLock, Weak},
};

use smol_str::SmolStr;

use super::State;
use crate::{
    sync::{Mutex, MutexGuard, lock_of},
    values::{Baggage, SpanId},
};

#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) id: SpanId,
    pub(crate) parent_id: Option<SpanId>,
    /// Whether it is the first span of its trace in this process.
    pub(crate) is_local_root: bool,
    /// The process that began its trace. In a forked child, whose parent may have held the lock,
    /// the span is left as it is.
    process: u32,
    /// The local parent. A span without handles is kept by its trace while that waits for others.
    pub(crate) parent: Weak<Record>,
    open: Mutex<Open>,
    finished: OnceLock<Box<State>>,
}

/// The part of a record that can change.
#[derive(Debug)]
pub(crate) struct Open {
    /// The state in the box of the builder, because it is large and would otherwise be moved
    /// several times. `None` once the span has finished.
    state: Option<Box<State>>,
    /// A finished span can still pass its baggage on.
    baggage: Baggage,
}

/// The place of a new span in its trace.
#[derive(Debug)]
pub(crate) struct Place {
    parent_id: Option<SpanId>,
    parent: Weak<Record>,
    is_local_root: bool,
}

impl Place {
    /// Returns the place of the first span in this process, below a remote parent if there is one.
    pub(crate) fn root(parent_id: Option<SpanId>) -> Self {
        Self { parent_id, parent: Weak::new(), is_local_root: true }
    }

    /// Returns a place below a span of this process.
    pub(crate) fn below(parent: &Arc<Record>) -> Self {
        Self { parent_id: Some(parent.id), parent: Arc::downgrade(parent), is_local_root: false }
    }
}

impl Record {
    pub(crate) fn new(
        id: SpanId,
        process: u32,
        place: Place,
        state: Box<State>,
        baggage: Baggage,
    ) -> Self {
        let Place { parent_id, parent, is_local_root } = place;
        let open = Mutex::new(Open { state: Some(state), baggage });
        Self { id, parent_id, is_local_root, process, parent, open, finished: OnceLock::new() }
    }

    /// Returns the state, locked while the span is open.
    #[inline]
    pub(crate) fn state(&self) -> StateRef<'_> {
        match self.finished.get() {
            Some(state) => StateRef::Finished(state),
            None => self.locked_state(),
        }
    }

    fn locked_state(&self) -> StateRef<'_> {
        let open = self.lock();
        match (self.finished.get(), open) {
            (Some(state), _) => StateRef::Finished(state),
            (None, Some(open)) => StateRef::Open(open),
            (None, None) => StateRef::OutOfReach,
        }
    }

    /// Whether the span has finished: then its state is read without a lock.
    pub(crate) fn is_finished(&self) -> bool {
        self.finished.get().is_some()
    }

    /// Returns the start of a finished span, in nanoseconds of Unix time; zero while it is open.
    pub(super) fn finished_start(&self) -> i64 {
        self.finished.get().map_or(0, |state| state.start)
    }

    /// Changes an open span; does nothing on a finished one.
    pub(crate) fn edit<T>(&self, edit: impl FnOnce(&mut State) -> T) -> Option<T> {
        if self.is_finished() {
            return None;
        }
        self.lock()?.state.as_deref_mut().map(edit)
    }

    pub(crate) fn with_baggage<T>(&self, access: impl FnOnce(&mut Baggage) -> T) -> T {
        match self.lock() {
            Some(mut open) => access(&mut open.baggage),
            None => access(&mut Baggage::default()),
        }
    }

    /// Returns the service and the baggage that a child inherits.
    pub(crate) fn inheritance(&self) -> (SmolStr, Baggage) {
        let open = self.lock();
        let state = open.as_ref().and_then(|open| open.state.as_deref());
        let state = state.or_else(|| self.finished.get().map(Box::as_ref));
        let service = state.map(|state| state.service.clone()).unwrap_or_default();
        (service, open.map(|open| open.baggage.clone()).unwrap_or_default())
    }

    /// Ends the span at `now`; returns whether this call did.
    ///
    /// `take_room` gets the bytes of the span. If it has no room for them, the span is lost, and
    /// keeps nothing that would take memory as long as its trace does.
    pub(crate) fn finish(&self, now: i64, take_room: impl FnOnce(usize) -> bool) -> bool {
        let parent = self.parent.upgrade();
        let parent_service = parent.map(|parent| parent.state().service.clone());
        let Some(mut open) = self.lock() else { return false };
        let Some(mut state) = open.state.take() else { return false };
        state.duration = now.saturating_sub(state.start).max(1); // Statistics need more than zero.
        state.is_top_level = parent_service
            .as_ref()
            .or(state.parent_service.as_ref())
            .is_none_or(|service| *service != state.service);
        let baggage = if open.baggage.is_empty() { 0 } else { open.baggage.memory_bytes() };
        if !take_room(size_of::<Self>() + state.bytes() + baggage) {
            state.shed();
        }
        // Set before the lock is released, so that readers find one of the two.
        self.finished.set(state).is_ok()
    }

    fn lock(&self) -> Option<MutexGuard<'_, Open>> {
        lock_of(self.process, &self.open)
    }

    /// Returns a changed copy of a finished span; children of the span keep referring to the
    /// original.
    pub(super) fn changed(&self, change: impl FnOnce(&mut State)) -> Self {
        let mut state = Box::new(State::clone(&self.state()));
        change(&mut state);
        Self {
            id: self.id,
            parent_id: self.parent_id,
            is_local_root: self.is_local_root,
            process: self.process,
            parent: Weak::clone(&self.parent),
            open: Mutex::new(Open { state: None, baggage: Baggage::default() }),
            finished: OnceLock::from(state),
        }
    }
}

/// A view of the state of a span.
#[derive(Debug)]
pub(crate) enum StateRef<'a> {
    Open(MutexGuard<'a, Open>),
    Finished(&'a State),
    /// It belongs to the parent of this process, where a thread held the lock at the fork.
    OutOfReach,
}

impl Deref for StateRef<'_> {
    type Target = State;

    #[inline]
    fn deref(&self) -> &State {
        /// Stands for a state that is out of reach; an open record has one.
        static EMPTY: LazyLock<State> = LazyLock::new(State::default);

        match self {
            Self::Open(open) => open.state.as_deref().unwrap_or(&EMPTY),
            Self::Finished(state) => state,
            Self::OutOfReach => &EMPTY,
        }
    }
}
