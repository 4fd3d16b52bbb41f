//! The baggage of one span, read and written through the span.

use std::{fmt, panic::Location};

use crate::{
    misuse::Misuse,
    recording::{Span, Tracer, report_at},
    render::render,
    values::MAX_BAGGAGE_ITEM_BYTES,
    values::{Baggage, BaggageItem},
};

/// The baggage of one span; returned by [`Span::baggage`].
///
/// Writing affects this span, and headers injected and spans started from it later. On a span that
/// is nothing, reads are empty, and writes have no effect and are counted as
/// [`Misuse::BaggageWithoutSpan`](crate::Misuse::BaggageWithoutSpan). The first one is logged with
/// its place in the code.
///
/// ```
/// # use packdog_api as packdog;
/// use packdog::span;
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
#[derive(Clone)]
pub struct SpanBaggage(pub(crate) Span);

impl SpanBaggage {
    /// Returns the value of `key`.
    pub fn get(&self, key: &str) -> Option<String> {
        self.0.with_baggage(|baggage| baggage.get(key).map(str::to_owned)).flatten()
    }

    /// Returns a copy of all items; later writes do not change it.
    pub fn items(&self) -> Baggage {
        self.0.with_baggage(|baggage| baggage.clone()).unwrap_or_default()
    }

    /// Sets an item; a known key keeps its place. An item beyond the limits is dropped and counted
    /// as [`Misuse::TooMuchBaggage`](crate::Misuse::TooMuchBaggage).
    #[track_caller]
    pub fn set(&self, key: impl AsRef<str>, value: impl AsRef<str>) {
        let (key, value) = (key.as_ref(), value.as_ref()); // Code of the application: not locked.
        if self.write(|baggage| baggage.try_set(key, value)) == Some(false) {
            report_at(Misuse::TooMuchBaggage, self.0.recorder(), Location::caller());
        }
    }

    /// Removes an item, if it is there.
    #[track_caller]
    pub fn remove(&self, key: &str) {
        self.write(|baggage| baggage.remove(key));
    }

    /// Removes all items.
    #[track_caller]
    pub fn clear(&self) {
        self.write(Baggage::clear);
    }

    /// Writes; counts a misuse if there is no span.
    #[track_caller]
    fn write<T>(&self, write: impl FnOnce(&mut Baggage) -> T) -> Option<T> {
        let written = self.0.with_baggage(write);
        if written.is_none() {
            let (misuse, place) = (Misuse::BaggageWithoutSpan, Location::caller());
            report_at(misuse, Tracer::current().recorder(), place);
        }
        written
    }
}

impl Span {
    /// Returns the baggage of this span.
    pub fn baggage(&self) -> SpanBaggage {
        SpanBaggage(self.clone())
    }
}

impl SpanBaggage {
    /// Returns the item of type `T`: `None` if it is absent, an error if it cannot be parsed.
    pub fn value<T: BaggageItem>(&self) -> Option<Result<T, T::Err>> {
        self.get(T::KEY).map(|text| text.parse())
    }

    /// Sets the item of type `T`.
    #[track_caller]
    pub fn set_value<T: BaggageItem>(&self, value: &T) {
        if self.0.is_nothing() {
            return self.clear(); // Counted as a misuse; the value is not written as text.
        }
        self.set(T::KEY, render(value, MAX_BAGGAGE_ITEM_BYTES));
    }
}

/// Only the span that it belongs to: items may be secrets.
impl fmt::Debug for SpanBaggage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SpanBaggage({:?})", self.0)
    }
}
