//! What identifies this process.

use std::sync::OnceLock;

/// A random UUID (version 4), the same for the life of the process.
pub(super) fn runtime_id() -> &'static str {
    static ID: OnceLock<String> = OnceLock::new();
    ID.get_or_init(|| uuid(fastrand::u128(..)))
}

/// The process id of the operating system.
pub(super) fn id() -> u32 {
    std::process::id()
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
    fn the_runtime_id_does_not_change() {
        assert_eq!(runtime_id(), runtime_id());
    }
}
