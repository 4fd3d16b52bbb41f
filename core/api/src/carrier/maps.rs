//! Maps of texts as carriers, such as the attributes of a message.
//!
//! A map tells keys apart that differ only in case, which headers do not: a write removes all of
//! them.

use std::{
    collections::{BTreeMap, HashMap},
    hash::BuildHasher,
};

use super::{Carrier, CarrierMut};

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
        self.retain(|other, _| !other.eq_ignore_ascii_case(name));
    }

    fn remove_all(&mut self, is_stale: &dyn Fn(&str) -> bool) {
        self.retain(|name, _| !is_stale(name));
    }
}

impl<V: AsRef<[u8]>, S> Carrier for HashMap<String, V, S> {
    fn for_each<'a>(&'a self, visit: &mut dyn FnMut(&'a str, &'a [u8])) {
        for (name, value) in self {
            visit(name, value.as_ref());
        }
    }
}

impl<S: BuildHasher> CarrierMut for HashMap<String, String, S> {
    fn set(&mut self, name: &str, value: &str) {
        CarrierMut::remove(self, name);
        self.insert(name.to_owned(), value.to_owned());
    }

    fn remove(&mut self, name: &str) {
        self.retain(|other, _| !other.eq_ignore_ascii_case(name));
    }

    fn remove_all(&mut self, is_stale: &dyn Fn(&str) -> bool) {
        self.retain(|name, _| !is_stale(name));
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasherDefault, DefaultHasher};

    use super::*;

    /// The map that has these two lines once `baggage` was set and `accept` was removed.
    fn expected<M: FromIterator<(String, String)>>() -> M {
        [("baggage", "c=3"), ("kept", "1")]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into_iter()
            .collect()
    }

    #[test]
    fn setting_and_removing_reach_each_key_of_a_name_in_any_case() {
        type OtherHasher = BuildHasherDefault<DefaultHasher>;
        let lines = [("Baggage", "a=1"), ("baggage", "b=2"), ("Accept", "*/*"), ("kept", "1")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut tree = BTreeMap::from(lines.clone());
        let mut hash = HashMap::from(lines.clone());
        let mut other: HashMap<_, _, OtherHasher> = lines.into_iter().collect();
        for carrier in [&mut tree as &mut dyn CarrierMut, &mut hash, &mut other] {
            carrier.set("baggage", "c=3");
            carrier.remove("accept");
            carrier.set("stale-key", "2");
            carrier.remove_all(&|name| name.starts_with("stale-"));
        }
        assert_eq!(tree, expected());
        assert_eq!(hash, expected());
        assert_eq!(other, expected());
    }

    #[test]
    fn each_entry_is_a_header() {
        let map: HashMap<String, Vec<u8>> =
            HashMap::from([("baggage".to_owned(), b"a=1".to_vec())]);
        let mut seen = Vec::new();
        map.for_each(&mut |name, value| seen.push((name, value)));
        assert_eq!(seen, [("baggage", &b"a=1"[..])]);
    }
}
