//! Spans that events mark as errors, and the messages.

use std::{
    error::Error,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use ::tracing::{error, info, info_span, warn};

use super::{collector, picture, traces, traces_with};
use crate::{current_span, span, tracing::SpanLayer};

#[derive(Debug)]
struct NoBread(Option<fmt::Error>);

impl fmt::Display for NoBread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no bread")
    }
}

impl Error for NoBread {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.as_ref().map(|source| source as _)
    }
}

#[test]
fn events_that_are_errors_mark_their_span() {
    #[rustfmt::skip]
    let table: [(fn(), &str); 22] = [
        // event                                          picture
        (|| error!("no {}", "bread"),                     "s  ERROR  error.message=\"no bread\""),
        (|| error!(tries = 3),                            "s  ERROR"),
        (|| error!(error = %NoBread(None)),               "s  ERROR  error.message=\"no bread\""),
        (|| error!(error = "no bread", "not made"),       "s  ERROR  error.message=\"not made: no bread\""),
        (|| error!(exception = ?NoBread(None), "not made"), "s  ERROR  error.message=\"not made: NoBread(None)\""),
        (|| error!(error = ?None::<NoBread>, "not made"), "s  ERROR  error.message=\"not made\""),
        (|| error!(error = true, "not made"),             "s  ERROR  error.message=\"not made\""),
        (|| error!(error = 3),                            "s  ERROR"),
        (|| error!(error = 0.0, "not made"),              "s  ERROR  error.message=\"not made\""),
        (|| error!(error = 1.5),                          "s  ERROR"),
        (|| error!(error = ?Some(""), "not made"),        "s  ERROR  error.message=\"not made\""),
        (|| error!(error = ?"", "not made"),              "s  ERROR  error.message=\"not made\""),
        (|| error!(error = ?Ok::<_, NoBread>(()), "not made"), "s  ERROR  error.message=\"not made\""),
        (|| warn!(error = %NoBread(None), "retrying"),    "s"),
        (|| warn!(error = &NoBread(None) as &dyn Error),  "s"),
        (|| info!(exception = "no bread"),                "s"),
        (|| info!(error = true, "not made"),              "s"),
        (|| info!(error = ?None::<NoBread>, "made"),      "s"),
        (|| info!(error = 0, "made"),                     "s"),
        (|| warn!("no bread"),                            "s"),
        (|| error!(error = &NoBread(None) as &dyn Error), "s  ERROR  error.message=\"no bread\""),
        (|| error!(error = &NoBread(Some(fmt::Error)) as &dyn Error, "not made"),
            "s  ERROR  error.message=\"not made: no bread\"  \
             error.stack=\"an error occurred when formatting an argument\""),
    ];
    for (event, expected) in table {
        let picture = traces(|| info_span!("s").in_scope(event));
        assert_eq!(picture.trim_end(), expected);
    }
}

#[test]
fn a_field_that_holds_no_error_does_not_mark_its_span() {
    let table = [
        of(|| info_span!("s", error = ?"")),
        of(|| info_span!("s", error = ?"false")),
        of(|| info_span!("s", error = ?Some(""))),
        of(|| info_span!("s", error = ?Some(false))),
        of(|| info_span!("s", error = ?())),
        of(|| info_span!("s", error = ?Ok::<_, NoBread>(3))),
        of(|| info_span!("s", error = 0.0)),
        of(|| info_span!("s", error = "0.0")),
    ];
    for (row, picture) in table.into_iter().enumerate() {
        assert_eq!(picture, "s\n", "row {row}");
    }
}

/// Returns the picture of one span.
fn of(span: fn() -> ::tracing::Span) -> String {
    traces(|| drop(span().entered()))
}

#[test]
fn an_error_below_level_error_is_kept_as_a_span_event() {
    let picture = traces_with(SpanLayer::new().span_events(true), || {
        info_span!("s").in_scope(|| {
            warn!(error = %NoBread(None), "retrying");
            warn!(error = &NoBread(None) as &dyn Error);
            info!(error = ?None::<NoBread>, "made");
        });
    });
    let (span, events) = picture.trim_end().split_once("  event ").unwrap();
    assert_eq!(span, "s", "no error");
    let events = events.split("  event ").collect::<Vec<_>>();
    assert_eq!(events.len(), 3, "{events:?}");
    assert!(events[0].starts_with("\"retrying\" ") && events[0].contains("\"WARN\""));
    for event in &events[..2] {
        assert!(event.contains("(\"error\", Text(\"no bread\"))"), "{event}");
    }
    assert!(events[2].contains("(\"error\", Text(\"None\"))"), "{}", events[2]);
}

#[::tracing::instrument(err)]
fn spread(butter: u32) -> Result<(), NoBread> {
    Err(NoBread(None))
}

#[test]
fn an_instrumented_function_that_fails_is_marked_and_its_caller_is_not() {
    let picture = traces(|| info_span!("caller").in_scope(|| assert!(spread(2).is_err())));
    assert_eq!(picture, "caller\n└─ spread  ERROR  butter=2  error.message=\"no bread\"\n");
}

#[test]
fn the_first_error_stays() {
    let picture = traces(|| {
        let _span = info_span!("span").entered();
        error!("cause");
        error!(error = &NoBread(Some(fmt::Error)) as &dyn Error, "consequence");
    });
    assert_eq!(picture, "span  ERROR  error.message=\"cause\"\n");
}

#[test]
fn an_error_in_a_field_replaces_the_one_recorded_before() {
    let error = NoBread(Some(fmt::Error));
    let picture = traces(|| {
        let span = info_span!("span", error = &error as &dyn Error);
        span.in_scope(|| assert!(current_span().tag("error.stack").is_some()));
        span.record("error", "late");
    });
    assert_eq!(picture, "span  ERROR  error.message=\"late\"\n");
}

#[test]
fn an_error_marks_the_span_that_it_names() {
    let picture = traces(|| {
        let named = info_span!("named");
        info_span!("current").in_scope(|| {
            error!(parent: &named, "here");
            error!(parent: None, "nowhere");
        });
    });
    assert_eq!(picture, "named  ERROR  error.message=\"here\"\n\ncurrent\n");
}

#[test]
fn spans_of_packdog_are_marked_by_their_own_code() {
    let picture = traces(|| {
        info_span!("theirs").in_scope(|| span("ours").in_scope(|_| error!("in the log")));
        span("request").in_scope(|_| error!("in the log"));
    });
    assert_eq!(picture, "theirs  ERROR  error.message=\"in the log\"\n└─ ours\n\nrequest\n");
}

#[test]
fn a_panic_marks_the_spans_that_it_unwinds() {
    let picture = traces(|| {
        let unwound = catch_unwind(AssertUnwindSafe(|| {
            info_span!("theirs").in_scope(|| std::panic::resume_unwind(Box::new("no bread")))
        }));
        assert!(unwound.is_err());
        assert!(current_span().is_nothing());
    });
    assert_eq!(picture, "theirs  ERROR  error.type=\"panic\"\n");
}

#[test]
fn a_span_still_open_when_its_subscriber_goes_is_finished() {
    let collector = collector();
    let layer = SpanLayer::new().tracer(collector.tracer());
    let mut left = None;
    traces_with(layer, || left = Some(info_span!("left open")));
    drop(left);
    assert_eq!(picture(&collector), "left open\n");
}
