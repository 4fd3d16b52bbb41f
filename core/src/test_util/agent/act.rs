//! The ways in which the fake Agent can handle a request.

use std::{
    io::{self, Write},
    iter,
};

/// The handling of one request.
#[derive(Clone, Debug)]
pub enum Act {
    /// Sends the response.
    Reply(Reply),
    /// Sends the response in pieces of one byte.
    Drip(Reply),
    /// Sends this many bytes of the response, and closes the connection.
    Cut(Reply, usize),
    /// Sends this many bytes of the response, and nothing more until
    /// [`heal`](super::FakeAgent::heal) is called.
    Stall(Reply, usize),
    /// Sends these bytes, and closes the connection.
    Bytes(Vec<u8>),
    /// Sends the head of a successful response, and a body that ends only when the client closes
    /// the connection.
    Endless,
}

/// A response.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The header lines, each with its line end.
    pub headers: String,
    /// The body.
    pub body: String,
}

impl Reply {
    /// Returns a response with this status and the body `OK`.
    pub fn new(status: u16) -> Self {
        Self { status, headers: String::new(), body: "OK".to_owned() }
    }

    /// Returns the response with an additional header.
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers += &format!("{name}: {value}\r\n");
        self
    }

    /// Returns the response with another body.
    pub fn with_body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let Self { status, headers, body } = self;
        let length = body.len();
        format!("HTTP/1.1 {status} Fake\r\nContent-Length: {length}\r\n{headers}\r\n{body}").into()
    }
}

impl Act {
    /// Whether this accepts the request, for a client that gets the whole response.
    pub(super) fn accepts(&self) -> bool {
        matches!(self, Self::Reply(reply) | Self::Drip(reply) if (200..300).contains(&reply.status))
    }

    /// Acts, and returns whether the connection can be used again. `hang` blocks until the Agent is
    /// healed.
    ///
    /// # Errors
    /// Returns an error if the client has closed the connection.
    pub(super) fn play(&self, out: &mut impl Write, hang: impl FnOnce()) -> io::Result<bool> {
        match self {
            Self::Reply(reply) => out.write_all(&reply.bytes())?,
            Self::Drip(reply) => {
                reply.bytes().chunks(1).try_for_each(|byte| out.write_all(byte))?
            }
            Self::Cut(reply, count) => {
                out.write_all(reply.bytes().get(..*count).unwrap_or_default())?;
                return Ok(false);
            }
            Self::Stall(reply, count) => {
                out.write_all(reply.bytes().get(..*count).unwrap_or_default())?;
                hang();
                return Ok(false);
            }
            Self::Bytes(bytes) => {
                out.write_all(bytes)?;
                return Ok(false);
            }
            Self::Endless => {
                out.write_all(b"HTTP/1.1 200 Fake\r\nTransfer-Encoding: chunked\r\n\r\n")?;
                let chunk = [b"1000\r\n".as_slice(), &[b'x'; 0x1000], b"\r\n"].concat();
                iter::repeat(chunk).try_for_each(|chunk| out.write_all(&chunk))?;
            }
        }
        Ok(true)
    }
}
