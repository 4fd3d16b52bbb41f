//! Random numbers for ids, from one generator per thread.
//!
//! The generators are seeded by the operating system through the keys of [`RandomState`]. An
//! application cannot seed them, as it could a generator that many packages share.
//!
//! A forked child inherits the generators of its parent, and seeds them again as soon as it finds
//! that they are not its own. A trace asks for the process id when it begins, so the ids of traces
//! and of their first spans are always drawn by the right process.
//!
//! Another span would have to ask for it, too, which may be a system call of 40 to 300 ns. Two things
//! replace that: the clock reading that the span takes anyway goes into its id; and the process id
//! is checked when the clock stands still, when the start is not a reading of the clock, or when a
//! millisecond has passed without a check. This is left to chance only for spans that a forked child
//! adds to a trace of its parent, and these are never sent.

use std::{
    cell::Cell,
    hash::{BuildHasher, RandomState},
    time::SystemTime,
};

use crate::{process::process_id, unix_time::unix_nanos};

/// The longest time between two checks of the process id, in nanoseconds.
const LOOK_AGAIN_AFTER: u64 = 1_000_000;
/// The step of SplitMix64: 2^64 divided by the golden ratio.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

#[derive(Clone, Copy, Debug, Default)]
struct Generator {
    state: u64,
    /// The process that the state belongs to; 0 for none.
    process: u32,
    /// The clock at the last check of the process id, and at the last number.
    looked_at: u64,
    last: u64,
}

thread_local! {
    static GENERATOR: Cell<Generator> = const {
        Cell::new(Generator { state: 0, process: 0, looked_at: 0, last: 0 })
    };
}

/// Returns a random number, while the clock shows `now` and `process` is running.
pub(crate) fn random_of(process: u32, now: i64) -> u64 {
    draw(|generator| generator.next_of(process, now.cast_unsigned()))
}

/// Returns a random number, while the clock shows `now`.
pub(crate) fn random(now: i64) -> u64 {
    draw(|generator| generator.next(now.cast_unsigned(), process_id))
}

/// Returns a random number, where no clock has been read.
pub fn random_number() -> u64 {
    random_of(process_id(), unix_nanos(SystemTime::now()))
}

fn draw(mut next: impl FnMut(&mut Generator) -> u64) -> u64 {
    let drawn = GENERATOR.try_with(|generator| {
        let mut own = generator.get();
        let number = next(&mut own);
        generator.set(own);
        number
    });
    // Late in the life of a thread there is no generator any more.
    drawn.unwrap_or_else(|_| next(&mut Generator::default()))
}

impl Generator {
    /// Returns the next number; asks for the process only if it may have changed.
    fn next(&mut self, now: u64, process: impl FnOnce() -> u32) -> u64 {
        let stands_still = now == self.last;
        if stands_still || self.process == 0 || now.abs_diff(self.looked_at) > LOOK_AGAIN_AFTER {
            self.look(now, process());
        }
        self.step(now)
    }

    /// Returns the next number of this process.
    fn next_of(&mut self, process: u32, now: u64) -> u64 {
        self.look(now, process);
        self.step(now)
    }

    fn look(&mut self, now: u64, process: u32) {
        self.looked_at = now;
        if self.process != process {
            self.process = process;
            self.state = RandomState::new().hash_one((process, now, self.state));
        }
    }

    fn step(&mut self, now: u64) -> u64 {
        self.last = now;
        self.state = self.state.wrapping_add(STEP);
        mix(self.state ^ mix(now))
    }
}

/// The output function of SplitMix64, which maps each number to a different one.
fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, thread};

    use super::*;

    #[test]
    fn a_clock_that_stands_still_repeats_no_number_on_any_thread() {
        let draw = || (0..1_000).map(|_| random(7)).collect::<Vec<_>>();
        let threads = (0..8).map(|_| thread::spawn(draw)).collect::<Vec<_>>();
        let drawn = threads.into_iter().flat_map(|thread| thread.join().unwrap());
        assert_eq!(drawn.collect::<HashSet<_>>().len(), 8_000);
    }

    #[test]
    fn a_forked_child_with_a_clock_that_stands_still_draws_numbers_of_its_own() {
        let mut parent = Generator::default();
        parent.next(7, || 1);
        let mut children = [parent; 3];
        let mut drawn = HashSet::new();
        for _ in 0..100 {
            drawn.insert(parent.next(7, || 1));
            for (child, id) in children.iter_mut().zip(2..) {
                drawn.insert(child.next(7, || id));
            }
        }
        assert_eq!(drawn.len(), 400);
    }

    #[test]
    fn a_trace_that_a_forked_child_begins_has_ids_of_its_own_at_the_same_clock_reading() {
        let mut parent = Generator::default();
        parent.next_of(1, 7);
        let mut child = parent;
        for now in 8..100 {
            assert_ne!(parent.next_of(1, now), child.next_of(2, now));
            // The spans below draw from the same generators.
            let no_look = || -> u32 { panic!("a millisecond has not passed") };
            assert_ne!(parent.next(now + 1_000, no_look), child.next(now + 1_000, no_look));
        }
    }

    #[test]
    fn a_forked_child_that_has_not_looked_yet_draws_other_numbers_as_time_goes_by() {
        let mut parent = Generator::default();
        parent.next(7, || 1);
        let mut child = parent;
        let no_look = || -> u32 { panic!("a millisecond has not passed") };
        assert_ne!(parent.next(1_000, no_look), child.next(1_001, no_look));
    }

    #[test]
    fn every_process_starts_with_a_seed_of_its_own() {
        let first = |_| Generator::default().next(7, || 1);
        assert_eq!((0..100).map(first).collect::<HashSet<_>>().len(), 100);
    }

    #[test]
    fn numbers_use_all_bits() {
        let (all, any) =
            (0..200).map(random).fold((u64::MAX, 0), |(all, any), n| (all & n, any | n));
        assert_eq!((all, any), (0, u64::MAX));
    }
}
