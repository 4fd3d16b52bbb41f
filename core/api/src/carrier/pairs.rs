//! Lists of pairs as carriers, such as the headers of a message.

use super::{Carrier, CarrierMut};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_and_removing_reach_each_line_of_a_name_in_any_case() {
        let mut list = [("Baggage", "a=1"), ("baggage", "b=2"), ("accept", "*/*")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        list.set("baggage", "c=3");
        CarrierMut::remove(&mut list, "accept");
        assert_eq!(list, [("baggage".to_owned(), "c=3".to_owned())]);
    }
}
