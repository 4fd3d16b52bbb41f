//! The service that the process belongs to.

use packdog_api::internal::cut;

use crate::{
    Config,
    config::{
        ConfigOption, ParseError, Source,
        declare::options,
        parse::{joined, parse_tags, short_line},
        warning::Unusable,
    },
};

/// The service if neither code, environment nor executable names one.
pub(in crate::config) const UNNAMED_SERVICE: &str = "unnamed-rust-service";

/// The most bytes of the service, as the Datadog Agent cuts it: each span repeats it.
const MAX_SERVICE_BYTES: usize = 100;

/// The most bytes of the environment and of the version, as the Datadog Agent cuts them.
const MAX_NAME_BYTES: usize = 200;

/// The most bytes of the tags of every span, because each span repeats them.
const MAX_TAGS_BYTES: usize = 64 * 1024;

options! {
    /// The service that the process belongs to.
    #[derive(Clone, Debug)]
    pub(crate) struct ServiceSettings at |config| config.service;

    /// The name of the service.
    pub(in crate::config) name: Option<String> = None, {
        variables: ["DD_SERVICE"],
        default: "the name of the executable, else `unnamed-rust-service`",
        show: |config| Some(config.service().to_owned()),
        /// Sets the name of the service. At most 100 bytes of it are kept.
        set: with_service(service: impl Into<String>) => Some(service.into()),
    }

    /// The environment of the service, such as `prod`: the tag `env` of every span, at most 200
    /// bytes.
    pub(in crate::config) env: Option<String> = None, {
        variables: ["DD_ENV"],
        default: "none",
        /// Sets the environment of the service, such as `prod`: the tag `env` of every span. At most
        /// 200 bytes of it are kept.
        set: with_env(env: impl Into<String>) => Some(env.into()),
        get: env -> Option<&str> = |env| env.as_deref().map(|env| cut(env, MAX_NAME_BYTES)),
    }

    /// The version of the service: the tag `version` of its spans, at most 200 bytes.
    pub(in crate::config) version: Option<String> = None, {
        variables: ["DD_VERSION"],
        default: "none",
        /// Sets the version of the service: the tag `version` of its spans. At most 200 bytes of it
        /// are kept.
        set: with_version(version: impl Into<String>) => Some(version.into()),
        get: version -> Option<&str> = |version| version.as_deref().map(|text| cut(text, MAX_NAME_BYTES)),
    }

    /// The tags of every span: `key:value`, separated by commas, or by spaces where there is no
    /// comma. `service`, `env`, `version`, `git.repository_url` and `git.commit.sha` apply
    /// where their own variables are unset.
    pub(in crate::config) tags: Vec<(String, String)> = Vec::new(), {
        variables: ["DD_TAGS"],
        default: "none",
        read: |config, text| config.set_tags(parse_tags(text), Source::Environment),
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
    ///
    /// A tag with which all of them would have more than 64 kB is left out, with one of the
    /// [`warnings`](Config::warnings).
    pub fn with_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        let (key, value) = (key.into(), value.into());
        self.service.tags.retain(|(known, _)| *known != key);
        if bytes(&self.service.tags) + key.len() + value.len() > MAX_TAGS_BYTES {
            let error = ParseError::TooManyBytes(short_line(&key));
            self.unusable.push(Unusable::of("DD_TAGS", "set by code", error));
            return self;
        }
        self.service.tags.push((key, value));
        self.set_by_code("DD_TAGS");
        self
    }

    /// The name of the service: the one that was set, else the name of the executable; at most 100
    /// bytes of it, as the Datadog Agent keeps.
    pub fn service(&self) -> &str {
        let name = self.service.name.as_ref().unwrap_or(&self.service.default_name);
        cut(name, MAX_SERVICE_BYTES)
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
    ///
    /// # Errors
    /// There are too many bytes in the tags, of which the last ones are left out.
    pub(in crate::config) fn set_tags(
        &mut self,
        tags: Vec<(String, String)>,
        source: Source,
    ) -> Result<(), ParseError> {
        let (mut kept, mut bytes, mut left_out) = (Vec::new(), 0, Vec::new());
        for (key, value) in tags {
            if let Some(option) = option_of_tag(&key) {
                if !value.is_empty() && self.sources.of(option.name()) < source {
                    self.read_text(option, &value, source)?;
                }
                continue;
            }
            bytes += key.len() + value.len();
            if bytes > MAX_TAGS_BYTES {
                left_out.push(key);
            } else {
                kept.push((key, value));
            }
        }
        self.service.tags = kept;
        if left_out.is_empty() {
            return Ok(());
        }
        Err(ParseError::TooManyBytes(short_line(&left_out.join(","))))
    }
}

/// Returns the option that a key of `DD_TAGS` stands in for.
fn option_of_tag(key: &str) -> Option<&'static ConfigOption> {
    ConfigOption::named(match key {
        "service" => "DD_SERVICE",
        "env" => "DD_ENV",
        "version" => "DD_VERSION",
        "git.repository_url" => "DD_GIT_REPOSITORY_URL",
        "git.commit.sha" => "DD_GIT_COMMIT_SHA",
        _ => return None,
    })
}

fn bytes(tags: &[(String, String)]) -> usize {
    tags.iter().map(|(key, value)| key.len() + value.len()).sum()
}
