//! The attribute `#[trace]`, which makes a function call a span.
//!
//! ```text
//! attribute's options ──options──▶ Options ─┐
//! function ──output──▶ its return type ──────┴──expand──▶ function that opens, carries and marks a span
//! ```
//! `$crate` does not exist here, so there is an entry point for each package that re-exports the
//! attribute, and the option `crate` for others. The emitted code calls the module `attribute` of
//! `packdog-api`, whose version is pinned to that of this package.

mod expand;
mod options;
mod output;

use proc_macro::TokenStream;
use proc_macro2::Span;
use quote::quote;
use syn::{Ident, Path, PathSegment, Token, punctuated::Punctuated};

#[doc = include_str!("trace.md")]
#[proc_macro_attribute]
pub fn trace(options: TokenStream, function: TokenStream) -> TokenStream {
    attribute("packdog", options, function)
}

#[doc = include_str!("trace.md")]
#[proc_macro_attribute]
pub fn trace_api(options: TokenStream, function: TokenStream) -> TokenStream {
    attribute("packdog_api", options, function)
}

fn attribute(package: &str, options: TokenStream, function: TokenStream) -> TokenStream {
    let written = proc_macro2::TokenStream::from(function.clone());
    let expanded = options::parse(options)
        .and_then(|options| Ok((options, expand::parse(function)?)))
        .map(|(options, function)| expand::traced(&options, root(package), function));
    let expanded = expanded.unwrap_or_else(|error| {
        let error = error.to_compile_error();
        // The function is kept, so that the compiler reports no further errors.
        quote!(#error #written)
    });
    expanded.into()
}

/// `::package`
fn root(package: &str) -> Path {
    let package = Ident::new(package, Span::call_site());
    Path {
        leading_colon: Some(Token![::](Span::call_site())),
        segments: Punctuated::from_iter([PathSegment::from(package)]),
    }
}

/// The example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
