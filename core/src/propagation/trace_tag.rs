//! The rules for one tag of a trace, which are the same for every header.
//!
//! ```text
//! key    = 1*( %x21-7E except "," and "=" )     ; begins with `_dd.p.`
//! value  = 1*( %x20-7E except "," )             ; without spaces at its ends
//! ```
//! `_dd.p.dm` is `-` and 0 to 255.

use packdog_api::TraceTags;

use super::{
    byte_class::{TAG_KEY, TAG_VALUE, are_all},
    digits,
};

pub(super) use crate::tags::internal::TRACE_TAG_PREFIX as PREFIX;

/// A tag of older tracers with the sampling of upstream services; it is not passed on.
const UPSTREAM_SERVICES: &str = "_dd.p.upstream_services";

/// Whether a key and a value follow the grammar.
pub(super) fn is_tag(key: &str, value: &str) -> bool {
    let is_blank = || value.bytes().all(|byte| byte == b' ');
    !key.is_empty() && are_all(key, TAG_KEY) && are_all(value, TAG_VALUE) && !is_blank()
}

/// Whether a tag of this name travels at all.
pub(super) fn travels(key: impl AsRef<[u8]>) -> bool {
    let key = key.as_ref();
    key.starts_with(PREFIX.as_bytes()) && key != UPSTREAM_SERVICES.as_bytes()
}

/// Whether every receiver would reject a tag: an invalid decision maker.
pub(super) fn is_refused(key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> bool {
    key.as_ref() == TraceTags::DECISION_MAKER.as_bytes() && !is_decision_maker(value.as_ref())
}

/// Whether this is `-` and 0 to 255 without leading zeros.
fn is_decision_maker(maker: &[u8]) -> bool {
    maker.strip_prefix(b"-").is_some_and(|mechanism| {
        let has_leading_zero = mechanism.len() > 1 && mechanism.starts_with(b"0");
        !has_leading_zero && digits::decimal_u64(mechanism).is_some_and(|number| number <= 255)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_maker_is_a_dash_and_0_to_255() {
        for maker in ["-0", "-9", "-255"] {
            assert!(!is_refused("_dd.p.dm", maker), "{maker:?}");
        }
        for maker in ["", "-", "4", "--4", "-04", "-256", "-4 ", "- 4", "-+4"] {
            assert!(is_refused("_dd.p.dm", maker), "{maker:?}");
            assert!(!is_refused("_dd.p.other", maker), "{maker:?}");
        }
    }
}
