//! Imports inside of each package: no two files of a folder need each other, and no two folders.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use syn::{
    Attribute, Item, ItemUse, Meta, UseTree, Visibility,
    visit::{self, Visit},
};

/// The sources of the packages, from the folder of this package.
const SOURCES: [&str; 9] = [
    "../core/api/src",
    "../core/macros/src",
    "../core/src",
    "../core/opentelemetry/src",
    "../core/http/src",
    "../middleware-server/src",
    "../middleware-client/src",
    "dev-agent/src",
    "src",
];

/// Modules that may be imported from everywhere: `Config` has its fields and methods in the files
/// of its options, whose values are types of other modules.
const EXCEPTIONS: [&[&str]; 2] = [&["config", "values"], &["config", "options"]];

/// The place of a module or a name in its package; that of the root is empty.
type Place = Vec<String>;

/// A name that a file refers to.
#[derive(Clone)]
struct Reference {
    /// As it is written: from `crate`, `self`, `super` or a module of the file.
    path: Place,
    /// The name that an import gives it.
    name: Option<String>,
    /// Whether other files can see it here too.
    is_exported: bool,
    /// The number of modules around it that have no file of their own.
    inline: usize,
}

/// The references of a file, without its tests.
#[derive(Default)]
struct References {
    found: Vec<Reference>,
    inline: usize,
}

impl References {
    fn add_tree(&mut self, tree: &UseTree, before: &[String], is_exported: bool) {
        let with = |name: &str| [before, &[name.to_owned()]].concat();
        let (path, name) = match tree {
            UseTree::Path(path) => {
                return self.add_tree(&path.tree, &with(&path.ident.to_string()), is_exported);
            }
            UseTree::Group(group) => {
                return group
                    .items
                    .iter()
                    .for_each(|tree| self.add_tree(tree, before, is_exported));
            }
            UseTree::Name(name) if name.ident == "self" => {
                (before.to_vec(), before.last().cloned())
            }
            UseTree::Name(name) => (with(&name.ident.to_string()), Some(name.ident.to_string())),
            UseTree::Rename(name) => (with(&name.ident.to_string()), Some(name.rename.to_string())),
            UseTree::Glob(_) => (before.to_vec(), None),
        };
        self.found.push(Reference { path, name, is_exported, inline: self.inline });
    }
}

impl<'ast> Visit<'ast> for References {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(item) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.inline += 1;
        visit::visit_item_mod(self, module);
        self.inline -= 1;
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let is_exported = !matches!(item.vis, Visibility::Inherited);
        self.add_tree(&item.tree, &[], is_exported);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let path_text = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let inline = self.inline;
        self.found.push(Reference { path: path_text, name: None, is_exported: false, inline });
        visit::visit_path(self, path);
    }
}

fn is_test(item: &Item) -> bool {
    let attributes: &[Attribute] = match item {
        Item::Mod(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    };
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        _ => false,
    })
}

/// The files of a package by their modules.
struct Package(BTreeMap<Place, Vec<Reference>>);

impl Package {
    fn read(source: &Path) -> Self {
        let mut files = BTreeMap::new();
        read_folder(source, &[], &mut files);
        Self(files)
    }

    /// Returns the file that has what a file refers to; `None` if it is of another package.
    fn file_of(&self, file: &Place, reference: &Reference, depth: usize) -> Option<Place> {
        let mut path = reference.path.iter().peekable();
        let mut place = file.clone();
        match path.peek()?.as_str() {
            "crate" => {
                path.next();
                place.clear();
            }
            "self" => {
                path.next();
            }
            "super" => {
                let mut inline = reference.inline;
                while path.next_if(|segment| *segment == "super").is_some() {
                    match inline.checked_sub(1) {
                        Some(less) => inline = less,
                        None => drop(place.pop()),
                    }
                }
            }
            first => {
                place.push(first.to_owned());
                let is_module = self.0.contains_key(&place);
                place.pop();
                is_module.then_some(())?;
            }
        }
        while let Some(segment) = path.peek() {
            place.push((*segment).clone());
            if !self.0.contains_key(&place) {
                place.pop();
                break;
            }
            path.next();
        }
        // A name that the file takes from another one.
        let name = path.peek().map(|name| name.as_str());
        let mut imports = self.0.get(&place)?.iter().filter(|import| import.is_exported);
        let import = imports.find(|import| name.is_some() && import.name.as_deref() == name);
        import
            .filter(|_| depth < 8)
            .and_then(|import| self.file_of(&place, import, depth + 1))
            .or(Some(place))
    }

