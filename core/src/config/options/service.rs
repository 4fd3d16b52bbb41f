//! The service that the process belongs to.

use crate::{
    Config,
    config::{
        Source,
        declare::options,
        parse::{joined, parse_tags, without_user_info},
    },
};

/// The service where neither code, environment nor executable names one.
pub(in crate::config) const UNNAMED_SERVICE: &str = "unnamed-rust-service";

options! {
    /// The service that the process belongs to.
    #[derive(Clone, Debug)]
    pub(crate) struct ServiceSettings at |config| config.service;

    /// The name of the service.
    pub(in crate::config) name: Option<String> = None, {
        variables: ["DD_SERVICE"],
        default: "the name of the executable, else `unnamed-rust-service`",
        show: |config| Some(config.service().to_owned()),
        set: with_service(service: impl Into<String>) => Some(service.into()),
    }

    /// The environment of the service, such as `prod`: the tag `env` of every span.
    pub(in crate::config) env: Option<String> = None, {
        variables: ["DD_ENV"],
        default: "none",
        set: with_env(env: impl Into<String>) => Some(env.into()),
        get: env -> Option<&str> = |env| env.as_deref(),
    }

    /// The version of the service: the tag `version` of its spans.
    pub(in crate::config) version: Option<String> = None, {
        variables: ["DD_VERSION"],
        default: "none",
        set: with_version(version: impl Into<String>) => Some(version.into()),
        get: version -> Option<&str> = |version| version.as_deref(),
    }

    /// The tags of every span: `key:value`, separated by commas, or by spaces where there is no
    /// comma. `service`, `env`, `version`, `git.repository_url` and `git.commit.sha` stand in for
    /// variables of their own that are unset.
    pub(in crate::config) tags: Vec<(String, String)> = Vec::new(), {
        variables: ["DD_TAGS"],
        default: "none",
        read: |config, text| {
            config.set_tags(parse_tags(text), Source::Environment);
            Ok(())
        },
        show: |config| {
            let tags = joined(config.tags().map(|(key, value)| format!("{key}:{value}")));
            (!tags.is_empty()).then_some(tags)
        },
    }

    also {
        /// The name of the service that is not set.
        pub(in crate::config) default_name: String = UNNAMED_SERVICE.to_owned(),
    }
}

impl Config {
    /// Adds a tag to every span (`DD_TAGS`); it replaces one with the same key.
    pub fn with_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        let (key, value) = (key.into(), value.into());
        self.service.tags.retain(|(known, _)| *known != key);
        self.service.tags.push((key, value));
        self.set_by_code("DD_TAGS");
        self
    }

    /// The name of the service: the one that was set, else the name of the executable.
    pub fn service(&self) -> &str {
        self.service.name.as_ref().unwrap_or(&self.service.default_name)
    }

    /// The tags of every span, without environment and version; each key once.
    pub fn tags(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.service.tags.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether the service was set; otherwise it has the name of the executable.
    #[cfg(feature = "agent")]
    pub(crate) fn is_service_named(&self) -> bool {
        self.service.name.is_some()
    }

    /// Replaces the tags of every span. Keys with an option of their own set that option, unless
    /// it is set already from the same source or from one that wins.
    pub(in crate::config) fn set_tags(&mut self, tags: Vec<(String, String)>, source: Source) {
        self.service.tags.clear();
        for (key, value) in tags {
            let (option, value, place) = match key.as_str() {
                "service" => ("DD_SERVICE", value, &mut self.service.name),
                "env" => ("DD_ENV", value, &mut self.service.env),
                "version" => ("DD_VERSION", value, &mut self.service.version),
                "git.repository_url" => {
                    let url = without_user_info(&value).into_owned();
                    ("DD_GIT_REPOSITORY_URL", url, &mut self.process.git_repository_url)
                }
                "git.commit.sha" => ("DD_GIT_COMMIT_SHA", value, &mut self.process.git_commit_sha),
                _ => {
                    self.service.tags.push((key, value));
                    continue;
                }
            };
            if !value.is_empty() && self.sources.of(option) < source {
                *place = Some(value);
                self.sources.set(option, source);
            }
        }
    }
}
