//! Tests of the architecture: `src` has no import cycles, and no import against the order of modules in
//! `src/README.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::read_to_string;
use std::path::Path;

/// A Rust path without `crate`.
type Segments = Vec<String>;

/// A file of `src`: its path in the crate, and its text without comments and unit tests.
struct File {
    module: Segments,
    text: String,
}

/// Returns every file of the library and of the command line. The files of the command line form a module `cli`.
fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut files) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let module = path.strip_prefix(&root).unwrap().with_extension("");
                let module = module.iter().map(|s| s.to_str().unwrap().to_owned());
                let text = code(&read_to_string(&path).unwrap());
                files.push(File {
                    module: module.collect(),
                    text,
                });
            }
        }
    }
    let is_test = |f: &File| f.module.iter().any(|s| s == "tests");
    files.retain(|f| !is_test(f) && f.module != ["main"]);
    for file in files.iter_mut().filter(|f| f.module == ["lib"]) {
        file.module.clear();
    }
    files
}

/// Returns a file's text without comments, up to its unit tests.
fn code(text: &str) -> String {
    let lines = text.lines().take_while(|line| *line != "mod tests {");
    let code = lines.map(|line| line.split("//").next().unwrap_or_default());
    code.map(without_scope).collect::<Vec<_>>().join("\n")
}

/// Returns a line without the path of `pub(in crate::...)`, which is no import.
fn without_scope(line: &str) -> String {
    let path = line
        .split_once("pub(in ")
        .and_then(|(_, rest)| rest.split_once(')'));
    match path {
        Some((path, _)) => line.replacen(&format!("(in {path})"), "", 1),
        None => line.to_owned(),
    }
}

/// Returns the `use` trees of a file, with whether each is public; and the rest of its text.
fn uses(text: &str) -> (Vec<(bool, String)>, String) {
    let (mut uses, mut rest) = (Vec::new(), String::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let start = ["use ", "pub use ", "pub(crate) use ", "pub(super) use "];
        let tree = start.iter().find_map(|s| line.trim().strip_prefix(s));
        let Some(tree) = tree else {
            rest.push_str(line);
            rest.push('\n');
            continue;
        };
        let mut tree = tree.to_owned();
        while !tree.ends_with(';') {
            tree.push_str(lines.next().expect("a use ends in a semicolon").trim());
        }
        tree.pop();
        uses.push((line.trim().starts_with("pub"), tree));
    }
    (uses, rest)
}

/// Returns the paths of a `use` tree, with the name that each gets.
fn leaves(tree: &str) -> Vec<(Segments, String)> {
    let segments = |path: &str| -> Segments {
        let parts = path.split("::").map(str::trim);
        parts.filter(|s| !s.is_empty()).map(str::to_owned).collect()
    };
    let Some(open) = tree.find('{') else {
        let (path, name) = tree.split_once(" as ").unwrap_or((tree, ""));
        let mut path = segments(path);
        if path.last().is_some_and(|s| s == "self") {
            path.pop();
        }
        let last = path.last().cloned().unwrap_or_default();
        let name = if name.is_empty() {
            last
        } else {
            name.trim().to_owned()
        };
        return vec![(path, name)];
    };
    let head = segments(&tree[..open]);
    let inner = &tree[open + 1..tree.rfind('}').expect("a closed brace")];
    let (mut depth, mut from, mut parts) = (0, 0, Vec::new());
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[from..]);
    let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
    let all = parts.flat_map(leaves);
    all.map(|(path, name)| ([head.clone(), path].concat(), name))
        .collect()
}

/// Returns the paths in the code, such as `crate::text::figure(...)`, or `child::run(...)` of a module that the file
/// declares.
fn inline(text: &str) -> Vec<Segments> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let paths = text.split(|c| !is_part(c)).map(|word| -> Segments {
        let segments = word.split("::").filter(|s| !s.is_empty());
        segments.map(str::to_owned).collect()
    });
    paths.filter(|path| path.len() > 1).collect()
}

/// Resolves `path`, as written in `module`, from the root of the crate. Returns `None` for other crates.
fn absolute(path: &[String], module: &[String], known: &BTreeSet<Segments>) -> Option<Segments> {
    let (first, rest) = path.split_first()?;
    match first.as_str() {
        "crate" | "wgrad" => Some(rest.to_vec()),
        "self" => Some([module, rest].concat()),
        "super" => {
            let ups = path.iter().take_while(|s| *s == "super").count();
            let base = &module[..module.len().checked_sub(ups)?];
            Some([base, &path[ups..]].concat())
        }
        _ => {
            let child = [module, &path[..1]].concat();
            known.contains(&child).then(|| [module, path].concat())
        }
    }
}

