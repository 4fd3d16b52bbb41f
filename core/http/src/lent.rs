//! Endpoints of the hosts that a thread called last, since parsing a host costs an allocation and 550
//! instructions, and a client calls the same few again and again.

use std::{cell::Cell, ops::Deref};

use packdog::http::{Endpoint, host::Host};

/// The most hosts that a thread keeps.
const MAX_KEPT: usize = 8;

thread_local! {
    /// The one that was used last is at the end.
    static KEPT: Cell<Vec<KnownHost>> = const { Cell::new(Vec::new()) };
}

#[derive(Debug, Default)]
struct KnownHost {
    /// The host as it stands in the URL; empty if it is unknown.
    host: String,
    endpoint: Endpoint,
}

/// An endpoint, which the thread keeps for its next call when this is dropped.
#[derive(Debug)]
pub struct LentEndpoint(KnownHost);

impl LentEndpoint {
    pub(crate) fn of(host: &str, port: Option<u16>) -> Self {
        let mut kept = KEPT.try_with(Cell::take).unwrap_or_default();
        let known = kept.iter().rposition(|known| known.host == host);
        let known = known.map(|index| kept.remove(index));
        let _ = KEPT.try_with(|all| all.set(kept)); // Fails while the thread ends.
        let mut known = known.unwrap_or_else(|| KnownHost {
            host: host.to_owned(),
            endpoint: Endpoint { host: Host::parse(host), port },
        });
        known.endpoint.port = port;
        Self(known)
    }
}

impl Deref for LentEndpoint {
    type Target = Endpoint;

    fn deref(&self) -> &Endpoint {
        &self.0.endpoint
    }
}

impl Drop for LentEndpoint {
    fn drop(&mut self) {
        let known = std::mem::take(&mut self.0);
        if known.endpoint.host.is_none() {
            return; // Of any length.
        }
        let mut kept = KEPT.try_with(Cell::take).unwrap_or_default();
        // It is there if the same host was called meanwhile.
        if !kept.iter().any(|other| other.host == known.host) {
            if kept.len() >= MAX_KEPT {
                kept.remove(0);
            }
            kept.push(known);
        }
        let _ = KEPT.try_with(|all| all.set(kept));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_is_the_same_whether_it_was_kept_or_not() {
        let kept = || {
            let all = KEPT.take();
            let hosts: Vec<_> = all.iter().map(|known| known.host.clone()).collect();
            KEPT.set(all);
            hosts
        };
        let hosts: Vec<_> = (0..MAX_KEPT).map(|number| format!("Host{number}.test")).collect();
        for round in 0..2 {
            for host in &hosts {
                let port = Some(round);
                let expected = Endpoint { host: Host::parse(host), port };
                let (lent, again) = (LentEndpoint::of(host, port), LentEndpoint::of(host, None));
                assert_eq!((&*lent, &again.host, again.port), (&expected, &expected.host, None));
            }
            assert_eq!(kept(), hosts);
        }
        for host in ["", "not a host", "new.test"] {
            assert_eq!(LentEndpoint::of(host, None).host, Host::parse(host));
        }
        assert_eq!(kept().len(), MAX_KEPT);
        assert_eq!(kept().last().unwrap(), "new.test");
        assert!(!kept().contains(&hosts[0]));
    }
}
