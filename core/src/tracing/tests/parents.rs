//! The parents of spans when spans of `tracing` and of packdog meet on one thread.

use std::{
    sync::{Arc, Mutex},
    thread,
};

use ::tracing::{Subscriber, debug_span, dispatcher, info_span, span::Id};
use tracing_subscriber::{Layer, filter::LevelFilter, layer::Context, registry::LookupSpan};

use super::{collector, picture, traces, traces_with};
use crate::{
    Span, Tracer, current_span, span,
    span::SpanContext,
    test_util::Collector,
    tracing::{SpanLayer, layer},
};

/// A library that does not depend on packdog.
mod pantry {
    #[::tracing::instrument(target = "pantry::shelf", fields(found))]
    pub(super) fn fetch(item: &str) {
        ::tracing::Span::current().record("found", 2);
        ::tracing::info_span!("shelf.open").in_scope(|| {});
    }
}

#[test]
fn a_library_that_only_knows_tracing_ends_up_in_the_trace() {
    let picture = traces(|| span("sandwich.make").in_scope(|_| pantry::fetch("ham")));
    assert_eq!(
        picture,
        "\
sandwich.make
└─ fetch  found=2  item=\"ham\"
   └─ shelf.open
"
    );
}

#[test]
fn both_kinds_interleave() {
    let picture = traces(|| {
        let _theirs = info_span!("theirs 1").entered();
        span("ours 2").in_scope(|_| {
            info_span!("theirs 3").in_scope(|| span("ours 4").in_scope(|_| {}));
            info_span!("theirs 5").in_scope(|| {});
        });
        span("ours 6").in_scope(|_| {});
        info_span!("theirs 7").in_scope(|| {});
    });
    assert_eq!(
        picture,
        "\
theirs 1
├─ ours 2
│  ├─ theirs 3
│  │  └─ ours 4
│  └─ theirs 5
├─ ours 6
└─ theirs 7
"
    );
}

#[test]
fn a_parent_that_was_named_goes_before_the_current_span() {
    let picture = traces(|| {
        let named = info_span!("named");
        span("current").in_scope(|_| {
            info_span!(parent: &named, "below named").in_scope(|| span("inside").in_scope(|_| {}));
            info_span!(parent: None, "alone").in_scope(|| {});
        });
    });
    assert_eq!(
        picture,
        "\
named
└─ below named
   └─ inside

current
└─ alone
"
    );
}

/// A layer that sees everything and discards it.
fn others<S>() -> impl Layer<S> + Send + Sync
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    tracing_subscriber::fmt::layer().with_writer(std::io::sink)
}

#[test]
fn spans_below_info_are_left_out_and_their_children_move_up() {
    let picture = traces_with(layer().and_then(others()), || {
        info_span!("above").in_scope(|| {
            let hidden = debug_span!("hidden");
            assert!(!hidden.is_disabled(), "other layers see it");
            hidden.in_scope(|| info_span!("inside").in_scope(|| {}));
            info_span!(parent: &hidden, "named").in_scope(|| {});
        });
    });
    assert_eq!(picture, "above\n├─ inside\n└─ named\n");
}

#[test]
fn a_named_parent_that_is_disabled_or_unseen_gives_way_to_the_current_span() {
    let application = || {
        let hidden = debug_span!("hidden");
        span("current").in_scope(|_| info_span!(parent: &hidden, "orphan").in_scope(|| {}));
    };
    let expected = "current\n└─ orphan\n";
    assert_eq!(traces(application), expected);
    assert_eq!(traces_with(layer().and_then(others()), application), expected);
}

#[test]
fn another_filter_lets_more_through() {
    let layer = SpanLayer::new().with_filter(LevelFilter::DEBUG);
    let picture = traces_with(layer, || debug_span!("fine").in_scope(|| {}));
    assert_eq!(picture, "fine\n");
}

