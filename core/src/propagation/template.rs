//! Header maps without values, from which an injection begins.
//!
//! Copying a map with all its names costs a third of inserting them one by one: nothing is hashed, and
//! no place is looked for. Services write the same few combinations of names again and again, into
//! maps that are still empty.

use std::{cell::Cell, ptr};

use http::{HeaderMap, HeaderValue};

/// The most combinations of names that a thread keeps.
const MAX_KEPT: usize = 8;

thread_local! {
    /// For each thread, because a lock would not survive a fork.
    static KEPT: Cell<Vec<Template>> = const { Cell::new(Vec::new()) };
}

/// A map whose values are empty.
#[derive(Debug)]
struct Template {
    /// The names of the map in its order.
    names: Vec<&'static str>,
    map: HeaderMap,
}

/// Returns a map that has these names in this order, with empty values; `None` if the thread has not
/// seen them yet.
pub(super) fn map_with<'n>(
    names: impl ExactSizeIterator<Item = &'n str> + Clone,
) -> Option<HeaderMap> {
    let kept = KEPT.try_with(Cell::take).unwrap_or_default();
    let template = kept.iter().find(|template| template.has(names.clone()));
    let map = template.map(|template| template.map.clone());
    let _ = KEPT.try_with(|all| all.set(kept)); // Fails while the thread ends.
    map
}

/// Keeps a map that was filled with these names and nothing else.
pub(super) fn keep(names: impl Iterator<Item = &'static str>, map: &HeaderMap) {
    let names: Vec<_> = names.collect();
    // A value may have been refused.
    if !map.keys().map(|name| name.as_str()).eq(names.iter().copied()) {
        return;
    }
    let mut map = map.clone();
    map.values_mut().for_each(|value| *value = HeaderValue::from_static(""));
    let mut kept = KEPT.try_with(Cell::take).unwrap_or_default();
    if kept.len() >= MAX_KEPT {
        kept.remove(0);
    }
    kept.push(Template { names, map });
    let _ = KEPT.try_with(|all| all.set(kept));
}

impl Template {
    fn has<'n>(&self, names: impl ExactSizeIterator<Item = &'n str>) -> bool {
        // They are constants, and nearly always the same pointers.
        let is_same = |(known, name): (&&str, &str)| ptr::eq(*known, name) || *known == name;
        self.names.len() == names.len() && self.names.iter().zip(names).all(is_same)
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    fn filled(names: &[&'static str]) -> HeaderMap {
        let value = HeaderValue::from_static("1");
        names.iter().map(|name| (HeaderName::from_static(name), value.clone())).collect()
    }

    #[test]
    fn a_map_has_the_names_that_were_kept_in_their_order_and_no_values() {
        for names in [&["b3", "baggage"][..], &["baggage", "b3"], &["b3"], &[]] {
            assert_eq!(map_with(names.iter().copied()), None);
            keep(names.iter().copied(), &filled(names));
            let map = map_with(names.iter().copied()).unwrap();
            assert!(map.keys().map(HeaderName::as_str).eq(names.iter().copied()), "{names:?}");
            assert!(map.values().all(HeaderValue::is_empty));
        }
    }

    #[test]
    fn a_map_without_some_of_the_names_is_not_kept() {
        keep(["b3", "baggage"].into_iter(), &filled(&["b3"]));
        assert_eq!(map_with(["b3", "baggage"].into_iter()), None);
    }

    #[test]
    fn a_thread_keeps_the_newest_combinations() {
        let names: [&str; 10] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
        for name in names {
            keep([name].into_iter(), &filled(&[name]));
        }
        let is_kept = |name: &&str| map_with([*name].into_iter()).is_some();
        assert_eq!(names.iter().filter(|name| is_kept(name)).count(), MAX_KEPT);
        assert!(!is_kept(&"a") && is_kept(&"j"));
    }
}
