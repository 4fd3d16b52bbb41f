//! Pictures of traces that are whole, broken and hostile.

use crate::{Chunk, Span, Trace};

/// A span of service `s` that starts at its id.
fn span(span_id: u64, parent_id: u64, name: &str) -> Span {
    Span {
        service: "s".into(),
        name: name.into(),
        resource: name.into(),
        trace_id: 1,
        span_id,
        parent_id,
        start: span_id as i64,
        duration: 1,
        ..Span::default()
    }
}

fn http(span_id: u64, parent_id: u64, service: &str, resource: &str, kind: &str) -> Span {
    let meta = [("http.status_code", "200"), ("span.kind", kind)];
    Span {
        service: service.into(),
        resource: resource.into(),
        meta: meta.map(|(key, value)| (key.into(), value.into())).into(),
        ..span(span_id, parent_id, "http.request")
    }
}

fn picture(chunks: Vec<Vec<Span>>) -> String {
    let chunks = chunks.into_iter().map(|spans| Chunk { trace_id: 1, spans }).collect();
    Trace { trace_id: 1, chunks }.picture()
}

#[test]
fn draws_three_services_whose_chunks_arrived_innermost_first() {
    let chunks = vec![
        vec![http(3, 2, "billing", "GET /invoices", "server")],
        vec![
            http(1, 0, "users", "GET /users/{id}", "server"),
            http(2, 1, "users", "GET billing/invoices", "client"),
        ],
    ];
    assert_eq!(
        picture(chunks),
        "http.request  GET /users/{id}  200  kind=server  service=users\n\
         └─ http.request  GET billing/invoices  200  kind=client\n   \
            └─ http.request  GET /invoices  200  kind=server  service=billing"
    );
}

#[test]
fn orders_children_by_start_and_draws_rails_past_elder_siblings() {
    let spans =
        vec![span(5, 1, "e"), span(4, 2, "d"), span(3, 2, "c"), span(2, 1, "b"), span(1, 0, "a")];
    assert_eq!(picture(vec![spans]), "a  service=s\n├─ b\n│  ├─ c\n│  └─ d\n└─ e");
}

#[test]
fn orphans_are_roots_in_order_of_start() {
    let spans = vec![span(2, 99, "orphan"), span(3, 2, "below"), span(1, 0, "root")];
    assert_eq!(picture(vec![spans]), "root  service=s\norphan  service=s\n└─ below");
}

#[test]
fn a_circle_of_parents_begins_at_its_earliest_span() {
    let spans = vec![span(2, 3, "b"), span(3, 2, "c"), span(4, 4, "own parent")];
    assert_eq!(picture(vec![spans]), "own parent  service=s\nb  service=s\n└─ c");
}

#[test]
fn a_span_sent_twice_shows_its_children_once() {
    let chunks = vec![vec![span(1, 0, "a"), span(2, 1, "b")], vec![span(1, 0, "a")]];
    assert_eq!(picture(chunks), "a  service=s\n└─ b\na  service=s");
}

#[test]
fn errors_show_their_type_or_a_bare_mark() {
    let mut typed = Span { error: 1, ..span(1, 0, "a") };
    typed.meta.insert("error.type".into(), "io::Error".into());
    let bare = Span { error: 1, ..span(2, 1, "b") };
    // The type alone makes no error.
    let fine = Span {
        error: 0,
        span_id: 3,
        parent_id: 1,
        start: 3,
        name: "c".into(),
        resource: "c".into(),
        ..typed.clone()
    };
    assert_eq!(
        picture(vec![vec![typed, bare, fine]]),
        "a  error=io::Error  service=s\n├─ b  error=true\n└─ c"
    );
}

#[test]
fn control_characters_cannot_break_the_tree() {
    let resource = Span { resource: "SELECT\n1\u{1b}[2J é".into(), ..span(1, 0, "sql") };
    assert_eq!(picture(vec![vec![resource]]), "sql  SELECT\\n1\\u{1b}[2J é  service=s");
}

#[test]
fn a_very_deep_trace_stays_drawable() {
    let depth = 50_000;
    let spans = (1..=depth).map(|id| span(id, id - 1, "n")).collect();
    let picture = picture(vec![spans]);
    assert_eq!(picture.lines().count(), depth as usize);
    let widest = picture.lines().map(|line| line.chars().count()).max();
    assert_eq!(widest, Some((super::MAX_INDENTED_LEVELS + 1) * 3 + 1));
}
