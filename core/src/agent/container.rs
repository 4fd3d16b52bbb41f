//! The container in which the process runs, read from its control groups.
//!
//! ```text
//! line   number ":" controllers ":" path
//! path   *( element "/" ) prefix id [ ".scope" ]
//! id     64 hex | UUID with "-" or "_" | 32 hex "-" digits
//! ```

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The file in which Linux lists the control groups of a process.
const CGROUP_FILE: &str = "/proc/self/cgroup";
/// The directory in which the control groups are files.
const CGROUP_ROOT: &str = "/sys/fs/cgroup";
/// The namespace of control groups in which the process is.
const NAMESPACE_FILE: &str = "/proc/self/ns/cgroup";
/// The inode of that file on the host itself, a constant of Linux.
const HOST_NAMESPACE: u64 = 0xeffffffb;

/// The id of the container; `None` outside of containers and where it cannot be known.
pub(super) fn id() -> Option<String> {
    let text = fs::read_to_string(CGROUP_FILE).ok()?;
    text.lines().find_map(parse_line).map(str::to_owned)
}

/// The key by which the Datadog Agent finds the container: its id, else the inode of its control
/// group.
pub(super) fn entity(id: Option<&str>) -> Option<String> {
    id.map(|id| format!("ci-{id}")).or_else(|| group_inode().map(|inode| format!("in-{inode}")))
}

/// The inode of the control group, in a container whose id is hidden from it.
fn group_inode() -> Option<u64> {
    if inode(Path::new(NAMESPACE_FILE))? == HOST_NAMESPACE {
        return None;
    }
    let text = fs::read_to_string(CGROUP_FILE).ok()?;
    text.lines()
        .filter_map(|line| group_path(Path::new(CGROUP_ROOT), line))
        .find_map(|path| inode(&path))
}

#[cfg(unix)]
fn inode(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;

    fs::metadata(path).ok().map(|file| file.ino())
}

#[cfg(not(unix))]
fn inode(_: &Path) -> Option<u64> {
    None
}

/// The directory of the control group of a line; only for version 2 and for memory.
fn group_path(root: &Path, line: &str) -> Option<PathBuf> {
    let mut parts = line.splitn(3, ':');
    let (number, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
    let root = match controllers {
        "" if number == "0" => root.to_owned(),
        "memory" => root.join("memory"),
        _ => return None,
    };
    Some(root.join(path.trim_end().trim_start_matches('/')))
}

fn parse_line(line: &str) -> Option<&str> {
    let mut parts = line.splitn(3, ':');
    let number = parts.next()?;
    let path = parts.nth(1)?.trim_end();
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let element = path.rsplit('/').next()?;
    let element = element.strip_suffix(".scope").unwrap_or(element);
    hash(element).or_else(|| uuid(element)).or_else(|| task(element))
}

fn hash(element: &str) -> Option<&str> {
    last(element, 64).filter(|id| is_hex(id))
}

fn uuid(element: &str) -> Option<&str> {
    let groups = |id: &str| id.split(['-', '_']).map(str::len).eq([8, 4, 4, 4, 12]);
    last(element, 36).filter(|id| groups(id) && id.split(['-', '_']).all(is_hex))
}

/// The form of Amazon's ECS.
fn task(element: &str) -> Option<&str> {
    let (head, digits) = element.rsplit_once('-')?;
    let is_task = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    last(head, 32).filter(|id| is_task && is_hex(id))?;
    last(element, 32 + 1 + digits.len())
}

/// The last `length` bytes, whatever prefix is before them.
fn last(text: &str, length: usize) -> Option<&str> {
    text.get(text.len().checked_sub(length)?..)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_group_of_a_container_is_a_directory() {
        #[rustfmt::skip]
        let table = [
            // line                     directory
            ("0::/",                    Some("/cgroup/")),
            ("0::/kubepods/x",          Some("/cgroup/kubepods/x")),
            ("7:memory:/docker/x",      Some("/cgroup/memory/docker/x")),
            ("7:cpu,cpuacct:/docker/x", None),
            ("1:name=systemd:/x",       None),
            ("1::/x",                   None),
            ("0:",                      None),
        ];
        for (line, expected) in table {
            let path = group_path(Path::new("/cgroup"), line);
            assert_eq!(path.as_deref(), expected.map(Path::new), "{line}");
        }
    }

    #[test]
    fn a_container_id_wins_over_an_inode() {
        assert_eq!(entity(Some("abc")).as_deref(), Some("ci-abc"));
        assert!(entity(None).is_none_or(|inode| inode.starts_with("in-")));
    }

    #[test]
    fn container_ids_are_read_in_all_their_forms() {
        const HASH: &str = "3726184226f5d3147c25fdeab5b60097e378e8a720503a5e19ecfdf29f869860";
        const UUID: &str = "34dc0b5e-626f-2c5c-4c51-70e34b10e765";
        const UNDERSCORED: &str = "34dc0b5e_626f_2c5c_4c51_70e34b10e765";
        const TASK: &str = "432624d2150b349fe35ba397284dea78-3527085564";
        #[rustfmt::skip]
        let table = [
            // line                                                       id
            (format!("13:name=systemd:/docker/{HASH}"),                   Some(HASH)),
            (format!("1:name=systemd:/kubepods/besteffort/pod3d27/{HASH}"), Some(HASH)),
            (format!("0::/system.slice/docker-{HASH}.scope"),             Some(HASH)),
            (format!("0::/kubepods.slice/cri-containerd-{HASH}.scope"),   Some(HASH)),
            (format!("1:name=systemd:/ecs/{UUID}/{TASK}"),                Some(TASK)),
            (format!("1:name=systemd:/uuid/{UUID}"),                      Some(UUID)),
            (format!("10:freezer:/garden/{UNDERSCORED}"),                 Some(UNDERSCORED)),
            (format!("4:memory:/docker/{HASH}/"),                         None),
            (format!("4:memory:/docker/{}", &HASH[1..]),                  None),
            (format!("x:memory:/docker/{HASH}"),                          None),
            ("0::/".to_owned(),                                           None),
            ("0::/user.slice/user-1000.slice/session-2.scope".to_owned(), None),
            ("no colons".to_owned(),                                      None),
            (format!("4:memory:/docker/é{}", &HASH[1..]),                 None),
        ];
        for (line, expected) in &table {
            assert_eq!(parse_line(line), *expected, "{line}");
        }
    }
}
