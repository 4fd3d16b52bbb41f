//! The address at which the Datadog Agent listens.
//!
//! ```text
//! "http://"  host [ ":" port ] [ path ]      trailing slashes do not count
//! "https://" name | IPv4 | "[" IPv6 "]"      the port is 8126 by default
//! "unix://" absolute path                    a Unix socket, not on other systems
//! ```
//! `https` needs the feature of this name.

use std::{
    fmt,
    net::Ipv6Addr,
    path::{Path, PathBuf},
    str::FromStr,
};

use http::Uri;

/// The port on which a Datadog Agent listens for traces.
pub(super) const DEFAULT_PORT: u16 = 8126;
pub(super) const DEFAULT_HOST: &str = "localhost";

/// The address of a Datadog Agent; `http://localhost:8126` by default.
///
/// ```
/// # fn main() -> Result<(), packdog::config::AgentUrlError> {
/// let url: packdog::config::AgentUrl = "http://[::1]:5000/agent/".parse()?;
/// assert_eq!(url.host(), "::1");
/// assert_eq!(url.to_string(), "http://[::1]:5000/agent");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentUrl {
    is_https: bool,
    /// Without brackets.
    host: String,
    port: u16,
    /// Empty, or a path that starts with `/` and does not end with one.
    prefix: String,
    /// Absolute. Requests then go there, and only name the host.
    socket: Option<PathBuf>,
}

impl AgentUrl {
    /// `host` comes from [`host`], so that it needs no further check.
    pub(super) fn new(host: &str, port: u16) -> Self {
        Self { is_https: false, host: host.to_owned(), port, prefix: String::new(), socket: None }
    }

    /// Refers to a Unix socket by its absolute path.
    pub(super) fn of_socket(path: &str) -> Self {
        Self { socket: Some(PathBuf::from(path)), ..Self::default() }
    }

    /// The start of the URL of requests: a URL with `http` or `https`, also for a Unix socket,
    /// whose path is not in it.
    #[cfg(feature = "agent")]
    pub(crate) fn http_base(&self) -> String {
        Self { socket: None, ..self.clone() }.to_string()
    }

    /// The host; IPv6 addresses have no brackets. `localhost` for a Unix socket.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port; without meaning for a Unix socket.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The path of the Unix socket, if it is one.
    pub fn socket(&self) -> Option<&Path> {
        self.socket.as_deref()
    }
}

impl Default for AgentUrl {
    fn default() -> Self {
        Self::new(DEFAULT_HOST, DEFAULT_PORT)
    }
}

impl fmt::Display for AgentUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { is_https, host, port, prefix, socket } = self;
        let scheme = if *is_https { "https" } else { "http" };
        match socket {
            Some(path) => write!(f, "unix://{}", path.display()),
            None if host.contains(':') => write!(f, "{scheme}://[{host}]:{port}{prefix}"),
            None => write!(f, "{scheme}://{host}:{port}{prefix}"),
        }
    }
}

/// The fault of a text that is not the address of a Datadog Agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AgentUrlError {
    /// It has no scheme, such as `http://`.
    NoScheme,
    /// It is not a URL, or has no host.
    Malformed,
    /// Its scheme is `https`, and the feature `https` is off.
    HttpsFeature,
    /// Its scheme is not `http`, `https`, or `unix` on systems with Unix sockets.
    UnsupportedScheme,
    /// The path of the Unix socket is not absolute.
    SocketPath,
    /// Its port is not a number from 1 to 65535.
    Port,
    /// Its host has characters that no host has.
    Host,
}

impl AgentUrlError {
    /// Returns a sentence with the valid texts.
    pub(super) fn advice(self) -> &'static str {
        match self {
            Self::NoScheme => "Write http:// or unix:// before it.",
            Self::Malformed | Self::UnsupportedScheme => "Write http://host:port or unix:///path.",
            Self::HttpsFeature => {
                "Enable the feature https of packdog, or write http:// before it."
            }
            Self::SocketPath => "Write unix:// and then the path from the root, unix:///path.",
            Self::Port => "Write a port from 1 to 65535.",
            Self::Host => "Write the name or the address of the host.",
        }
    }
}

/// Shows the rest of a sentence about the text: `has no scheme`.
impl fmt::Display for AgentUrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoScheme => "has no scheme",
            Self::Malformed => "is not a URL",
            Self::HttpsFeature => "needs the feature https, which is off",
            Self::UnsupportedScheme => "has an unsupported scheme",
            Self::SocketPath => "has no absolute path of a socket",
            Self::Port => "has a port out of range",
            Self::Host => "is not a host name or address",
        })
    }
}

impl std::error::Error for AgentUrlError {}

impl FromStr for AgentUrl {
    type Err = AgentUrlError;

