//! A connector for TCP that looks up the Agent's name only when it opens a connection.
//!
//! The HTTP client itself does so before each request, in a thread that it starts for that, although
//! most requests reuse a connection.

use std::{sync::Arc, time::Instant};

use ureq::{
    Error,
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{ConnectionDetails, Connector, DefaultConnector, NextTimeout, time::Duration},
    },
};

/// A client for the hosts of its URLs.
pub(super) fn agent(config: Config) -> ureq::Agent {
    agent_with(config, DefaultResolver::default())
}

fn agent_with(config: Config, resolver: impl Resolver) -> ureq::Agent {
    let connector = TcpConnector { resolver, connector: DefaultConnector::default() };
    ureq::Agent::with_parts(config, connector, NoAddresses)
}

#[derive(Debug)]
struct TcpConnector<R> {
    resolver: R,
    connector: DefaultConnector,
}

impl<R: Resolver> Connector for TcpConnector<R> {
    type Out = <DefaultConnector as Connector>::Out;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<()>,
    ) -> Result<Option<Self::Out>, Error> {
        let ConnectionDetails { uri, config, timeout, .. } = *details;
        let start = Instant::now();
        let resolved = ConnectionDetails {
            uri,
            addrs: self.resolver.resolve(uri, config, timeout)?,
            config,
            request_level: details.request_level,
            resolver: details.resolver,
            timeout: rest(timeout, start)?,
            now: (details.current_time)(),
            current_time: Arc::clone(&details.current_time),
            run_connector: Arc::clone(&details.run_connector),
            register_shutdown: Arc::clone(&details.register_shutdown),
        };
        self.connector.connect(&resolved, chained)
    }
}

/// Returns the part of a timeout that is left since `start`.
fn rest(timeout: NextTimeout, start: Instant) -> Result<NextTimeout, Error> {
    let Duration::Exact(whole) = timeout.after else { return Ok(timeout) };
    let rest = whole.saturating_sub(start.elapsed());
    if rest.is_zero() {
        return Err(Error::Timeout(timeout.reason));
    }
    Ok(NextTimeout { after: Duration::Exact(rest), ..timeout })
}

/// A resolver without addresses: the connector for TCP looks names up itself, and a Unix socket has
/// a path.
#[derive(Debug)]
pub(super) struct NoAddresses;

impl Resolver for NoAddresses {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::{SocketAddr, TcpListener},
        sync::atomic::{AtomicUsize, Ordering::Relaxed},
        thread, time,
    };

    use super::*;

    /// Knows one host, and counts the questions.
    #[derive(Debug)]
    struct OneHost {
        address: SocketAddr,
        lookups: Arc<AtomicUsize>,
    }

    impl Resolver for OneHost {
        fn resolve(
            &self,
            uri: &Uri,
            _: &Config,
            _: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, Error> {
            assert_eq!(uri.host(), Some("agent.internal"));
            self.lookups.fetch_add(1, Relaxed);
            let mut addresses = self.empty();
            addresses.push(self.address);
            Ok(addresses)
        }
    }

    /// Takes all the time that it has.
    #[derive(Debug)]
    struct Slow(SocketAddr);

    impl Resolver for Slow {
        fn resolve(
            &self,
            _: &Uri,
            _: &Config,
            timeout: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, Error> {
            thread::sleep(*timeout.after);
            let mut addresses = self.empty();
            addresses.push(self.0);
            Ok(addresses)
        }
    }

    /// Without the proxy of the environment, which would be connected to instead.
    fn config(timeout: time::Duration) -> Config {
        ureq::Agent::config_builder().proxy(None).timeout_global(Some(timeout)).build()
    }

    #[test]
    fn a_slow_lookup_leaves_no_time_to_connect() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let slow = Slow(listener.local_addr().unwrap());
        let agent = agent_with(config(time::Duration::from_millis(20)), slow);
        let error = agent.get("http://agent.internal/info").call().unwrap_err();
        assert!(matches!(error, Error::Timeout(_)), "{error:?}");
        listener.set_nonblocking(true).unwrap();
        assert!(listener.accept().is_err(), "it has connected");
    }

    #[test]
    fn a_name_is_looked_up_for_each_connection_and_not_for_each_request() {
        const REQUESTS_PER_CONNECTION: usize = 3;

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            for connection in listener.incoming().take(2) {
                let mut connection = connection.unwrap();
                for left in (0..REQUESTS_PER_CONNECTION).rev() {
                    let mut request = Vec::new();
                    while !request.ends_with(b"\r\n\r\n") {
                        let mut byte = [0];
                        connection.read_exact(&mut byte).unwrap();
                        request.push(byte[0]);
                    }
                    let kept = if left > 0 { "keep-alive" } else { "close" };
                    let head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n";
                    let response = format!("{head}Connection: {kept}\r\n\r\n{{}}");
                    connection.write_all(response.as_bytes()).unwrap();
                }
            }
        });
        let lookups = Arc::new(AtomicUsize::new(0));
        let host = OneHost { address, lookups: Arc::clone(&lookups) };
        let agent = agent_with(config(time::Duration::from_secs(60)), host);
        let expected = [1, 1, 1, 2, 2, 2];
        assert_eq!(expected.len(), 2 * REQUESTS_PER_CONNECTION);
        for lookups_so_far in expected {
            let mut response = agent.get("http://agent.internal/info").call().unwrap();
            response.body_mut().read_to_vec().unwrap(); // Gives the connection back.
            assert_eq!(lookups.load(Relaxed), lookups_so_far);
        }
        server.join().unwrap();
    }
}
