//! Options that say which program runs where.

use super::ConfigOption;
use crate::config::parse::{boolean, without_user_info};

pub(super) static OPTIONS: &[ConfigOption] = &[
    ConfigOption {
        env: &["DD_GIT_REPOSITORY_URL"],
        default: "`git.repository_url` of `DD_TAGS`",
        about: "Repository that the program was built from; user and password are left out.",
        takes_empty: false,
        read: |config, text| {
            config.git_repository_url = Some(without_user_info(text));
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_GIT_COMMIT_SHA"],
        default: "`git.commit.sha` of `DD_TAGS`",
        about: "Commit that the program was built from.",
        takes_empty: false,
        read: |config, text| {
            config.git_commit_sha = Some(text.to_owned());
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_GIT_METADATA_ENABLED"],
        default: "`true`",
        about: "Whether traces carry the repository and the commit.",
        takes_empty: false,
        read: |config, text| {
            config.is_git_metadata_enabled = boolean(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TRACE_REPORT_HOSTNAME"],
        default: "`false`",
        about: "Whether traces carry the name of the host.",
        takes_empty: false,
        read: |config, text| {
            config.is_hostname_reported = boolean(text)?;
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_HOSTNAME"],
        default: "what the operating system says",
        about: "Name of the host, for `DD_TRACE_REPORT_HOSTNAME`.",
        takes_empty: false,
        read: |config, text| {
            config.hostname = Some(text.to_owned());
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_EXPERIMENTAL_PROPAGATE_PROCESS_TAGS_ENABLED"],
        default: "`true`",
        about: "Whether traces carry the name and the directories of the program.",
        takes_empty: false,
        read: |config, text| {
            config.has_process_tags = boolean(text)?;
            Ok(())
        },
    },
];
