//! Variables of the environment: tags, styles, the address of the Agent, and all the others.

use packdog::{
    Config,
    config::{AgentUrl, options, parse_tags},
    propagation::Styles,
};

use crate::measured::measured;

/// The value of `DD_TAGS`.
pub fn dd_tags(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let tags = measured(text.len(), || parse_tags(&text));
    for (index, (key, value)) in tags.iter().enumerate() {
        assert!(!key.is_empty() && key.trim() == key && value.trim() == value);
        assert!(!tags[..index].iter().any(|(other, _)| other == key), "{key} twice");
    }
    // With a comma in it, the text is separated by commas and not by spaces.
    let written: String = tags.iter().map(|(key, value)| format!("{key}:{value},")).collect();
    assert_eq!(parse_tags(&written), tags);
}

/// The value of `DD_TRACE_PROPAGATION_STYLE` and of `OTEL_PROPAGATORS`.
pub fn styles(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for parse in [Styles::parse, Styles::parse_otel] {
        let (styles, unknown) = measured(text.len(), || parse(&text));
        assert!(unknown.iter().all(|name| parse(name).0.is_none()));
        if let Some(styles) = styles {
            let written = styles.to_string();
            assert_eq!(parse(&written), (Some(styles), Vec::new()), "{written:?}");
        }
    }
}

/// The value of `DD_TRACE_AGENT_URL`.
pub fn agent_url(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Ok(url) = measured(text.len(), || text.parse::<AgentUrl>()) else { return };
    let written = url.to_string();
    assert_eq!(written.parse(), Ok(url.clone()), "{written:?}");
    assert!(url.port() > 0 && !url.host().is_empty());
    if url.socket().is_some() {
        return; // A path, and no URI.
    }
    let uri = written.parse::<http::Uri>().expect("what is written is a URI");
    assert!(uri.authority().is_some_and(|it| !it.as_str().contains('@')), "{written:?}");
}

/// Lines `NAME=value`, as the environment has them; numbers stand for the names of options.
pub fn variables(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let names: Vec<_> = options().flat_map(|option| option.variables).collect();
    let variables: Vec<_> = text
        .split('\n')
        .filter_map(|line| {
            let (name, value) = line.split_once('=')?;
            let by_number = || name.parse::<usize>().ok().and_then(|n| names.get(n).copied());
            Some((by_number().map_or(name, |name| *name), value))
        })
        .collect();
    let lookup = |name: &str| {
        let found = variables.iter().find(|(other, _)| *other == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    // Not measured: the memory of a regular expression is limited by its library.
    let (config, warnings) = Config::from_lookup(lookup);
    assert_eq!(config.warnings(), warnings);
    assert!(warnings.len() <= variables.len());
    for warning in &warnings {
        let line = warning.to_string();
        assert!(line.starts_with(&warning.variable) && !line.contains('\n'), "{line:?}");
    }
    assert!(!config.service().is_empty() && config.agent_url().port() > 0);
}
