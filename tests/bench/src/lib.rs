//! What packdog costs, beside its peers in the same run, in instructions and allocations.
//!
//! ```text
//! cargo bench                        measures everything; needs valgrind
//! cargo bench --bench spans          one question
//! cargo bench -- --test              runs each case once, and measures nothing
//! ```
//! Each case runs in processes of its own, since most peers keep global state, under callgrind,
//! once with few and once with many iterations: the difference is what the iterations cost. Unlike
//! time, instructions are nearly the same in every run and on every machine.

mod agent;
mod cases;
mod measure;
mod run;
mod table;

pub mod peers;
pub mod request;

pub use self::{
    cases::{Case, Goal, Operation, Peer, Step},
    run::run,
};
