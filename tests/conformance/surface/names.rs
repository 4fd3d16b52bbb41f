//! Reading the public names of a package from its sources.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use syn::{Attribute, Ident, Item, UseTree, Visibility};

/// Returns the public names below a `lib.rs`, sorted: `config::Source`, `mod config`.
pub(super) fn public_names(lib: &Path) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    read_file(lib, lib.parent().unwrap(), "", &mut names);
    names
}

/// Reads a file, whose modules are files in `folder`.
fn read_file(path: &Path, folder: &Path, prefix: &str, names: &mut BTreeSet<String>) {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let file = syn::parse_file(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    read_items(&file.items, folder, prefix, names);
}

fn read_items(items: &[Item], folder: &Path, prefix: &str, names: &mut BTreeSet<String>) {
    let mut add = |ident: &Ident| {
        names.insert(format!("{prefix}{ident}"));
    };
    for item in items {
        match item {
            Item::Const(item) if is_shown(&item.vis, &item.attrs) => add(&item.ident),
            Item::Enum(item) if is_shown(&item.vis, &item.attrs) => add(&item.ident),
            Item::Fn(item) if is_shown(&item.vis, &item.attrs) => add(&item.sig.ident),
            Item::Static(item) if is_shown(&item.vis, &item.attrs) => add(&item.ident),
            Item::Struct(item) if is_shown(&item.vis, &item.attrs) => add(&item.ident),
            Item::Trait(item) if is_shown(&item.vis, &item.attrs) => add(&item.ident),
            Item::Type(item) if is_shown(&item.vis, &item.attrs) => add(&item.ident),
            _ => {}
        }
    }
    for item in items {
        match item {
            Item::Use(item) if is_shown(&item.vis, &item.attrs) => {
                read_tree(&item.tree, prefix, names);
            }
            Item::Mod(item) if is_shown(&item.vis, &item.attrs) => {
                let name = item.ident.to_string();
                names.insert(format!("{prefix}mod {name}"));
                let prefix = format!("{prefix}{name}::");
                match &item.content {
                    Some((_, items)) => read_items(items, &folder.join(name), &prefix, names),
                    None => {
                        let (path, folder) = file_of(folder, &name);
                        read_file(&path, &folder, &prefix, names);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The file of a module, and the folder of the modules in it.
fn file_of(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    let inner = folder.join(name);
    let file = folder.join(format!("{name}.rs"));
    if file.exists() { (file, inner) } else { (inner.join("mod.rs"), inner) }
}

fn read_tree(tree: &UseTree, prefix: &str, names: &mut BTreeSet<String>) {
    let name = match tree {
        UseTree::Path(path) => return read_tree(&path.tree, prefix, names),
        UseTree::Group(group) => {
            return group.items.iter().for_each(|tree| read_tree(tree, prefix, names));
        }
        UseTree::Name(name) => name.ident.to_string(),
        UseTree::Rename(rename) => rename.rename.to_string(),
        UseTree::Glob(_) => "*".to_owned(),
    };
    names.insert(format!("{prefix}{name}"));
}

fn is_shown(visibility: &Visibility, attributes: &[Attribute]) -> bool {
    matches!(visibility, Visibility::Public(_)) && !attributes.iter().any(hides)
}

fn hides(attribute: &Attribute) -> bool {
    let Ok(list) = attribute.meta.require_list() else { return false };
    let text = list.tokens.to_string();
    (attribute.path().is_ident("doc") && text == "hidden")
        || (attribute.path().is_ident("cfg") && text == "test")
}
