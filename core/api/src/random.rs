//! Random numbers for ids, from one generator per thread.
//!
//! The generators are seeded by the operating system through the keys of [`RandomState`]. An
//! application cannot seed them, as it could a generator that many packages share.
//!
//! A forked child inherits the generators of its parent. Checking the process id for each number
//! would cost a system call. Two things replace it: the clock reading that a span takes anyway goes
//! into its id; and the process id is checked when the clock stands still or a millisecond has
//! passed without a check. In a child, the generator is seeded again.

use std::{
    cell::Cell,
    hash::{BuildHasher, RandomState},
    process,
    time::SystemTime,
};

use crate::unix_time::unix_nanos;

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

/// Returns a random number, while the clock shows `now`.
pub(crate) fn random(now: i64) -> u64 {
    let now = now.cast_unsigned();
    let drawn = GENERATOR.try_with(|generator| {
        let mut own = generator.get();
        let number = own.next(now, process::id);
        generator.set(own);
        number
    });
    // Late in the life of a thread there is no generator any more.
    drawn.unwrap_or_else(|_| Generator::default().next(now, process::id))
}

/// Returns a random number, where no clock has been read.
pub fn random_number() -> u64 {
    random(unix_nanos(SystemTime::now()))
}

impl Generator {
    fn next(&mut self, now: u64, process: impl FnOnce() -> u32) -> u64 {
        let stands_still = now == self.last;
        if stands_still || self.process == 0 || now.abs_diff(self.looked_at) > LOOK_AGAIN_AFTER {
            self.look(now, process());
        }
        self.last = now;
        self.state = self.state.wrapping_add(STEP);
        mix(self.state ^ mix(now))
    }

    fn look(&mut self, now: u64, process: u32) {
        self.looked_at = now;
        if self.process != process {
            self.process = process;
            self.state = RandomState::new().hash_one((process, now, self.state));
        }
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
