//! The table of faults: the behavior of the Agent, and the outcome for the spans that it is sent.

use packdog::test_util::agent::{Act, FakeAgent, Reply};

#[cfg(unix)]
use super::place::UNIX;
use super::place::{PLACES, Place};

/// A fault: how it begins and ends, and the count in which spans go meanwhile.
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) places: &'static [Place],
    pub(super) counted: Counted,
    /// Whether it takes the whole timeout of the tracer.
    pub(super) hangs: bool,
    pub(super) begin: fn(&FakeAgent),
    pub(super) end: fn(&FakeAgent),
}

/// The count of spans that are sent while the fault lasts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Counted {
    Sent,
    Lost,
    /// A client cannot know their outcome; each is in one of the two.
    Either,
}

use Counted::{Either, Lost, Sent};

/// Enough for the head of a response, and less than all of it.
const HEAD: usize = "HTTP/1.1 200 Fake\r\nContent-Length: 2\r\n\r\n".len();

const fn act(name: &'static str, counted: Counted, begin: fn(&FakeAgent)) -> Kind {
    Kind { name, places: PLACES, counted, hangs: false, begin, end: FakeAgent::heal }
}

const fn hanging(kind: Kind) -> Kind {
    Kind { hangs: true, ..kind }
}

/// A fault of the responses to traces, of an Agent without `/info`.
macro_rules! responses {
    ($name:literal, $counted:expr, $act:expr) => {
        act($name, $counted, |agent| {
            agent.act(|_| $act);
            agent.start();
        })
    };
}

/// A fault of the responses to `/info`, of an Agent that takes traces.
macro_rules! info {
    ($name:literal, $act:expr) => {
        act($name, Sent, |agent| {
            agent.act_on_all(|request| match request.is_for_info() {
                true => $act,
                false => Act::Reply(Reply::new(200)),
            });
            agent.start();
        })
    };
}

fn bytes(text: &str) -> Act {
    Act::Bytes(text.as_bytes().to_vec())
}

fn redirect(status: u16, location: &str) -> Act {
    Act::Reply(Reply::new(status).with_header("Location", location))
}

fn body(text: impl Into<String>) -> Act {
    Act::Reply(Reply::new(200).with_body(text))
}

fn start_again(agent: &FakeAgent) {
    agent.stop();
    agent.heal();
    agent.start();
}

#[rustfmt::skip]
pub(super) const KINDS: &[Kind] = &[
    // Statuses.
    responses!("400", Lost, Act::Reply(Reply::new(400))),
    responses!("403", Lost, Act::Reply(Reply::new(403))),
    responses!("404", Lost, Act::Reply(Reply::new(404))),
    responses!("408", Lost, Act::Reply(Reply::new(408))),
    responses!("413", Lost, Act::Reply(Reply::new(413))),
    responses!("415", Lost, Act::Reply(Reply::new(415))),
    responses!("429", Lost, Act::Reply(Reply::new(429).with_header("Retry-After", "3600"))),
    responses!("500", Lost, Act::Reply(Reply::new(500))),
    responses!("502 with a page", Lost, Act::Reply(Reply::new(502).with_body("<html>".repeat(10_000)))),
    responses!("503", Lost, Act::Reply(Reply::new(503))),
    responses!("999", Lost, Act::Reply(Reply::new(999))),
    responses!("redirect to itself", Lost, redirect(307, "/v0.4/traces")),
    responses!("redirect to nowhere", Lost, redirect(301, "http://packdog.invalid/")),

    // Bodies of a success, which say nothing about the spans.
    responses!("body that is not JSON", Sent, body("<html>")),
    responses!("empty body", Sent, body("")),
    responses!("rates that are not numbers", Sent, body(r#"{"rate_by_service":{"service:,env:":"often"}}"#)),
    responses!("rates beyond one", Sent, body(r#"{"rate_by_service":{"service:,env:":7}}"#)),
    responses!("JSON a thousand levels deep", Sent, body("[".repeat(1_000))),
    responses!("enormous body", Sent, Act::Endless),
    responses!("body of one megabyte", Sent, body("x".repeat(1 << 20))),

    // Responses that are none, or not whole.
    responses!("garbage", Lost, bytes("\0\x01\x02 garbage\r\n\r\n")),
    responses!("line of HTTP with garbage", Lost, bytes("HTTP/1.1 abc\r\n\r\n")),
    responses!("another protocol", Lost, bytes("SSH-2.0-OpenSSH_9.7\r\n")),
    responses!("closed before the response", Lost, bytes("")),
    responses!("closed in the status", Lost, Act::Cut(Reply::new(200), 10)),
    responses!("closed in the headers", Lost, Act::Cut(Reply::new(200), HEAD - 4)),
    responses!("closed in the body", Either, Act::Cut(Reply::new(200), HEAD + 1)),
    responses!("negative length", Either, bytes("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nOK")),
    responses!("length that is not kept", Either, bytes("HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\nOK")),
    responses!("chunk of garbage", Either, bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")),
    responses!("header of a megabyte", Either, Act::Reply(Reply::new(200).with_header("x", &"x".repeat(1 << 20)))),
    responses!("ten thousand headers", Either, {
        Act::Reply(Reply { headers: "x: y\r\n".repeat(10_000), ..Reply::new(200) })
    }),

    // Time.
    hanging(responses!("no response", Lost, Act::Stall(Reply::new(200), 0))),
    hanging(responses!("hangs in the headers", Lost, Act::Stall(Reply::new(200), HEAD - 4))),
    hanging(responses!("hangs in the body", Either, Act::Stall(Reply::new(200), HEAD + 1))),
    responses!("one byte at a time", Sent, Act::Drip(Reply::new(200))),
    responses!("failure, one byte at a time", Lost, Act::Drip(Reply::new(503))),

    // The Agent's description of itself.
    info!("/info without a response", Act::Stall(Reply::new(200), 0)),
    info!("/info is 500", Act::Reply(Reply::new(500))),
    info!("/info is garbage", bytes("garbage")),
    info!("/info is not JSON", body("<html>")),
    info!("/info without end", Act::Endless),
    info!("/info with wrong types", body(r#"{"endpoints":7,"client_drop_p0s":"yes"}"#)),
    info!("/info knows no endpoint", body(r#"{"endpoints":[]}"#)),

    // Connections.
    Kind {
        name: "not there yet",
        places: PLACES,
        counted: Lost,
        hangs: false,
        begin: FakeAgent::stop,
        end: FakeAgent::start,
    },
    Kind {
        name: "accepts no connection",
        places: PLACES,
        counted: Lost,
        hangs: true,
        begin: FakeAgent::start_deaf,
        end: start_again,
    },
    Kind {
        name: "gone and back",
        places: PLACES,
        counted: Lost,
        hangs: false,
        begin: |agent| {
            agent.start();
            agent.stop();
        },
        end: start_again,
    },
    #[cfg(unix)]
    Kind {
        name: "another Agent takes over the socket of one that hangs",
        places: UNIX,
        counted: Lost,
        hangs: true,
        begin: |agent| {
            agent.act(|_| Act::Stall(Reply::new(200), 0));
            agent.start();
        },
        end: start_again,
    },
];
