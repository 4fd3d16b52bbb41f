//! An error and its causes, as far as they are looked at.

use std::{error::Error, iter};

/// The most causes that are looked at; a cycle of causes ends there as well.
const MAX_CAUSES: usize = 64;

/// The error, and then its causes.
pub(crate) fn with_causes<'e>(
    error: &'e (dyn Error + 'static),
) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    iter::successors(Some(error), |&error| error.source()).take(1 + MAX_CAUSES)
}
