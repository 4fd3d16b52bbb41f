//! tonic's `MetadataMap` as a carrier: it is a header map.

use http::HeaderMap;
use tonic::metadata::MetadataMap;

use super::{Carrier, CarrierMut};

impl Carrier for MetadataMap {
    fn for_each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a [u8])) {
        headers(self).for_each(visit);
    }

    fn as_header_map(&self) -> Option<&HeaderMap> {
        Some(headers(self))
    }
}

impl CarrierMut for MetadataMap {
    fn set(&mut self, name: &str, value: &str) {
        headers_mut(self).set(name, value);
    }

    fn remove(&mut self, name: &str) {
        headers_mut(self).remove(name);
    }

    fn remove_all(&mut self, is_stale: &dyn Fn(&str) -> bool) {
        headers_mut(self).remove_all(is_stale);
    }

    fn as_header_map_mut(&mut self) -> Option<&mut HeaderMap> {
        Some(headers_mut(self))
    }
}

fn headers(metadata: &MetadataMap) -> &HeaderMap {
    metadata.as_ref()
}

fn headers_mut(metadata: &mut MetadataMap) -> &mut HeaderMap {
    metadata.as_mut()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_entries_are_headers_that_can_be_read_and_replaced() {
        let mut metadata = MetadataMap::new();
        metadata.insert("baggage", "a=1".parse().unwrap());
        metadata.set("baggage", "b=2");
        metadata.set("stale-key", "1");
        metadata.remove_all(&|name| name.starts_with("stale-"));
        let mut seen = Vec::new();
        metadata.for_each(&mut |name, value| seen.push((name.to_owned(), value.to_vec())));
        assert_eq!(seen, [("baggage".to_owned(), b"b=2".to_vec())]);
        assert_eq!(metadata.as_header_map(), Some(AsRef::as_ref(&metadata)));
    }
}
