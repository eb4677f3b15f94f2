//! Reflection of modules with naga.

use naga::front::wgsl;
use naga::valid::{Capabilities, ModuleInfo, ShaderStages, SubgroupOperationSet};
use naga::valid::{ValidationFlags, Validator};
use naga::{AddressSpace, Module, StorageAccess, TypeInner};
use std::collections::BTreeMap;
use wgrad::kernels::Needs;

/// Parses and validates a module. Allows the features in `needs`, and nothing else beyond core WGSL.
pub(crate) fn validated(name: &str, source: &str, needs: &Needs) -> (Module, ModuleInfo) {
    validated_with(name, source, needs, false)
}

/// Like [`validated`], for a module that may use subgroups.
pub(crate) fn validated_with(
    name: &str,
    source: &str,
    needs: &Needs,
    subgroups: bool,
) -> (Module, ModuleInfo) {
    let mut capabilities = Capabilities::empty();
    if subgroups {
        capabilities |= Capabilities::SUBGROUP;
    }
    if needs.cooperative.is_some() {
        capabilities |= Capabilities::COOPERATIVE_MATRIX | Capabilities::SHADER_FLOAT16;
    }
    let module = wgsl::parse_str(source)
        .unwrap_or_else(|why| panic!("{name}: {}", why.emit_to_string(source)));
    let mut validator = Validator::new(ValidationFlags::all(), capabilities);
    if subgroups {
        validator
            .subgroup_stages(ShaderStages::COMPUTE)
            .subgroup_operations(SubgroupOperationSet::all());
    }
    let info = validator.validate(&module);
    let info = info.unwrap_or_else(|why| panic!("{name}: {}", why.emit_to_string(source)));
    (module, info)
}

/// Returns the bindings of an entry point: `read`, `read_write` or `uniform`, by number.
pub(crate) fn bindings(
    module: &Module,
    info: &ModuleInfo,
    entry: &str,
) -> BTreeMap<u32, &'static str> {
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

/// Returns the members of a struct (name, offset), and its size.
pub(crate) fn layout(module: &Module, name: &str) -> (Vec<(String, u32)>, u32) {
    let mut types = module.types.iter();
    let found = types.find(|(_, ty)| ty.name.as_deref() == Some(name));
    match found.map(|(_, ty)| &ty.inner) {
        Some(TypeInner::Struct { members, span }) => {
            let members = members.iter();
            let named = members.map(|m| (m.name.clone().unwrap_or_default(), m.offset));
            (named.collect(), *span)
        }
        other => panic!("struct {name}: {other:?}"),
    }
}

/// Returns the value of `const NAME = value;`.
pub(crate) fn constant(source: &str, name: &str) -> f64 {
    let text = source
        .split_once(&format!("const {name} = "))
        .and_then(|(_, rest)| rest.split_once(';'))
        .unwrap_or_else(|| panic!("there is no const {name}"))
        .0;
    let number = text.trim_end_matches('u').parse();
    number.unwrap_or_else(|why| panic!("const {name} = {text}: {why}"))
}
