//! The services that chains are made of, and one Agent for all of them.

use std::collections::BTreeMap;

use packdog::{
    Config,
    propagation::{PropagationConfig, Styles},
};
use packdog_tests::{
    peers::{Hop, HopReply, PeerService, PeerServiceBuilder, Span, TestAgent},
    rust_service::{RustService, send_hop},
};
use tokio::sync::{Mutex, MutexGuard, OnceCell};

/// The language of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Rust,
    Python,
    Node,
}

/// Some services of each language.
pub(super) struct Fleet {
    // Before the Agent, to which their last spans go when they drop.
    rust: Vec<RustService>,
    python: Vec<PeerService>,
    node: Vec<PeerService>,
    agent: TestAgent,
    /// The number of spans that the chains so far have made.
    spans: usize,
}

impl Fleet {
    /// The fleet with default styles that the tests share: one test has it at a time.
    ///
    /// Of each language it has three services, so that none comes twice in a chain of three: the
    /// Python tracer sends the spans of a trace as one chunk if they are of one process, with the
    /// decision on one of them.
    ///
    /// It ends with the process. `None` where Python or Node is missing.
    pub(super) async fn shared() -> Option<MutexGuard<'static, Self>> {
        static FLEET: OnceCell<Option<Mutex<Fleet>>> = OnceCell::const_new();
        let start = || async { Self::start(3, None).await.map(Mutex::new) };
        Some(FLEET.get_or_init(start).await.as_ref()?.lock().await)
    }

    /// A fleet of one service of each language, which all speak only this style.
    pub(super) async fn with_style(style: &str) -> Option<Self> {
        Self::start(1, Some(style)).await
    }

    async fn start(count: usize, style: Option<&str>) -> Option<Self> {
        let agent = TestAgent::start().await?;
        let styled = |config: Config| match style.and_then(|style| Styles::parse(style).0) {
            Some(styles) => {
                config.with_propagation(PropagationConfig::default().with_style(styles))
            }
            None => config,
        };
        let peer = |builder: PeerServiceBuilder, style: Option<&str>| {
            let builder = builder.agent(&agent);
            let builder = style
                .into_iter()
                .fold(builder, |builder, style| builder.env("DD_TRACE_PROPAGATION_STYLE", style));
            tokio::spawn(builder.start())
        };
        // dd-trace reads the style `b3` as `b3multi`; ddtrace uses `b3` only for the single header.
        let node_style = style.map(|style| if style == "b3" { "b3 single header" } else { style });
        let starting = (1..=count).map(|number| {
            let python = peer(PeerService::python(&format!("python-{number}")), style);
            let node = peer(PeerService::node(&format!("node-{number}")), node_style);
            (RustService::start(&format!("rust-{number}"), agent.url(), styled), python, node)
        });
        let (mut rust, mut python, mut node) = (Vec::new(), Vec::new(), Vec::new());
        for (ours, one, other) in starting.collect::<Vec<_>>() {
            rust.push(ours);
            python.push(one.await.expect("a service in Python")?);
            node.push(other.await.expect("a service in Node")?);
        }
        Some(Self { agent, rust, python, node, spans: 0 })
    }

    /// Sends a request through services in these languages, each doing its part, and returns their replies.
    pub(super) async fn chain<const N: usize>(
        &mut self,
        languages: [Language; N],
        headers: &[(&str, &str)],
        hops: [Hop; N],
    ) -> [HopReply; N] {
        let mut next: Option<(String, Hop)> = None;
        for (place, (language, mut hop)) in languages.into_iter().zip(hops).enumerate().rev() {
            if let Some((url, body)) = next {
                hop = hop.with_next(url, body);
            }
            next = Some((self.hop_url(language, place), hop));
        }
        let (url, hop) = next.expect("a chain has a service");
        self.spans += 2 * N - 1; // A span of each request, and one of each call between them.
        let mut reply = send_hop(&url, headers, &hop).await;
        let mut replies = Vec::new();
        while let Some(next) = reply.replies.pop() {
            replies.push(std::mem::replace(&mut reply, next));
        }
        replies.push(reply);
        replies.try_into().expect("a reply of each service")
    }

    fn hop_url(&self, language: Language, place: usize) -> String {
        let peer = |services: &[PeerService]| services[place % services.len()].hop_url();
        match language {
            Language::Rust => self.rust[place % self.rust.len()].hop_url(),
            Language::Python => peer(&self.python),
            Language::Node => peer(&self.node),
        }
    }

    /// The spans of all chains so far, by the low half of their trace id; the Agent's own checks have passed.
    pub(super) async fn traces(&self) -> BTreeMap<u64, Vec<Span>> {
        for service in &self.rust {
            service.flush().await;
        }
        let traces = self.agent.wait_for_spans(self.spans).await;
        self.agent.assert_no_failed_checks().await;
        traces.into_iter().map(|spans| (spans[0].trace_id, spans)).collect()
    }
}

/// The spans from the last service of a chain up to the first, if each has the next as its parent.
///
/// # Panics
/// They do not make one line, each service with one span of the request and one of the call.
pub(super) fn line<'a>(spans: &'a [Span], replies: &[HopReply]) -> Vec<&'a Span> {
    let last = replies.last().expect("a chain has a service");
    let mut id = u64::from_str_radix(&last.span_id, 16).expect("an id");
    let mut line = Vec::new();
    while let Some(span) = spans.iter().find(|span| span.span_id == id) {
        line.push(span);
        id = span.parent_id;
    }
    assert_eq!(line.len(), spans.len(), "{}", packdog_tests::peers::picture(spans));
    for (span, reply) in line.iter().step_by(2).zip(replies.iter().rev()) {
        assert_eq!(format!("{:016x}", span.span_id), reply.span_id, "{reply:?}");
        assert_eq!(span.service, reply.service, "{reply:?}");
    }
    line
}

/// The value of `key` in a header `key=value,key=value`, such as `x-datadog-tags` and `tracestate`.
pub(super) fn member<'a>(reply: &'a HopReply, header: &str, key: &str) -> Option<&'a str> {
    let members = reply.headers.get(header)?.split(',').map(str::trim);
    members.filter_map(|member| member.split_once('=')).find_map(|(k, v)| (k == key).then_some(v))
}
