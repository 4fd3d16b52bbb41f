//! Carriers of headers, such as an HTTP header map or the properties of a message.

#[cfg(feature = "http")]
mod header_map;

use std::collections::BTreeMap;

/// A source of headers. Names may repeat.
///
/// ```
/// use packdog_api::{carrier::Carrier, propagation};
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

/// Pairs, such as the headers of a message: each pair is one field line.
impl<K: AsRef<str>, V: AsRef<[u8]>> Carrier for [(K, V)] {
    fn for_each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a [u8])) {
        for (name, value) in self {
            visit(name.as_ref(), value.as_ref());
        }
    }
}

impl<K: AsRef<str>, V: AsRef<[u8]>> Carrier for Vec<(K, V)> {
    fn for_each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a [u8])) {
        self.as_slice().for_each(visit);
    }
}

impl CarrierMut for Vec<(String, String)> {
    fn set(&mut self, name: &str, value: &str) {
        self.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.push((name.to_owned(), value.to_owned()));
    }

    fn remove(&mut self, name: &str) {
        self.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
    }

    fn remove_all(&mut self, is_stale: &dyn Fn(&str) -> bool) {
        self.retain(|(name, _)| !is_stale(name));
    }
}

impl<V: AsRef<[u8]>> Carrier for BTreeMap<String, V> {
    fn for_each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a [u8])) {
        for (name, value) in self {
            visit(name, value.as_ref());
        }
    }
}

impl CarrierMut for BTreeMap<String, String> {
    fn set(&mut self, name: &str, value: &str) {
        CarrierMut::remove(self, name);
        self.insert(name.to_owned(), value.to_owned());
    }

    fn remove(&mut self, name: &str) {
        // In full: two keys may differ in case alone.
        self.retain(|other, _| !other.eq_ignore_ascii_case(name));
    }

    fn remove_all(&mut self, is_stale: &dyn Fn(&str) -> bool) {
        self.retain(|name, _| !is_stale(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_and_removing_reach_each_line_of_a_name_in_any_case() {
        let lines = [("Baggage", "a=1"), ("baggage", "b=2"), ("accept", "*/*")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let (mut list, mut map) = (Vec::from(lines.clone()), BTreeMap::from(lines));
        for carrier in [&mut list as &mut dyn CarrierMut, &mut map] {
            carrier.set("baggage", "c=3");
            carrier.remove("accept");
        }
        let expected = [("baggage".to_owned(), "c=3".to_owned())];
        assert_eq!(list, expected);
        assert_eq!(map, BTreeMap::from(expected));
    }
}
