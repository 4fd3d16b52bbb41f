//! A request that cannot be carried out: the reply has the reason.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::id::Id;

/// The reason why a request was not carried out.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// No span has this id.
    UnknownSpan(Id),
    /// Neither a span nor an extracted context has this id.
    UnknownParent(Id),
    /// A link has no target.
    NothingToLink(Id),
    /// Not all finished spans reached the Agent.
    Undelivered(packdog::limits::Report),
    /// The signal that was to end this process could not be sent.
    Unharmed(rustix::io::Errno),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        // Not 404, which means that an endpoint does not exist.
        let (status, why) = match self {
            Self::UnknownSpan(Id(id)) => (StatusCode::BAD_REQUEST, format!("no span {id}")),
            Self::UnknownParent(Id(id)) => {
                (StatusCode::BAD_REQUEST, format!("no span and no context {id}"))
            }
            Self::NothingToLink(Id(id)) => {
                (StatusCode::BAD_REQUEST, format!("{id} names no span to link to"))
            }
            Self::Undelivered(report) => {
                (StatusCode::BAD_GATEWAY, format!("not all is delivered: {report:?}"))
            }
            Self::Unharmed(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        };
        (status, why).into_response()
    }
}
