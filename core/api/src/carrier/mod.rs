//! Where headers are read from and written to: an HTTP header map, or the properties of a message.

#[cfg(feature = "http")]
mod header_map;

use std::{borrow::Cow, collections::BTreeMap, ops::Range};

/// Something that headers are read from. Names may repeat.
pub trait Carrier {
    /// Calls `visit` with each field line, in order; names in any case, values as bytes.
    fn for_each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a [u8]));
}

/// Something that headers are written to.
pub trait CarrierMut {
    /// Sets a header, replacing all field lines of that name. The name is in lower case; the
    /// value is visible ASCII with spaces.
    fn set(&mut self, name: &str, value: &str);

    /// Sets all headers of one injection. Carriers that can share a buffer between values
    /// override this.
    fn set_all(&mut self, headers: InjectedHeaders) {
        for (name, value) in headers.iter() {
            self.set(name, value);
        }
    }
}

/// The headers of one injection: their values lie in one buffer.
#[derive(Debug, Default)]
pub struct InjectedHeaders {
    buffer: String,
    fields: Vec<(Cow<'static, str>, Range<usize>)>,
}

impl InjectedHeaders {
    /// No headers, with room for the usual ones.
    pub fn new() -> Self {
        Self { buffer: String::with_capacity(512), fields: Vec::with_capacity(8) }
    }

    /// Adds a header whose value `write` appends to the buffer; none if it appends nothing.
    pub fn push(&mut self, name: impl Into<Cow<'static, str>>, write: impl FnOnce(&mut String)) {
        let start = self.buffer.len();
        write(&mut self.buffer);
        if self.buffer.len() > start {
            self.fields.push((name.into(), start..self.buffer.len()));
        }
    }

    /// The headers in the order of writing.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .filter_map(|(name, range)| Some((name.as_ref(), self.buffer.get(range.clone())?)))
    }
}

/// Pairs, such as the headers of a message: each line is visited, names may repeat.
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
        self.insert(name.to_owned(), value.to_owned());
    }
}
