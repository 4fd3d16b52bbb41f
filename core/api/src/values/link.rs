//! Links from a span to spans of any trace.

use smol_str::{SmolStr, format_smolstr};

use super::{Attribute, MAX_ATTRIBUTES, MAX_TAG_KEY_BYTES, MAX_TAG_VALUE_BYTES, SpanId, TraceId};
use crate::{pairs::Pairs, text::cut};

/// The most bytes of a `tracestate`; a longer one is dropped, because a part of it may be wrong.
const MAX_TRACESTATE_BYTES: usize = 4_096;

/// A reference from a span to another span that is neither its parent nor its child.
///
/// Extraction makes links when headers disagree; applications make them for batches and fan-in.
/// Attributes are texts, in the order in which they were first added.
///
/// ```
/// # mod packdog { pub use packdog_api::*; pub mod span { pub use packdog_api::*; } }
/// use packdog::{propagation, span, span::SpanLink};
///
/// fn handle_batch(messages: &[Vec<(String, String)>]) {
///     let span = span("batch.handle").start();
///     for headers in messages {
///         if let Some(link) = SpanLink::to(&propagation::extract(headers)) {
///             span.add_link(link.with_attribute("messaging.system", "kafka"));
///         }
///     }
/// }
/// # handle_batch(&[]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SpanLink {
    trace_id: TraceId,
    span_id: SpanId,
    is_sampled: Option<bool>,
    tracestate: Option<SmolStr>,
    attributes: Pairs,
}

impl SpanLink {
    /// Returns a link to this span.
    pub fn new(trace_id: TraceId, span_id: SpanId) -> Self {
        Self { trace_id, span_id, is_sampled: None, tracestate: None, attributes: Pairs::default() }
    }

    /// Sets whether the other trace is kept; unknown by default.
    pub fn with_sampled(mut self, is_sampled: bool) -> Self {
        self.is_sampled = Some(is_sampled);
        self
    }

    /// Sets the W3C `tracestate` of the other trace; one of more than 4 096 bytes is left out.
    pub fn with_tracestate(mut self, tracestate: &str) -> Self {
        let fits = tracestate.len() <= MAX_TRACESTATE_BYTES;
        self.tracestate = fits.then(|| SmolStr::new(tracestate));
        self
    }

    /// Adds an attribute; a repeated key takes the last value.
    ///
    /// Numbers and booleans become texts. The items of a list become attributes of their own,
    /// `key.0`, `key.1` and so on, and those of a list in it `key.0.0`. At most
    /// [`MAX_ATTRIBUTES`](crate::MAX_ATTRIBUTES) are kept; keys and texts are cut like those of
    /// tags.
    ///
    /// ```
    /// # mod packdog { pub use packdog_api::*; pub mod span { pub use packdog_api::*; } }
    /// use packdog::span::{SpanId, SpanLink, TraceId};
    ///
    /// # fn link(trace_id: TraceId, span_id: SpanId) {
    /// let link = SpanLink::new(trace_id, span_id)
    ///     .with_attribute("reason", "batch")
    ///     .with_attribute("sizes", vec![3, 4]);
    /// let attributes = link.attributes().collect::<Vec<_>>();
    /// assert_eq!(attributes, [("reason", "batch"), ("sizes.0", "3"), ("sizes.1", "4")]);
    /// # }
    /// # link(TraceId::new(1).unwrap(), SpanId::new(2).unwrap());
    /// ```
    pub fn with_attribute(mut self, key: &str, value: impl TryInto<Attribute>) -> Self {
        if let Ok(value) = value.try_into() {
            self.add_attribute(key, &value);
        }
        self
    }

    fn add_attribute(&mut self, key: &str, value: &Attribute) {
        let value = match value {
            Attribute::Text(text) => SmolStr::new(cut(text, MAX_TAG_VALUE_BYTES)),
            Attribute::Bool(value) => format_smolstr!("{value}"),
            Attribute::Int(number) => format_smolstr!("{number}"),
            Attribute::Float(number) => format_smolstr!("{number}"),
            Attribute::List(values) => {
                for (index, value) in values.iter().take(MAX_ATTRIBUTES).enumerate() {
                    self.add_attribute(&format!("{key}.{index}"), value);
                }
                return;
            }
        };
        let key = cut(key, MAX_TAG_KEY_BYTES);
        if self.attributes.len() < MAX_ATTRIBUTES || self.attributes.get(key).is_some() {
            self.attributes.set(SmolStr::new(key), value);
        }
    }

    /// Returns the trace of the other span.
    pub fn trace_id(&self) -> TraceId {
        self.trace_id
    }

    /// Returns the id of the other span.
    pub fn span_id(&self) -> SpanId {
        self.span_id
    }

    /// Whether the other trace is kept, if known.
    pub fn is_sampled(&self) -> Option<bool> {
        self.is_sampled
    }

    /// Returns the W3C `tracestate` of the other trace, if it is set.
    pub fn tracestate(&self) -> Option<&str> {
        self.tracestate.as_deref()
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        let tracestate = self.tracestate.as_ref().map_or(0, SmolStr::len);
        size_of::<Self>() + tracestate + self.attributes.memory_bytes()
    }

    /// Returns the attributes in order.
    pub fn attributes(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.attributes.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_and_tracestate_are_bounded() {
        let new = || SpanLink::new(TraceId::new(1).unwrap(), SpanId::new(2).unwrap());
        let long = "x".repeat(1 << 20);
        let link = (0..=MAX_ATTRIBUTES).fold(new(), |link, number| {
            link.with_attribute(&format!("{number}{long}"), long.as_str())
        });
        let link = link.with_attribute("list", vec![1; 1 << 10]);
        assert_eq!(link.attributes().len(), MAX_ATTRIBUTES);
        assert!(link.attributes().all(|(key, value)| {
            key.len() == MAX_TAG_KEY_BYTES && value.len() == MAX_TAG_VALUE_BYTES
        }));
        for (bytes, is_kept) in [(MAX_TRACESTATE_BYTES, true), (MAX_TRACESTATE_BYTES + 1, false)] {
            let tracestate = long.get(..bytes).unwrap();
            let kept = new().with_tracestate(tracestate);
            assert_eq!(kept.tracestate(), is_kept.then_some(tracestate));
        }
    }

    #[test]
    fn values_become_texts_and_lists_become_many() {
        use Attribute::{Bool, Float, Int, List};

        let nested = List(vec![Int(1), List(vec![Int(2), List(vec!["x".into()])])]);
        let link = SpanLink::new(TraceId::new(1).unwrap(), SpanId::new(2).unwrap())
            .with_attribute("bools", vec![true, false])
            .with_attribute("float", Float(2.5))
            .with_attribute("whole", Float(2.0))
            .with_attribute("mixed", List(vec![Bool(true), Int(-1)]))
            .with_attribute("nested", nested)
            .with_attribute("empty", List(vec![]))
            .with_attribute("too large", u64::MAX)
            .with_attribute("float", "again");
        let expected = [
            ("bools.0", "true"),
            ("bools.1", "false"),
            ("float", "again"),
            ("whole", "2"),
            ("mixed.0", "true"),
            ("mixed.1", "-1"),
            ("nested.0", "1"),
            ("nested.1.0", "2"),
            ("nested.1.1.0", "x"),
        ];
        assert_eq!(link.attributes().collect::<Vec<_>>(), expected);
    }
}
