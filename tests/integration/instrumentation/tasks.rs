//! Tasks and threads that carry span, baggage and tracer.

use packdog::{current_span, span, span::Parent, task, test_util::collect, thread};
use tokio::task::JoinSet;

fn leaf(name: &'static str) -> Option<String> {
    span(name).in_scope(|span| span.baggage().get("plan"))
}

#[tokio::test]
async fn each_spawn_function_carries_the_span_and_its_baggage() {
    let (collector, _scope) = collect();
    span("request")
        .in_async_scope(async |request| {
            request.baggage().set("plan", "pro");
            let mut plans = vec![
                task::spawn(async { leaf("task") }).await.unwrap(),
                task::spawn_blocking(|| leaf("blocking")).await.unwrap(),
            ];
            let mut set = JoinSet::new();
            task::spawn_into(&mut set, async { leaf("in a set") });
            plans.extend(set.join_all().await);
            plans.push(thread::spawn(|| leaf("thread")).join().unwrap());
            plans.push(std::thread::scope(|threads| {
                threads.spawn(thread::carry(|| leaf("carried"))).join().unwrap()
            }));
            assert!(plans.iter().all(|plan| plan.as_deref() == Some("pro")), "{plans:?}");
        })
        .await;
    let expected = "\
request  service=test
├─ task
├─ blocking
├─ in a set
├─ thread
└─ carried
";
    assert_eq!(collector.picture(), expected);
}

#[tokio::test]
async fn linked_work_begins_a_trace_with_a_link_back_and_the_baggage() {
    let (collector, _scope) = collect();
    let (in_task, in_thread) = span("request").in_scope(|request| {
        request.baggage().set("plan", "pro");
        let plan = || current_span().baggage().get("plan");
        (
            task::spawn_linked(span("task"), async move { plan() }),
            thread::spawn_linked(span("thread"), plan),
        )
    });
    assert_eq!(in_task.await.unwrap().as_deref(), Some("pro"));
    assert_eq!(in_thread.join().unwrap().as_deref(), Some("pro"));
    let request = collector.span("request");
    for name in ["task", "thread"] {
        let linked = collector.span(name);
        assert_eq!(linked.parent_id, None);
        assert_ne!(linked.trace_id, request.trace_id);
        let [link] = linked.links.as_slice() else { panic!("{:?}", linked.links) };
        assert_eq!((link.trace_id(), link.span_id()), (request.trace_id, request.span_id));
    }
}

/// Tags the span that is current when it is dropped.
struct Farewell(&'static str);

impl Drop for Farewell {
    fn drop(&mut self) {
        current_span().set_tag(self.0, true);
    }
}

#[tokio::test]
async fn the_span_is_current_while_a_task_that_was_given_up_is_dropped() {
    let (collector, _scope) = collect();
    let pending = |name| {
        let farewell = Farewell(name);
        async move {
            let _farewell = farewell;
            std::future::pending::<()>().await;
        }
    };
    let request = span("request").start();
    let (begun, unpolled, linked, mut set) = request.in_scope(|| {
        let mut set = JoinSet::new();
        task::spawn_into(&mut set, pending("in a set"));
        let linked = task::spawn_linked(span("linked"), pending("linked task"));
        (task::spawn(pending("begun")), task::spawn(pending("unpolled")), linked, set)
    });
    // Before any task was polled, on this one thread.
    unpolled.abort();
    tokio::task::yield_now().await;
    begun.abort();
    linked.abort();
    set.shutdown().await;
    for task in [begun, unpolled, linked] {
        assert!(task.await.unwrap_err().is_cancelled());
    }
    drop(request);
    let request = collector.span("request");
    for name in ["in a set", "begun", "unpolled"] {
        assert_eq!(request.text(name), Some("true"), "{name}");
    }
    assert_eq!(collector.span("linked").text("linked task"), Some("true"));
    assert_eq!(request.text("linked task"), None);
}

#[test]
fn the_span_is_current_while_a_blocking_task_that_never_ran_is_dropped() {
    let (collector, _scope) = collect();
    let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build();
    let (release, blocked) = std::sync::mpsc::channel::<()>();
    let request = span("request").start();
    runtime.unwrap().block_on(async {
        let first = tokio::task::spawn_blocking(move || blocked.recv());
        let farewell = Farewell("blocking");
        let waiting = request.in_scope(|| task::spawn_blocking(move || drop(farewell)));
        waiting.abort();
        drop(release);
        assert!(waiting.await.unwrap_err().is_cancelled());
        assert!(first.await.unwrap().is_err());
    });
    drop(request);
    assert_eq!(collector.span("request").text("blocking"), Some("true"));
}

/// A test of its own, whose spans run on the workers that all of them share.
async fn neighbour(number: usize) {
    let (collector, _scope) = collect();
    let name = format!("test {number}");
    span(name.clone())
        .in_async_scope(async |_| {
            let task = task::spawn(async {
                task::spawn(async { leaf("nested") }).await.unwrap();
                tokio::task::yield_now().await;
                drop(span("trace of its own").child_of(Parent::Nothing).start());
                thread::spawn(|| leaf("thread")).join().unwrap();
            });
            task.await.unwrap();
        })
        .await;
    let expected =
        format!("{name}  service=test\n├─ nested\n└─ thread\ntrace of its own  service=test\n");
    assert_eq!(collector.picture(), expected);
    collector.assert_all_finished();
}

#[test]
fn tests_side_by_side_see_only_their_own_spans_also_across_tasks() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    std::thread::scope(|threads| {
        for number in 0..8 {
            let runtime = runtime.handle();
            threads.spawn(move || runtime.block_on(neighbour(number)));
        }
    });
}

#[tokio::test]
async fn a_test_on_one_thread_sees_the_spans_of_all_its_tasks() {
    let (collector, _scope) = collect();
    tokio::spawn(async { leaf("plain task") }).await.unwrap();
    assert_eq!(collector.only_span().name, "plain task");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_on_several_threads_sees_the_spans_of_tasks_that_it_spawns_with_packdog() {
    let (collector, _scope) = collect();
    let tasks = (0..4).map(|_| task::spawn(async { task::spawn(async { leaf("task") }).await }));
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap().unwrap();
    }
    thread::spawn(|| leaf("thread")).join().unwrap();
    assert_eq!(collector.spans_named("task").len(), 4);
    assert_eq!(collector.spans_named("thread").len(), 1);
    assert!(collector.spans().iter().all(|span| span.parent_id.is_none()));
}
