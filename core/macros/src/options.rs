//! The options in the parentheses of the attribute: words, each at most once, in any order.
//!
//! ```text
//! name = text, service = text, resource = text, span_type = text, kind = word,
//! tags(key = value, "dotted.key" = value, variable, ..), crate = path
//! ```
//! A text is any expression of a string; a value is any expression that a tag can hold.

use proc_macro::TokenStream as Input;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{
    Error, Expr, Ident, Lit, LitStr, Path, Result, Token,
    ext::IdentExt as _,
    parenthesized,
    parse::{Parse, ParseStream},
    spanned::Spanned as _,
};

const WORDS: &str = "name, service, resource, span_type, kind, tags(..) and crate";

/// The kinds of a span as written, and their names in `SpanKind`.
const KINDS: [(&str, &str); 5] = [
    ("server", "Server"),
    ("client", "Client"),
    ("producer", "Producer"),
    ("consumer", "Consumer"),
    ("internal", "Internal"),
];

/// The options of the span.
#[derive(Default)]
pub(crate) struct Options {
    /// The operation name, unless it is that of the function.
    pub(crate) name: Option<Expr>,
    /// The variant of `SpanKind`.
    pub(crate) kind: Option<Ident>,
    /// Calls on the builder for all other options, in the written order.
    pub(crate) calls: TokenStream,
    /// The path of the runtime package, unless it is the one that the attribute comes from.
    pub(crate) root: Option<Path>,
}

pub(crate) fn parse(options: Input) -> Result<Options> {
    syn::parse(options)
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut options = Self::default();
        let mut seen = Vec::new();
        while !input.is_empty() {
            let word = word(input)?;
            once(&mut seen, word.to_string(), &word)?;
            options.read(&word, input)?;
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(options)
    }
}

impl Options {
    fn read(&mut self, word: &Ident, input: ParseStream<'_>) -> Result<()> {
        match word.to_string().as_str() {
            "name" => self.name = Some(text(word, input)?),
            "service" | "resource" | "span_type" => {
                let text = text(word, input)?;
                self.calls.extend(quote_spanned!(text.span()=> .#word(#text)));
            }
            "kind" => self.kind = Some(kind(input)?),
            "tags" => self.calls.extend(tags(word, input)?),
            "crate" => {
                input.parse::<Token![=]>()?;
                self.root = Some(input.call(Path::parse_mod_style)?);
            }
            _ => {
                let message = format!("unknown option `{word}`; there are {WORDS}");
                return Err(Error::new(word.span(), message));
            }
        }
        Ok(())
    }
}

fn word(input: ParseStream<'_>) -> Result<Ident> {
    input.call(Ident::parse_any).map_err(|error| {
        if input.peek(LitStr) {
            return Error::new(error.span(), "write `name = ` before the name of the span");
        }
        Error::new(error.span(), format!("expected one of the options {WORDS}"))
    })
}

fn once(seen: &mut Vec<String>, key: String, at: &impl quote::ToTokens) -> Result<()> {
    if seen.contains(&key) {
        return Err(Error::new_spanned(at, format!("`{key}` is set twice")));
    }
    seen.push(key);
    Ok(())
}

fn text(word: &Ident, input: ParseStream<'_>) -> Result<Expr> {
    input.parse::<Token![=]>()?;
    let value = input.parse::<Expr>()?;
    match &value {
        Expr::Lit(literal) if !matches!(literal.lit, Lit::Str(_)) => {
            Err(Error::new_spanned(literal, format!("`{word}` is a string, such as \"{word}\"")))
        }
        _ => Ok(value),
    }
}

fn kind(input: ParseStream<'_>) -> Result<Ident> {
    const MESSAGE: &str = "`kind` is server, client, producer, consumer or internal";
    input.parse::<Token![=]>()?;
    let word = input.parse::<Ident>().map_err(|error| Error::new(error.span(), MESSAGE))?;
    KINDS
        .iter()
        .find(|(written, _)| word == written)
        .map(|(_, variant)| Ident::new(variant, word.span()))
        .ok_or_else(|| Error::new(word.span(), MESSAGE))
}

fn tags(word: &Ident, input: ParseStream<'_>) -> Result<TokenStream> {
    if !input.peek(syn::token::Paren) {
        return Err(Error::new(word.span(), "write the tags as `tags(key = value, ..)`"));
    }
    let list;
    parenthesized!(list in input);
    let mut calls = TokenStream::new();
    let mut seen = Vec::new();
    while !list.is_empty() {
        let variable = list.fork().parse::<Ident>().ok();
        let key = tag_key(&list)?;
        once(&mut seen, key.value(), &key)?;
        // `tags(user)` is short for `tags(user = &user)`.
        if let Some(variable) = variable.filter(|_| list.is_empty() || list.peek(Token![,])) {
            calls.extend(quote_spanned!(variable.span()=> .tag(#key, &#variable)));
            if !list.is_empty() {
                list.parse::<Token![,]>()?;
            }
            continue;
        }
        list.parse::<Token![=]>().map_err(|error| {
            let message = "a tag is `key = value` or `\"dotted.key\" = value`";
            Error::new(error.span(), message)
        })?;
        let value = list.parse::<Expr>()?;
        calls.extend(quote_spanned!(value.span()=> .tag(#key, #value)));
        if !list.is_empty() {
            list.parse::<Token![,]>()?;
        }
    }
    Ok(quote!(#calls))
}

/// `key` or `"dotted.key"`.
fn tag_key(list: ParseStream<'_>) -> Result<LitStr> {
    if list.peek(LitStr) {
        return list.parse();
    }
    let key = list
        .call(Ident::parse_any)
        .map_err(|error| Error::new(error.span(), "the key of a tag is a name or a string"))?;
    Ok(LitStr::new(&key.unraw().to_string(), key.span()))
}
