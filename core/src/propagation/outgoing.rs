//! The headers of one injection, whose values share one buffer.

use std::{cell::Cell, ops::Range, slice};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use packdog_api::carrier::CarrierMut;

use super::{headers::header_name, template, value_text::ValueText};

/// Headers to be written: known ones, and items with names of the application.
#[derive(Debug)]
pub(super) struct Outgoing {
    buffer: ValueText,
    known: [(&'static str, Place); MAX_KNOWN],
    known_count: usize,
    items: Vec<(String, Place)>,
}

/// The start and end of a value in the buffer.
type Place = (usize, usize);

/// The number of known names.
const MAX_KNOWN: usize = 16;
/// The initial capacity, which is enough for the values of most injections.
const USUAL_BYTES: usize = 512;
/// The most bytes that a thread keeps for its next injection.
const MAX_KEPT_BYTES: usize = 8192;

thread_local! {
    /// A reused buffer: its content is copied once in any case.
    static BUFFER: Cell<ValueText> = const { Cell::new(ValueText::new()) };
}

impl Outgoing {
    pub(super) fn new() -> Self {
        let mut buffer = BUFFER.try_with(Cell::take).unwrap_or_default();
        buffer.reserve(USUAL_BYTES);
        Self { buffer, known: [("", (0, 0)); MAX_KNOWN], known_count: 0, items: Vec::new() }
    }

    /// Adds a header whose value `write` appends to the buffer; none if it appends nothing.
    pub(super) fn push(&mut self, name: &'static str, write: impl FnOnce(&mut ValueText)) {
        let start = self.buffer.len();
        write(&mut self.buffer);
        if self.buffer.len() > start
            && let Some(place) = self.known.get_mut(self.known_count)
        {
            *place = (name, (start, self.buffer.len()));
            self.known_count += 1;
        }
    }

    /// Like [`push`](Self::push), but after all known headers.
    pub(super) fn push_item(&mut self, name: String, write: impl FnOnce(&mut ValueText)) {
        let start = self.buffer.len();
        write(&mut self.buffer);
        if self.buffer.len() > start {
            self.items.push((name, (start, self.buffer.len())));
        }
    }

    /// The known names that are to be written, with the places of their values.
    fn known(&self) -> slice::Iter<'_, (&'static str, Place)> {
        self.known.get(..self.known_count).unwrap_or_default().iter()
    }

    /// Names and places of the values, in the order of writing.
    fn places(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        let known = self.known().copied();
        let items = self.items.iter().map(|(name, place)| (name.as_str(), *place));
        known.chain(items).map(|(name, (start, end))| (name, start..end))
    }

    /// The number of headers with known names.
    pub(super) fn known_count(&self) -> usize {
        self.known_count
    }

    /// Whether a header of this name is to be written.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.known().any(|(written, _)| *written == name)
            || self.items.iter().any(|(item, _)| item == name)
    }

    /// Returns the headers in the order of writing.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.places().map(|(name, range)| (name, self.buffer.text(range.start, range.end)))
    }

    /// Sets all headers.
    pub(super) fn write_to(&self, carrier: &mut dyn CarrierMut) {
        match carrier.as_header_map_mut() {
            Some(map) => self.write_to_map(map),
            None => self.iter().for_each(|(name, value)| carrier.set(name, value)),
        }
    }

    fn write_to_map(&self, map: &mut HeaderMap) {
        let values = shared(self.buffer.as_bytes());
        let is_new = map.capacity() == 0 && self.items.is_empty();
        if is_new && let Some(filled) = self.copied(&values) {
            *map = filled;
            return;
        }
        self.insert_all(map, &values);
        if is_new {
            template::keep(self.known().map(|(name, _)| *name), map);
        }
    }

    /// A fast path for a map that has nothing yet: the names are copied together. It saves a fifth of
    /// an injection.
    fn copied(&self, values: &Bytes) -> Option<HeaderMap> {
        let mut map = template::map_with(self.known().map(|(name, _)| *name))?;
        for (slot, (_, place)) in map.values_mut().zip(self.known()) {
            if !set_value(slot, values, *place) {
                return None;
            }
        }
        Some(map)
    }

    /// Names are constants, and values slices of one allocation.
    fn insert_all(&self, map: &mut HeaderMap, values: &Bytes) {
        // A full map is left unchanged; `insert` and `reserve` would panic.
        let _ = map.try_reserve(self.known_count + self.items.len());
        for (name, place) in self.known() {
            if let (Some(name), Some(value)) = (header_name(name), header_value(values, *place)) {
                let _ = map.try_insert(name, value);
            }
        }
        for (name, place) in &self.items {
            if let (Ok(name), Some(value)) =
                (HeaderName::try_from(name), header_value(values, *place))
            {
                let _ = map.try_insert(name, value);
            }
        }
    }
}

