//! Chromium, driven through a page by `browser.js`.

use std::{io, path::PathBuf};

use super::{environment, runtime::Runtime, skip::Test};

/// The names under which Chromium is installed.
const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Walks through the page of the dev agent at `url`.
///
/// Returns whether it did: if Node or Chromium is missing, it prints that.
///
/// # Errors
/// The first check of the page that fails.
///
/// # Panics
/// When one of the two is missing while `CI` is set.
pub fn walk_through_page(url: &str) -> io::Result<bool> {
    let test = Test::current();
    let Some(mut command) = Runtime::Node.command(&test, "browser.js") else { return Ok(false) };
    let Some(chromium) = chromium() else {
        test.skip("there is no Chromium");
        return Ok(false);
    };
    super::install::run(command.arg(url).arg(chromium)).map(|_| true)
}

fn chromium() -> Option<PathBuf> {
    let path = environment::path()?;
    let folders = std::env::split_paths(&path).collect::<Vec<_>>();
    let candidates =
        NAMES.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    candidates.into_iter().find(|program| program.is_file())
}
