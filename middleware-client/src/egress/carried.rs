//! The hosts that were given baggage: redirects of reqwest show URLs, but no headers.
//!
//! They are remembered for the whole process and not for each policy, because one policy may write
//! the headers and another one decide about the redirect.

use std::{
    collections::BTreeSet,
    sync::{LazyLock, RwLock},
};

use packdog::{
    http::Endpoint,
    internal::{PerProcess, unpoisoned},
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

/// Remembers that requests to this host carry baggage.
pub(super) fn remember(endpoint: &Endpoint) {
    if has_been_given_baggage(endpoint) {
        return;
    }
    unpoisoned(hosts().write()).insert(endpoint.clone());
}

/// Whether a request to this host may carry baggage.
pub(super) fn has_been_given_baggage(endpoint: &Endpoint) -> bool {
    let hosts = unpoisoned(hosts().read());
    hosts.len() >= MAX_HOSTS || hosts.contains(endpoint)
}
