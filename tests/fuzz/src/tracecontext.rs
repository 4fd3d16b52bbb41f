//! The headers of W3C Trace Context, and our member of `tracestate`.

use packdog::{propagation::Style, sampling::SamplingPriority};

use crate::hop::{Hops, pass, propagator};

const TRACEPARENT: &[u8] = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The header `traceparent`.
pub fn traceparent(data: &[u8]) {
    let hops = pass(&propagator([Style::TraceContext]), &vec![("traceparent", data)]);
    assert_eq!(hops.second.sampling_priority(), hops.first.sampling_priority());
    assert!(hops.second.trace_tags().iter().eq(hops.first.trace_tags().iter()));
}

/// The header `tracestate` beside a `traceparent`.
pub fn tracestate(data: &[u8]) {
    let hops = pass_tracestate(data);
    let received = String::from_utf8_lossy(data);
    let mut received = received.split(',').map(|member| member.trim_matches([' ', '\t']));
    for member in hops.headers.iter().filter(|(name, _)| name == "tracestate") {
        for member in member.1.split(',').filter(|member| !member.starts_with("dd=")) {
            assert!(received.any(|other| other == member), "{member} was changed or moved");
        }
    }
}

/// The value of our member of `tracestate`, among members of others.
pub fn dd_member(data: &[u8]) {
    let hops = pass_tracestate(&[b"a=1,dd=", data, b",b=2"].concat());
    let is_kept = |priority: SamplingPriority| priority.is_kept();
    assert!(hops.first.sampling_priority().is_none_or(is_kept), "traceparent is sampled");
}

fn pass_tracestate(tracestate: &[u8]) -> Hops {
    let lines = vec![("traceparent", TRACEPARENT), ("tracestate", tracestate)];
    let hops = pass(&propagator([Style::TraceContext]), &lines);
    assert!(hops.first.trace_id().is_some(), "tracestate broke the trace");
    hops
}
