//! URLs that imitate another host, against the egress policy.
//!
//! Each is read twice: by `http`, which hands hosts on as they are spelled, and by `url`, which
//! reqwest uses and which normalizes them. Neither way may give baggage to a host that is not
//! meant.

use http::{HeaderMap, Uri};
use packdog::{
    Baggage, Span,
    span::{SpanContext, SpanId, TraceId},
};
use packdog_client::Egress;
use packdog_http::destination::Destination;
use packdog_tests::start_tracer;
use reqwest::Url;

/// The outcome for a URL.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    /// Its host gets baggage.
    Gets,
    /// Its host does not.
    Not,
    /// It is not a URL, so no host is called.
    Invalid,
}
use Outcome::{Gets, Invalid, Not};

type Row = (&'static str, Outcome, Outcome);

fn by_uri(egress: &Egress, text: &str) -> Outcome {
    match text.parse::<Uri>() {
        Ok(uri) if egress.gives_baggage(&Destination::of_uri(&uri).endpoint()) => Gets,
        Ok(_) => Not,
        Err(_) => Invalid,
    }
}

fn by_url(egress: &Egress, text: &str) -> Outcome {
    let Ok(url) = text.parse::<Url>() else { return Invalid };
    let destination = Destination::new(url.scheme(), url.authority(), url.path());
    if egress.gives_baggage(&destination.endpoint()) { Gets } else { Not }
}

fn check(egress: &Egress, table: &[Row]) {
    let wrong = table
        .iter()
        .map(|(url, uri, normalized)| {
            (url, (*uri, *normalized), (by_uri(egress, url), by_url(egress, url)))
        })
        .filter(|(_, expected, actual)| expected != actual)
        .map(|(url, expected, actual)| format!("{url}: {actual:?}, not {expected:?}"))
        .collect::<Vec<_>>();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[rustfmt::skip]
const LISTED: &[Row] = &[
    // url                                           by http   by url
    ("http://allowed.example/",                      Gets,     Gets),
    ("https://ALLOWED.Example/",                     Gets,     Gets),
    ("http://allowed.example./",                     Gets,     Gets),
    ("http://allowed.example:8080/",                 Gets,     Gets),
    ("http://user:pass@allowed.example/",            Gets,     Gets),
    ("http://evil.test@allowed.example/",            Gets,     Gets),
    ("http://allowed.example/@evil.test",            Gets,     Gets),
    ("http://allowed.example?@evil.test/",           Gets,     Gets),
    ("http://allowed.example#@evil.test/",           Gets,     Gets),
    ("http://allowed.example@evil.test/",            Not,      Not),
    ("http://allowed.example:80@evil.test/",         Not,      Not),
    ("http://allowed.example%40evil.test/",          Invalid,  Invalid),
    ("http://allowed.example%2f@evil.test/",         Not,      Not),
    ("http://a@allowed.example@evil.test/",          Not,      Not),
    ("http://allowed.example\\@evil.test/",          Invalid,  Gets), // `\` is a `/` there
    ("http://evil.test\\@allowed.example/",          Invalid,  Not),
    ("http://evil.test#allowed.example",             Not,      Not),
    ("http://evil.test#@allowed.example/",           Not,      Not),
    ("http://evil.test?@allowed.example/",           Not,      Not),
    ("http://evil.test/allowed.example",             Not,      Not),
    ("http://evil.test:80/@allowed.example",         Not,      Not),
    ("http://allowed.example.evil.test/",            Not,      Not),
    ("http://evilallowed.example/",                  Not,      Not),
    ("http://evil-allowed.example/",                 Not,      Not),
    ("http://sub.allowed.example/",                  Not,      Not),
    ("http://allowed.example../",                    Not,      Not),
    ("http://.allowed.example/",                     Not,      Not),
    ("http://allowed..example/",                     Not,      Not),
    ("http://allowed.example%00.evil.test/",         Invalid,  Invalid),
    ("http://allowed.example%2eevil.test/",          Invalid,  Not),
    ("http://allowed%2eexample/",                    Invalid,  Gets), // decoded before it is called
    ("http://allowed.example\t.evil.test/",          Invalid,  Not),
    ("http://allowed.exam\u{440}le/",                Invalid,  Not), // a Cyrillic letter
    ("http://xn--allowed-.example/",                 Not,      Invalid),
    ("http://\u{ff41}llowed.example/",               Invalid,  Gets), // the same letter, full width
    ("http://allowed\u{3002}example/",               Invalid,  Gets), // an ideographic full stop
    ("http:///allowed.example/",                     Invalid,  Gets),
    ("http:allowed.example",                         Not,      Gets),
    ("//allowed.example/",                           Not,      Invalid),
    ("allowed.example:80",                           Gets,     Not),
    // Those below a name, on one port.
    ("https://api.below.example/",                   Gets,     Gets),
    ("https://a.b.below.example:443/",               Gets,     Gets),
    ("https://API.BELOW.EXAMPLE./",                  Gets,     Gets),
    ("https://below.example/",                       Not,      Not),
    ("https://evilbelow.example/",                   Not,      Not),
    ("https://api.below.example.evil.test/",         Not,      Not),
    ("https://api.below.example:8443/",              Not,      Not),
    ("http://api.below.example/",                    Not,      Not), // port 80
    ("http://api.below.example:0443/",               Gets,     Gets),
    ("https://api.below.example:/",                  Gets,     Gets),
    ("https://api.below.example:443@evil.test/",     Not,      Not),
    // Addresses of a network: 203.0.113.0/24.
    ("http://203.0.113.7/",                          Gets,     Gets),
    ("http://203.0.113.7./",                         Gets,     Gets),
    ("http://203.0.113.0x7/",                        Gets,     Gets),
    ("http://0313.0.0161.07/",                       Gets,     Gets),
    ("http://3405803783/",                           Gets,     Gets),
    ("http://0xcb007107/",                           Gets,     Gets),
    ("http://[::ffff:203.0.113.7]/",                 Gets,     Gets),
    ("http://[::ffff:cb00:7107]/",                   Gets,     Gets),
    ("http://203.0.114.7/",                          Not,      Not),
    ("http://203.0.113.256/",                        Not,      Invalid),
    ("http://203.0.113.7.evil.test/",                Not,      Not),
    ("http://203.0.113.7@evil.test/",                Not,      Not),
    ("http://203-0-113-7.evil.test/",                Not,      Not),
    ("http://[64:ff9b::cb00:7107]/",                 Not,      Not),
];

#[test]
fn only_listed_hosts_get_baggage_however_a_url_is_spelled() {
    let listed = ["none", "allowed.example", "*.below.example:443", "203.0.113.0/24"];
    check(&Egress::new().baggage_to(listed), LISTED);
}

#[rustfmt::skip]
const DEFAULT: &[Row] = &[
    // url                                           by http   by url
    ("http://localhost:8080/",                       Gets,     Gets),
    ("http://LOCALHOST./",                           Gets,     Gets),
    ("http://pantry/",                               Gets,     Gets),
    ("http://users.shop.svc.cluster.local/",         Gets,     Gets),
    ("http://127.0.0.1/",                            Gets,     Gets),
    ("http://127.1/",                                Gets,     Gets),
    ("http://2130706433/",                           Gets,     Gets),
    ("http://0x7f000001/",                           Gets,     Gets),
    ("http://0177.0.0.1/",                           Gets,     Gets),
    ("http://[::1]/",                                Gets,     Gets),
    ("http://[::ffff:127.0.0.1]/",                   Gets,     Gets),
    ("http://[fd12::1]/",                            Gets,     Gets),
    ("http://192.168.255.255/",                      Gets,     Gets),
    ("http://example.com/",                          Not,      Not),
    ("http://localhost@example.com/",                Not,      Not),
    ("http://localhost.example.com/",                Not,      Not),
    ("http://127.0.0.1.example.com/",                Not,      Not),
    ("http://10.0.0.1.nip.io/",                      Not,      Not),
    ("http://internal/",                             Gets,     Gets),
    ("http://evil.com/.internal",                    Not,      Not),
    ("http://evil.com?.internal",                    Not,      Not),
    ("http://evil.com#.internal",                    Not,      Not),
    ("http://1.1.1.1/",                              Not,      Not),
    ("http://16843009/",                             Not,      Not),
    ("http://8.8/",                                  Not,      Not),
    // Metadata services, of which some look local.
    ("http://169.254.169.254/latest/meta-data",      Not,      Not),
    ("http://2852039166/",                           Not,      Not),
    ("http://0xa9fea9fe/",                           Not,      Not),
    ("http://0251.0376.0251.0376/",                  Not,      Not),
    ("http://169.16689662/",                         Not,      Not),
    ("http://[::ffff:169.254.169.254]/",             Not,      Not),
    ("http://[::ffff:a9fe:a9fe]/",                   Not,      Not),
    ("http://[fe80::1]/",                            Not,      Not),
    ("http://[fd00:ec2::254]/",                      Not,      Not),
    ("http://metadata.google.internal/",             Not,      Not),
    ("http://METADATA.Google.Internal./",            Not,      Not),
    ("http://metadata/",                             Not,      Not),
    ("http://100.100.100.200/",                      Not,      Not),
    ("http://0.0.0.0/",                              Not,      Not),
    ("http://0/",                                    Not,      Not),
    ("http://[::]/",                                 Not,      Not),
];

#[test]
fn by_default_local_hosts_get_baggage_and_metadata_services_do_not() {
    check(&Egress::new(), DEFAULT);
}

#[test]
fn open_gives_all_to_every_host_and_closed_nothing_to_any() {
    for (url, ..) in LISTED.iter().chain(DEFAULT) {
        assert_ne!(by_uri(&Egress::open(), url), Not, "{url}");
        assert_ne!(by_url(&Egress::open(), url), Not, "{url}");
        assert_ne!(by_uri(&Egress::closed(), url), Gets, "{url}");
        assert_ne!(by_url(&Egress::closed(), url), Gets, "{url}");
    }
}

#[test]
fn manual_injection_follows_the_policy_too() {
    let (tracer, collector) = start_tracer("users");
    let context = SpanContext::new()
        .with_trace(TraceId::new(7).unwrap(), SpanId::new(8))
        .with_baggage(Baggage::from_iter([("plan", "pro")]));
    let _scope = tracer.enter();
    let span = Span::passing(context);
    let injected = |egress: &Egress, uri: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert("baggage", "copied=1".parse().unwrap());
        headers.insert("ot-baggage-copied", "1".parse().unwrap());
        headers.insert("b3", "0".parse().unwrap());
        egress.inject(&span, &Uri::from_static(uri), &mut headers);
        let mut names = headers.keys().map(ToString::to_string).collect::<Vec<_>>();
        names.retain(|name| !name.starts_with("x-"));
        names.sort();
        names
    };
    let egress = Egress::new();
    let all = ["b3", "baggage", "ot-baggage-copied", "traceparent"];
    assert_eq!(injected(&egress, "http://pantry/"), all);
    assert_eq!(injected(&egress, "http://api.test/"), ["b3", "traceparent"]);
    assert_eq!(injected(&Egress::closed(), "http://pantry/"), [""; 0]);
    assert_eq!(
        collector.warnings().first().map(String::as_str),
        Some(
            "baggage withheld from api.test; to send it there, list the host in \
             PACKDOG_EGRESS_BAGGAGE or Egress::baggage_to (logged once per host)"
        )
    );
}
