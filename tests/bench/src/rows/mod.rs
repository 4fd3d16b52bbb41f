//! The rows of the table, one file per question.

mod client;
mod encoding;
mod headers;
mod server;
mod spans;

use crate::row::Row;

/// All rows that this build has, in the order of the table.
pub(crate) fn all() -> Vec<Row> {
    let groups = [headers::rows(), spans::rows(), server::rows(), client::rows(), encoding::rows()];
    groups.into_iter().flatten().collect()
}
