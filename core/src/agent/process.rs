//! The identity of this process.

use std::{
    cell::Cell,
    hash::{BuildHasher, Hasher, RandomState},
    sync::OnceLock,
};

use forkguard::Guard;
use packdog_api::internal::{learn_process_id_from, process_id, random_number};

use super::PerProcess;
use crate::{
    Config,
    config::{Entrypoint, entrypoint},
};

/// A random UUID (version 4), the same for the life of the process, and another one in a forked
/// child.
pub(super) fn runtime_id() -> &'static str {
    static ID: OnceLock<PerProcess<String>> = OnceLock::new();
    ID.get_or_init(|| PerProcess::new(random_uuid())).get(random_uuid)
}

/// A forked child may share the state of both generators with its parent, but not the process id.
fn random_uuid() -> String {
    let mut random = RandomState::new().build_hasher();
    random.write_u32(process_id());
    let high = random.finish();
    random.write_u64(random_number());
    uuid(u128::from(high) << 64 | u128::from(random.finish()))
}

/// The process id of the operating system, which is asked again after a fork only.
fn id() -> u32 {
    let known = KNOWN.try_with(|known| {
        let mut process = known.take().or_else(Known::look)?;
        if process.guard.detected_fork() {
            process.id = std::process::id();
        }
        let id = process.id;
        known.set(Some(process));
        Some(id)
    });
    known.ok().flatten().unwrap_or_else(std::process::id)
}

/// Lets all of packdog learn the id as [`id`] does.
///
/// Called where the first tracer of a process is made, because a child that is forked during this
/// call, and makes a tracer of its own, waits forever for it to end.
pub(super) fn learn_of_forks() {
    if Guard::try_new().is_ok() {
        learn_process_id_from(id);
    }
}

/// The id of a process, and the guard that notices a fork: the C library reports each `fork()`, but
/// no child that is made by `clone()`, `_Fork()` or a bare system call.
struct Known {
    guard: Guard,
    id: u32,
}

impl Known {
    #[cold]
    fn look() -> Option<Self> {
        Some(Self { guard: Guard::try_new().ok()?, id: std::process::id() })
    }
}

thread_local! {
    static KNOWN: Cell<Option<Known>> = const { Cell::new(None) };
}

/// The process tags: `key:value` pairs, joined by commas; `None` if traces do not carry them.
pub(super) fn tags(config: &Config) -> Option<String> {
    let default_service = Some(config.service()).filter(|_| !config.is_service_named());
    config.has_process_tags().then(|| joined(default_service, &entrypoint()))
}

/// `default_service` is there if the service was not named.
fn joined(default_service: Option<&str>, entrypoint: &Entrypoint) -> String {
    let (user, auto) = match default_service {
        None => (Some("true"), None),
        Some(service) => (None, Some(service)),
    };
    // In the order of their keys.
    let pairs = [
        ("entrypoint.basedir", entrypoint.basedir.as_deref()),
        ("entrypoint.name", entrypoint.name.as_deref()),
        ("entrypoint.type", Some("executable")),
        ("entrypoint.workdir", entrypoint.workdir.as_deref()),
        ("svc.auto", auto),
        ("svc.user", user),
    ];
    let known = pairs.into_iter().filter_map(|(key, value)| Some((key, value?)));
    known.map(|(key, value)| format!("{key}:{}", normalized(value))).collect::<Vec<_>>().join(",")
}

/// Lower case letters, digits and some signs; `_` for all else.
fn normalized(value: &str) -> String {
    let is_fine = |c: char| {
        c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '.' | ':' | '/' | '-')
    };
    value.to_lowercase().chars().map(|c| if is_fine(c) { c } else { '_' }).collect()
}

/// The [UUID](https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-4) of these random bits.
fn uuid(random: u128) -> String {
    let version = random & !(0xf << 76) | 4 << 76;
    let id = format!("{:032x}", version & !(0b11 << 62) | 0b10 << 62);
    let part = |range| id.get(range).unwrap_or_default();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_its_version_and_variant_whatever_the_random_bits() {
        assert_eq!(uuid(0), "00000000-0000-4000-8000-000000000000");
        assert_eq!(uuid(u128::MAX), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    #[test]
    fn tags_of_the_process_are_sorted_and_normalised() {
        let entrypoint = Entrypoint {
            name: Some("My Server,1".to_owned()),
            workdir: None,
            basedir: Some("Größe-2.0:x/y_z".to_owned()),
        };
        assert_eq!(
            joined(None, &entrypoint),
            "entrypoint.basedir:gr__e-2.0:x/y_z,entrypoint.name:my_server_1,\
             entrypoint.type:executable,svc.user:true"
        );
        assert_eq!(
            joined(Some("Users"), &Entrypoint::default()),
            "entrypoint.type:executable,svc.auto:users"
        );
    }

    #[test]
    fn the_id_is_that_of_the_system_on_every_thread() {
        learn_of_forks();
        let ids = [id(), id(), std::thread::spawn(id).join().unwrap(), process_id()];
        assert_eq!(ids, [std::process::id(); 4]);
        assert!(KNOWN.take().is_some(), "the system was asked");
    }

    #[test]
    fn the_runtime_id_does_not_change() {
        assert_eq!(runtime_id(), runtime_id());
    }
}
