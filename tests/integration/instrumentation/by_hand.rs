//! `tracer.trace("x")`, `tracer.start_span(..)`, `span.finish()`, `span.finish_with_ancestors()`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use packdog::{
    current_span, span,
    span::{Parent, SpanContext, SpanId, SpanKind, TraceId},
    test_util::collect,
};

#[test]
fn a_span_finishes_once() {
    let (collector, _scope) = collect();
    let made = span("sandwich.create").start();
    made.finish_at(SystemTime::now() + Duration::from_secs(60));
    made.finish();
    drop(made);
    let only = collector.span("sandwich.create");
    assert!(only.duration > 50_000_000_000, "{}", only.duration);
}

#[test]
fn a_span_can_be_recorded_after_it_happened() {
    let (collector, _scope) = collect();
    let noon = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    span("lunch").start_at(noon).start().finish_at(noon + Duration::from_millis(1_500));
    let lunch = collector.span("lunch");
    assert_eq!((lunch.start, lunch.duration), (1_700_000_000_000_000_000, 1_500_000_000));
}

#[test]
fn a_clone_keeps_no_span_open_and_any_handle_can_finish_it() {
    let (collector, _scope) = collect();
    let kept = {
        let owned = span("owned").start();
        owned.handle()
    };
    collector.assert_all_finished();
    let released = span("released").start().release();
    assert_eq!(collector.unfinished().len(), 1);
    std::thread::spawn(move || released.finish()).join().unwrap();
    collector.assert_all_finished();
    assert_eq!(kept.span_id(), Some(collector.span("owned").span_id));
}

#[test]
fn a_builder_sets_every_field_and_makes_nothing_current() {
    let (collector, _scope) = collect();
    let order = span("order").start();
    let payment = span("order.pay")
        .child_of(&order)
        .service("cashier")
        .resource("POST /payments")
        .span_type("http")
        .kind(SpanKind::Client)
        .tag("amount", 7.5)
        .start();
    assert!(current_span().is_nothing());
    drop((payment, order));
    let payment = collector.span("order.pay");
    assert_eq!((payment.span_type.as_str(), payment.number("amount")), ("http", Some(7.5)));
    let expected = "\
order  service=test
└─ order.pay  POST /payments  kind=client  service=cashier
";
    assert_eq!(collector.picture(), expected);
}

#[test]
fn a_builder_can_name_a_context_or_nothing_as_the_parent() {
    let (collector, _scope) = collect();
    let context = SpanContext::new().with_trace(TraceId::new(7).unwrap(), SpanId::new(9));
    span("current").in_scope(|_| {
        drop(span("continued").child_of(&context).start());
        drop(span("alone").child_of(Parent::Nothing).start());
        drop(span("below").start());
    });
    let continued = collector.span("continued");
    assert_eq!(
        (continued.trace_id, continued.parent_id),
        (TraceId::new(7).unwrap(), SpanId::new(9))
    );
    let (current, alone) = (collector.span("current"), collector.span("alone"));
    assert_eq!(alone.parent_id, None);
    assert_ne!(alone.trace_id, current.trace_id);
    assert_eq!(collector.span("below").parent_id, Some(current.span_id));
}

#[test]
fn a_span_finishes_with_its_ancestors_and_leaves_others_open() {
    let (collector, _scope) = collect();
    let party = span("party").start();
    let dance = party.child("dance").start();
    let song = party.child("song").start();
    dance.child("alarm").start().finish_with_ancestors();
    let open = collector.unfinished();
    assert_eq!(open.iter().map(|span| span.name.as_str()).collect::<Vec<_>>(), ["song"]);
    drop((song, dance, party));
    let expected = "\
party  service=test
├─ dance
│  └─ alarm
└─ song
";
    assert_eq!(collector.picture(), expected);
}
