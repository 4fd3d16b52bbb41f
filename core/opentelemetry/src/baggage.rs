//! Baggage of packdog belongs to a span, that of OpenTelemetry to a context.
//!
//! ```text
//! packdog ──▶ OpenTelemetry   a scope's context has the span's baggage as it is at that moment
//! OpenTelemetry ──▶ packdog   a span that starts below a context has its parent's present baggage,
//!                             with the changes made in the context
//! ```
//! Nothing is written to a span that is open already: concurrent tasks must not see each other's
//! baggage.

use opentelemetry::baggage::{Baggage as Theirs, KeyValueMetadata};
use packdog::Baggage;

/// Returns baggage for a context, without items that it cannot hold: those whose keys are not
/// tokens, and those beyond the limits.
pub(crate) fn to_theirs(baggage: &Baggage) -> Theirs {
    let items = baggage.iter();
    items.map(|(key, value)| KeyValueMetadata::new(key.to_owned(), value.to_owned(), "")).collect()
}

/// Returns the baggage of a context, in the order of its keys and without metadata.
pub(crate) fn from_theirs(theirs: &Theirs) -> Baggage {
    let mut items: Vec<(&str, &str)> =
        theirs.iter().map(|(key, (value, _))| (key.as_str(), value.as_str())).collect();
    items.sort_unstable();
    items.into_iter().collect()
}

/// Returns the baggage of a parent with the changes between the baggage `given` to a context and its
/// present one;
/// `None` if there are none.
pub(crate) fn changed(parent: &Baggage, given: &Baggage, theirs: &Theirs) -> Option<Baggage> {
    let present = from_theirs(theirs);
    let mut changed = parent.clone();
    for (key, value) in present.iter().filter(|(key, value)| given.get(key) != Some(*value)) {
        changed.set(key, value);
    }
    for (key, _) in given.iter().filter(|(key, _)| present.get(key).is_none()) {
        changed.remove(key);
    }
    (changed != *parent).then_some(changed)
}
