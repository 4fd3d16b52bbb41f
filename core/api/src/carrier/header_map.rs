//! `http::HeaderMap` as a carrier.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Carrier, CarrierMut};

impl Carrier for HeaderMap {
    fn for_each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a [u8])) {
        for (name, value) in self {
            visit(name.as_str(), value.as_bytes());
        }
    }

    fn as_header_map(&self) -> Option<&HeaderMap> {
        Some(self)
    }
}

impl CarrierMut for HeaderMap {
    fn set(&mut self, name: &str, value: &str) {
        // A name or value that is not valid in HTTP is left out: the request is sent without it.
        if let Ok(name) = HeaderName::try_from(name)
            && let Ok(value) = HeaderValue::try_from(value)
        {
            let _ = self.try_insert(name, value);
        }
    }

    fn remove(&mut self, name: &str) {
        HeaderMap::remove(self, name);
    }

    fn remove_all(&mut self, is_stale: &dyn Fn(&str) -> bool) {
        let stale: Vec<_> = self.keys().filter(|name| is_stale(name.as_str())).cloned().collect();
        for name in stale {
            HeaderMap::remove(self, name);
        }
    }

    fn as_header_map_mut(&mut self) -> Option<&mut HeaderMap> {
        Some(self)
    }
}
