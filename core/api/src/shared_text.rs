//! A part of a text that several values share, so that the values of one request are one
//! allocation.

use std::{cell::Cell, fmt, ops::Deref, sync::Arc};

#[derive(Clone)]
pub(crate) struct SharedText {
    whole: Arc<str>,
    start: u32,
    end: u32,
}

/// The most bytes that a thread keeps for its next texts; the lists of most requests take fewer.
const MAX_KEPT_BYTES: usize = 8192;

thread_local! {
    /// Texts are put together here: all of them are checked at once to be UTF-8, for a third of what
    /// each alone would cost.
    static JOINED: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

impl SharedText {
    /// Copies texts in UTF-8 into one allocation; `None` in place of each that is empty, and of all
    /// if they are no texts.
    pub(crate) fn of<const N: usize>(texts: [&[u8]; N]) -> [Option<Self>; N] {
        let bytes = texts.iter().map(|text| text.len()).sum();
        // More than 4 GiB is no header.
        if bytes == 0 || u32::try_from(bytes).is_err() {
            return [const { None }; N];
        }
        let Some(whole) = joined(texts, bytes) else { return [const { None }; N] };
        let mut end = 0;
        texts.map(|text| {
            let start = end;
            end += text.len() as u32; // The sum fits.
            (start < end).then(|| Self { whole: Arc::clone(&whole), start, end })
        })
    }
}

fn joined<const N: usize>(texts: [&[u8]; N], bytes: usize) -> Option<Arc<str>> {
    let mut joined = JOINED.try_with(Cell::take).unwrap_or_default();
    joined.reserve(bytes);
    texts.into_iter().for_each(|text| joined.extend_from_slice(text));
    let whole = str::from_utf8(&joined).ok().map(Arc::from);
    if joined.capacity() <= MAX_KEPT_BYTES {
        joined.clear();
        let _ = JOINED.try_with(|kept| kept.set(joined)); // Fails while the thread ends.
    }
    whole
}

impl Deref for SharedText {
    type Target = str;

    fn deref(&self) -> &str {
        self.whole.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

impl From<&str> for SharedText {
    fn from(text: &str) -> Self {
        let end = u32::try_from(text.len()).unwrap_or(0); // More than 4 GiB is no header.
        Self { whole: text.into(), start: 0, end }
    }
}

impl PartialEq for SharedText {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_any_length_lie_side_by_side() {
        let (short, long) = ("a".to_owned(), "\u{e9}".repeat(MAX_KEPT_BYTES));
        for texts in [[&*short, "", &*long], ["", "", ""], [&*short, &*short, &*short]] {
            let shared = SharedText::of(texts.map(str::as_bytes));
            for (shared, text) in shared.iter().zip(texts) {
                assert_eq!(shared.as_deref().unwrap_or_default(), text);
            }
        }
    }
}
