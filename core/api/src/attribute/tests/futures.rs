//! Async functions, and functions that return a future.

use super::*;

#[trace(crate = crate)]
async fn fetch(fail: bool) -> Result<Box<dyn Send>, Box<dyn Error + Send + Sync>> {
    pause().await;
    if fail {
        Err("no bread")?;
    }
    current_span().set_tag("fetched", true);
    Ok(Box::new(1))
}

#[trace(crate = crate)]
fn carried(fail: bool) -> impl Future<Output = Result<u8, NoBread>> + Send {
    let before = current_span();
    async move {
        pause().await;
        assert_eq!(before.span_id(), current_span().span_id());
        if fail {
            Err(NoBread)?;
        }
        Ok(1)
    }
}

#[trace(crate = crate)]
fn boxed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = Result<&'a str, NoBread>> + Send + 'a>> {
    if text.is_empty() {
        return Box::pin(ready(Err(NoBread)));
    }
    Box::pin(async move {
        pause().await;
        Ok(text)
    })
}

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

#[trace(crate = crate)]
fn named(text: &str) -> BoxFuture<'_, Result<&str, NoBread>> {
    boxed(text)
}

fn sends<T: Send>(value: T) -> T {
    value
}

#[test]
fn an_async_function_starts_its_span_when_first_polled() {
    assert_eq!(seen(|_| drop(fetch(false))).len(), 0);
    let seen = seen(|_| {
        let calls = [sends(fetch(false)), sends(fetch(true))];
        calls.map(|call| span("caller").in_scope(|_| run(call)).is_ok())
    });
    assert_eq!(names(&seen), ["caller", "fetch", "caller", "fetch"]);
    assert_eq!(errors(&seen), [false, false, false, true]);
    assert_eq!((&seen[3].2, &seen[3].3), (&None, &Some("no bread".into())));
}

#[test]
fn a_function_that_returns_a_future_starts_its_span_when_called() {
    let (tracer, recorder) = tracer();
    let scope = tracer.enter();
    let call = span("caller").in_scope(|_| sends(carried(true)));
    assert!(run(call).is_err());
    drop(carried(false));
    drop(scope);
    assert_eq!(recorder.names(), [["caller", "carried"].as_slice(), &["carried"]]);
}

/// Starts a span when it is dropped.
struct Farewell;

impl Drop for Farewell {
    fn drop(&mut self) {
        drop(span("farewell").start());
    }
}

async fn endless() {
    let _farewell = Farewell;
    std::future::pending().await
}

#[trace(crate = crate)]
async fn waits() {
    endless().await;
}

#[trace(crate = crate)]
fn carries() -> Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(endless())
}

#[test]
fn the_span_is_current_while_a_call_that_was_given_up_is_dropped() {
    fn give_up(call: impl Future) {
        let mut call = Box::pin(call);
        assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert_eq!(names(&seen(|_| give_up(waits()))), ["waits", "farewell"]);
    assert_eq!(names(&seen(|_| give_up(carries()))), ["carries", "farewell"]);
}

#[test]
fn an_error_from_a_returned_future_marks_the_span() {
    let seen = seen(|_| [true, false].map(|fail| run(carried(fail)).is_ok()));
    assert_eq!((names(&seen), errors(&seen)), (vec!["carried"; 2], vec![true, false]));
}

#[test]
fn a_boxed_future_carries_the_span() {
    let seen = seen(|_| {
        assert_eq!(run(sends(boxed("bread"))).unwrap(), "bread");
        assert!(run(boxed("")).is_err());
    });
    assert_eq!((names(&seen), errors(&seen)), (vec!["boxed"; 2], vec![false, true]));
}

#[test]
fn a_box_future_is_known_by_its_name() {
    let seen = seen(|_| run(named("")).is_err());
    assert_eq!((names(&seen), errors(&seen)), (vec!["named", "boxed"], vec![true; 2]));
}
