//! The part of a baggage that may pass, on the way in and on the way out.

use std::{iter, mem};

use packdog::{Baggage, span::SpanContext};

/// The `=` and the `,` of an item, which count towards its size as they do in the header.
const SEPARATORS: usize = 2;

/// A filter that lets items of listed keys pass, up to a size. By default all pass.
#[derive(Clone, Debug, Default)]
pub struct BaggageFilter {
    /// `None` lets all pass.
    keys: Option<Vec<String>>,
    max_bytes: Option<usize>,
}

impl BaggageFilter {
    /// Lets only items of these keys pass.
    pub fn keys<K: Into<String>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.keys = Some(keys.into_iter().map(Into::into).collect());
        self
    }

    /// Lets at most this many bytes pass: the first items that fit, where each counts its key,
    /// its value and two separators.
    pub fn max_bytes(mut self, max_bytes: usize) -> Self {
        self.max_bytes = Some(max_bytes);
        self
    }

    /// Removes the items that may not pass from the baggage of a context.
    pub fn apply(&self, context: &mut SpanContext) {
        if self.keys.is_some() || self.max_bytes.is_some() {
            let baggage = self.filtered(context.baggage());
            *context = mem::take(context).with_baggage(baggage);
        }
    }

    fn filtered(&self, baggage: &Baggage) -> Baggage {
        let is_listed = |key: &str| {
            self.keys.as_ref().is_none_or(|keys| keys.iter().any(|listed| listed == key))
        };
        let mut left = self.max_bytes.unwrap_or(usize::MAX);
        let mut items = baggage.iter().filter(|(key, _)| is_listed(key));
        let fitting = iter::from_fn(|| {
            let (key, value) = items.next()?;
            left = left.checked_sub(key.len() + value.len() + SEPARATORS)?;
            Some((key, value))
        });
        fitting.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passing(filter: &BaggageFilter) -> Vec<String> {
        let baggage = Baggage::from_iter([("a", "1"), ("user.id", "42"), ("plan", "pro")]);
        let mut context = SpanContext::new().with_baggage(baggage);
        filter.apply(&mut context);
        context.baggage().iter().map(|(key, value)| format!("{key}={value}")).collect()
    }

    #[test]
    fn baggage_is_narrowed_by_keys_and_then_by_size() {
        let filter = BaggageFilter::default();
        assert_eq!(passing(&filter), ["a=1", "user.id=42", "plan=pro"]);
        assert_eq!(passing(&filter.clone().max_bytes(14)), ["a=1"]);
        assert_eq!(passing(&filter.clone().max_bytes(15)), ["a=1", "user.id=42"]);
        let filter = filter.keys(["plan", "user.id"]);
        assert_eq!(passing(&filter), ["user.id=42", "plan=pro"]);
        assert_eq!(passing(&filter.max_bytes(0)), [""; 0]);
    }
}
