//! Without an implementation, a call does nothing and allocates nothing.
//!
//! This test is a program of its own, because a tracer in the process would end the dormancy for
//! all tests.

use std::{fmt, str::FromStr, time::UNIX_EPOCH};

use allocation_counter::measure;
use packdog_api::{
    Baggage, BaggageItem, InSpanExt, Misuse, Parent, Span, SpanContext, SpanEvent, SpanKind,
    TraceErr, Tracer, current_root_span, current_span, propagation, set_tags, span, thread,
};

const LONG: &str = "a text that is too long to be stored in place: longer than 23 bytes";

/// A value whose text must be allocated.
struct Plan;

impl BaggageItem for Plan {
    const KEY: &'static str = "plan";
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(LONG)
    }
}

impl FromStr for Plan {
    type Err = fmt::Error;

    fn from_str(_: &str) -> Result<Self, fmt::Error> {
        Ok(Self)
    }
}

#[cfg_attr(feature = "macros", packdog_api::trace)]
fn traced(text: &str) -> Result<usize, fmt::Error> {
    Ok(text.len())
}

#[test]
fn no_call_allocates() {
    let error = std::io::Error::from(std::io::ErrorKind::NotFound);
    let mut headers = Vec::<(String, String)>::new();
    let calls = measure(|| {
        let root = span("root")
            .service("users")
            .resource("GET /")
            .span_type("web")
            .kind(SpanKind::Server)
            .tag("size", 3)
            .tag("long", LONG)
            .child_of(Parent::Nothing)
            .linked_to(&current_span())
            .start();
        let _scope = root.enter();
        let entered = root.child("child").enter();
        entered.set_tag("size", 3);
        entered.set_error(&error);
        entered.baggage().set("plan", "pro");
        entered.manual_keep();
        entered.finish_with_ancestors();
        drop(entered);
        current_root_span().set_tags([("key", "value")]);
        span("block").in_scope(|span| span.remove_tag("key"));
        let timed = span("timed").start_at(UNIX_EPOCH).start();
        timed.add_event(SpanEvent::new(LONG).with_attribute(LONG, LONG).with_attribute("size", 3));
        timed.baggage().set_value(&Plan);
        timed.finish_at(UNIX_EPOCH);
        assert_eq!(traced(LONG), Ok(LONG.len()));
        assert!("many".parse::<u8>().trace_err().is_err());
        let _ = span("block").try_in_scope(|_| "3".parse::<u32>());
        Span::passing(SpanContext::new()).in_scope(|| ());
        drop(async {}.in_span(span("future")));
        drop(thread::carry(|| ()));
        set_tags([("version", "1")]);
        propagation::inject(&mut headers);
        propagation::extract(&headers);
        assert!(!Tracer::current().is_enabled());
        assert_eq!(current_span().baggage().items(), Baggage::new());
        assert!(!current_span().sampling().is_decided());
    });
    assert_eq!(calls.count_total, 0);
    assert_eq!(Misuse::BaggageWithoutSpan.count(), 2);
}

#[test]
fn the_counter_sees_allocations() {
    assert_eq!(measure(|| drop(Box::new(1))).count_total, 1);
}
