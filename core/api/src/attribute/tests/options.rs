//! The options of the attribute, and names that the body must not see.

use super::*;

#[trace(
    crate = crate,
    name = "sandwich.make",
    service = "kitchen",
    resource = format!("{bread} {}", fillings.len()),
    span_type = "worker",
    kind = consumer,
    tags(fillings = fillings.len(), "bread.kind" = bread, type = &*fillings[0])
)]
fn make(bread: &str, fillings: Vec<String>) -> usize {
    drop(fillings);
    bread.len()
}

#[test]
fn options_become_fields_and_tags() {
    let (tracer, recorder) = tracer();
    let scope = tracer.enter();
    make("rye", vec!["ham".to_owned()]);
    drop(scope);
    let chunks = recorder.chunks();
    let span = chunks[0].spans().next().unwrap();
    assert_eq!(
        [span.name(), span.service(), span.resource(), span.span_type()],
        ["sandwich.make", "kitchen", "rye 1", "worker"]
    );
    let expected: [(&str, TagValue<'_>); 4] = [
        ("span.kind", "consumer".into()),
        ("fillings", 1.into()),
        ("bread.kind", "rye".into()),
        ("type", "ham".into()),
    ];
    let tags = span.tags().map(|(key, value)| (key, value.to_value())).collect::<Vec<_>>();
    assert_eq!(tags, expected);
}

#[trace(crate = crate, tags(error))]
fn judged(error: bool) -> bool {
    error
}

#[test]
fn the_tag_error_is_the_mark() {
    assert_eq!(errors(&seen(|_| [judged(true), judged(false)])), [true, false]);
}

#[test]
fn a_body_does_not_see_our_names() {
    #[trace(crate = crate)]
    fn plain(span: u8, _scope: u8) -> u8 {
        span + _scope
    }
    #[trace(crate = crate)]
    fn fallible(span: u8, _scope: u8, result: u8) -> Result<u8, NoBread> {
        Ok(span + _scope + result)
    }
    #[trace(crate = crate)]
    fn later(span: u8, _scope: u8, future: u8) -> impl Future<Output = Option<u8>> {
        async move { Some(span + _scope + future) }
    }
    #[trace(crate = crate)]
    async fn async_later(span: u8, result: u8) -> Result<u8, NoBread> {
        Ok(span + result)
    }
    let seen = seen(|_| {
        assert_eq!(plain(1, 2), 3);
        assert_eq!(fallible(1, 2, 3).unwrap(), 6);
        assert_eq!(run(later(1, 2, 3)), Some(6));
        assert_eq!(run(async_later(1, 2)).unwrap(), 3);
    });
    assert_eq!(errors(&seen), [false; 4]);
}

#[test]
fn a_span_is_open_while_its_body_runs() {
    thread_local!(static WAS_RECORDING: Cell<bool> = const { Cell::new(false) });
    #[trace(crate = crate)]
    fn looks() {
        WAS_RECORDING.set(current_span().is_recording());
    }
    seen(|_| looks());
    assert!(WAS_RECORDING.get());
}

#[crate::trace(tags(user, plan, "seats" = seats, guest, ), crate = crate)]
fn book(user: u64, plan: &str, seats: u8, guest: Option<String>) -> (u64, Option<String>) {
    (user, guest)
}

#[test]
fn a_variable_alone_is_a_tag_of_its_name() {
    let (tracer, recorder) = tracer();
    let _scope = tracer.enter();
    assert_eq!(book(7, "pro", 2, Some("Ann".to_owned())), (7, Some("Ann".to_owned())));
    book(8, "free", 1, None);
    let chunks = recorder.chunks();
    let tags = |chunk: usize| {
        let span = chunks[chunk].spans().next().unwrap();
        span.tags().map(|(key, value)| (key.to_owned(), value.to_value())).collect::<Vec<_>>()
    };
    let expected: [(&str, TagValue<'_>); 4] =
        [("user", 7.into()), ("plan", "pro".into()), ("seats", 2.into()), ("guest", "Ann".into())];
    assert_eq!(tags(0), expected.map(|(key, value)| (key.to_owned(), value)));
    assert_eq!(tags(1).len(), 3, "`None` is not a tag");
}
