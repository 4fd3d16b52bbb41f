//! The CPU time and the memory of a process, as Linux reports them.

use std::{fs, io, process, time::Duration};

/// The CPU time and the memory that a process uses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) cpu: Duration,
    pub(crate) bytes: u64,
    pub(crate) peak_bytes: u64,
}

impl Usage {
    pub(crate) fn own() -> io::Result<Self> {
        Self::of(process::id())
    }

    pub(crate) fn of(process: u32) -> io::Result<Self> {
        let read = |file: &str| fs::read_to_string(format!("/proc/{process}/{file}"));
        let (tasks, status) = (fs::read_dir(format!("/proc/{process}/task"))?, read("status")?);
        // Unlike `stat`, which counts hundredths of a second, `schedstat` counts nanoseconds.
        let mut nanos = 0;
        for task in tasks {
            // A thread may end between the list and this look.
            let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
            nanos += text.split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0);
        }
        let kibibytes = |name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let number = line.and_then(|line| line.split_whitespace().next());
            number.and_then(|number| number.parse().ok()).unwrap_or(0)
        };
        Ok(Self {
            cpu: Duration::from_nanos(nanos),
            bytes: kibibytes("VmRSS:") * 1024,
            peak_bytes: kibibytes("VmHWM:") * 1024,
        })
    }
}
