//! The hosts that were given baggage: redirects of reqwest show URLs, but no headers.
//!
//! They are remembered for the whole process and not for each policy, because one policy may write
//! the headers and another one decide about the redirect.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    sync::{LazyLock, RwLock},
};

use packdog::{
    http::Endpoint,
    internal::{PerProcess, process_id, unpoisoned},
};

/// The most hosts that are remembered; beyond them every host counts as one that was given
/// baggage.
const MAX_HOSTS: usize = 1024;

/// Sorted, because a process calls few hosts: comparing them costs a tenth of hashing one with a key
/// that callers cannot guess.
type Hosts = RwLock<BTreeSet<Endpoint>>;

/// Those of this process. A forked child begins with none: no request of its parent is its own.
fn hosts() -> &'static Hosts {
    static HOSTS: LazyLock<PerProcess<Hosts>> = LazyLock::new(PerProcess::default);
    HOSTS.get(Hosts::default)
}

thread_local! {
    /// The host that this thread remembered last, and the process: most calls go there again, and the
    /// list costs five times as much.
    static LAST: RefCell<Option<(u32, Endpoint)>> = const { RefCell::new(None) };
}

/// Remembers that requests to this host carry baggage.
pub(super) fn remember(endpoint: &Endpoint) {
    let process = process_id();
    let is_last = |last: &RefCell<Option<(u32, Endpoint)>>| {
        last.borrow().as_ref().is_some_and(|last| (last.0, &last.1) == (process, endpoint))
    };
    if LAST.try_with(is_last).unwrap_or(false) {
        return;
    }
    if !has_been_given_baggage(endpoint) {
        unpoisoned(hosts().write()).insert(endpoint.clone());
    }
    // Fails while the thread ends.
    let _ = LAST.try_with(|last| *last.borrow_mut() = Some((process, endpoint.clone())));
}

/// Whether a request to this host may carry baggage.
pub(super) fn has_been_given_baggage(endpoint: &Endpoint) -> bool {
    let hosts = unpoisoned(hosts().read());
    hosts.len() >= MAX_HOSTS || hosts.contains(endpoint)
}
