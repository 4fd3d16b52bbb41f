//! The cost of encoding a span into the bytes of a payload.

use crate::{
    ours,
    row::{Goal, Row},
    work::CHILDREN,
};

pub(super) fn rows() -> Vec<Row> {
    let encode =
        Row::new("encode", "v0.4 encoding, per span of a trace of 10 spans", Goal::calling(2040.0))
            .per_step((CHILDREN + 1) as f64)
            .ours(ours::encode, None);
    #[cfg(feature = "peers")]
    let encode = encode.peer(
        ("libdd-trace-utils", "libdd-trace-utils"),
        |_| crate::peers::libdatadog::encode(),
        "making its spans of what was recorded",
    );
    vec![encode]
}