#[test]
fn guards_dropped_out_of_order_leave_the_current_span_alone() {
    traces(|| {
        let outer = info_span!("outer").entered();
        let outer_id = current_span().span_id();
        let inner = info_span!("inner").entered();
        let inner_id = current_span().span_id();
        assert!(outer_id.is_some() && inner_id.is_some() && outer_id != inner_id);
        drop(outer);
        assert_eq!(current_span().span_id(), inner_id);
        drop(inner);
        assert!(current_span().is_nothing());
    });
}

#[test]
fn one_span_is_entered_twice_on_a_thread_and_at_once_on_another() {
    let picture = traces(|| {
        let shared = info_span!("shared");
        let dispatch = dispatcher::get_default(Clone::clone);
        shared.in_scope(|| {
            shared.in_scope(|| span("here").in_scope(|_| {}));
            thread::scope(|scope| {
                scope.spawn(|| {
                    let _dispatch = dispatcher::set_default(&dispatch);
                    shared.in_scope(|| span("there").in_scope(|_| {}));
                    assert!(current_span().is_nothing());
                });
            });
            span("here again").in_scope(|_| {});
        });
        assert!(current_span().is_nothing());
    });
    assert_eq!(picture, "shared\n├─ here\n├─ there\n└─ here again\n");
}

/// Keeps a picture of the finished spans when a span closes.
struct AtClose(Collector, Arc<Mutex<String>>);

impl<S: Subscriber> Layer<S> for AtClose {
    fn on_close(&self, _: Id, _: Context<'_, S>) {
        *self.1.lock().unwrap() += &picture(&self.0);
    }
}

#[test]
fn a_span_ends_when_it_closes_not_when_the_registry_forgets_it() {
    let collector = collector();
    let left = Arc::default();
    let layer = SpanLayer::new().tracer(collector.tracer());
    let picture = traces_with(layer.and_then(AtClose(collector, Arc::clone(&left))), || {
        info_span!("theirs").in_scope(|| {});
    });
    assert_eq!((picture.as_str(), left.lock().unwrap().as_str()), ("", "theirs\n"));
}

#[test]
fn spans_that_it_follows_from_are_linked() {
    let picture = traces(|| {
        let first = info_span!("first");
        let id = first.in_scope(|| current_span().span_id().unwrap());
        let second = info_span!("second");
        second.follows_from(&first);
        drop(first);
        second.record("nothing of this name", 1);
        second.in_scope(|| current_span().set_tag("expected", id.to_string()));
    });
    let (first, second) = picture.split_once("\n\n").unwrap();
    assert_eq!(first, "first");
    let (_, id) = second.split_once("expected=").unwrap();
    let id = id.split('"').nth(1).unwrap();
    assert_eq!(second, format!("second  expected=\"{id}\"  -> {id}\n"));
}

#[test]
fn the_tracer_of_the_layer_goes_before_that_of_the_scope() {
    let collector = collector();
    let layer = SpanLayer::new().tracer(collector.tracer());
    let in_scope = traces_with(layer, || info_span!("theirs").in_scope(|| {}));
    assert_eq!((in_scope.as_str(), picture(&collector).as_str()), ("", "theirs\n"));
}

#[test]
fn a_second_layer_does_nothing() {
    let picture = traces_with(layer().and_then(layer()), || {
        info_span!("once").in_scope(|| info_span!("below").in_scope(|| {}));
        assert!(current_span().is_nothing());
    });
    assert_eq!(picture, "once\n└─ below\n");
}

#[test]
fn below_a_request_that_is_ignored_nothing_is_recorded() {
    let picture = traces(|| {
        Span::ignored(SpanContext::new()).in_scope(|| {
            let theirs = info_span!("health");
            theirs.in_scope(|| span("ours").in_scope(|_| assert!(!current_span().is_recording())));
        });
    });
    assert_eq!(picture, "");
}

#[test]
fn without_a_tracer_no_value_is_even_looked_at() {
    struct Untouched;
    impl std::fmt::Debug for Untouched {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("looked at")
        }
    }
    traces(|| {
        let _off = Tracer::disabled().enter();
        info_span!("off", value = ?Untouched).in_scope(|| assert!(current_span().is_nothing()));
    });
}
