//! The example `sandwich`, run as its reader runs it: each part leaves the trace that it promises.

use std::{ffi::OsStr, process::Command};

use packdog_dev_agent::DevAgent;

/// The traces in alphabetical order: those of tasks end in no order of their own.
const TRACES: &str = "\
assemble_sandwich  service=sandwich-shop

get_ingredients  resource_name  error=sandwich::pantry::OutOfStock  service=my-sandwich-making-svc
├─ pantry.take  ham
└─ pantry.take  pineapple  error=sandwich::pantry::OutOfStock

guest.serve  service=sandwich-shop

kitchen.check  error=std::io::error::Error  service=sandwich-shop
├─ oven.look
├─ oven.clean  error=true
└─ oven.open  error=Hot

kitchen.clean  service=sandwich-shop

kitchen.open  service=sandwich-shop
└─ butter.soften

kitchen.work  service=sandwich-shop
└─ bread.slice

lunch.eat  service=sandwich-shop

order.handle  service=sandwich-shop
└─ order.pay  POST /payments  kind=client  service=cashier

order.parse  error=core::num::error::ParseIntError  service=sandwich-shop

order.read  error=core::num::error::ParseIntError  service=sandwich-shop

oven.preheat  error=panic  service=sandwich-shop

pantry.take  bread  service=sandwich-shop

party  service=sandwich-shop
└─ dance
   └─ alarm.ring

sandwich.create  service=sandwich-shop

sandwich.grill  service=sandwich-shop
└─ grill  error=true
   └─ cheese.melt

sandwich.make  async  service=sandwich-shop
├─ toast
└─ second.side
   └─ toast

sandwich.make  closure  service=sandwich-shop
└─ butter.spread  guard

sandwich.tag  tags  service=sandwich-shop

shop.close  service=sandwich-shop

waiter.call  kind=producer  service=sandwich-shop
├─ kitchen.serve
└─ queue.process  kind=consumer";

#[test]
fn each_part_of_the_sandwich_leaves_the_trace_that_it_promises() {
    let agent = DevAgent::start().unwrap();
    let lines = run(&agent.url());
    let mut pictures = agent.traces().iter().map(|trace| trace.picture()).collect::<Vec<_>>();
    pictures.sort();
    assert_eq!(pictures.join("\n\n"), TRACES);

    let spans = agent.traces().iter().map(|trace| trace.spans().count()).sum::<usize>();
    let report =
        format!("  shut down: Report {{ sent: {spans}, sampled_out: 0, dropped: 0, queued: 0 }}");
    assert!(lines.contains(&report), "{lines:#?}");
    let logs = lines.iter().filter(|line| line.contains("\"dd.span_id\"")).count();
    assert_eq!(logs, 2, "{lines:#?}");
}

/// Runs the example and returns the lines that it prints.
fn run(agent_url: &str) -> Vec<String> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--bin", "sandwich"]);
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    for (name, _) in std::env::vars_os().filter(|(name, _)| changes_the_test(name)) {
        command.env_remove(name);
    }
    let output = command.env("DD_TRACE_AGENT_URL", agent_url).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// Settings of the developer's environment.
fn changes_the_test(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("DD_") || name.starts_with("OTEL_")
}