/// Returns a value; `None` if HTTP cannot carry it.
fn header_value(values: &Bytes, place: Place) -> Option<HeaderValue> {
    let mut value = const { HeaderValue::from_static("") };
    set_value(&mut value, values, place).then_some(value)
}

/// Sets a value in its place, since a returned one would be moved twice; `false` if HTTP cannot carry
/// it.
#[inline]
fn set_value(slot: &mut HeaderValue, values: &Bytes, (start, end): Place) -> bool {
    match values.get(start..end) {
        // Sampling priorities are constants.
        Some(b"0") => *slot = const { HeaderValue::from_static("0") },
        Some(b"1") => *slot = const { HeaderValue::from_static("1") },
        Some(b"2") => *slot = const { HeaderValue::from_static("2") },
        _ => match HeaderValue::from_maybe_shared(values.slice(start..end)) {
            Ok(value) => *slot = value,
            Err(_) => return false,
        },
    }
    true
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        let mut buffer = std::mem::take(&mut self.buffer);
        if buffer.capacity() <= MAX_KEPT_BYTES {
            buffer.clear();
            let _ = BUFFER.try_with(|kept| kept.set(buffer)); // Fails while the thread ends.
        }
    }
}

/// Bytes in a reference-counted allocation that all values share.
struct Inline {
    bytes: [u8; USUAL_BYTES],
    len: usize,
}

impl AsRef<[u8]> for Inline {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

fn shared(text: &[u8]) -> Bytes {
    let mut inline = Inline { bytes: [0; USUAL_BYTES], len: text.len() };
    match inline.bytes.get_mut(..text.len()) {
        Some(bytes) => {
            bytes.copy_from_slice(text);
            Bytes::from_owner(inline)
        }
        None => Bytes::copy_from_slice(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_and_a_list_take_the_same_headers_of_any_length() {
        for length in [1, USUAL_BYTES - 1, USUAL_BYTES, USUAL_BYTES + 1, 3 * MAX_KEPT_BYTES] {
            let mut headers = Outgoing::new();
            headers.push("traceparent", |text| text.push_str(&"x".repeat(length)));
            headers.push("tracestate", |_| {});
            headers.push("baggage", |text| text.push_str("a=1"));
            headers.push_item("ot-baggage-a".to_owned(), |text| text.push(b'1'));
            let (mut list, mut map) = (Vec::<(String, String)>::new(), HeaderMap::new());
            headers.write_to(&mut list);
            headers.write_to(&mut map);
            let names: Vec<_> = list.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["traceparent", "baggage", "ot-baggage-a"]);
            assert_eq!(map.len(), list.len());
            assert!(list.iter().all(|(name, value)| map[name] == value.as_str()), "{length}");
            assert!(headers.contains("baggage") && !headers.contains("tracestate"));
        }
    }

    #[test]
    fn a_name_that_http_cannot_carry_is_left_out() {
        let mut headers = Outgoing::new();
        headers.push_item("with space".to_owned(), |text| text.push(b'1'));
        headers.push("baggage", |text| text.push_str("a=1\n"));
        headers.push("b3", |text| text.push(b'0'));
        let mut map = HeaderMap::new();
        headers.write_to(&mut map);
        assert_eq!(map.len(), 1);
        assert_eq!(map["b3"], "0");
    }
}
