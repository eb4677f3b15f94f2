//! The device family's modules: a variant's own files; and behind a plain variant's what follows from the kernel's row, the
//! buffers that it binds, `load` and `store`, and the entry point, which calls the unit function.

use crate::kernels::{Axis, Kernel, System, Variant};
use std::fmt::Write;
use std::ops::Range;

/// What a module with cooperative matrices must begin with.
const COOPERATIVE: &str = "enable f16;\nenable wgpu_cooperative_matrix;\n";

/// The module of one of a kernel's variants.
pub fn source(kernel: &Kernel, variant: &Variant) -> String {
    let extensions = match variant.needs.cooperative {
        Some(_) => COOPERATIVE,
        None => "",
    };
    let printed = match variant.is_plain() {
        true => slots(kernel) + &entry(kernel, variant.entry),
        false => String::new(),
    };
    [extensions, &variant.sources.concat(), &printed].concat()
}

/// The kernel's slots, bound in the order of what it reads and then writes; a base is a slot's number.
fn slots(kernel: &Kernel) -> String {
    let (reads, all) = (kernel.reads.len(), kernel.slots());
    let mut text = String::new();
    for slot in 0..all {
        let access = if slot < reads { "read" } else { "read_write" };
        let binding = kernel.binding(slot);
        let _ = writeln!(
            text,
            "@group(0) @binding({binding}) var<storage, {access}> slot{slot}: array<f32>;"
        );
    }
    let loads = by_base(0..all, |slot| format!("return slot{slot}[i];"));
    let stores = by_base(reads..all, |slot| format!("slot{slot}[i] = value;"));
    let _ = writeln!(text, "fn load(base: u32, i: u32) -> f32 {{\n{loads}}}");
    let _ = writeln!(
        text,
        "fn store(base: u32, i: u32, value: f32) {{\n{stores}}}"
    );
    text
}

/// What is done for each base; the last slot is that of any other.
fn by_base(slots: Range<usize>, what: impl Fn(usize) -> String) -> String {
    let last = slots.end - 1;
    let cases = slots.map(|slot| {
        let case = match slot == last {
            true => "default".to_owned(),
            false => format!("case {slot}u"),
        };
        format!("        {case}: {{ {} }}\n", what(slot))
    });
    format!("    switch base {{\n{}    }}\n", cases.collect::<String>())
}

/// The entry point: an invocation has one unit, but where rows are brought a workgroup has all units of a row.
fn entry(kernel: &Kernel, entry: &str) -> String {
    let args = (0..kernel.args.len()).map(|arg| format!(", ARG{arg}"));
    let bases = (0..kernel.slots()).map(|slot| format!(", {slot}u"));
    let (name, rest) = (kernel.name, args.chain(bases).collect::<String>());
    let may_stop = kernel.system.contains(&System::Status);
    let body = if kernel.system.contains(&System::Schedule) {
        format!(
            "    if (!bring_row(group, lane)) {{ return; }}\n    for (var i = lane; i < UNITS0; i += WORKGROUP) {{ {name}(i, slot_row(group){rest}); }}\n"
        )
    } else {
        let is_own = match (kernel.axis, may_stop) {
            (Axis::Rows, _) => "is_row",
            (Axis::Neurons | Axis::Elements, false) => "is_unit",
            (Axis::Neurons | Axis::Elements, true) => "is_unit_of_update",
        };
        format!(
            "    let u = unit(group, lane);\n    if ({is_own}(u)) {{ {name}(u.x, u.y{rest}); }}\n"
        )
    };
    format!(
        "@compute @workgroup_size(WORKGROUP)\nfn {entry}(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {{\n{body}}}\n"
    )
}
