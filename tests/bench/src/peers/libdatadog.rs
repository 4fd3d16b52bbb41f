//! The encoder of libdatadog, which Datadog's tracers for Rust and Python use.

use std::hint::black_box;

use libdd_trace_utils::{
    msgpack_encoder,
    span::{v04::SpanSlice, vec_map::VecMap},
};

use crate::{
    row::Step,
    work::{CHILD_TAGS, CHILDREN, ROOT_TAGS},
};

pub(crate) fn encode() -> Step {
    let spans = (0..=CHILDREN).map(|number| {
        let is_root = number == 0;
        let tags: &'static [(&str, &str)] = if is_root { &ROOT_TAGS } else { &CHILD_TAGS };
        SpanSlice {
            service: "bench".into(),
            name: if is_root { "http.request" } else { "users.load" }.into(),
            resource: "GET /users/{id}".into(),
            r#type: "web".into(),
            trace_id: 0x0123_4567_89ab_cdef,
            span_id: 0x1000_0000_0000_0001 + number as u64,
            parent_id: if is_root { 0 } else { 0x1000_0000_0000_0001 },
            start: 1_790_000_000_000_000_000,
            duration: 1_234_567,
            error: 0,
            meta: tags.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect::<VecMap<_, _>>(),
            ..SpanSlice::default()
        }
    });
    let traces = [spans.collect::<Vec<_>>()];
    Box::new(move || drop(black_box(msgpack_encoder::v04::to_vec_from_v04(&traces))))
}
