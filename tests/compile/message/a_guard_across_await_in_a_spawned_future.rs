//! On another thread the task would leave a scope that it never entered.

fn spawn(_: impl Future + Send) {}

fn main() {
    spawn(async {
        let span = packdog_api::span("request").start();
        let _guard = span.enter();
        std::future::ready(()).await;
    });
}
