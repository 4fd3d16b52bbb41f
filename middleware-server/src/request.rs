//! The head of a request, its route and its peer, for policies and hooks.

use std::net::{IpAddr, SocketAddr};

use http::{Extensions, HeaderMap, Method, Request, Uri, Version};

use crate::route;

/// The address of the other end of a request's connection, as an extension of the request.
///
/// Servers other than axum's and tonic's insert it, so that the layer knows the peer:
///
/// ```
/// use std::net::SocketAddr;
/// use packdog_server::PeerAddr;
///
/// fn accepted<B>(mut request: http::Request<B>, peer: SocketAddr) -> http::Request<B> {
///     request.extensions_mut().insert(PeerAddr(peer));
///     request
/// }
/// # accepted(http::Request::new(()), ([127, 0, 0, 1], 80).into());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddr(pub SocketAddr);

/// The head of a request, for closures that decide about it.
#[derive(Clone, Copy, Debug)]
pub struct RequestHead<'a> {
    method: &'a Method,
    version: Version,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
}

impl<'a> RequestHead<'a> {
    pub(crate) fn of<B>(request: &'a Request<B>) -> Self {
        Self {
            method: request.method(),
            version: request.version(),
            uri: route::original_uri(request.extensions()).unwrap_or(request.uri()),
            headers: request.headers(),
            extensions: request.extensions(),
        }
    }

    /// The method.
    pub fn method(&self) -> &'a Method {
        self.method
    }

    /// The URI as it came, with the prefixes that routers take off.
    pub fn uri(&self) -> &'a Uri {
        self.uri
    }

    /// The version of the protocol.
    pub fn version(&self) -> Version {
        self.version
    }

    /// The headers.
    pub fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// The extensions.
    pub fn extensions(&self) -> &'a Extensions {
        self.extensions
    }

    /// The route that matched; `None` also where the layer stands around a whole router.
    pub fn route(&self) -> Option<&'a str> {
        route::matched_path(self.extensions)
    }

    /// The address of the peer: from [`PeerAddr`], else the one that axum or tonic know for the
    /// connection. `None` if it is unknown.
    pub fn peer(&self) -> Option<IpAddr> {
        let told = self.extensions.get::<PeerAddr>().map(|peer| peer.0);
        let peer = told.or_else(|| of_axum(self.extensions)).or_else(|| of_tonic(self.extensions));
        peer.map(|peer| peer.ip().to_canonical())
    }
}

#[cfg(feature = "connect-info")]
fn of_axum(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get::<axum::extract::ConnectInfo<SocketAddr>>().map(|info| info.0)
}

#[cfg(not(feature = "connect-info"))]
fn of_axum(_: &Extensions) -> Option<SocketAddr> {
    None
}

#[cfg(feature = "tonic")]
fn of_tonic(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get::<tonic::transport::server::TcpConnectInfo>()?.remote_addr()
}

#[cfg(not(feature = "tonic"))]
fn of_tonic(_: &Extensions) -> Option<SocketAddr> {
    None
}

/// The component that took a request, as far as the request shows it.
pub(crate) fn component(extensions: &Extensions, is_grpc: bool, has_route: bool) -> &'static str {
    if has_route {
        "axum"
    } else if is_grpc && is_of_tonic(extensions) {
        "tonic"
    } else {
        "tower"
    }
}

#[cfg(feature = "tonic")]
fn is_of_tonic(extensions: &Extensions) -> bool {
    extensions.get::<tonic::transport::server::TcpConnectInfo>().is_some()
}

#[cfg(not(feature = "tonic"))]
fn is_of_tonic(_: &Extensions) -> bool {
    false
}
