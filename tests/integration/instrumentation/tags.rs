//! `span.set_tag`, `set_tags`, metrics, `get_tag`, `remove_tag`; `tracer.set_tags`.

use packdog::{
    limits::{MAX_TAGS_PER_SPAN, Misuse},
    sampling::SamplingPriority,
    set_tags, span,
    span::TagValue,
    test_util::collect,
};

#[test]
fn tags_are_texts_numbers_and_booleans_that_can_be_read_and_removed() {
    let (collector, _scope) = collect();
    span("sandwich").in_scope(|span| {
        span.set_tag("bread", "rye");
        span.set_tag("toasted", true);
        span.set_tags([("slices", 2.0), ("weight", 250.5)]);
        span.set_tag("bread", String::from("white"));
        span.set_tag("nothing", f64::NAN);
        assert_eq!(span.tag("bread"), Some(TagValue::from("white")));
        span.remove_tag("slices");
        assert_eq!(span.tag("slices"), None);
    });
    let span = collector.span("sandwich");
    assert_eq!((span.text("bread"), span.text("toasted")), (Some("white"), Some("true")));
    assert_eq!(span.number("weight"), Some(250.5));
    assert_eq!(span.tags.keys().collect::<Vec<_>>(), ["bread", "toasted", "weight"]);
}

#[test]
fn reserved_keys_change_fields_and_decide() {
    let (collector, _scope) = collect();
    span("before").in_scope(|span| {
        for (key, value) in [
            ("operation.name", "after"),
            ("service.name", "cashier"),
            ("resource.name", "POST /payments"),
            ("span.type", "http"),
        ] {
            span.set_tag(key, value);
        }
        span.set_tag("manual.drop", true);
    });
    assert_eq!(collector.picture(), "after  POST /payments  service=cashier\n");
    let trace = &collector.traces()[0];
    assert_eq!(trace.sampling_priority, Some(SamplingPriority::USER_DROP));
    assert_eq!(trace.spans[0].span_type, "http");
}

#[test]
fn tags_over_the_limit_or_after_the_end_are_counted() {
    let (collector, _scope) = collect();
    let too_many = Misuse::TooManyTags.count();
    let too_late = Misuse::ChangeAfterFinish.count();
    let full = span("full").start();
    for number in 0..=MAX_TAGS_PER_SPAN {
        full.set_tag(number.to_string(), number);
    }
    full.finish();
    full.set_tag("late", true);
    assert_eq!(collector.span("full").tags.len(), MAX_TAGS_PER_SPAN);
    assert!(Misuse::TooManyTags.count() > too_many);
    assert!(Misuse::ChangeAfterFinish.count() > too_late);
}

#[test]
fn tags_on_every_span_come_from_any_thread_and_yield_to_those_of_the_span() {
    let (collector, _scope) = collect();
    let request = span("request").start();
    packdog::thread::spawn(|| span("elsewhere").in_scope(|_| set_tags([("lost", 1)])))
        .join()
        .unwrap();
    let tracer = collector.tracer().clone();
    std::thread::spawn(move || tracer.set_tags([("version", "1"), ("shop", "x")])).join().unwrap();
    drop(request.child("child").tag("version", "2").start());
    drop(request);
    set_tags([("shop", "y")]);
    drop(span("next").start());
    let tags = |name: &str| {
        let span = collector.span(name);
        (span.text("version").map(str::to_owned), span.text("shop").map(str::to_owned))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(tags("request"), (None, None));
    assert_eq!(tags("child"), (some("2"), some("x")));
    assert_eq!(tags("next"), (some("1"), some("y")));
}
