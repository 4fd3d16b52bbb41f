//! Typed baggage items: a key, and the conversions to and from text.

use std::{fmt::Display, str::FromStr};

use super::{Baggage, MAX_BAGGAGE_ITEM_BYTES};
use crate::render::render;

/// A type that has a baggage item of its own.
///
/// ```
/// # mod packdog { pub use packdog_api::*; pub mod span { pub use packdog_api::*; } }
/// use packdog::{Baggage, span::BaggageItem};
///
/// #[derive(Debug, PartialEq)]
/// struct TenantId(u64);
///
/// impl BaggageItem for TenantId {
///     const KEY: &'static str = "tenant.id";
/// }
/// # impl std::str::FromStr for TenantId {
/// #     type Err = std::num::ParseIntError;
/// #     fn from_str(text: &str) -> Result<Self, Self::Err> { text.parse().map(Self) }
/// # }
/// # impl std::fmt::Display for TenantId {
/// #     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
/// # }
///
/// let mut baggage = Baggage::new();
/// baggage.set_value(&TenantId(7));
/// assert_eq!(baggage.value(), Some(Ok(TenantId(7))));
/// ```
pub trait BaggageItem: FromStr + Display {
    /// The key of the item.
    const KEY: &'static str;
}

impl Baggage {
    /// Returns the item of type `T`: `None` if it is absent, an error if it cannot be parsed.
    pub fn value<T: BaggageItem>(&self) -> Option<Result<T, T::Err>> {
        self.get(T::KEY).map(str::parse)
    }

    /// Sets the item of type `T`.
    pub fn set_value<T: BaggageItem>(&mut self, value: &T) {
        self.set(T::KEY, render(value, MAX_BAGGAGE_ITEM_BYTES));
    }
}
