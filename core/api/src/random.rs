//! Random numbers for ids, from one generator per thread.
//!
//! The generators are seeded by the operating system through the keys of [`RandomState`]. An
//! application cannot seed them, as it could a generator that many packages share.
//!
//! A forked child inherits the generators of its parent, and seeds them again when it finds that they
//! are not its own. The start of a span goes into its id as well: a child that is made in another way
//! than by `fork()` is not noticed, and draws other ids unless both start a span at the same time.

use std::{
    cell::Cell,
    hash::{BuildHasher, RandomState},
    time::SystemTime,
};

use crate::{process::process_id, unix_time::unix_nanos};

/// The step of SplitMix64: 2^64 divided by the golden ratio.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

#[derive(Clone, Copy, Debug, Default)]
struct Generator {
    state: u64,
    /// The process that the state belongs to; 0 for none.
    process: u32,
}

thread_local! {
    static GENERATOR: Cell<Generator> = const { Cell::new(Generator { state: 0, process: 0 }) };
}

/// Returns a random number, while the clock shows `now` and `process` is running.
pub(crate) fn random(process: u32, now: i64) -> u64 {
    let drawn = GENERATOR.try_with(|generator| {
        let mut own = generator.get();
        let number = own.next(process, now.cast_unsigned());
        generator.set(own);
        number
    });
    // Late in the life of a thread there is no generator any more.
    drawn.unwrap_or_else(|_| Generator::default().next(process, now.cast_unsigned()))
}

/// Returns a random number, where no clock has been read.
pub fn random_number() -> u64 {
    random(process_id(), unix_nanos(SystemTime::now()))
}

impl Generator {
    fn next(&mut self, process: u32, now: u64) -> u64 {
        if self.process != process {
            self.process = process;
            self.state = RandomState::new().hash_one((process, now, self.state));
        }
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
        let draw = || (0..1_000).map(|_| random(1, 7)).collect::<Vec<_>>();
        let threads = (0..8).map(|_| thread::spawn(draw)).collect::<Vec<_>>();
        let drawn = threads.into_iter().flat_map(|thread| thread.join().unwrap());
        assert_eq!(drawn.collect::<HashSet<_>>().len(), 8_000);
    }

    #[test]
    fn forked_children_with_a_clock_that_stands_still_draw_numbers_of_their_own() {
        let mut parent = Generator::default();
        parent.next(1, 7);
        let mut children = [parent; 3];
        let mut drawn = HashSet::new();
        for _ in 0..100 {
            drawn.insert(parent.next(1, 7));
            for (child, process) in children.iter_mut().zip(2..) {
                drawn.insert(child.next(process, 7));
            }
        }
        assert_eq!(drawn.len(), 400);
    }

    #[test]
    fn a_child_that_is_not_noticed_draws_other_numbers_as_time_goes_by() {
        let mut parent = Generator::default();
        parent.next(1, 7);
        let mut child = parent;
        assert_ne!(parent.next(1, 1_000), child.next(1, 1_001));
    }

    #[test]
    fn every_process_starts_with_a_seed_of_its_own() {
        let first = |_| Generator::default().next(1, 7);
        assert_eq!((0..100).map(first).collect::<HashSet<_>>().len(), 100);
    }

    #[test]
    fn numbers_use_all_bits() {
        let (all, any) = (0..200)
            .map(|now| random(1, now))
            .fold((u64::MAX, 0), |(all, any), n| (all & n, any | n));
        assert_eq!((all, any), (0, u64::MAX));
    }
}
