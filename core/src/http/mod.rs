//! What both middlewares decide about HTTP: they ask here and only record.

mod url;

pub use self::url::url;
