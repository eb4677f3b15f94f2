//! Tests of the variants' modules: their bindings, and the sizes of their workgroups.

use crate::reflection::{bindings, constant, validated};
use naga::valid::ModuleInfo;
use naga::{Expression, Module};
use std::collections::BTreeMap;
use wgrad::gpu::print::buffers::source;
use wgrad::kernels;
use wgrad::kernels::{Kernel, SCRATCH_BINDING, Stage, System, Variant, WORKGROUP, tiles};

/// Returns every variant with its module.
pub(crate) fn all() -> Vec<(&'static Kernel, &'static Variant, Module, ModuleInfo)> {
    let kernels = kernels::ALL.into_iter();
    kernels
        .flat_map(|kernel| kernel.variants.iter().map(move |variant| (kernel, variant)))
        .map(|(kernel, variant)| {
            let (module, info) = validated(variant.entry, &source(kernel, variant), &variant.needs);
            (kernel, variant, module, info)
        })
        .collect()
}

/// Returns every dispatch of every variant.
fn stages() -> Vec<(&'static Kernel, &'static Variant, Stage, Module, ModuleInfo)> {
    let mut stages = Vec::new();
    for (kernel, variant, module, info) in all() {
        for stage in variant.stages() {
            stages.push((kernel, variant, stage, module.clone(), info.clone()));
        }
    }
    stages
}

#[test]
fn every_dispatch_binds_exactly_what_the_executor_gives_it() {
    for (kernel, variant, stage, module, info) in stages() {
        let is_read = |slot: &usize| *slot < kernel.reads.len();
        let slots = (0..kernel.slots()).map(|slot| match is_read(&slot) {
            true => (stage.reads, kernel.binding(slot), "read"),
            false => (stage.writes, kernel.binding(slot), "read_write"),
        });
        let mut expected: BTreeMap<u32, &str> = slots
            .filter(|(binds, ..)| *binds)
            .map(|(_, binding, access)| (binding, access))
            .collect();
        // Numbers as in device.wgsl.
        expected.extend(variant.reduction.map(|_| (SCRATCH_BINDING, "read_write")));
        for system in kernel.system {
            expected.extend(match system {
                System::Step => vec![(0, "read")],
                System::Status => vec![(5, "read_write")],
                System::Counter => vec![(6, "read_write")],
                System::Schedule => vec![(7, "read"), (8, "read_write")],
            });
        }
        let found = bindings(&module, &info, stage.entry);
        assert_eq!(found, expected, "{}", stage.entry);
        assert!(found.len() <= 8, "{}: more than WebGPU allows", stage.entry);
        assert!(
            kernel.slots() <= 4,
            "{}: 5 is the status' number",
            kernel.name
        );
    }
}

#[test]
fn workgroups_have_the_size_that_rust_dispatches_for() {
    for (_, variant, stage, module, _) in stages() {
        let mut entries = module.entry_points.iter();
        let entry = entries.find(|point| point.name == stage.entry);
        let entry = entry.unwrap_or_else(|| panic!("there is no {}", stage.entry));
        let by_override = entry.workgroup_size_overrides;
        let by_override = by_override.and_then(|sizes| match sizes {
            [Some(size), None, None] => Some(&module.global_expressions[size]),
            _ => None,
        });
        match (variant.name, by_override) {
            ("plain", None) => assert_eq!(entry.workgroup_size, [WORKGROUP as u32, 1, 1]),
            ("cooperative_16" | "cooperative_8", Some(Expression::Override(size))) => {
                let name = module.overrides[*size].name.as_deref();
                assert_eq!(name, Some("TILE_LANES"), "{}", variant.entry);
            }
            (_, None) => {
                let invocations: u32 = entry.workgroup_size.iter().product();
                assert!(
                    invocations <= 256,
                    "{}: more than WebGPU allows",
                    variant.entry
                );
            }
            (name, _) => panic!("{}: how large is a workgroup of {name}?", variant.entry),
        }
    }
}

/// Minimum workgroup memory in bytes of GPUs that can use the largest tile.
const HARDWARE_MEMORY: u32 = 32 << 10;

#[test]
fn workgroup_memory_is_what_the_variants_ask_for() {
    for (_, variant, module, _) in all() {
        let globals = module.global_variables.iter();
        let shared = globals.filter(|(_, g)| g.space == naga::AddressSpace::WorkGroup);
        let bytes = shared.map(|(_, g)| module.types[g.ty].inner.size(module.to_ctx()));
        let needed = variant.needs.workgroup_memory;
        assert_eq!(bytes.sum::<u32>(), needed, "{}", variant.entry);
        // With less memory, the next smaller tile is used.
        let most = match variant.name {
            "tile_huge" => HARDWARE_MEMORY,
            _ => wgpu::Limits::default().max_compute_workgroup_storage_size,
        };
        assert!(needed <= most, "{}: {needed} bytes", variant.entry);
    }
}

#[test]
fn tiles_are_as_large_as_in_rust() {
    for (kernel, variant, _, _) in all() {
        let (kind, tile) = match variant.name.split_once('_') {
            Some((kind @ "cooperative", _)) => (kind, variant.name.to_owned()),
            Some((kind, size)) => (kind, format!("tile_{size}")),
            None if variant.name == tiles::REGISTERS.name => ("tile", variant.name.to_owned()),
            None => continue,
        };
        let all = tiles::COOPERATIVE.into_iter().chain(tiles::ALL);
        let all = all.chain([&tiles::REGISTERS]);
        let tile = all.into_iter().find(|t| t.name == tile);
        let tile = tile.unwrap_or_else(|| panic!("{}: there is no such tile", variant.name));
        assert_eq!(variant.exact, kind == "tile", "{}", variant.name);
        let source = source(kernel, variant);
        for (name, size) in [
            ("TILE_ROWS", tile.rows),
            ("TILE_COLUMNS", tile.columns),
            ("TILE_TERMS", tile.terms),
        ] {
            assert_eq!(constant(&source, name), size as f64, "{}", tile.name);
        }
    }
}

#[test]
fn every_module_has_the_constants_of_a_call() {
    for (kernel, variant, module, _) in all() {
        let all: Vec<&str> = module
            .overrides
            .iter()
            .filter_map(|(_, constant)| constant.name.as_deref())
            .collect();
        for name in ["ARG0", "ARG1", "ARG2", "ARG3", "ARG4", "UNITS0", "UNITS1"] {
            assert!(all.contains(&name), "{}: no override {name}", variant.entry);
        }
        assert!(kernel.args.len() <= 5, "{}", kernel.name);
    }
}

#[test]
fn modules_with_slices_have_the_constant_of_their_rows() {
    for (_, variant, module, _) in all() {
        let mut names = module.overrides.iter().map(|(_, o)| o.name.as_deref());
        let has = names.any(|name| name == Some("SLICE_ROWS"));
        assert!(has || variant.reduction.is_none(), "{}", variant.entry);
    }
}
