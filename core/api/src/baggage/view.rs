//! The baggage of one span, read and written through the span.

use super::Baggage;
use crate::{misuse::Misuse, span::Span};

/// The baggage of one span; made by [`Span::baggage`].
///
/// Writing affects this span, what is injected from it later, and spans started from it later.
/// On a span that is nothing, reads are empty, and writes do nothing and are counted as
/// [`Misuse::BaggageWithoutSpan`](crate::Misuse::BaggageWithoutSpan).
///
/// ```
/// use packdog_api::span;
///
/// span("guest.serve").in_scope(|span| {
///     let baggage = span.baggage();
///     baggage.set("plan", "pro");
///     let plan = baggage.get("plan"); // Of this service, or of one upstream.
///     for (key, value) in baggage.items().iter() {
///         println!("{key} = {value}");
///     }
///     baggage.remove("plan");
///     baggage.clear();
/// #   drop(plan);
/// });
/// ```
#[derive(Clone, Debug)]
pub struct SpanBaggage(pub(crate) Span);

impl SpanBaggage {
    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<String> {
        self.0.read_baggage(|baggage| baggage.get(key).map(str::to_owned)).flatten()
    }

    /// All items as they are now; later writes do not change the returned value.
    pub fn items(&self) -> Baggage {
        self.0.read_baggage(Baggage::clone).unwrap_or_default()
    }

    /// Sets an item; a known key keeps its place. What is too much is dropped and counted as
    /// [`Misuse::TooMuchBaggage`](crate::Misuse::TooMuchBaggage).
    pub fn set(&self, key: impl AsRef<str>, value: impl AsRef<str>) {
        let (key, value) = (key.as_ref(), value.as_ref()); // Code of the application: not locked.
        if self.0.write_baggage(|baggage| baggage.try_set(key, value)) == Some(false) {
            Misuse::TooMuchBaggage.report(self.0.recorder());
        }
    }

    /// Removes an item, if it is there.
    pub fn remove(&self, key: &str) {
        self.0.write_baggage(|baggage| baggage.remove(key));
    }

    /// Removes all items.
    pub fn clear(&self) {
        self.0.write_baggage(Baggage::clear);
    }
}
