//! Baggage, as W3C's one header and as the old headers per item.

use packdog::{
    Baggage,
    propagation::{PropagationConfig, Propagator, Style, Styles},
};

use crate::hop::{Lines, pass, propagator};

/// The header `baggage`.
pub fn baggage(data: &[u8]) {
    let hops = pass(&propagator([Style::Baggage]), &vec![("baggage", data)]);
    let first = hops.first.baggage();
    let second = hops.second.baggage();
    assert!(first.len() <= PropagationConfig::BAGGAGE_MAX_ITEMS);
    assert!(is_start_of(&trimmed(first), second), "{first:?} became {second:?}");
}

/// Headers `ot-baggage-*` beside those of a trace: each line is the end of a name, `:` and a value.
pub fn ot_baggage(data: &[u8]) {
    let items: Vec<_> = data
        .split(|byte| *byte == b'\n')
        .filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let (key, value) = line.split_at(colon);
            Some((format!("ot-baggage-{}", String::from_utf8_lossy(key)), &value[1..]))
        })
        .collect();
    let mut lines: Lines<'_> = items.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    lines.extend([("x-datadog-trace-id", b"1".as_slice()), ("x-datadog-parent-id", b"2")]);

    let mut config = PropagationConfig::default().with_style(Styles::from_iter([Style::Datadog]));
    config.http_baggage_enabled = true;
    let hops = pass(&Propagator::new(config), &lines);
    assert!(hops.first.baggage().len() <= PropagationConfig::BAGGAGE_MAX_ITEMS);
    let of_first = trimmed(hops.first.baggage());
    for (key, value) in hops.second.baggage().iter() {
        assert_eq!(of_first.get(key), Some(value), "{key} is another one");
    }
}

/// Returns the items that a header can express: keys without outer white space, each once.
fn trimmed(baggage: &Baggage) -> Baggage {
    let mut items = Baggage::new();
    for (key, value) in baggage.iter() {
        let trimmed = key.trim();
        let is_taken = items.get(trimmed).is_some() || baggage.get(trimmed).is_some();
        let is_left_out = key != trimmed && is_taken;
        if !trimmed.is_empty() && !value.is_empty() && !is_left_out {
            items.set(trimmed, value);
        }
    }
    items
}

/// Items get longer by percent-encoding, so that the last ones may not fit any more.
fn is_start_of(whole: &Baggage, start: &Baggage) -> bool {
    start.len() <= whole.len() && whole.iter().zip(start.iter()).all(|(a, b)| a == b)
}