/// Returns the files that each file imports from. Resolves public `use`s: an import through one depends on its target.
fn imports(files: &[File]) -> BTreeMap<Segments, BTreeSet<Segments>> {
    let known: BTreeSet<Segments> = files.iter().map(|f| f.module.clone()).collect();
    let mut signposts: BTreeMap<Segments, Segments> = BTreeMap::new();
    for file in files {
        for (_, tree) in uses(&file.text).0.iter().filter(|(public, _)| *public) {
            for (path, name) in leaves(tree) {
                if let Some(to) = absolute(&path, &file.module, &known) {
                    let from = [&file.module[..], &[name]].concat();
                    // A function with the name of its file resolves to itself.
                    if !to.starts_with(&from) {
                        signposts.insert(from, to);
                    }
                }
            }
        }
    }
    let file_of = |mut path: Segments| {
        while let Some(length) = (1..=path.len())
            .rev()
            .find(|n| signposts.contains_key(&path[..*n]))
        {
            path = [signposts[&path[..length]].clone(), path[length..].to_vec()].concat();
        }
        let mut lengths = (0..=path.len()).rev();
        lengths
            .find(|n| known.contains(&path[..*n]))
            .map(|n| path[..n].to_vec())
    };
    let imports = files.iter().map(|file| {
        let (used, rest) = uses(&file.text);
        let used = used.into_iter().filter(|(public, _)| !public);
        let used = used
            .flat_map(|(_, tree)| leaves(&tree))
            .map(|(path, _)| path);
        let all = used.chain(inline(&rest));
        let all = all.filter_map(|path| absolute(&path, &file.module, &known));
        let all = all.filter_map(file_of).filter(|to| *to != file.module);
        (file.module.clone(), all.collect())
    });
    imports.collect()
}

/// Returns files that import one another in a cycle, in order, or `None`.
fn circle(imports: &BTreeMap<Segments, BTreeSet<Segments>>) -> Option<Vec<String>> {
    let mut done = BTreeSet::new();
    fn visit<'a>(
        file: &'a Segments,
        way: &mut Vec<&'a Segments>,
        done: &mut BTreeSet<&'a Segments>,
        imports: &'a BTreeMap<Segments, BTreeSet<Segments>>,
    ) -> bool {
        if let Some(at) = way.iter().position(|f| *f == file) {
            way.drain(..at);
            return true;
        }
        if done.contains(file) {
            return false;
        }
        way.push(file);
        let of = imports.get(file).into_iter().flatten();
        for next in of {
            if visit(next, way, done, imports) {
                return true;
            }
        }
        way.pop();
        done.insert(file);
        false
    }
    let found = imports.keys().find_map(|file| {
        let mut way = Vec::new();
        visit(file, &mut way, &mut done, imports).then_some(way)
    });
    found.map(|way| way.iter().map(|file| file.join("::")).collect())
}

/// Parses the list of modules in `src/README.md`, lowest first: its lines `1. `a`, `b``.
fn rooms() -> Vec<Vec<String>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/README.md");
    let text = read_to_string(path).unwrap();
    let is_room = |line: &&str| {
        line.split_once(". `")
            .is_some_and(|(n, _)| n.parse::<u32>().is_ok())
    };
    let lines = text.lines().filter(is_room);
    let named = |line: &str| -> Vec<String> {
        let (list, _) = line.split_once(':').unwrap_or((line, ""));
        list.split('`')
            .skip(1)
            .step_by(2)
            .map(|room| room.replace('/', "::"))
            .collect()
    };
    lines.map(named).collect()
}

/// Returns the position of a file in the order of modules.
fn level(rooms: &[Vec<String>], file: &Segments) -> Option<usize> {
    let path = file.join("::");
    let is_in = |room: &String| path == *room || path.starts_with(&format!("{room}::"));
    rooms.iter().position(|level| level.iter().any(is_in))
}

#[test]
fn no_files_import_one_another_in_a_circle() {
    let found = circle(&imports(&files()));
    assert_eq!(
        found, None,
        "each of these imports the next, and the last the first"
    );
}

#[test]
fn no_import_goes_up_the_order_of_rooms() {
    let (rooms, imports) = (rooms(), imports(&files()));
    assert!(rooms.len() > 5, "src/README.md lists the rooms: {rooms:?}");
    let roof = |file: &Segments| file.is_empty() || file.len() == 1 && file[0] == "gpu";
    for (file, all) in imports.iter().filter(|(file, _)| !roof(file)) {
        let own = level(&rooms, file)
            .unwrap_or_else(|| panic!("{file:?} is in no room of src/README.md"));
        for to in all.iter().filter(|to| !roof(to)) {
            let other = level(&rooms, to)
                .unwrap_or_else(|| panic!("{to:?} is in no room of src/README.md"));
            let same = file[0] == to[0];
            assert!(
                other < own || other == own && same,
                "{file:?} imports from {to:?}, which stands above it"
            );
        }
    }
}

#[test]
fn a_circle_is_found_through_a_signpost() {
    let file = |module: &str, text: &str| File {
        module: module.split("::").map(str::to_owned).collect(),
        text: code(text),
    };
    let front = file("a", "pub mod x;\npub use x::X;");
    let x = file("a::x", "use crate::b::{self, B};");
    let open = file("b", "pub struct B;");
    assert_eq!(circle(&imports(&[front, x, open])), None);
    let front = file("a", "pub mod x;\npub use x::X;");
    let x = file("a::x", "use crate::b::{self, B};");
    let closed = file(
        "b",
        "use crate::a::X; // through the signpost\npub struct B;",
    );
    let found = circle(&imports(&[front, x, closed]));
    assert_eq!(found, Some(vec!["a::x".to_owned(), "b".to_owned()]));
}
