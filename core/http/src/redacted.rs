//! Errors without the secrets of the URLs that they print.
//!
//! ```text
//! error sending request for url (http://user:pw@host/a?token=x)
//! error sending request for url (http://host/a?<redacted>)
//! ```
//! reqwest's errors end like that, and so do those that wrap them and cannot be looked into.

use std::{borrow::Cow, error::Error, fmt};

use http::Uri;
use packdog::http::HttpConfig;

use crate::{causes::with_causes, destination::Destination};

const BEFORE: &str = "for url (";

/// An error and its causes, as texts.
#[derive(Debug)]
pub(crate) struct RedactedError {
    text: String,
    source: Option<Box<Self>>,
}

impl RedactedError {
    /// Redacts an error; `None` if it prints no URL.
    pub(crate) fn of(error: &(dyn Error + 'static), config: &HttpConfig) -> Option<Self> {
        let texts = with_causes(error).map(ToString::to_string).collect::<Vec<_>>();
        if !texts.iter().any(|text| text.contains(BEFORE)) {
            return None;
        }
        let wrap = |source: Option<Self>, error: String| {
            let text = text(&error, config).into_owned();
            Some(Self { text, source: source.map(Box::new) })
        };
        texts.into_iter().rev().fold(None, wrap)
    }
}

impl fmt::Display for RedactedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for RedactedError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source = self.source.as_deref()?;
        Some(source)
    }
}

/// A text whose URL is shown as the tag `http.url` shows it; one that cannot be read is left out.
pub(crate) fn text<'t>(text: &'t str, config: &HttpConfig) -> Cow<'t, str> {
    let Some((before, rest)) = text.split_once(BEFORE) else { return text.into() };
    // A URL may hold brackets itself.
    let (url, after) = rest.rsplit_once(')').unwrap_or((rest, ""));
    let url = url.parse::<Uri>().map_or_else(
        |_| "<redacted>".to_owned(),
        |uri| Destination::of_uri(&uri).url(config.client_query(uri.query()).as_deref()),
    );
    format!("{before}{BEFORE}{url}){after}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_in_texts_lose_their_secrets() {
        #[rustfmt::skip]
        let table = [
            // after `for url`                     shown
            (" (http://a/b?c=1)",                  " (http://a/b?c=1)"),
            (" (http://a/b?token=x)",              " (http://a/b?<redacted>)"),
            (" (http://me:pw@a/b#part)",           " (http://a/b)"),
            (" (http://a/(b)?c=(1)&token=(x))",    " (http://a/(b)?c=(1)&<redacted>)"),
            (" (http://a/?token=x): refused",      " (http://a/?<redacted>): refused"),
            (" (http://a/?token=x",                " (http://a/?<redacted>)"),
            (" (unreadable token=x)",              " (<redacted>)"),
            ("",                                   ""),
        ];
        let config = HttpConfig::default();
        for (given, shown) in table {
            let (given, shown) = (format!("error for url{given}"), format!("error for url{shown}"));
            assert_eq!(text(&given, &config), shown);
        }
    }
}
