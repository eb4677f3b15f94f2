//! The shaders, without a GPU: that they are valid, and that what Rust believes of them is so.

use naga::front::wgsl;
use naga::valid::{Capabilities, ModuleInfo, ValidationFlags, Validator};
use naga::{AddressSpace, Expression, Literal, Module, StorageAccess, TypeInner};
use std::collections::BTreeMap;
use std::mem::offset_of;
use std::path::Path;
use wgrad::activation::{self, Activation};
use wgrad::backprop::{self, Order, Training};
use wgrad::kernel::{Kernel, System, Variant, WORKGROUP};
use wgrad::kernels;
use wgrad::loss::Loss;
use wgrad::mlp::Mlp;
use wgrad::optimizer::Optimizer;
use wgrad::plan::{Phase, Plan, Status, inline};
use wgrad::schedule::Step;

/// Parses and validates; fast variants may use subgroups, the others nothing beyond core WGSL.
fn validated(name: &str, source: &str, subgroups: bool) -> (Module, ModuleInfo) {
    let module = wgsl::parse_str(source)
        .unwrap_or_else(|why| panic!("{name}: {}", why.emit_to_string(source)));
    let capabilities = match subgroups {
        true => Capabilities::SUBGROUP,
        false => Capabilities::empty(),
    };
    let mut validator = Validator::new(ValidationFlags::all(), capabilities);
    if subgroups {
        validator
            .subgroup_stages(naga::valid::ShaderStages::COMPUTE)
            .subgroup_operations(naga::valid::SubgroupOperationSet::all());
    }
    let info = validator.validate(&module);
    let info = info.unwrap_or_else(|why| panic!("{name}: {}", why.emit_to_string(source)));
    (module, info)
}

/// Every variant, with its module.
fn variants() -> Vec<(&'static Kernel, &'static Variant, Module, ModuleInfo)> {
    let all = kernels::ALL.into_iter();
    all.flat_map(|kernel| kernel.variants.iter().map(move |variant| (kernel, variant)))
        .map(|(kernel, variant)| {
            let subgroups = variant.needs.simd_subgroups;
            let (module, info) = validated(variant.entry, &variant.sources.concat(), subgroups);
            (kernel, variant, module, info)
        })
        .collect()
}

/// What an entry point binds: `read`, `read_write` or `uniform`, by number.
fn bindings(module: &Module, info: &ModuleInfo, entry: &str) -> BTreeMap<u32, &'static str> {
    let mut entries = module.entry_points.iter();
    let index = entries.position(|point| point.name == entry);
    let used = info.get_entry_point(index.unwrap_or_else(|| panic!("there is no {entry}")));
    let globals = module.global_variables.iter();
    globals
        .filter(|(handle, _)| !used[*handle].is_empty())
        .filter_map(|(_, global)| {
            let binding = global.binding.as_ref()?;
            assert_eq!(binding.group, 0, "{entry}");
            Some((binding.binding, access(global.space)))
        })
        .collect()
}

fn access(space: AddressSpace) -> &'static str {
    match space {
        AddressSpace::Storage { access } if access.contains(StorageAccess::STORE) => "read_write",
        AddressSpace::Storage { .. } => "read",
        AddressSpace::Uniform => "uniform",
        other => panic!("{other:?} has no binding"),
    }
}

#[test]
fn every_variant_binds_exactly_what_the_executor_gives_it() {
    for (kernel, variant, module, info) in variants() {
        // Numbers as in slots_*.wgsl and device.wgsl.
        let reads = variant.slots.reads() as u32;
        let slot = |binding| (binding, if binding <= reads { "read" } else { "read_write" });
        let mut expected: BTreeMap<u32, &str> = (1..=4).map(slot).collect();
        for system in kernel.system {
            expected.extend(match system {
                System::Step => vec![(0, "read")],
                System::Status => vec![(5, "read_write")],
                System::Counter => vec![(6, "read_write")],
                System::Schedule => vec![(7, "read"), (8, "read_write")],
            });
        }
        let found = bindings(&module, &info, variant.entry);
        assert_eq!(found, expected, "{}", variant.entry);
        assert!(found.len() <= 8, "{}: more than WebGPU allows", variant.entry);
        assert!(kernel.reads.len() <= reads as usize, "{}", variant.entry);
        assert!(kernel.writes.len() <= 4 - reads as usize, "{}", variant.entry);
    }
}
