//! The program that runs, and its host.

use crate::{
    Config,
    config::{declare::options, env, parse::without_user_info},
};

options! {
    /// The program that runs, and its host.
    #[derive(Clone, Debug)]
    pub(crate) struct ProcessSettings at |config| config.process;

    /// The repository that the program was built from, without user and password.
    pub(in crate::config) git_repository_url: Option<String> = None, {
        variables: ["DD_GIT_REPOSITORY_URL"],
        default: "`git.repository_url` of `DD_TAGS`",
        read: |config, text| {
            config.process.git_repository_url = Some(without_user_info(text).into_owned());
            Ok(())
        },
        /// Sets the repository that the program was built from. User and password are removed.
        set: with_git_repository_url(url: &str) => Some(without_user_info(url).into_owned()),
    }

    /// The commit that the program was built from.
    pub(in crate::config) git_commit_sha: Option<String> = None, {
        variables: ["DD_GIT_COMMIT_SHA"],
        default: "`git.commit.sha` of `DD_TAGS`",
        /// Sets the commit that the program was built from.
        set: with_git_commit_sha(sha: impl Into<String>) => Some(sha.into()),
    }

    /// Whether traces carry the repository and the commit.
    is_git_metadata_enabled: bool = true, {
        variables: ["DD_TRACE_GIT_METADATA_ENABLED"],
        default: "`true`",
    }

    /// Whether traces carry the name of the host.
    is_hostname_reported: bool = false, {
        variables: ["DD_TRACE_REPORT_HOSTNAME"],
        default: "`false`",
        /// Sets whether traces carry the name of the host.
        set: with_reported_hostname(is_reported: bool) => is_reported,
    }

    /// The name of the host, for `DD_TRACE_REPORT_HOSTNAME`.
    hostname: Option<String> = None, {
        variables: ["DD_HOSTNAME"],
        default: "the name that the operating system gives",
    }

    /// Whether traces carry the name and the directories of the program.
    has_process_tags: bool = true, {
        variables: ["DD_EXPERIMENTAL_PROPAGATE_PROCESS_TAGS_ENABLED"],
        default: "`true`",
        /// Sets whether traces carry the name and the directories of the program.
        set: with_process_tags(has_process_tags: bool) => has_process_tags,
        get: has_process_tags -> bool = |has_process_tags| *has_process_tags,
    }
}

impl Config {
    /// The repository that the program was built from, if traces carry it.
    pub fn git_repository_url(&self) -> Option<&str> {
        let process = &self.process;
        process.git_repository_url.as_deref().filter(|_| process.is_git_metadata_enabled)
    }

    /// The commit that the program was built from, if traces carry it.
    pub fn git_commit_sha(&self) -> Option<&str> {
        let process = &self.process;
        process.git_commit_sha.as_deref().filter(|_| process.is_git_metadata_enabled)
    }

    /// The name of the host, if traces carry it and it is known.
    ///
    /// On Linux it comes from the operating system; elsewhere `DD_HOSTNAME` must be set.
    pub fn reported_hostname(&self) -> Option<String> {
        let hostname = || self.process.hostname.clone().or_else(env::hostname);
        self.process.is_hostname_reported.then(hostname).flatten()
    }
}
