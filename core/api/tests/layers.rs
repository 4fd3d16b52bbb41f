//! The layers of this package: a file imports from its own layer and from those below it.

#![expect(clippy::unwrap_used, reason = "this is a test")]

use std::{fs, path::Path};

/// The layers from the bottom to the top. Modules that are not listed are below or above all of
/// them.
const LAYERS: [&str; 4] = ["values", "recording", "scope", "tracer"];
/// The modules above all layers.
const USES: [&str; 5] = ["attribute", "implementation", "propagation", "task", "thread"];

/// The source up to its tests, which may use everything, without comments.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

#[test]
fn no_file_imports_from_a_layer_above_its_own() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    for (height, layer) in LAYERS.iter().enumerate() {
        let above = LAYERS.iter().skip(height + 1).chain(&USES);
        for file in files(&src.join(layer)) {
            let code = code(&file);
            // `tracer` and `scope` are names of fields and functions, too.
            let imports = code.split("use crate::").skip(1);
            let imports = imports.filter_map(|rest| rest.split(';').next());
            for import in imports {
                seen += 1;
                for higher in above.clone() {
                    let is_imported = import.starts_with(&format!("{higher}::"))
                        || import.contains(&format!("{{{higher}::"))
                        || import.contains(&format!(" {higher}::"));
                    assert!(!is_imported, "{} imports from {higher}", file.display());
                }
            }
        }
    }
    assert!(seen > 20, "the imports were found");
}
