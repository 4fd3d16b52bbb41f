//! The format of a payload, and the parts of a span that have a field of their own in it.

use crate::config::ApiVersion;

/// The form in which a payload is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Format {
    pub(crate) version: ApiVersion,
    /// Whether the Agent knows the field for span events.
    pub(crate) takes_span_events: bool,
}

impl Format {
    /// The path for payloads of this format.
    pub(crate) fn path(self) -> &'static str {
        match self.version {
            ApiVersion::V04 => "/v0.4/traces",
            ApiVersion::V05 => "/v0.5/traces",
        }
    }

    pub(super) fn has_links(self) -> bool {
        self.version == ApiVersion::V04
    }

    pub(super) fn has_events(self) -> bool {
        self.version == ApiVersion::V04 && self.takes_span_events
    }
}
