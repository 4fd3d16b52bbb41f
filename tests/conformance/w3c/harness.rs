//! The service as a process, and a server that keeps the headers of the calls which the service makes.
//!
//! Requests are written byte by byte: a client library would tidy names, blanks and repeated lines.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use axum::{Router, extract::State, http::HeaderMap, routing::post};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// The headers of the calls so far.
type Calls = Arc<Mutex<Vec<HeaderMap>>>;

/// The service of one test, and the server that it calls.
pub(crate) struct Harness {
    service: Child,
    address: String,
    callback: String,
    calls: Calls,
}

/// The headers of one call that the service made.
pub(crate) struct Call {
    pub(crate) trace_id: String,
    pub(crate) parent_id: String,
    pub(crate) flags: String,
    /// All members, ours (`dd`, and `ot` behind it) left out.
    pub(crate) members: Vec<String>,
}

impl Harness {
    pub(crate) async fn start() -> Self {
        let calls = Calls::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let callback = format!("http://{}/callback", listener.local_addr().unwrap());
        let keep = async |State(calls): State<Calls>, headers: HeaderMap| {
            calls.lock().unwrap().push(headers);
        };
        let server = Router::new().route("/callback", post(keep)).with_state(Arc::clone(&calls));
        tokio::spawn(async { axum::serve(listener, server).await });

        let mut service = Command::new(env!("CARGO_BIN_EXE_w3c-service"))
            .env_clear()
            .env("PORT", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null()) // It warns that there is no Agent.
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(service.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim_end().strip_prefix("port ").unwrap_or_else(|| panic!("{line:?}"));
        let address = format!("127.0.0.1:{port}");
        Self { service, address, callback, calls }
    }

    /// Sends a request that asks for `count` calls, and returns their headers.
    pub(crate) async fn calls(&self, headers: &[(&str, &str)], count: usize) -> Vec<Call> {
        let call = json!({ "url": self.callback, "arguments": [] });
        let body = json!(vec![call; count]).to_string();
        let mut request = format!(
            "POST /test HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n",
            self.address,
            body.len(),
        );
        for (name, value) in headers {
            request += &format!("{name}:{value}\r\n");
        }
        request += &format!("\r\n{body}");
        let mut connection = TcpStream::connect(&self.address).await.unwrap();
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut response = String::new();
        connection.read_to_string(&mut response).await.unwrap();
        assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
        let calls = std::mem::take(&mut *self.calls.lock().unwrap());
        assert_eq!(calls.len(), count);
        calls.iter().map(Call::of).collect()
    }

    /// The headers of the call after a request with these.
    pub(crate) async fn call(&self, headers: &[(&str, &str)]) -> Call {
        self.calls(headers, 1).await.remove(0)
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        // Both fail only if the service is gone already.
        let _ = self.service.kill();
        let _ = self.service.wait();
    }
}

impl Call {
    /// Asserts that the outgoing headers are valid, whatever was received.
    fn of(headers: &HeaderMap) -> Self {
        let only = |name: &str| {
            let mut lines = headers.get_all(name).iter();
            let line = lines.next().unwrap_or_else(|| panic!("no {name}")).to_str().unwrap();
            assert!(lines.next().is_none(), "{name} was sent twice");
            line.to_owned()
        };
        let traceparent = only("traceparent");
        let [version, trace_id, parent_id, flags]: [&str; 4] =
            traceparent.split('-').collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(version, "00", "{traceparent}");
        for (field, length) in [(trace_id, 32), (parent_id, 16), (flags, 2)] {
            let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            assert!(field.len() == length && field.bytes().all(is_hex), "{traceparent}");
        }
        let tracestate = only("tracestate");
        let mut others = tracestate.split(',').map(str::to_owned).collect::<Vec<_>>();
        assert!(others.remove(0).starts_with("dd="), "{tracestate}");
        assert!(!others.iter().any(|member| member.starts_with("dd=")), "{tracestate}");
        // A decision of our own writes its probability there; no request of these tests has one.
        if others.first().is_some_and(|member| member.starts_with("ot=")) {
            others.remove(0);
        }
        assert!(others.len() < 32, "{tracestate}");
        Self {
            trace_id: trace_id.to_owned(),
            parent_id: parent_id.to_owned(),
            flags: flags.to_owned(),
            members: others,
        }
    }
}
