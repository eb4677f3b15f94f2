//! `input_gradient`: hidden deltas.
//!
//! delta_below = (delta W) * f'(net_below), added over the neurons above in order.
//!
//! # Shapes
//! delta (N, O), w (O, I), below (N, I) -> out (N, I)

use crate::kernels::{
    Axis, Call, HasTwin, Kernel, Part, Role, Sizes, Slice, System,
    tiles::{Product, product_variants},
};
use crate::math::{F32x16, F32x64, Matrix, Start};
use crate::model::{Activation, Layer};

fn units(sizes: &Sizes) -> [usize; 2] {
    [sizes.args[0] as usize, sizes.batch]
}

fn trips(sizes: &Sizes) -> usize {
    sizes.args[1] as usize
}

/// The product that tiles are made of.
fn product(sizes: &Sizes) -> Product {
    Product {
        rows: sizes.batch,
        columns: sizes.args[0] as usize,
        terms: sizes.args[1] as usize,
    }
}

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "input_gradient",
    role: Role::InputGradient,
    source: include_str!("../../shaders/units/input_gradient.wgsl"),
    args: &["I", "O", "activation"],
    reads: &["delta", "w", "below"],
    row_reads: &[0, 2],
    data_read: None,
    writes: &["out"],
    system: &[System::Step],
    axis: Axis::Rows,
    units,
    trips,
    variants: product_variants!("input_gradient", "input_gradient_tile", product),
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// The call for `layer`, above neurons with activation `below_activation`.
pub fn call(
    layer: &Layer,
    below_activation: Activation,
    delta: Slice,
    w: Slice,
    below: Slice,
    out: Slice,
) -> Call {
    Call {
        kernel: &KERNEL,
        args: vec![
            layer.inputs as u32,
            layer.outputs as u32,
            below_activation.in_product() as u32,
        ],
        reads: vec![delta, w, below],
        writes: vec![out],
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    let (inputs, outputs) = (args[0] as usize, args[1] as usize);
    let activation = Activation::from_arg(args[2]);
    let w = Matrix::new(reads[1], outputs, inputs);
    let rows = part.rows().len();
    let out = &mut writes[0][..rows * inputs];
    let delta = Matrix::new(reads[0], rows, outputs);
    T::multiply(out, delta, w, part.step.rows as usize, Start::Zero);
    activation.times_slopes(out, reads[2]);
}
