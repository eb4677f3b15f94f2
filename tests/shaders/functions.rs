//! The functions of the modules: that each is called somewhere, and that a tile finds what its kernel fills in.

use crate::reflection::{validated, validated_with};
use crate::{files, printed, variants};
use naga::common::wgsl::TypeContext;
use naga::{Block, Function, Module, Statement};
use std::collections::{BTreeMap, BTreeSet};
use wgrad::kernels::Needs;

/// A function as its file has it: its name, and the types of what it takes and returns.
type Signatures = BTreeMap<String, String>;

fn callees(module: &Module, block: &Block, found: &mut BTreeSet<String>) {
    for statement in block {
        match statement {
            Statement::Call { function, .. } => {
                found.extend(module.functions[*function].name.clone());
            }
            Statement::Block(block) => callees(module, block, found),
            Statement::If { accept, reject, .. } => {
                callees(module, accept, found);
                callees(module, reject, found);
            }
            Statement::Switch { cases, .. } => {
                let bodies = cases.iter().map(|case| &case.body);
                bodies.for_each(|body| callees(module, body, found));
            }
            Statement::Loop {
                body, continuing, ..
            } => {
                callees(module, body, found);
                callees(module, continuing, found);
            }
            _ => {}
        }
    }
}

/// The names of functions that each function of a module calls, entry points among them.
fn calls(module: &Module) -> BTreeMap<String, BTreeSet<String>> {
    let functions = module.functions.iter().map(|(_, function)| function);
    let named = functions.map(|f| (f.name.clone().unwrap_or_default(), f));
    let entries = module.entry_points.iter();
    let all = named.chain(entries.map(|point| (point.name.clone(), &point.function)));
    all.map(|(name, function)| {
        let mut found = BTreeSet::new();
        callees(module, &function.body, &mut found);
        (name, found)
    })
    .collect()
}

/// The functions that some text has: `fn NAME(`.
fn defined(text: &str) -> BTreeSet<String> {
    let starts = text.lines().filter_map(|line| line.strip_prefix("fn "));
    let names = starts.filter_map(|rest| rest.split('(').next());
    names.map(str::to_owned).collect()
}

#[test]
fn every_function_is_called_in_some_module() {
    let printed = printed::modules()
        .into_iter()
        .map(|source| validated_with("printed", &source, &Needs::NOTHING, true).0);
    let variants = variants::all().into_iter().map(|(_, _, module, _)| module);
    let mut called: BTreeSet<String> = BTreeSet::new();
    for module in printed.chain(variants) {
        called.extend(calls(&module).into_values().flatten());
        called.extend(module.entry_points.iter().map(|point| point.name.clone()));
    }
    called.insert("run_copy".to_owned()); // the bench has a module of its own
    for (name, text) in files() {
        let unused: Vec<_> = defined(&text).difference(&called).cloned().collect();
        assert!(
            unused.is_empty(),
            "shaders/{name}: nothing calls {unused:?}"
        );
    }
}

fn type_name(module: &Module, ty: naga::Handle<naga::Type>) -> String {
    module.to_ctx().type_to_string(ty)
}

fn signature(module: &Module, function: &Function) -> String {
    let arguments = function.arguments.iter();
    let arguments: Vec<_> = arguments.map(|a| type_name(module, a.ty)).collect();
    let result = function.result.as_ref();
    let result = result.map_or(String::new(), |r| {
        format!(" -> {}", type_name(module, r.ty))
    });
    format!("({}){result}", arguments.join(", "))
}

fn signatures(module: &Module) -> Signatures {
    let functions = module.functions.iter().map(|(_, function)| function);
    let named = functions.map(|f| (f.name.clone().unwrap_or_default(), signature(module, f)));
    named.collect()
}

/// What the head of `tile.wgsl` lists, as a module of functions that do nothing.
fn hooks() -> Signatures {
    let tile = include_str!("../../shaders/tiles/tile.wgsl");
    let rows = tile
        .lines()
        .filter_map(|line| line.strip_prefix("//   fn "));
    let stubs = rows.map(|row| {
        let head = row.split("  ").next().unwrap_or_default().trim_end();
        match head.split_once("-> ") {
            Some((_, result)) => format!("fn {head} {{ return {result}(); }}\n"),
            None => format!("fn {head} {{}}\n"),
        }
    });
    let (module, _) = validated("the hooks", &stubs.collect::<String>(), &Needs::NOTHING);
    signatures(&module)
}

#[test]
fn a_kernels_file_fills_in_what_tiles_ask_for() {
    let hooks = hooks();
    let mut asked = BTreeSet::new();
    for (kernel, variant, module, _) in variants::all() {
        let files = files().into_iter();
        let own: String = files
            .filter(|(name, text)| {
                let is_tile =
                    name.starts_with("tiles/tile") || name.starts_with("tiles/cooperative");
                is_tile && variant.sources.contains(&text.as_str())
            })
            .map(|(_, text)| text)
            .collect();
        if own.is_empty() {
            continue;
        }
        let name = format!("{} {}", kernel.name, variant.name);
        let (own, all) = (defined(&own), signatures(&module));
        for (hook, expected) in &hooks {
            assert!(!own.contains(hook), "{name}: a tile has {hook} itself");
            assert_eq!(all.get(hook), Some(expected), "{name}: {hook}");
        }
        let shared = ["shared/", "buffers/"].map(|folder| {
            let files = crate::files().into_iter();
            let files = files.filter(|(name, _)| name.starts_with(folder));
            files.map(|(_, text)| text).collect::<String>()
        });
        let known: BTreeSet<_> = own.union(&defined(&shared.concat())).cloned().collect();
        let of_own = calls(&module).into_iter().filter(|(f, _)| own.contains(f));
        asked.extend(
            of_own.flat_map(|(_, called)| called.difference(&known).cloned().collect::<Vec<_>>()),
        );
    }
    assert_eq!(
        asked,
        hooks.into_keys().collect(),
        "the table and the tiles"
    );
}