    fn from_str(text: &str) -> Result<Self, AgentUrlError> {
        let (scheme, rest) = text.trim().split_once("://").ok_or(AgentUrlError::NoScheme)?;
        if cfg!(unix) && scheme.eq_ignore_ascii_case("unix") {
            let path = Some(rest.trim_end_matches('/')).filter(|path| path.starts_with('/'));
            return path.map(Self::of_socket).ok_or(AgentUrlError::SocketPath);
        }
        let is_https = scheme.eq_ignore_ascii_case("https");
        if is_https && cfg!(not(feature = "https")) {
            return Err(AgentUrlError::HttpsFeature);
        }
        if !is_https && !scheme.eq_ignore_ascii_case("http") {
            return Err(AgentUrlError::UnsupportedScheme);
        }
        let uri: Uri = format!("http://{rest}").parse().map_err(|_| AgentUrlError::Malformed)?;
        let authority = uri.authority().ok_or(AgentUrlError::Malformed)?;
        let bracketed = authority.host();
        let host_and_port = authority.as_str().rsplit('@').next().unwrap_or_default();
        let after_host = host_and_port.strip_prefix(bracketed).unwrap_or_default();
        let port = match after_host.strip_prefix(':') {
            None | Some("") => DEFAULT_PORT,
            Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or(AgentUrlError::Port)?,
        };
        let prefix = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { is_https, host: host(bracketed)?, port, prefix, socket: None })
    }
}

/// A host as people write it, brought to its form without brackets.
pub(super) fn host(text: &str) -> Result<String, AgentUrlError> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let is_name = |text: &str| {
        let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        !text.is_empty() && text.chars().all(is_fine)
    };
    let is_host = bare.parse::<Ipv6Addr>().is_ok() || (bare == text && is_name(text));
    is_host.then(|| bare.to_owned()).ok_or(AgentUrlError::Host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_in_all_their_forms() {
        use AgentUrlError::*;
        #[rustfmt::skip]
        let table = [
            // text                            result
            ("http://agent:9000",              Ok("http://agent:9000")),
            ("http://agent",                   Ok("http://agent:8126")),
            ("http://agent:",                  Ok("http://agent:8126")),
            ("HTTP://agent:1//",               Ok("http://agent:1")),
            ("http://agent:1/a/b/",            Ok("http://agent:1/a/b")),
            ("http://1:1",                     Ok("http://1:1")),
            ("http://user:secret@agent:1",     Ok("http://agent:1")),
            ("http://[::1]:5000",              Ok("http://[::1]:5000")),
            ("http://[2001:db8::1]",           Ok("http://[2001:db8::1]:8126")),
            ("http://agent:0",                 Err(Port)),
            ("http://agent:65536",             Err(Port)),
            ("http://agent name",              Err(Malformed)),
            ("http://",                        Err(Malformed)),
            ("agent:8126",                     Err(NoScheme)),
            ("ftp://agent:8126",               Err(UnsupportedScheme)),
            ("agent",                          Err(NoScheme)),
        ];
        for (text, expected) in table {
            let url = text.parse::<AgentUrl>().map(|url| url.to_string());
            assert_eq!(url.as_deref(), expected.as_ref().copied(), "{text}");
        }
    }

    #[test]
    fn https_needs_its_feature() {
        for text in ["https://agent/a/", "HTTPS://user:secret@agent:8126/a"] {
            let url = text.parse::<AgentUrl>().map(|url| url.to_string());
            let expected = match cfg!(feature = "https") {
                true => Ok("https://agent:8126/a".to_owned()),
                false => Err(AgentUrlError::HttpsFeature),
            };
            assert_eq!(url, expected, "{text}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn sockets_have_absolute_paths() {
        #[rustfmt::skip]
        let table = [
            // text                         result
            ("unix:///var/run/apm.socket",  Ok("unix:///var/run/apm.socket")),
            ("UNIX:///a b/c%20d/",          Ok("unix:///a b/c%20d")),
            ("unix://apm.socket",           Err(AgentUrlError::SocketPath)),
            ("unix:///",                    Err(AgentUrlError::SocketPath)),
            ("unix://",                     Err(AgentUrlError::SocketPath)),
        ];
        for (text, expected) in table {
            let url = text.parse::<AgentUrl>().map(|url| url.to_string());
            assert_eq!(url.as_deref(), expected.as_ref().copied(), "{text}");
        }
    }

    #[test]
    fn hosts_bare_and_bracketed() {
        #[rustfmt::skip]
        let table = [
            // text             host
            ("::1",             Ok("::1")),
            ("[::1]",           Ok("::1")),
            ("10.0.0.1",        Ok("10.0.0.1")),
            ("dd_agent.local",  Ok("dd_agent.local")),
            ("agent:8126",      Err(AgentUrlError::Host)),
            ("[agent]",         Err(AgentUrlError::Host)),
            ("my agent",        Err(AgentUrlError::Host)),
            ("a/b",             Err(AgentUrlError::Host)),
        ];
        for (text, expected) in table {
            assert_eq!(host(text).as_deref(), expected.as_ref().copied(), "{text}");
        }
    }
}
