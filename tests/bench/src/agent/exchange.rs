//! As much of HTTP/1.1 as tracers speak with an Agent.

use std::io::{self, BufRead, BufReader, Read, Write};

/// A request, as far as the Agent looks at it.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) path: String,
    pub(super) body: Vec<u8>,
}

/// Reads one request; there is no pipelining, so that nothing is lost with the buffer.
pub(super) fn read(connection: &mut impl Read) -> io::Result<Request> {
    let mut reader = BufReader::new(connection);
    let path = line(&mut reader)?.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut body = Vec::new();
    let (mut length, mut is_chunked) = (0, false);
    loop {
        let header = line(&mut reader)?.to_ascii_lowercase();
        match header.split_once(':') {
            Some(("content-length", value)) => length = value.trim().parse().map_err(malformed)?,
            Some(("transfer-encoding", value)) => is_chunked = value.trim() == "chunked",
            Some(_) => {}
            None => break,
        }
    }
    if is_chunked {
        while append_chunk(&mut reader, &mut body)? {}
    } else {
        body.resize(length, 0);
        reader.read_exact(&mut body)?;
    }
    Ok(Request { path, body })
}

pub(super) fn respond(connection: &mut impl Write, json: &str) -> io::Result<()> {
    let length = json.len();
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length:";
    connection.write_all(format!("{head} {length}\r\n\r\n{json}").as_bytes())
}

/// Whether another chunk follows.
fn append_chunk(reader: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<bool> {
    let length = usize::from_str_radix(&line(reader)?, 16).map_err(malformed)?;
    let start = body.len();
    body.resize(start + length, 0);
    reader.read_exact(&mut body[start..])?;
    line(reader)?;
    Ok(length > 0)
}

fn line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    match reader.read_line(&mut line)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(line.trim_end().to_owned()),
    }
}

fn malformed(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}
