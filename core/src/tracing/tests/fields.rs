//! The tags and fields that `tracing` fields become.

use std::{error::Error, fmt};

use ::tracing::{Span, field::Empty, info, info_span};

use super::{collector, traces, traces_with};
use crate::{current_span, tracing::SpanLayer};

#[test]
fn fields_of_all_types_are_tags() {
    let picture = traces(|| {
        info_span!(
            "span",
            text = "a",
            signed = -1,
            unsigned = 2_u64,
            float = 2.5,
            not_finite = f64::NAN,
            flag = true,
            shown = %"b",
            debugged = ?Some("c"),
            wide = u128::MAX,
            small = 5_u128,
            exact = (1_u64 << 53) + 1,
            lowest = i128::MIN,
            edge = -9_007_199_254_740_992_i64,
            absent = None::<&str>,
            never = Empty,
        );
    });
    assert_eq!(
        picture,
        "span  debugged=\"Some(\\\"c\\\")\"  edge=\"-9007199254740992\"  exact=\"9007199254740993\"  flag=\"true\"  float=2.5  \
         lowest=\"-170141183460469231731687303715884105728\"  shown=\"b\"  signed=-1  small=5  text=\"a\"  unsigned=2  wide=\"340282366920938463463374607431768211455\"\n"
    );
}

#[test]
fn fields_recorded_later_are_tags_too() {
    let picture = traces(|| {
        let span = info_span!("span", rows = Empty, state = "open");
        span.record("rows", 3);
        span.record("state", "closed");
    });
    assert_eq!(picture, "span  rows=3  state=\"closed\"\n");
}

#[test]
fn some_fields_mean_more_than_a_tag() {
    #[rustfmt::skip]
    let table: [(Open, &str); 19] = [
        // span                                                   picture
        (|| info_span!("s", otel.name = "GET /a"),                "s  GET /a"),
        (|| info_span!("s", resource.name = %"GET /a"),           "s  GET /a"),
        (|| info_span!("s", operation.name = "http.request"),     "http.request"),
        (|| info_span!("s", otel.kind = ?Kind::Client),           "s  span.kind=\"client\""),
        (|| info_span!("s", otel.status_code = "ERROR"),          "s  ERROR"),
        (|| info_span!("s", error = true, otel.status_code = %"OK"), "s"),
        (|| info_span!("s", otel.status_code = "UNSET"),          "s"),
        (|| info_span!("s", otel.status_message = "refused"),     "s  error.message=\"refused\""),
        (|| info_span!("s", error = false),                       "s"),
        (|| info_span!("s", error = "false"),                     "s"),
        (|| info_span!("s", error = ""),                          "s"),
        (|| info_span!("s", error = ?None::<fmt::Error>),         "s"),
        (|| info_span!("s", exception = 0),                       "s"),
        (|| info_span!("s", error = true),                        "s  ERROR"),
        (|| info_span!("s", error = "true"),                      "s  ERROR"),
        (|| info_span!("s", error = 2),                           "s  ERROR"),
        (|| info_span!("s", exception = -1.5),                    "s  ERROR"),
        (|| info_span!("s", error = "refused"),                   "s  ERROR  error.message=\"refused\""),
        (|| info_span!("s", exception = &fmt::Error as &dyn Error),
            "s  ERROR  error.message=\"an error occurred when formatting an argument\""),
    ];
    for (open, expected) in table {
        assert_eq!(traces(|| drop(open())).trim_end(), expected);
    }
}

type Open = fn() -> Span;

#[derive(Debug)]
enum Kind {
    Client,
}

#[test]
fn the_component_is_the_library() {
    let collector = collector();
    let layer = SpanLayer::new().tracer(collector.tracer());
    traces_with(layer, || {
        info_span!(target: "sqlx::query", "query");
        info_span!(target: "h2", "frame");
    });
    let spans = collector.spans();
    let components = spans.iter().map(|span| span.text("component").unwrap()).collect::<Vec<_>>();
    assert_eq!(components, ["sqlx", "h2"]);
}

#[test]
fn events_are_kept_if_asked_for() {
    let layer = SpanLayer::new().span_events(true);
    let picture = traces_with(layer, || {
        info_span!("span").in_scope(|| {
            info!(target: "pantry", tries = 2, hit = false, item = %"ham", "missed {}", 1);
            current_span().set_tag("seen", true);
        });
    });
    assert_eq!(
        picture,
        "span  seen=\"true\"  event \"missed 1\" [(\"level\", Text(\"INFO\")), \
         (\"target\", Text(\"pantry\")), (\"tries\", Int(2)), (\"hit\", Bool(false)), \
         (\"item\", Text(\"ham\"))]\n"
    );
}
