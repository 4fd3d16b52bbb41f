//! The table: a line for each contender.

use crate::{
    process::Cost,
    row::{BARE, Contender, Goal, OURS, Row},
};

pub(crate) fn head() {
    println!(
        "| operation | | instructions, calling thread | all threads | allocations, calling thread \
         | all threads | ns | goal | leaves out |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|---|---|");
}

/// Prints the line of a contender with its goal; `has_bare` tells whether the bare part was
/// subtracted from its costs.
pub(crate) fn line(row: &Row, contender: &Contender, cost: Cost, goal: Goal, has_bare: bool) {
    let name = row.name;
    let Cost { calling, all, nanos } = cost;
    let is_extra = has_bare && contender.key != BARE;
    let sign = if is_extra { "+" } else { "" };
    let goals = [
        (goal.calling, calling.instructions, "calling"),
        (goal.all, all.instructions, "all"),
        (goal.allocations, calling.allocations, "allocations"),
    ];
    let goals = goals.into_iter().filter(|_| contender.key == OURS).filter_map(|goal| {
        let (Some(most), cost, what) = goal else { return None };
        // Counts of threads that wait are the same within a thousandth.
        let verdict = if cost <= most + 0.05 { "met" } else { "missed" };
        Some(format!("≤ {most:.0} {what}: {verdict}"))
    });
    println!(
        "| {name} | {who} | {sign}{:.0} | {sign}{:.0} | {sign}{:.1} | {sign}{:.1} | {sign}{nanos:.0} \
         | {} | {} |",
        calling.instructions,
        all.instructions,
        calling.allocations,
        all.allocations,
        goals.collect::<Vec<_>>().join(", "),
        contender.leaves_out,
        who = contender.name,
    );
}