    /// Returns the imports between files and folders of the same folder, by this folder. The file
    /// of the folder itself is `mod`.
    fn imports(&self) -> BTreeMap<Place, BTreeSet<(String, String)>> {
        let mut imports: BTreeMap<Place, BTreeSet<(String, String)>> = BTreeMap::new();
        for (from, references) in &self.0 {
            // Names that a file only hands on are not needed there.
            for reference in references.iter().filter(|reference| !reference.is_exported) {
                let Some(to) = self.file_of(from, reference, 0) else { continue };
                let starts = |except: &&[&str]| to.iter().zip(*except).all(|(a, b)| a == b);
                if EXCEPTIONS.iter().any(|except| to.len() >= except.len() && starts(except)) {
                    continue;
                }
                let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
                let child =
                    |place: &Place| place.get(common).map_or("mod", String::as_str).to_owned();
                let (importer, imported) = (child(from), child(&to));
                if importer != imported {
                    imports.entry(to[..common].to_vec()).or_default().insert((importer, imported));
                }
            }
        }
        imports
    }
}

fn read_folder(folder: &Path, place: &[String], files: &mut BTreeMap<Place, Vec<Reference>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let inside = [place, &[name.to_owned()]].concat();
        if name == "tests" || name == "bin" {
            continue;
        }
        if path.is_dir() {
            read_folder(&path, &inside, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let mut references = References::default();
            references.visit_file(&syn::parse_file(&text).unwrap());
            let is_folder = ["mod", "lib", "main"].contains(&name);
            files.insert(if is_folder { place.to_vec() } else { inside }, references.found);
        }
    }
}

/// Returns the members of circles: what is left if those that import nothing more, or that
/// nothing more imports, are taken away one after the other.
fn circles(imports: &BTreeSet<(String, String)>) -> BTreeSet<(String, String)> {
    let mut left = imports.clone();
    loop {
        let importers: BTreeSet<String> =
            left.iter().map(|(importer, _)| importer.clone()).collect();
        let imported: BTreeSet<String> =
            left.iter().map(|(_, imported)| imported.clone()).collect();
        let before = left.len();
        left.retain(|(from, to)| imported.contains(from) && importers.contains(to));
        if left.len() == before {
            return left;
        }
    }
}

#[test]
fn files_and_folders_import_in_one_direction() {
    for source in SOURCES {
        let package = Package::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(source));
        let imports = package.imports();
        // A package of one folder has none, and `packdog-macros` few.
        assert!(!imports.is_empty(), "no imports were found in {source}");
        for (folder, imports) in imports {
            let circles = circles(&imports);
            assert!(circles.is_empty(), "{source} {folder:?}: {circles:#?}");
        }
    }
}

#[test]
fn a_circle_is_found_and_what_leads_there_is_not_part_of_it() {
    let imports = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(from, to)| (from.to_string(), to.to_string())).collect::<BTreeSet<_>>()
    };
    let chain = [("a", "b"), ("b", "c"), ("a", "c")];
    assert_eq!(circles(&imports(&chain)), imports(&[]));
    let circle = [("b", "c"), ("c", "d"), ("d", "b")];
    assert_eq!(
        circles(&imports(&[&[("a", "b")], &circle[..], &[("d", "e")]].concat())),
        imports(&circle)
    );
}
