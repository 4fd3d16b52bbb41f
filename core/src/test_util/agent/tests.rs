//! Tests of the fake Agent from the side of its clients.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use super::{Act, FakeAgent, Reply};

/// Sends a request, and returns everything that is received until the Agent closes the connection
/// or, after a whole response, the client does.
fn response(agent: &FakeAgent) -> String {
    let url = agent.url();
    let mut stream = TcpStream::connect((url.host(), url.port())).unwrap();
    let head = "PUT /v0.4/traces HTTP/1.1\r\nX-Datadog-Trace-Count: 2\r\nContent-Length: 3\r\n\r\n";
    stream.write_all(format!("{head}abc").as_bytes()).unwrap();
    let mut received = Vec::new();
    let mut byte = [0];
    while !received.ends_with(b"\r\n\r\nOK") && stream.read(&mut byte).is_ok_and(|read| read > 0) {
        received.push(byte[0]);
    }
    String::from_utf8(received).unwrap()
}

#[test]
fn a_script_decides_each_response_and_only_whole_successes_are_counted() {
    let agent = FakeAgent::responding(|| 200);
    let ok = "HTTP/1.1 200 Fake\r\nContent-Length: 2\r\n\r\nOK";
    #[rustfmt::skip]
    let table = [
        // treatment                                    received                accepted
        (Act::Reply(Reply::new(200)),                   ok.to_owned(),          2),
        (Act::Reply(Reply::new(503)),                   ok.replace("200", "503"), 0),
        (Act::Reply(Reply::new(200).with_header("a", "b")), ok.replace("\r\n\r\n", "\r\na: b\r\n\r\n"), 2),
        (Act::Drip(Reply::new(200)),                    ok.to_owned(),          2),
        (Act::Cut(Reply::new(200), 12),                 ok[..12].to_owned(),    0),
        (Act::Bytes(b"garbage".to_vec()),               "garbage".to_owned(),   0),
        (Act::Bytes(Vec::new()),                        String::new(),          0),
    ];
    for (row, (act, received, accepted)) in table.into_iter().enumerate() {
        let before = agent.accepted();
        agent.act(move |_| act.clone());
        assert_eq!(response(&agent), received, "row {row}");
        assert_eq!(agent.accepted() - before, accepted, "row {row}");
        let request = agent.request();
        assert_eq!(
            (request.head[0].as_str(), &*request.body),
            ("put /v0.4/traces http/1.1", &b"abc"[..])
        );
    }
}

#[test]
fn a_request_that_hangs_ends_when_the_agent_is_healed() {
    let agent = FakeAgent::responding(|| 200);
    agent.act(|_| Act::Stall(Reply::new(200), 4));
    std::thread::scope(|threads| {
        let hanging = threads.spawn(|| response(&agent));
        agent.request();
        agent.heal();
        assert_eq!(hanging.join().unwrap(), "HTTP");
    });
    assert!(response(&agent).ends_with("OK"));
}

#[cfg(unix)]
#[test]
fn the_port_of_an_agent_that_is_down_is_given_to_no_other_program() {
    let agent = FakeAgent::down();
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], agent.url().port()));
    let is_free = || {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
        socket.and_then(|socket| socket.bind(&address.into())).is_ok()
    };
    assert!(!is_free());
    for _ in 0..2 {
        agent.start();
        agent.stop();
        assert!(!is_free());
    }
}

#[test]
fn an_agent_goes_up_and_down_at_its_address() {
    let agent = FakeAgent::down();
    let address = (agent.url().host().to_owned(), agent.url().port());
    let connect = || TcpStream::connect((address.0.as_str(), address.1));
    assert!(connect().is_err());
    for _ in 0..2 {
        agent.start();
        assert!(response(&agent).ends_with("OK"));
        let mut open = connect().unwrap();
        agent.stop();
        assert_eq!(open.read(&mut [0]).unwrap_or(0), 0, "closed with the Agent");
        assert!(connect().is_err());
    }
}
