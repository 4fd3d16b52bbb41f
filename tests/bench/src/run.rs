//! The main function of every benchmark.

use std::{
    env, io,
    process::{Command, ExitCode, Stdio},
};

use crate::{
    agent,
    cases::Operation,
    measure::{Cost, Task},
    table,
};

/// Measures the operations and prints a table; with `--test` only runs each case once.
pub fn run(operations: &[Operation]) -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    if let Some(task) = Task::parse(&arguments) {
        let (operation, case) = task.place();
        match operations.get(operation).and_then(|operation| operation.cases().nth(case)) {
            Some(case) => task.perform(case),
            None => return ExitCode::FAILURE,
        }
        return ExitCode::SUCCESS;
    }
    let is_test = arguments.iter().any(|argument| argument == "--test");
    match if is_test { try_all(operations) } else { measure_all(operations) } {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn try_all(operations: &[Operation]) -> io::Result<()> {
    let agent = format!("http://{}", agent::start());
    for (number, operation) in operations.iter().enumerate() {
        for (place, case) in operation.cases().enumerate() {
            Task::new(number, place, agent.clone()).try_once()?;
            println!("{}: {} ran once", operation.name, case.name);
        }
    }
    Ok(())
}

fn measure_all(operations: &[Operation]) -> io::Result<()> {
    let valgrind = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    valgrind.map_err(|error| io::Error::other(format!("instructions need valgrind: {error}")))?;
    let agent = format!("http://{}", agent::start());
    table::head();
    for (number, operation) in operations.iter().enumerate() {
        let costs = (0..operation.cases().count())
            .map(|place| Task::new(number, place, agent.clone()).measure())
            .collect::<io::Result<Vec<Cost>>>()?;
        table::rows(operation, &costs);
    }
    Ok(())
}
