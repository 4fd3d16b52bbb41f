//! Errors of all kinds: results, by hand, on the root, a bare mark, and panics.

use std::{error::Error, fmt, io, panic::catch_unwind};

use packdog::{TraceErr, current_root_span, current_span, span, test_util::collect};

#[derive(Debug)]
struct Failed(io::Error);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no sandwich")
    }
}

impl Error for Failed {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

fn failed() -> Failed {
    Failed(io::Error::other("the oven is cold"))
}

#[test]
fn an_error_is_recorded_with_its_type_its_message_and_its_causes() {
    let (collector, _scope) = collect();
    span("order").in_scope(|span| span.set_error(&failed()));
    let order = collector.span("order");
    assert!(order.is_error);
    assert!(order.text("error.type").unwrap().ends_with("Failed"));
    assert_eq!(order.text("error.message"), Some("no sandwich"));
    // After the causes stands a backtrace, where the environment asks for one.
    assert_eq!(order.text("error.stack").unwrap().lines().next(), Some("the oven is cold"));
}

#[test]
fn a_question_mark_can_mark_the_current_span_with_any_error() {
    fn of_a_type() -> Result<(), Failed> {
        Err(failed()).trace_err()?;
        Ok(())
    }
    fn of_any_type() -> Result<(), Box<dyn Error + Send + Sync>> {
        Err::<(), Box<dyn Error + Send + Sync>>(failed().into()).trace_err()?;
        Ok(())
    }
    fn of_text() -> Result<(), String> {
        Err("no sandwich".to_owned()).trace_err()?;
        Ok(())
    }

    let (collector, _scope) = collect();
    span("typed").in_scope(|_| assert!(of_a_type().is_err()));
    span("boxed").in_scope(|_| assert!(of_any_type().is_err()));
    span("text").in_scope(|_| assert!(of_text().is_err()));
    for span in collector.spans() {
        assert!(span.is_error, "{}", span.name);
        assert_eq!(span.text("error.message"), Some("no sandwich"), "{}", span.name);
    }
    assert_eq!(collector.spans().len(), 3);
}

#[test]
fn the_root_can_be_marked_from_below_and_a_mark_can_be_bare_or_taken_back() {
    let (collector, _scope) = collect();
    span("request").in_scope(|_| {
        span("inner").in_scope(|_| current_root_span().set_error(&failed()));
        span("bare").in_scope(|span| span.set_is_error(true));
        span("parts").in_scope(|_| {
            current_span().set_error_parts("PantryError", "no bread", "at the shelf");
        });
        span("excused").in_scope(|span| {
            span.set_error(&failed());
            span.set_is_error(false);
        });
    });
    let parts = collector.span("parts");
    assert_eq!(
        ["error.type", "error.message", "error.stack"].map(|key| parts.text(key)),
        [Some("PantryError"), Some("no bread"), Some("at the shelf")]
    );
    assert!(collector.span("bare").tags.is_empty());
    let marked = collector.spans().into_iter().filter(|span| span.is_error).map(|span| span.name);
    assert_eq!(marked.collect::<Vec<_>>(), ["request", "bare", "parts"]);
}

#[test]
fn a_panic_marks_the_spans_that_it_unwinds_through_and_no_other() {
    let (collector, _scope) = collect();
    span("request").in_scope(|_| {
        let unwound = catch_unwind(|| {
            span("handler").in_scope(|_| {
                let _guard = span("oven").enter();
                std::panic::resume_unwind(Box::new("fire"));
            });
        });
        assert!(unwound.is_err());
        assert_eq!(current_span().span_id(), current_root_span().span_id());
    });
    let expected = "\
request  service=test
└─ handler  error=panic
   └─ oven  error=panic
";
    assert_eq!(collector.picture(), expected);
}
