//! A library that is traced through packdog-api alone, in an application without packdog.

use packdog_api::trace;

fn cost() -> String {
    panic!("evaluated")
}

#[trace(name = cost(), resource = cost(), tags(cost = cost()))]
fn slices(text: &str) -> Result<u8, std::num::ParseIntError> {
    text.parse()
}

#[trace(tags(cost = cost()))]
async fn later(text: &str) -> Result<u8, std::num::ParseIntError> {
    slices(text)
}

fn main() {
    assert_eq!(slices("2"), Ok(2));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let polled = std::pin::pin!(later("many")).poll(&mut context);
    assert!(matches!(polled, std::task::Poll::Ready(Err(_))));
}
