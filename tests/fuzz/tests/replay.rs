//! Replays the seeds of every fuzz target, and mutations of them that are the same in each run.

use std::{
    collections::BTreeSet,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use fastrand::Rng;
use packdog_fuzz::{TARGETS, Target};

/// The number of inputs that are made from each seed.
const MUTATIONS: u64 = 1000;
/// The most changes that are made to a seed.
const MAX_CHANGES: usize = 4;
/// The tokens of the grammars, which are rare in random bytes.
const PIECES: [&[u8]; 24] = [
    b",",
    b";",
    b"=",
    b":",
    b"-",
    b"~",
    b"%",
    b" ",
    b"\t",
    b"\n",
    b"\r",
    b"\0",
    b"%00",
    b"%F0%9F",
    b"\xc3\xa9",
    b"\xff",
    b"dd=",
    b"_dd.p.",
    b"t.",
    b"0",
    b"18446744073709551616",
    b"ff",
    b"@",
    b"[",
];

#[test]
fn seeds_and_their_mutations_pass_every_target() {
    for (name, target) in TARGETS {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for (path, seed) in &seeds {
            run(name, target, path, seed);
            let mut rng = Rng::with_seed(seed.len() as u64);
            for _ in 0..MUTATIONS {
                let other = &seeds[rng.usize(..seeds.len())].1;
                run(name, target, path, &mutated(seed, other, &mut rng));
            }
        }
    }
}

#[test]
fn every_target_has_a_binary_and_every_binary_a_target() {
    let files = fs::read_dir(folder("fuzz_targets")).unwrap();
    let binaries: BTreeSet<_> = files
        .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(binaries, TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect());
}

/// Says which input it was, in a form that can be made a seed.
fn run(name: &str, target: Target, seed: &Path, input: &[u8]) {
    let outcome = catch_unwind(AssertUnwindSafe(|| target(input)));
    assert!(
        outcome.is_ok(),
        "{name} fails, made of {}: \"{}\"",
        seed.display(),
        input.escape_ascii()
    );
}

fn mutated(seed: &[u8], other: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut input = seed.to_vec();
    for _ in 0..rng.usize(1..=MAX_CHANGES) {
        let (start, end) = (rng.usize(..=input.len()), rng.usize(..=input.len()));
        let range = start.min(end)..start.max(end);
        match rng.u8(..6) {
            0 => drop(input.drain(range)),
            1 => drop(input.splice(range, other[rng.usize(..=other.len())..].to_vec())),
            2 => drop(input.splice(start..start, PIECES[rng.usize(..PIECES.len())].to_vec())),
            3 => input.extend(input[range].repeat(rng.usize(1..=40))),
            4 => input.insert(start, rng.u8(..)),
            _ => input.iter_mut().skip(start).take(1).for_each(|byte| *byte ^= 1 << rng.u8(..8)),
        }
    }
    input
}

fn seeds(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let files = fs::read_dir(folder("seeds").join(target)).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
