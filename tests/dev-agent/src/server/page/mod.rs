//! The page: one document with its style and its scripts, all of them inside the binary.

use axum::{
    response::{Html, IntoResponse, Response},
    routing::{MethodRouter, get},
};
use http::header;

/// The scripts by name; `main.js` imports the others.
const SCRIPTS: [(&str, &str); 6] = [
    ("/page/main.js", include_str!("main.js")),
    ("/page/element.js", include_str!("element.js")),
    ("/page/list.js", include_str!("list.js")),
    ("/page/waterfall.js", include_str!("waterfall.js")),
    ("/page/span.js", include_str!("span.js")),
    ("/page/tables.js", include_str!("tables.js")),
];

/// The page and all that it loads, with their paths.
pub(super) fn routes<S: Clone + Send + Sync + 'static>()
-> impl Iterator<Item = (&'static str, MethodRouter<S>)> {
    let page = || get(async || Html(include_str!("page.html")));
    let style = get(async || file("text/css", include_str!("style.css")));
    let scripts =
        SCRIPTS.map(|(path, text)| (path, get(async move || file("text/javascript", text))));
    [("/", page()), ("/trace/{id}", page()), ("/page/style.css", style)].into_iter().chain(scripts)
}

fn file(media_type: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, format!("{media_type}; charset=utf-8"))], text).into_response()
}
