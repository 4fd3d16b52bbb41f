//! Endpoints of the hosts that a thread called last, since parsing a host costs an allocation and 550
//! instructions, and a client calls the same few again and again.

use std::{cell::Cell, ops::Deref, rc::Rc};

use packdog::http::{Endpoint, host::Host};

/// The most hosts that a thread keeps.
const MAX_KEPT: usize = 8;

thread_local! {
    /// The one that was used last is at the end.
    static KEPT: Cell<Vec<Rc<KnownHost>>> = const { Cell::new(Vec::new()) };
}

#[derive(Debug)]
struct KnownHost {
    /// The host as it stands in the URL; empty if it is unknown.
    host: String,
    endpoint: Endpoint,
}

/// An endpoint that the thread keeps for its next call.
#[derive(Debug)]
pub struct LentEndpoint(Rc<KnownHost>);

impl LentEndpoint {
    pub(crate) fn of(host: &str, port: Option<u16>) -> Self {
        let mut kept = KEPT.try_with(Cell::take).unwrap_or_default();
        let is_it = |known: &Rc<KnownHost>| known.endpoint.port == port && known.host == host;
        let lent = match kept.iter().rposition(is_it) {
            Some(index) => {
                let last = kept.len() - 1; // There is at least this one.
                kept.swap(index, last);
                kept.last().map(Rc::clone)
            }
            None => None,
        };
        let lent = lent.unwrap_or_else(|| parse(host, port, &mut kept));
        let _ = KEPT.try_with(|all| all.set(kept)); // Fails while the thread ends.
        Self(lent)
    }
}

#[cold]
fn parse(host: &str, port: Option<u16>, kept: &mut Vec<Rc<KnownHost>>) -> Rc<KnownHost> {
    let endpoint = Endpoint { host: Host::parse(host), port };
    let is_host = endpoint.host.is_some();
    let known = Rc::new(KnownHost { host: host.to_owned(), endpoint });
    // What is no host may be of any length.
    if is_host {
        if kept.len() >= MAX_KEPT {
            kept.remove(0);
        }
        kept.push(Rc::clone(&known));
    }
    known
}

impl Deref for LentEndpoint {
    type Target = Endpoint;

    fn deref(&self) -> &Endpoint {
        &self.0.endpoint
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Vec<(String, Option<u16>)> {
        let all = KEPT.take();
        let hosts = all.iter().map(|known| (known.host.clone(), known.endpoint.port)).collect();
        KEPT.set(all);
        hosts
    }

    #[test]
    fn an_endpoint_is_the_same_whether_it_was_kept_or_not() {
        let endpoints = [("Host1.test", None), ("Host1.test", Some(80)), ("host2.test", Some(80))];
        for _ in 0..2 {
            for (host, port) in endpoints {
                let expected = Endpoint { host: Host::parse(host), port };
                let (lent, again) = (LentEndpoint::of(host, port), LentEndpoint::of(host, port));
                assert_eq!((&*lent, &*again), (&expected, &expected));
                assert_eq!(kept().last().unwrap(), &(host.to_owned(), port));
            }
            assert_eq!(kept().len(), endpoints.len());
        }
    }

    #[test]
    fn a_thread_keeps_few_hosts_and_nothing_else() {
        let hosts: Vec<_> = (0..=MAX_KEPT).map(|number| format!("host{number}.test")).collect();
        for host in &hosts {
            drop((LentEndpoint::of(host, None), LentEndpoint::of(&hosts[1], None)));
        }
        let kept_of = |hosts: &[(String, Option<u16>)]| {
            hosts.iter().map(|(host, _)| host.clone()).collect::<Vec<_>>()
        };
        let names = kept_of(&kept());
        assert_eq!(names.len(), MAX_KEPT);
        assert!(names.contains(&hosts[1]) && names.contains(&hosts[MAX_KEPT]), "{names:?}");
        for host in ["", "not a host"] {
            assert_eq!(LentEndpoint::of(host, None).host, Host::parse(host));
        }
        assert_eq!(kept_of(&kept()), names);
    }
}
