//! The return value of a function, as far as its signature shows: a future, possibly a `Result`, or
//! certainly neither.

use syn::{
    AngleBracketedGenericArguments, GenericArgument, PathArguments, PathSegment, ReturnType, Type,
    TypeParamBound, parse_quote,
    punctuated::Punctuated,
    visit_mut::{self, VisitMut},
};

/// A future that is the return value of a function that is not `async` itself.
pub(crate) struct ReturnedFuture {
    pub(crate) output: Type,
    /// `Pin<Box<dyn Future>>`, and not `impl Future`.
    pub(crate) is_boxed: bool,
}

/// The returned type; `None` if it is omitted.
pub(crate) fn returned(output: &ReturnType) -> Option<&Type> {
    match output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(ungrouped(ty)),
    }
}

/// Whether a value of this type can be a `Result`, possibly through an alias or a type parameter.
pub(crate) fn may_be_result(ty: &Type) -> bool {
    matches!(ungrouped(ty), Type::Path(_) | Type::Macro(_))
}

/// The type for use in an expression, where each `impl Trait` is inferred.
pub(crate) fn in_expression(ty: &Type) -> Type {
    let mut ty = ty.clone();
    Holes.visit_type_mut(&mut ty);
    ty
}

struct Holes;

impl VisitMut for Holes {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        match ty {
            Type::ImplTrait(_) => *ty = parse_quote!(_),
            _ => visit_mut::visit_type_mut(self, ty),
        }
    }
}

/// Matches `impl Future<Output = T>`, `Pin<Box<dyn Future<Output = T>>>`, and `BoxFuture<T>` of the
/// package `futures`.
pub(crate) fn future(ty: &Type) -> Option<ReturnedFuture> {
    match ty {
        Type::ImplTrait(ty) => {
            bounds_output(&ty.bounds).map(|output| ReturnedFuture { output, is_boxed: false })
        }
        Type::Path(_) => boxed_output(ty).map(|output| ReturnedFuture { output, is_boxed: true }),
        _ => None,
    }
}

fn boxed_output(ty: &Type) -> Option<Type> {
    let segment = last_segment(ty)?;
    if segment.ident == "BoxFuture" || segment.ident == "LocalBoxFuture" {
        return type_argument(segment).cloned();
    }
    let inner = type_argument(segment).filter(|_| segment.ident == "Pin")?;
    let inner = last_segment(inner).filter(|segment| segment.ident == "Box")?;
    match type_argument(inner)? {
        Type::TraitObject(object) => bounds_output(&object.bounds),
        _ => None,
    }
}

fn bounds_output<S>(bounds: &Punctuated<TypeParamBound, S>) -> Option<Type> {
    bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let segment = bound.path.segments.last().filter(|last| last.ident == "Future")?;
            arguments(segment)?.args.iter().find_map(|argument| match argument {
                GenericArgument::AssocType(assoc) if assoc.ident == "Output" => {
                    Some(assoc.ty.clone())
                }
                _ => None,
            })
        }
        _ => None,
    })
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ungrouped(ty) {
        Type::Path(ty) => ty.path.segments.last(),
        _ => None,
    }
}

fn type_argument(segment: &PathSegment) -> Option<&Type> {
    arguments(segment)?.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ungrouped(ty)),
        _ => None,
    })
}

fn arguments(segment: &PathSegment) -> Option<&AngleBracketedGenericArguments> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(arguments),
        _ => None,
    }
}

/// Removes parentheses, and the invisible group of a type that came through a macro.
fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        _ => ty,
    }
}
