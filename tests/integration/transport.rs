//! The way of requests to the Agent: through TLS if its URL is `https`, and never through a proxy.
//!
//! Trusted certificates and the variables of proxies belong to a whole process, so each case is a
//! process of its own.

use std::{
    fs,
    process::{Command, Output},
    sync::Arc,
};

use packdog_dev_agent::DevAgent;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer},
};

/// An Agent behind TLS, as a reverse proxy provides it, with a certificate of its own.
struct TlsAgent {
    agent: DevAgent,
    url: String,
    /// The file of the certificate.
    certificate: String,
}

impl TlsAgent {
    async fn start(host: &str) -> Self {
        let issued = rcgen::generate_simple_self_signed([host.to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(issued.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![issued.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let certificate = format!("{}/agent-{port}.pem", env!("CARGO_TARGET_TMPDIR"));
        fs::write(&certificate, issued.cert.pem()).unwrap();
        let agent = DevAgent::start().unwrap();
        tokio::spawn(accept(listener, TlsAcceptor::from(Arc::new(config)), agent.address()));
        Self { agent, url: format!("https://localhost:{port}"), certificate }
    }
}

/// Forwards each connection without TLS.
async fn accept(listener: TcpListener, tls: TlsAcceptor, agent: std::net::SocketAddr) {
    loop {
        let (client, _) = listener.accept().await.unwrap();
        let tls = tls.clone();
        tokio::spawn(async move {
            // A client that does not trust the certificate ends the handshake.
            let Ok(mut client) = tls.accept(client).await else { return };
            let mut agent = TcpStream::connect(agent).await.unwrap();
            let _ = copy_bidirectional(&mut client, &mut agent).await;
        });
    }
}

/// The standard output and standard error of a process that delivers one span.
async fn deliver(environment: &[(&str, &str)]) -> (String, String) {
    let mut process = Command::new(env!("CARGO_BIN_EXE_delivering"));
    process.env("DD_SERVICE", "users").env("DD_TRACE_AGENT_TIMEOUT_SECONDS", "20");
    process.envs(environment.iter().copied());
    let output = tokio::task::spawn_blocking(move || process.output()).await.unwrap();
    let Output { stdout, stderr, .. } = output.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(stdout), text(stderr))
}

#[tokio::test]
async fn an_agent_behind_tls_gets_spans_if_its_certificate_is_trusted() {
    #[rustfmt::skip]
    let table = [
        // host of the certificate  is trusted  output                messages
        ("localhost",               true,       "sent 1 dropped 0\n", ""),
        ("localhost",               false,      "sent 0 dropped 1\n", "certificate"),
        ("elsewhere",               true,       "sent 0 dropped 1\n", "certificate"),
    ];
    let other = TlsAgent::start("localhost").await;
    for (host, is_trusted, output, message) in table {
        let tls = TlsAgent::start(host).await;
        let trusted = if is_trusted { &tls.certificate } else { &other.certificate };
        let environment = [("DD_TRACE_AGENT_URL", tls.url.as_str()), ("SSL_CERT_FILE", trusted)];
        let (printed, messages) = deliver(&environment).await;
        assert_eq!(printed, output, "{host} {is_trusted}: {messages}");
        assert!(messages.contains(message), "{host} {is_trusted}: {messages}");
        let spans: usize = tls.agent.traces().iter().map(|trace| trace.spans().count()).sum();
        assert_eq!(format!("sent {spans} dropped {}\n", 1 - spans), output, "{host} {is_trusted}");
    }
}

#[tokio::test]
async fn no_variable_of_a_proxy_applies_to_requests_to_the_agent() {
    let proxy = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    let agent = DevAgent::start().unwrap();
    let agent_url = agent.url();
    let mut environment = vec![("DD_TRACE_AGENT_URL", agent_url.as_str())];
    #[rustfmt::skip]
    let variables = [
        "HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy",
        "DD_PROXY_HTTP", "DD_PROXY_HTTPS",
    ];
    environment.extend(variables.map(|name| (name, url.as_str())));
    // Nothing is excluded from the proxy.
    environment.extend([("NO_PROXY", ""), ("no_proxy", "")]);
    let (printed, messages) = deliver(&environment).await;
    assert_eq!(printed, "sent 1 dropped 0\n", "{messages}");
    assert_eq!(agent.traces().len(), 1);
    let connection = proxy.into_std().unwrap().accept();
    assert_eq!(connection.unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
}
