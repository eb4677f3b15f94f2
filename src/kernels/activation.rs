//! `activation`: the activations that no product applies, because their slope does not follow from their output, or is above 1.
//!
//! out = f(net), with f by [`Activation`].
//!
//! # Shapes
//! net (N, O) -> out (N, O)

use crate::kernels::{
    Axis, Call, HasTwin, Kernel, Part, Role, Sizes, Slice, System, variant::plain,
};
use crate::math::{F32x16, F32x64};
use crate::model::{Activation, Layer};

/// A unit is a neuron of a row.
pub(super) fn units(sizes: &Sizes) -> [usize; 2] {
    [sizes.args[0] as usize, sizes.batch]
}

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "activation",
    role: Role::Activation,
    source: include_str!("../../shaders/units/activation.wgsl"),
    args: &["O", "function"],
    reads: &["net"],
    row_reads: &[0],
    data_read: None,
    writes: &["out"],
    system: &[System::Step],
    axis: Axis::Rows,
    units,
    trips: super::sizes::no_loop,
    variants: &[plain!("activation" with "curves")],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// The call for `layer`.
pub fn call(layer: &Layer, net: Slice, out: Slice) -> Call {
    Call {
        kernel: &KERNEL,
        args: vec![layer.outputs as u32, layer.activation as u32],
        reads: vec![net],
        writes: vec![out],
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    let count = part.rows().len() * args[0] as usize;
    let out = &mut writes[0][..count];
    out.copy_from_slice(&reads[0][..count]);
    Activation::from_arg(args[1]).curve_all(out);
}
