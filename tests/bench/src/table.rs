//! The table: a row for ours, and one for each peer with its ratio and goal.

use crate::{
    cases::{Goal, Operation},
    measure::Cost,
};

pub(crate) fn head() {
    println!(
        "| operation | who | instructions, calling thread | all threads | allocations | ours / theirs | goal |"
    );
    println!("|---|---|---:|---:|---:|---:|---|");
}

/// Prints an operation whose costs are those of its cases in their order.
pub(crate) fn rows(operation: &Operation, costs: &[Cost]) {
    let (bare, costs) = match (&operation.bare, costs) {
        (Some(bare), [cost, costs @ ..]) => {
            row(operation.name, bare.name, *cost, String::new(), String::new());
            (*cost, costs)
        }
        _ => (Cost::default(), costs),
    };
    let mut costs = costs.iter().map(|cost| *cost - bare);
    let Some(ours) = costs.next() else { return };
    let sign = if operation.bare.is_some() { "+ " } else { "" };
    row(
        operation.name,
        &format!("{sign}{}", operation.ours.name),
        ours,
        String::new(),
        own_goals(operation, ours),
    );
    for (peer, theirs) in operation.peers.iter().zip(costs) {
        let (ratio, goal) = compared(&peer.goals, ours, theirs);
        row(operation.name, &format!("{sign}{}", peer.case.name), theirs, ratio, goal);
    }
}

fn row(operation: &str, who: &str, cost: Cost, ratio: String, goal: String) {
    let Cost { calling, all, allocations } = cost;
    println!(
        "| {operation} | {who} | {calling:.0} | {all:.0} | {allocations:.1} | {ratio} | {goal} |"
    );
}

fn own_goals(operation: &Operation, ours: Cost) -> String {
    let goals = [
        (operation.max_instructions, ours.calling, "instructions"),
        (operation.max_allocations, ours.allocations, "allocations"),
    ];
    let goals = goals.into_iter().filter_map(|(max, cost, what)| {
        let max = max?;
        Some(format!("≤ {max} {what}: {}", verdict(cost <= max)))
    });
    goals.collect::<Vec<_>>().join(", ")
}

fn compared(goals: &[Goal], ours: Cost, theirs: Cost) -> (String, String) {
    let (calling, all) = (ours.calling / theirs.calling, ours.all / theirs.all);
    let goals = goals.iter().map(|goal| match *goal {
        Goal::Calling(max) => format!("≤ {max:.3} calling: {}", verdict(calling <= max)),
        Goal::All(max) => format!("≤ {max:.3} all: {}", verdict(all <= max)),
    });
    (format!("{calling:.3}, all {all:.3}"), goals.collect::<Vec<_>>().join("; "))
}

fn verdict(is_met: bool) -> &'static str {
    if is_met { "met" } else { "missed" }
}
