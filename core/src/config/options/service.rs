//! Options that say which service this is.

use super::ConfigOption;
use crate::config::parse::{parse_tags, without_user_info};

pub(super) static OPTIONS: &[ConfigOption] = &[
    ConfigOption {
        env: &["DD_SERVICE"],
        default: "the name of the executable, else `unnamed-rust-service`",
        about: "Name of the service.",
        takes_empty: false,
        read: |config, text| {
            config.service = Some(text.to_owned());
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_ENV"],
        default: "none",
        about: "Environment of the service, such as `prod`: the tag `env` of every span.",
        takes_empty: false,
        read: |config, text| {
            config.env = Some(text.to_owned());
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_VERSION"],
        default: "none",
        about: "Version of the service: the tag `version` of its spans.",
        takes_empty: false,
        read: |config, text| {
            config.version = Some(text.to_owned());
            Ok(())
        },
    },
    ConfigOption {
        env: &["DD_TAGS"],
        default: "none",
        about: "Tags of every span: `key:value`, separated by commas, or by spaces where there is no comma. `service`, `env`, `version`, `git.repository_url` and `git.commit.sha` count where their own variables are unset.",
        takes_empty: false,
        read: |config, text| {
            for (key, value) in parse_tags(text) {
                // Their own rows were applied before this one.
                match key.as_str() {
                    "service" => config.service = config.service.take().or(non_empty(value)),
                    "env" => config.env = config.env.take().or(non_empty(value)),
                    "version" => config.version = config.version.take().or(non_empty(value)),
                    "git.repository_url" => {
                        let url = non_empty(without_user_info(&value));
                        config.git_repository_url = config.git_repository_url.take().or(url);
                    }
                    "git.commit.sha" => {
                        config.git_commit_sha = config.git_commit_sha.take().or(non_empty(value));
                    }
                    _ => config.tags.push((key, value)),
                }
            }
            Ok(())
        },
    },
];

fn non_empty(value: String) -> Option<String> {
    (!value.is_empty()).then_some(value)
}
