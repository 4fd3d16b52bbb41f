//! The values of the tag `_dd.propagation_error`: what a peer or a limit did to a header.

use std::borrow::Cow;

/// Tags came that were longer than the limit.
pub(super) const EXTRACT_MAX_SIZE: &str = "extract_max_size";
/// Tags came that do not follow the grammar.
pub(super) const DECODING_ERROR: &str = "decoding_error";
/// Tags to be written were longer than the limit.
pub(super) const INJECT_MAX_SIZE: &str = "inject_max_size";
/// A tag to be written does not fit the grammar.
pub(super) const ENCODING_ERROR: &str = "encoding_error";
/// Tags existed, but the limit is 0.
pub(super) const DISABLED: &str = "disabled";

/// `_dd.p.tid` came, but is not the high half of a trace id.
pub(super) fn malformed_tid(received: &str) -> Cow<'static, str> {
    // A hostile value is kept short; by the grammar of its header it is printable ASCII.
    let received = received.get(..MAX_RECEIVED_BYTES).unwrap_or(received);
    Cow::Owned(format!("malformed_tid {received}"))
}

/// The default limit of the header, so that only a raised limit makes this one matter.
const MAX_RECEIVED_BYTES: usize = 512;
