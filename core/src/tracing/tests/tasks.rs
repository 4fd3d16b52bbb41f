//! Futures that carry spans of both kinds, polled by hand on changing threads.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    thread,
};

use ::tracing::{Dispatch, Instrument, dispatcher, info_span};

use super::traces;
use crate::{InSpanExt, current_span, span};

type Task<'a> = Pin<&'a mut (dyn Future<Output = ()> + Send)>;

/// Polls on a thread of its own, where no span is current before or after.
fn poll_elsewhere(task: &mut Task<'_>) -> Poll<()> {
    let dispatch: Dispatch = dispatcher::get_default(Clone::clone);
    let poll = || {
        let _dispatch = dispatcher::set_default(&dispatch);
        let poll = task.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(current_span().is_nothing());
        poll
    };
    thread::scope(|scope| scope.spawn(poll).join().unwrap())
}

/// Polls both in turn, each time on another thread, until both are ready.
fn run_in_turn(mut tasks: [Task<'_>; 2]) {
    let mut is_ready = [false; 2];
    while is_ready != [true; 2] {
        for (task, is_ready) in tasks.iter_mut().zip(&mut is_ready) {
            *is_ready = *is_ready || poll_elsewhere(task).is_ready();
        }
    }
}

/// Lets other tasks run once.
async fn yield_now() {
    let mut has_yielded = false;
    poll_fn(|_| {
        if std::mem::replace(&mut has_yielded, true) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

async fn work(name: &'static str) {
    for step in 0..2 {
        info_span!("step", step).in_scope(|| span("detail").in_scope(|_| {}));
        yield_now().await;
    }
    current_span().set_tag("done", name);
}

#[test]
fn tasks_in_turn_on_changing_threads_keep_their_own_spans() {
    let picture = traces(|| {
        let theirs = pin!(work("a").instrument(info_span!("theirs")));
        let ours = pin!(work("b").in_span(span("ours")));
        run_in_turn([theirs, ours]); // Ours ends when the future is ready, theirs with the future.
    });
    assert_eq!(
        picture,
        "\
theirs  done=\"a\"
├─ step  step=0
│  └─ detail
└─ step  step=1
   └─ detail

ours  done=\"b\"
├─ step  step=0
│  └─ detail
└─ step  step=1
   └─ detail
"
    );
}

#[test]
fn carried_spans_of_both_kinds_nest() {
    let picture = traces(|| {
        let task = async {
            async { work("inside").in_span(span("ours 3")).await }
                .instrument(info_span!("theirs 2"))
                .await;
            span("ours 4").in_scope(|_| {});
        };
        let mut task: Task<'_> = pin!(task.in_span(span("ours 1")));
        while poll_elsewhere(&mut task).is_pending() {}
    });
    assert_eq!(
        picture,
        "\
ours 1
├─ theirs 2
│  └─ ours 3  done=\"inside\"
│     ├─ step  step=0
│     │  └─ detail
│     └─ step  step=1
│        └─ detail
└─ ours 4
"
    );
}
