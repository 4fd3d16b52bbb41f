//! Carriers of headers, such as an HTTP header map or the properties of a message.

#[cfg(feature = "http")]
mod header_map;
mod maps;
#[cfg(feature = "tonic")]
mod metadata_map;
mod pairs;

/// A source of headers. Names may repeat.
///
/// Lists of pairs, `BTreeMap` and `HashMap` are carriers, and with the features `http` and `tonic`
/// `http::HeaderMap` and tonic's `MetadataMap`. Other containers implement the trait:
///
/// ```
/// # mod packdog { pub use packdog_api::*; pub mod propagation { pub use packdog_api::{carrier, propagation::*}; } }
/// use packdog::propagation::{self, carrier::Carrier};
///
/// struct Message {
///     properties: Vec<(&'static str, Vec<u8>)>,
/// }
///
/// impl Carrier for Message {
///     fn for_each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a [u8])) {
///         for (name, value) in &self.properties {
///             visit(name, value);
///         }
///     }
/// }
///
/// let message = Message { properties: vec![("baggage", b"plan=pro".to_vec())] };
/// let context = propagation::extract(&message);
/// # drop(context);
/// ```
pub trait Carrier {
    /// Calls `visit` with each field line in order. Names are in any case; values are bytes.
    fn for_each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a [u8]));

    /// Returns the header map that this carrier is or holds, which is read without a call for each
    /// line.
    #[cfg(feature = "http")]
    fn as_header_map(&self) -> Option<&http::HeaderMap> {
        None
    }
}

/// A destination of headers.
pub trait CarrierMut {
    /// Sets a header, replacing all field lines of that name. The name is in lower case; the
    /// value is visible ASCII with spaces.
    fn set(&mut self, name: &str, value: &str);

    /// Removes all field lines of that name, which is in lower case. An injection removes the
    /// headers that it may write but does not, so that no header of another trace remains.
    fn remove(&mut self, name: &str);

    /// Removes all field lines of the names for which `is_stale` returns `true`. An injection uses
    /// this to remove headers whose names the application chose, such as `ot-baggage-plan`.
    fn remove_all(&mut self, is_stale: &dyn Fn(&str) -> bool);

    /// Returns the header map that this carrier is or holds, which takes parsed names, and values
    /// that share one buffer.
    #[cfg(feature = "http")]
    fn as_header_map_mut(&mut self) -> Option<&mut http::HeaderMap> {
        None
    }
}
