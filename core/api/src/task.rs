//! Tokio tasks that carry the current span (feature `tokio`). By default, a new task has no current
//! span.
//!
//! A task carries a handle to the span, with its baggage and the tracer of the scope. The span
//! still finishes with its owner, and spans that the task starts after that are sent separately.
//! For tasks that run much longer than the span, use [`spawn_linked`].
//!
//! For functions without a counterpart here, such as `tokio::task::spawn_local`, use
//! [`.in_span(current_span())`](crate::InSpanExt::in_span) and
//! [`thread::carry`](crate::thread::carry).
//!
//! ```
//! # use packdog_api as packdog;
//! use packdog::{span, task};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! span("sandwich.make")
//!     .in_async_scope(async |_| {
//!         let butter = task::spawn(async { span("butter.spread").in_scope(|_| "done") });
//!         let _cleaning = task::spawn_linked(span("kitchen.clean"), async { /* .. */ });
//!         assert_eq!(butter.await.unwrap(), "done");
//!     })
//!     .await;
//! # }
//! ```
//!
//! # Lint
//! To find tasks and threads that lose their span, and guards that are held across an `.await`, add
//! to `clippy.toml`:
//!
//! ```toml
#![doc = include_str!("task.clippy.toml")]
//! ```

use tokio::task::{AbortHandle, JoinHandle, JoinSet};

use crate::{
    scope::{InSpanExt, current_span},
    thread::carry,
    tracer::SpanBuilder,
};

/// Calls [`tokio::spawn`] and makes the current span current in the new task.
///
/// # Panics
/// Panics outside a Tokio runtime, as `tokio::spawn` does.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future.in_span(current_span()))
}

/// Calls [`tokio::spawn`] with a span that begins a new trace, with a link to the current span and
/// with its baggage.
///
/// The span is started by this call and finishes with the task.
///
/// # Panics
/// Panics outside a Tokio runtime, as `tokio::spawn` does.
#[track_caller]
pub fn spawn_linked<F>(span: SpanBuilder, future: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(future.in_span(span.linked_to(&current_span())))
}

/// Calls [`tokio::task::spawn_blocking`] and makes the current span current while `f` runs.
///
/// # Panics
/// Panics outside a Tokio runtime, as `tokio::task::spawn_blocking` does.
#[track_caller]
pub fn spawn_blocking<F, T>(f: F) -> JoinHandle<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    tokio::task::spawn_blocking(carry(f))
}

/// Calls [`JoinSet::spawn`] and makes the current span current in the new task.
///
/// # Panics
/// Panics outside a Tokio runtime, as `JoinSet::spawn` does.
///
/// ```
/// # use packdog_api as packdog;
/// use packdog::task;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let mut orders = tokio::task::JoinSet::new();
/// for order in 0..3 {
///     task::spawn_into(&mut orders, async move { order });
/// }
/// assert_eq!(orders.join_all().await.iter().sum::<i32>(), 3);
/// # }
/// ```
#[track_caller]
pub fn spawn_into<F, T>(set: &mut JoinSet<T>, future: F) -> AbortHandle
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    set.spawn(future.in_span(current_span()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        recorder::{recorded, tracer},
        recording::Tracer,
        span,
    };

    #[tokio::test]
    async fn each_function_carries_the_span_the_baggage_and_the_tracer() {
        fn look(name: &'static str) -> Option<String> {
            assert!(Tracer::current().is_enabled());
            drop(span(name).start());
            current_span().baggage().get("plan")
        }

        let (tracer, recorder) = tracer();
        let scope = tracer.enter();
        let root = span("root").start();
        root.baggage().set("plan", "pro");
        let handles = root.in_scope(|| {
            let mut set = JoinSet::new();
            spawn_into(&mut set, async { look("in a set") });
            (spawn(async { look("task") }), spawn_blocking(|| look("blocking")), set)
        });
        drop(scope);
        let (task, blocking, set) = handles;
        let plans = [vec![task.await.unwrap(), blocking.await.unwrap()], set.join_all().await];
        assert!(plans.concat().iter().all(|plan| plan.as_deref() == Some("pro")));
        drop(root);
        let mut names = recorder.names().concat();
        names.sort();
        assert_eq!(names, ["blocking", "in a set", "root", "task"]);
    }

    #[tokio::test]
    async fn a_linked_task_owns_its_span_and_begins_a_trace() {
        let (tracer, recorder) = tracer();
        let root = tracer.span("root").start();
        let linked = root.in_scope(|| {
            spawn_linked(span("linked"), async {
                tokio::task::yield_now().await;
                current_span().root().span_id()
            })
        });
        let root_id = root.span_id();
        drop(root);
        let linked_id = linked.await.unwrap();
        let spans = recorded(&recorder);
        let names = spans.iter().map(|span| span.name.as_str()).collect::<Vec<_>>();
        assert_eq!(names, ["root", "linked"]);
        assert_eq!(Some(spans[1].span_id), linked_id);
        assert_eq!(Some(spans[1].links[0].span_id()), root_id);
    }

    #[tokio::test]
    async fn an_aborted_task_finishes_its_linked_span() {
        let (tracer, recorder) = tracer();
        let _scope = tracer.enter();
        let task = spawn_linked(span("linked"), std::future::pending::<()>());
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        assert_eq!(recorder.names(), [["linked"]]);
    }
}
