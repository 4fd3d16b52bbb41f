//! The addresses of Agents: a port, or a socket in a folder of its own.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering::Relaxed},
};

use packdog::test_util::agent::FakeAgent;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Tcp,
    #[cfg(unix)]
    Unix,
}

#[cfg(unix)]
pub(super) const UNIX: &[Place] = &[Place::Unix];
#[cfg(unix)]
pub(super) const PLACES: &[Place] = &[Place::Tcp, Place::Unix];
#[cfg(not(unix))]
pub(super) const PLACES: &[Place] = &[Place::Tcp];

impl Place {
    /// Returns an Agent that is not started yet, and the folder of its socket.
    pub(super) fn agent(self) -> (FakeAgent, Option<Folder>) {
        match self {
            Self::Tcp => (FakeAgent::idle(), None),
            #[cfg(unix)]
            Self::Unix => {
                let folder = Folder::new();
                (FakeAgent::down_on_socket(folder.0.join("apm.socket")), Some(folder))
            }
        }
    }
}

/// A folder that is removed when it is dropped.
pub(super) struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let (process, number) = (std::process::id(), NUMBER.fetch_add(1, Relaxed));
        let path = std::env::temp_dir().join(format!("packdog-faults-{process}-{number}"));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
