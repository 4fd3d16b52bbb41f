//! The progress of a body of declared length. Once complete it has ended, even if its end is
//! never polled for.

use http::{HeaderMap, header};

/// The rest of a body that is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BodyProgress {
    /// In bytes; `None` if no length was declared.
    remaining: Option<u64>,
}

impl BodyProgress {
    /// The start of a body: its length is that of `Content-Length`, else what its
    /// `size_hint` knows exactly.
    pub(crate) fn new(headers: &HeaderMap, exact_size: Option<u64>) -> Self {
        Self { remaining: content_length(headers).or(exact_size) }
    }

    /// Counts a frame of so many bytes.
    pub(crate) fn pass(&mut self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.remaining = self.remaining.map(|remaining| remaining.saturating_sub(bytes));
    }

    /// Whether all that was declared has come; never, if nothing was.
    pub(crate) fn is_complete(self) -> bool {
        self.remaining == Some(0)
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_complete_once_its_declared_length_has_come() {
        #[rustfmt::skip]
        let table = [
            // Content-Length  exact     frames        complete
            (Some("5"),        None,     &[5][..],     true),
            (Some("5"),        Some(9),  &[2, 3],      true),
            (Some("5"),        None,     &[4],         false),
            (Some("5"),        None,     &[9],         true),
            (Some("0"),        None,     &[],          true),
            (Some("five"),     Some(5),  &[5],         true),
            (None,             Some(5),  &[4],         false),
            (None,             None,     &[5],         false),
        ];
        for (length, exact, frames, is_complete) in table {
            let length = length.map(|length| (header::CONTENT_LENGTH, length.parse().unwrap()));
            let mut progress = BodyProgress::new(&HeaderMap::from_iter(length), exact);
            frames.iter().for_each(|&bytes| progress.pass(bytes));
            assert_eq!(progress.is_complete(), is_complete, "{exact:?} {frames:?}");
        }
    }
}
