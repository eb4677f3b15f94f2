//! Tests of the shaders without a GPU: they are valid, and Rust's assumptions about them hold.

mod blocks;
mod functions;
mod printed;
mod reflection;
mod variants;

use naga::TypeInner;
use reflection::{constant, layout, validated};
use std::collections::BTreeMap;
use std::mem::offset_of;
use std::path::{Path, PathBuf};
use wgrad::gpu::print::buffers::source;
use wgrad::kernels;
use wgrad::kernels::{Status, Step, WORKGROUP};
use wgrad::model::{Activation, activation};

#[test]
fn a_row_of_the_schedule_is_laid_out_as_in_rust() {
    let expected = [
        ("index", offset_of!(Step, index)),
        ("first", offset_of!(Step, first)),
        ("count", offset_of!(Step, count)),
        ("start", offset_of!(Step, start)),
        ("rows", offset_of!(Step, rows)),
        ("shuffle", offset_of!(Step, shuffle)),
        ("key", offset_of!(Step, key)),
        ("learning_rate", offset_of!(Step, learning_rate)),
        ("inverse_rows", offset_of!(Step, inverse_rows)),
        ("correction1", offset_of!(Step, correction1)),
        ("correction2", offset_of!(Step, correction2)),
        ("decay_factor", offset_of!(Step, decay_factor)),
        ("dropout_rate", offset_of!(Step, dropout_rate)),
        ("dropout_scale", offset_of!(Step, dropout_scale)),
        ("spare", offset_of!(Step, spare)),
    ];
    let expected = expected.map(|(name, offset)| (name.to_owned(), offset as u32));
    for (_, variant, module, _) in variants::all() {
        let (members, size) = layout(&module, "Step");
        assert_eq!(members, expected, "{}", variant.entry);
        assert_eq!(size as usize, size_of::<Step>(), "{}", variant.entry);
    }
}

#[test]
fn unit_functions_take_what_their_kernels_list() {
    for kernel in kernels::ALL {
        let plain = &kernel.variants[kernel.variants.len() - 1];
        assert_eq!(
            plain.name, "plain",
            "{}: the last variant needs nothing",
            kernel.name
        );
        assert!(plain.sources.contains(&kernel.source), "{}", kernel.name);
        let (module, _) = validated(kernel.name, &source(kernel, plain), &plain.needs);
        let mut functions = module.functions.iter();
        let unit = functions.find(|(_, function)| function.name.as_deref() == Some(kernel.name));
        let (_, unit) = unit.unwrap_or_else(|| panic!("there is no function {}", kernel.name));
        let names: Vec<&str> = unit
            .arguments
            .iter()
            .map(|argument| argument.name.as_deref().unwrap_or_default())
            .collect();
        let expected = [kernel.args, kernel.reads, kernel.writes].concat();
        assert_eq!(names[2..], expected, "{}", kernel.name);
        for argument in &unit.arguments {
            let inner = &module.types[argument.ty].inner;
            assert_eq!(
                inner,
                &TypeInner::Scalar(naga::Scalar::U32),
                "{}",
                kernel.name
            );
        }
    }
}

#[test]
fn constants_are_those_of_rust() {
    let source = kernels::activation::KERNEL.variants[0].sources.concat();
    for activation in Activation::ALL {
        // As in a configuration: leaky_relu is LEAKY_RELU.
        let name = serde_json::to_value(activation).expect("a name");
        let name = name.as_str().expect("a name").to_uppercase();
        assert_eq!(constant(&source, &name), f64::from(activation as u32));
    }
    assert_eq!(constant(&source, "LEAK"), activation::LEAK);
    assert_eq!(constant(&source, "WORKGROUP"), WORKGROUP as f64);
    let most = wgpu::Limits::default().max_compute_workgroups_per_dimension;
    assert_eq!(constant(&source, "ROW_OF_GROUPS"), f64::from(most));
    let word = |name| Status::explain(constant(&source, name) as u32);
    use wgrad::kernels::Diverged::{Forward, Update};
    assert_eq!(word("FORWARD_DIVERGED"), Some(Forward { step: 0 }));
    assert_eq!(word("UPDATE_DIVERGED"), Some(Update { step: 0 }));
}

/// Folder, name and text of every file beside the README.
fn files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
    let within = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap_or_else(|why| panic!("{folder:?}: {why}"));
        let paths = entries.map(|entry| entry.unwrap_or_else(|why| panic!("{why}")).path());
        paths.filter(|path| !path.ends_with("README.md")).collect()
    };
    let paths = within(&root).into_iter().flat_map(|folder| within(&folder));
    paths
        .map(|path| {
            let text = std::fs::read_to_string(&path);
            let name = path.strip_prefix(&root).unwrap_or(&path);
            (
                name.to_string_lossy().into_owned(),
                text.unwrap_or_else(|why| panic!("{why}")),
            )
        })
        .collect()
}

#[test]
fn the_kernels_are_those_that_have_a_unit_function() {
    let files = files().into_iter();
    let units = files.filter_map(|(name, text)| {
        let unit = name.strip_prefix("units/")?.strip_suffix(".wgsl")?;
        Some((unit.to_owned(), text))
    });
    let kernels = kernels::ALL.map(|kernel| (kernel.name.to_owned(), kernel.source.to_owned()));
    assert_eq!(
        units.collect::<BTreeMap<_, _>>(),
        BTreeMap::from(kernels),
        "kernels::ALL and shaders/units"
    );
}

#[test]
fn every_shader_file_is_used_by_some_module() {
    let printed = printed::modules();
    let variants = kernels::ALL.iter().flat_map(|kernel| kernel.variants);
    let sources: Vec<&str> = variants
        .flat_map(|variant| variant.sources)
        .copied()
        .chain([wgrad::bench::ceiling::COPY_SHADER])
        .collect();
    for (name, text) in files() {
        let used = sources.contains(&text.as_str()) || printed.iter().any(|m| m.contains(&text));
        assert!(used, "shaders/{name} is in no module");
    }
}

#[test]
fn no_shader_file_needs_an_extension_or_is_longer_than_150_lines() {
    for (name, text) in files() {
        assert!(name.ends_with(".wgsl"), "shaders/{name}");
        let lines = text.lines().count();
        assert!(lines <= 150, "shaders/{name} has {lines} lines");
        let directive = |line: &str| {
            ["enable ", "requires ", "diagnostic("]
                .iter()
                .any(|d| line.trim().starts_with(d))
        };
        assert!(
            !text.lines().any(directive),
            "shaders/{name} has a directive"
        );
    }
}
