//! The expansion: the annotated function, with its body inside a span.
//!
//! ```text
//! fn            open · enter · body · mark
//! async fn      open · carry(async { body }).await · mark                    at the first poll
//! fn -> Future  open · enter · body · async { carry(future).await · mark }   at the call
//! ```
//! The tokens of the body are unchanged, so that errors in it point at the source. The variables
//! that we add before the body are hygienic: the body cannot see them.

use proc_macro::TokenStream as Input;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::{
    AttrStyle, Block, Error, Item, ItemFn, LitStr, Path, Result, Type, ext::IdentExt as _,
    spanned::Spanned as _,
};

use crate::{
    options::Options,
    output::{ReturnedFuture, future, in_expression, may_be_result, returned},
};

/// The function below the attribute.
pub(crate) fn parse(function: Input) -> Result<ItemFn> {
    let parsed = syn::parse::<ItemFn>(function.clone());
    let parsed = parsed.map_err(|error| match syn::parse::<Item>(function) {
        Ok(Item::Fn(_)) | Err(_) => error,
        Ok(other) => {
            let first = other.into_token_stream().into_iter().next();
            let span = first.map_or_else(Span::call_site, |token| token.span());
            Error::new(span, "only a function with a body can be traced")
        }
    })?;
    match parsed.sig.constness {
        Some(token) => Err(Error::new(token.span(), "a `const fn` cannot be traced")),
        None => Ok(parsed),
    }
}

/// Returns the function with its span; `root` is the package that the attribute comes from.
pub(crate) fn traced(options: &Options, root: Path, function: ItemFn) -> TokenStream {
    let ItemFn { attrs, vis, sig, block, .. } = function;
    let (outer, inner) = attrs
        .into_iter()
        .partition::<Vec<_>, _>(|attribute| matches!(attribute.style, AttrStyle::Outer));
    let body = {
        let output = returned(&sig.output);
        let body = Body {
            root: options.root.clone().unwrap_or(root),
            output: output.map(in_expression),
            block: &block,
            span: Ident::new("span", Span::mixed_site()),
            scope: Ident::new("_scope", Span::mixed_site()),
        };
        let open = body.open(options, &sig.ident);
        let body = match output.and_then(future) {
            _ if sig.asyncness.is_some() => body.of_async_fn(),
            Some(future) => body.of_future(&future),
            None => body.of_fn(),
        };
        quote!(#open #body)
    };
    quote!(#(#outer)* #vis #sig { #(#inner)* #body })
}

struct Body<'a> {
    root: Path,
    /// The return type; `None` if it is omitted.
    output: Option<Type>,
    block: &'a Block,
    /// The variable that owns the span.
    span: Ident,
    /// The variable that keeps it current.
    scope: Ident,
}

impl Body<'_> {
    /// The builder and its arguments are evaluated only if there is a tracer.
    fn open(&self, options: &Options, function: &Ident) -> TokenStream {
        let Self { root, span, .. } = self;
        let own_name = LitStr::new(&function.unraw().to_string(), function.span());
        let name = options.name.as_ref().map_or(quote!(#own_name), |name| quote!(#name));
        let kind =
            options.kind.as_ref().map(|kind| quote!(.kind(#root::attribute::SpanKind::#kind)));
        let calls = &options.calls;
        quote!(let #span = #root::attribute::open(|| #root::span(#name) #kind #calls);)
    }

    fn of_fn(&self) -> TokenStream {
        let Self { root, output, block, span, scope } = self;
        let enter = quote!(let #scope = #span.enter(););
        let Some(output) = output.as_ref().filter(|output| may_be_result(output)) else {
            let stmts = &block.stmts;
            return quote!(#enter #(#stmts)*);
        };
        let mark = self.mark();
        quote! {
            #enter
            let result = #root::attribute::call(move || -> #output #block);
            #mark
            result
        }
    }

    fn of_async_fn(&self) -> TokenStream {
        let stmts = &self.block.stmts;
        // An async block has no syntax for its output type, but a `return` determines it.
        let typed = self.output.as_ref().filter(|output| !matches!(output, Type::Never(_)));
        let typed = typed.map(|output| {
            quote! {
                if let ::core::option::Option::Some(result) =
                    ::core::option::Option::None::<#output>
                {
                    return result;
                }
            }
        });
        self.carry(&quote!(async move { #typed #(#stmts)* }), self.output.as_ref())
    }

    fn of_future(&self, returned: &ReturnedFuture) -> TokenStream {
        let Self { root, output, block, span, scope } = self;
        let awaited = in_expression(&returned.output);
        let future = quote!(future);
        let carried = self.carry(&future, Some(&awaited));
        let carried = if returned.is_boxed {
            quote! {
                if #span.is_nothing() {
                    return future; // No second box for nothing.
                }
                ::std::boxed::Box::pin(async move { #carried })
            }
        } else {
            quote!(async move { #carried })
        };
        quote! {
            let future = {
                let #scope = #span.enter();
                #root::attribute::call_for::<#awaited, _, _>(move || -> #output #block)
            };
            #carried
        }
    }

    /// Awaits `future` inside the span, and marks the span by its `output`.
    fn carry(&self, future: &TokenStream, output: Option<&Type>) -> TokenStream {
        let Self { root, span, .. } = self;
        let mark = output.filter(|output| may_be_result(output)).map(|_| self.mark());
        quote! {
            let result = #root::InSpanExt::in_span(#future, #span.handle()).await;
            #mark
            result
        }
    }

    /// Marks the span if `result` is an `Err`. The called method depends on its type: traits
    /// implemented for more references are tried first.
    fn mark(&self) -> TokenStream {
        let Self { root, span, .. } = self;
        quote! {
            {
                use #root::attribute::outcome::*;
                (&&&&&&Outcome(&result)).mark_error_on(&#span);
            }
        }
    }
}
