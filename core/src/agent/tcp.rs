//! A transport of the HTTP client over TCP that looks the name of the Agent up when it connects.
//!
//! The client itself would do so before each request, in a thread that it starts for that, although
//! nearly every request finds a connection that is kept.

use std::sync::Arc;

use ureq::{
    Error,
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver},
        transport::{ConnectionDetails, Connector, DefaultConnector, NextTimeout},
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
        let resolved = ConnectionDetails {
            uri,
            addrs: self.resolver.resolve(uri, config, timeout)?,
            config,
            request_level: details.request_level,
            resolver: details.resolver,
            now: details.now,
            timeout,
            current_time: Arc::clone(&details.current_time),
            run_connector: Arc::clone(&details.run_connector),
            register_shutdown: Arc::clone(&details.register_shutdown),
        };
        self.connector.connect(&resolved, chained)
    }
}

/// Looks nothing up, because whoever connects does.
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
        thread,
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
                    let head = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";
                    write!(connection, "{head}Connection: {kept}\r\n\r\n").unwrap();
                }
            }
        });
        let lookups = Arc::new(AtomicUsize::new(0));
        let agent =
            agent_with(Config::default(), OneHost { address, lookups: Arc::clone(&lookups) });
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
