//! The hosts that were given baggage: redirects of reqwest show URLs, but no headers.
//!
//! They are remembered for the whole process and not for each policy, because one policy may write
//! the headers and another one decide about the redirect.

use std::{collections::HashSet, sync::RwLock};

use packdog::{http::Endpoint, internal::unpoisoned};

/// The most hosts that are remembered; beyond them every host counts as one that was given
/// baggage.
const MAX_HOSTS: usize = 1024;

static HOSTS: RwLock<Option<HashSet<Endpoint>>> = RwLock::new(None);

/// Remembers that requests to this host carry baggage.
pub(super) fn remember(endpoint: &Endpoint) {
    if has_been_given_baggage(endpoint) {
        return;
    }
    let mut hosts = unpoisoned(HOSTS.write());
    hosts.get_or_insert_default().insert(endpoint.clone());
}

/// Whether a request to this host may carry baggage.
pub(super) fn has_been_given_baggage(endpoint: &Endpoint) -> bool {
    let hosts = unpoisoned(HOSTS.read());
    hosts.as_ref().is_some_and(|hosts| hosts.len() >= MAX_HOSTS || hosts.contains(endpoint))
}
