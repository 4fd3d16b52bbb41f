//! The policy for redirects that a tower layer follows: each hop gets the headers that its host may
//! have.

use http::Request;
use packdog_http::destination::Destination;
use tower_http::follow_redirect::policy::{Action, Attempt, Policy};

use super::{Egress, admit::Grant, headers::strip};

/// Follows every redirect, and removes at each hop the headers that the new host may not have.
/// Removed headers stay removed for the hops behind it.
///
/// ```
/// use packdog_client::Egress;
/// use tower_http::follow_redirect::{FollowRedirectLayer, policy::{PolicyExt, Standard}};
///
/// # type Body = String;
/// let policy = Standard::default().and::<_, Body, tower::BoxError>(Egress::new());
/// let layer = FollowRedirectLayer::with_policy(policy);
/// # drop(layer);
/// ```
impl<B, E> Policy<B, E> for Egress {
    fn redirect(&mut self, _: &Attempt<'_>) -> Result<Action, E> {
        Ok(Action::Follow)
    }

    fn on_request(&mut self, request: &mut Request<B>) {
        let endpoint = Destination::of_uri(request.uri()).endpoint();
        strip(Grant::to(&endpoint, self), request.headers_mut());
    }
}
