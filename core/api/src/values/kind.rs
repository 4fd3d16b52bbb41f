//! The role of a span in a call: tag `span.kind`.

use std::fmt;

/// The role of a span in a call, set as the tag `span.kind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpanKind {
    /// Handling a request of another service.
    Server,
    /// A request to another service, until its response.
    Client,
    /// Sending a message to a queue.
    Producer,
    /// Handling a message from a queue.
    Consumer,
    /// Work inside this service.
    Internal,
}

impl SpanKind {
    /// Returns the value of the tag: `server`, `client`, `producer`, `consumer` or `internal`.
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
