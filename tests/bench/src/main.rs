//! The costs of packdog, beside its peers in the same run.
//!
//! ```text
//! cargo run --release                         our rows; needs valgrind
//! cargo run --release --features peers        all rows, of peers as well
//! … -- ours extract inject                    some contenders, some rows
//! … -- --once                                 runs each contender once, and measures nothing
//! … -- --profile ours extract                 writes a profile, and prints how to read it
//! … -- loopback                               servers under load: throughput, CPU, memory
//! … -- growth                                 memory while the Agent is gone
//! … -- threads                                spans on two threads over one
//! … -- build-time                             clean release builds of applications
//! ```
//! Each contender runs in processes of its own, since most peers keep global state: under
//! callgrind once with few and once with many iterations, whose difference is what the iterations
//! cost, and once against the clock.

mod agent;
mod build_time;
mod call;
mod callgrind;
mod growth;
mod loopback;
mod ours;
#[cfg(feature = "peers")]
mod peers;
mod process;
mod request;
mod row;
mod rows;
mod serve;
mod subject;
mod table;
mod threads;
mod work;

use std::{env, io, path::Path, process::ExitCode};

use self::row::{BARE, Contender, OWN_API, Row};

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let rows = rows::all();
    let performed = process::perform(&rows, &arguments)
        .or_else(|| loopback::perform(&arguments))
        .or_else(|| growth::perform(&arguments))
        .or_else(|| threads::perform(&arguments));
    match performed.unwrap_or_else(|| run(&rows, &arguments)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(rows: &[Row], arguments: &[String]) -> io::Result<()> {
    let (flags, words): (Vec<_>, Vec<_>) =
        arguments.iter().map(|word| &**word).partition(|word| word.starts_with("--"));
    let is_once = flags[..] == ["--once"];
    match words[..] {
        ["loopback", ref words @ ..] => return loopback::run(words, is_once),
        ["growth", ref words @ ..] => return growth::run(words, is_once),
        ["threads", ref words @ ..] => return threads::run(words, is_once),
        ["build-time", ref words @ ..] => return build_time::run(words, is_once),
        _ => {}
    }
    let selection = Selection::of(rows, &words)?;
    match flags[..] {
        [] => measure(rows, &selection),
        ["--once"] => try_all(rows, &selection),
        ["--profile"] => profile(rows, &selection),
        _ => Err(io::Error::other(format!("unknown flags: {flags:?}"))),
    }
}

/// The rows and contenders that the command line names; without any, all.
#[derive(Debug)]
struct Selection<'a> {
    rows: Vec<&'a str>,
    contenders: Vec<&'a str>,
}

impl<'a> Selection<'a> {
    fn of(rows: &[Row], words: &[&'a str]) -> io::Result<Self> {
        let (of_rows, others): (Vec<_>, Vec<_>) =
            words.iter().partition(|word| rows.iter().any(|row| row.key == **word));
        let mut contenders = rows.iter().flat_map(|row| &row.contenders);
        for word in &others {
            if !contenders.any(|contender| contender.key == *word) {
                let rows = rows.iter().map(|row| row.key).collect::<Vec<_>>().join(" ");
                return Err(io::Error::other(format!(
                    "{word} is neither a contender of this build nor a row; rows: {rows}"
                )));
            }
        }
        Ok(Self { rows: of_rows, contenders: others })
    }

    fn rows<'r>(&self, rows: &'r [Row]) -> impl Iterator<Item = &'r Row> {
        rows.iter().filter(|row| self.rows.is_empty() || self.rows.contains(&row.key))
    }

    fn takes(&self, contender: &Contender) -> bool {
        self.contenders.is_empty() || self.contenders.contains(&contender.key)
    }
}

fn measure(rows: &[Row], selection: &Selection<'_>) -> io::Result<()> {
    table::head();
    for row in selection.rows(rows) {
        let (mut bare, mut own) = (None, None);
        for contender in &row.contenders {
            // The others are compared with these two.
            let is_bare = contender.key == BARE;
            let is_own = contender.key == OWN_API.0;
            if !is_bare && !is_own && !selection.takes(contender) {
                continue;
            }
            let cost = process::measure(row, contender)?;
            let (added, goal) = (cost - bare.unwrap_or_default(), row.goal.beside(own));
            table::line(row, contender, added, goal, bare.is_some());
            if is_bare {
                bare = Some(cost);
            } else if is_own {
                own = Some(cost);
            }
        }
    }
    Ok(())
}

fn try_all(rows: &[Row], selection: &Selection<'_>) -> io::Result<()> {
    for row in selection.rows(rows) {
        for contender in row.contenders.iter().filter(|contender| selection.takes(contender)) {
            process::try_once(row, contender)?;
            println!("{}: {} ran once", row.key, contender.key);
        }
    }
    Ok(())
}

fn profile(rows: &[Row], selection: &Selection<'_>) -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/profiles");
    for row in selection.rows(rows) {
        for contender in row.contenders.iter().filter(|contender| selection.takes(contender)) {
            let out = process::profile(row, contender, &folder)?;
            // One file for each thread; 01 is the calling one.
            println!("callgrind_annotate --auto=no {}-01", out.display());
            println!("callgrind_annotate --auto=no --inclusive=yes {}-01", out.display());
        }
    }
    Ok(())
}
