//! Reading and writing headers.

use allocation_counter::measure;
use http::HeaderMap;
use packdog::{propagation::Propagator, test_util};

use crate::request::{TRACE_HEADERS, headers};

#[test]
fn an_extraction_copies_all_that_it_keeps_at_once() {
    let (propagator, headers) = (Propagator::default(), headers());
    // The first one on a thread takes the buffer that the later ones use.
    drop(propagator.extract(&headers));
    let allocations = measure(|| {
        let context = propagator.extract(&headers);
        assert_eq!((context.trace_tags().iter().len(), context.baggage().len()), (2, 3));
    });
    assert_eq!(allocations.count_total, 1);
}

#[test]
fn without_headers_of_a_trace_an_extraction_allocates_nothing() {
    let propagator = Propagator::default();
    let headers = HeaderMap::from_iter([("x-request-id".parse().unwrap(), "7".parse().unwrap())]);
    let allocations = measure(|| assert!(propagator.extract(&headers).is_empty()));
    assert_eq!(allocations.count_total, 0);
}

#[test]
fn an_injection_allocates_its_values_at_once_and_the_map_twice() {
    let (collector, _scope) = test_util::collect();
    let context = collector.tracer().extract(&headers());
    let span = collector.tracer().span("http.request").child_of(context).start();
    span.inject(&mut HeaderMap::new());
    let allocations = measure(|| {
        let mut headers = HeaderMap::new();
        span.inject(&mut headers);
        assert_eq!(headers.len(), TRACE_HEADERS);
    });
    assert!(allocations.count_total <= 3, "{allocations:?}");
}
