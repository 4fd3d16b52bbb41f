//! `dev-agent`: listens where tracers expect the Datadog Agent, and prints each trace as a tree once it is quiet.
//!
//! ```text
//! dev-agent [--port PORT]      PORT 0 takes a free one
//! ```

use std::{
    error::Error,
    io::{self, Write as _},
    net::Ipv4Addr,
    time::Duration,
};

use packdog_dev_agent::{DevAgent, Notice, Outcome};

/// Where tracers look for the Agent if nothing is configured.
const DEFAULT_PORT: u16 = 8126;
/// Tracers send about once a second, so the parts of a trace that crosses services arrive apart.
const QUIET: Duration = Duration::from_millis(1500);
const USAGE: &str = "usage: dev-agent [--port PORT]   (default 8126; 0 takes a free one)";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = port(std::env::args().skip(1))?;
    let agent = DevAgent::start_on((Ipv4Addr::LOCALHOST, port))
        .map_err(|error| format!("port {port}: {error}"))?;
    let mut out = io::stdout();
    writeln!(out, "Datadog Agent for development")?;
    writeln!(out, "  tracers:  DD_TRACE_AGENT_URL={}", agent.url())?;
    writeln!(out, "  browser:  {}/", agent.url())?;
    loop {
        tokio::select! {
            notice = agent.next_notice(QUIET) => print(&mut out, &notice)?,
            stopped = tokio::signal::ctrl_c() => return Ok(stopped?),
        }
    }
}

fn print(out: &mut io::Stdout, notice: &Notice) -> io::Result<()> {
    match notice {
        Notice::Trace(trace) => {
            let spans = trace.spans().count();
            let plural = if spans == 1 { "" } else { "s" };
            writeln!(
                out,
                "\ntrace {:032x}  {spans} span{plural}\n{}",
                trace.trace_id,
                trace.picture()
            )
        }
        Notice::Refused(request) => match &request.outcome {
            Outcome::Refused(refusal) => {
                writeln!(out, "\nrefused {} {}: {refusal}", request.method, request.path)
            }
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

fn port(mut arguments: impl Iterator<Item = String>) -> Result<u16, &'static str> {
    let port = match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => DEFAULT_PORT,
        (Some("--port"), Some(port)) => port.parse().map_err(|_| USAGE)?,
        _ => return Err(USAGE),
    };
    match arguments.next() {
        None => Ok(port),
        Some(_) => Err(USAGE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_port_and_refuses_all_else() {
        #[rustfmt::skip]
        let table: [(&[&str], _); 6] = [
            (&[],                       Ok(8126)),
            (&["--port", "0"],          Ok(0)),
            (&["--port"],               Err(USAGE)),
            (&["--port", "65536"],      Err(USAGE)),
            (&["--port", "1", "more"],  Err(USAGE)),
            (&["--help"],               Err(USAGE)),
        ];
        for (arguments, expected) in table {
            assert_eq!(port(arguments.iter().map(ToString::to_string)), expected, "{arguments:?}");
        }
    }
}
