//! Databases: the comments of SQL statements.

use crate::{config::declare::options, sql::PropagationMode};

options! {
    /// Databases: the comments of SQL statements.
    #[derive(Clone, Debug)]
    pub(crate) struct DatabaseSettings at |config| config.database;

    /// The comment that `packdog::sql::with_comment` writes into SQL statements: `disabled`,
    /// `service` (names of services), or `full` (these, and the ids of the span).
    mode: PropagationMode = PropagationMode::Disabled, {
        variables: ["DD_DBM_PROPAGATION_MODE"],
        default: "`disabled`",
        /// Sets the comment that [`sql::with_comment`](crate::sql::with_comment) writes into SQL
        /// statements.
        set: with_sql_comments(mode: PropagationMode) => mode,
        get: sql_comments -> PropagationMode = |mode| *mode,
    }
}
