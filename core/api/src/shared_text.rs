//! A part of a text that several values share, so that the values of one request are one
//! allocation.

use std::{fmt, ops::Deref, sync::Arc};

#[derive(Clone)]
pub(crate) struct SharedText {
    whole: Arc<str>,
    start: u32,
    end: u32,
}

/// Up to so many bytes are put together on the stack; more than the lists of most requests have.
const STACK_BYTES: usize = 512;

impl SharedText {
    /// Copies texts into one allocation; `None` in place of each that is empty.
    pub(crate) fn of<const N: usize>(texts: [&str; N]) -> [Option<Self>; N] {
        let bytes = texts.iter().map(|text| text.len()).sum();
        // More than 4 GiB is no header.
        if bytes == 0 || u32::try_from(bytes).is_err() {
            return [const { None }; N];
        }
        let mut stack = [0; STACK_BYTES];
        let whole: Arc<str> = match stack.get_mut(..bytes) {
            Some(joined) => {
                let mut rest = &mut *joined;
                for text in texts {
                    let Some((part, behind)) = rest.split_at_mut_checked(text.len()) else { break };
                    part.copy_from_slice(text.as_bytes());
                    rest = behind;
                }
                str::from_utf8(joined).unwrap_or_default().into() // Whole texts are UTF-8.
            }
            None => texts.concat().into(),
        };
        let mut end = 0;
        texts.map(|text| {
            let start = end;
            end += text.len() as u32; // The sum fits.
            (start < end).then(|| Self { whole: Arc::clone(&whole), start, end })
        })
    }
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
        let (short, long) = ("a".to_owned(), "\u{e9}".repeat(STACK_BYTES));
        for texts in [[&*short, "", &*long], ["", "", ""], [&*short, &*short, &*short]] {
            let shared = SharedText::of(texts);
            for (shared, text) in shared.iter().zip(texts) {
                assert_eq!(shared.as_deref().unwrap_or_default(), text);
            }
        }
    }
}
