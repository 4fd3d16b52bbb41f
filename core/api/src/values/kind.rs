//! The role of a span in a call: tag `span.kind`.

use std::fmt;

/// Which side of a call a span stands for; written as the tag `span.kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpanKind {
    /// Answers a request of another service.
    Server,
    /// Asks another service, and waits for its answer.
    Client,
    /// Hands a message to a queue.
    Producer,
    /// Takes a message from a queue.
    Consumer,
    /// Work inside this service.
    Internal,
}

impl SpanKind {
    /// The value of the tag: `server`, `client`, `producer`, `consumer` or `internal`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for SpanKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
