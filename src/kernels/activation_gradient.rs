//! `activation_gradient`: the deltas of a layer whose activation has a kernel of its own.
//!
//! delta = dE/dout * f'(net), with f by [`Activation`].
//!
//! # Shapes
//! out_gradient (N, O) = dE/dout, net (N, O) -> delta (N, O)

use super::activation::units;
use crate::kernels::{Axis, Call, HasTwin, Kernel, Part, Role, Slice, System, variant::plain};
use crate::math::{F32x16, F32x64};
use crate::model::{Activation, Layer};

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "activation_gradient",
    role: Role::Activation,
    source: include_str!("../../shaders/units/activation_gradient.wgsl"),
    args: &["O", "function"],
    reads: &["out_gradient", "net"],
    row_reads: &[0, 1],
    data_read: None,
    writes: &["delta"],
    system: &[System::Step],
    axis: Axis::Rows,
    units,
    trips: super::sizes::no_loop,
    variants: &[plain!("activation_gradient" with "curves")],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// The call for `layer`.
pub fn call(layer: &Layer, out_gradient: Slice, net: Slice, delta: Slice) -> Call {
    Call {
        kernel: &KERNEL,
        args: vec![layer.outputs as u32, layer.activation as u32],
        reads: vec![out_gradient, net],
        writes: vec![delta],
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    let count = part.rows().len() * args[0] as usize;
    let (gradients, nets) = (&reads[0][..count], &reads[1][..count]);
    let deltas = &mut writes[0][..count];
    deltas.copy_from_slice(gradients);
    Activation::from_arg(args[1]).times_curve_slopes(deltas, nets);
}
