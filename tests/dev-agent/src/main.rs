//! `dev-agent`: listens where tracers expect the Datadog Agent, and prints each trace as a tree once it is quiet.
//!
//! ```text
//! dev-agent [--port PORT] [--statistics]
//! ```

use std::{
    error::Error,
    io::{self, Write as _},
    net::Ipv4Addr,
    process::ExitCode,
    time::Duration,
};

use packdog_dev_agent::{DevAgent, Notice, Outcome};

/// The address at which tracers look for the Agent if nothing is configured.
const DEFAULT_PORT: u16 = 8126;
/// Tracers send about once a second, so the parts of a trace that crosses services arrive apart.
const QUIET: Duration = Duration::from_millis(1500);
const HELP: &str = "\
A Datadog Agent for development: prints what tracers send, and shows it on a page.

usage: dev-agent [--port PORT] [--statistics]

  --port PORT     listens on 127.0.0.1:PORT; 8126 by default, 0 takes a free port
  --statistics    accepts statistics, as the Datadog Agent does: tracers then send
                  statistics, and only the traces that they keep
  --help          shows this

Point a tracer at it with DD_TRACE_AGENT_URL=http://127.0.0.1:8126, and open that
address in a browser. A trace opens at /trace/ and its id, as logs have it.
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // If standard error is closed, there is no other place to report that.
            let _ = writeln!(io::stderr(), "dev-agent: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let Options { port, has_statistics, wants_help } = Options::parse(std::env::args().skip(1))?;
    let mut out = io::stdout();
    if wants_help {
        return Ok(write!(out, "{HELP}")?);
    }
    let agent = DevAgent::start_on((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        format!("cannot listen on port {port}: {error}; choose one with --port")
    })?;
    agent.behave(|behavior| behavior.client_drop_p0s = has_statistics);
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

/// The command line.
#[derive(Debug, PartialEq)]
struct Options {
    port: u16,
    has_statistics: bool,
    wants_help: bool,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self { port: DEFAULT_PORT, has_statistics: false, wants_help: false };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--port" => {
                    let port = arguments.next().unwrap_or_default();
                    let unusable =
                        |_| format!("--port {port:?} is not a port; see dev-agent --help");
                    options.port = port.parse().map_err(unusable)?;
                }
                "--statistics" => options.has_statistics = true,
                "--help" | "-h" => options.wants_help = true,
                other => return Err(format!("unknown argument {other:?}; see dev-agent --help")),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_options_are_read_and_all_others_are_refused() {
        let options =
            |port, has_statistics, wants_help| Ok(Options { port, has_statistics, wants_help });
        let unusable = |text: &str| Err(text.to_owned());
        #[rustfmt::skip]
        let table: [(&[&str], _); 8] = [
            (&[],                              options(8126, false, false)),
            (&["--port", "0"],                 options(0, false, false)),
            (&["--statistics", "--port", "1"], options(1, true, false)),
            (&["--help"],                      options(8126, false, true)),
            (&["-h"],                          options(8126, false, true)),
            (&["--port"],                      unusable("--port \"\" is not a port; see dev-agent --help")),
            (&["--port", "65536"],             unusable("--port \"65536\" is not a port; see dev-agent --help")),
            (&["more"],                        unusable("unknown argument \"more\"; see dev-agent --help")),
        ];
        for (arguments, expected) in table {
            let parsed = Options::parse(arguments.iter().map(ToString::to_string));
            assert_eq!(parsed, expected, "{arguments:?}");
        }
    }
}
