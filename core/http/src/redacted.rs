//! Texts of errors without the secrets of the URLs that they print.
//!
//! ```text
//! error sending request for url (http://user:pw@host/a?token=x)
//! error sending request for url (http://host/a?<redacted>)
//! ```
//! reqwest's errors end like that, and so do errors that wrap them without naming them as a cause.

use std::borrow::Cow;

use http::Uri;
use packdog::http::HttpConfig;

use crate::destination::Destination;

const BEFORE: &str = "for url (";

/// Shows the URL in a text as the tag `http.url` shows it; one that cannot be read is left out.
pub(crate) fn redact_urls<'t>(text: &'t str, config: &HttpConfig) -> Cow<'t, str> {
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
            assert_eq!(redact_urls(&given, &config), shown);
        }
    }
}
