//! `forward`: one layer of the forward pass, bias and activation included.
//!
//! out = f(x Wᵀ + b); the sum starts with the bias and adds over inputs in order.
//!
//! # Shapes
//! x (N, I), w (O, I), b (O) -> out (N, O)

use crate::kernels::{
    Axis, Call, HasTwin, Kernel, Part, Role, Sizes, Slice, System,
    tiles::{Product, product_variants},
};
use crate::math::{F32x16, F32x64, Matrix, Start};
use crate::model::{Activation, Layer};

fn units(sizes: &Sizes) -> [usize; 2] {
    [sizes.args[1] as usize, sizes.batch]
}

/// The product that tiles are made of.
fn product(sizes: &Sizes) -> Product {
    Product {
        rows: sizes.batch,
        columns: sizes.args[1] as usize,
        terms: sizes.args[0] as usize,
    }
}

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "forward",
    role: Role::Forward,
    source: include_str!("../../shaders/units/forward.wgsl"),
    args: &["I", "O", "activation"],
    reads: &["x", "w", "b"],
    row_reads: &[0],
    data_read: Some(0),
    writes: &["out"],
    system: &[System::Step],
    axis: Axis::Rows,
    units,
    trips: super::sizes::first_arg,
    variants: product_variants!("forward", "forward_tile", product),
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// The call for `layer`.
pub fn call(layer: &Layer, x: Slice, w: Slice, b: Slice, out: Slice) -> Call {
    Call {
        kernel: &KERNEL,
        args: vec![
            layer.inputs as u32,
            layer.outputs as u32,
            layer.activation.in_product() as u32,
        ],
        reads: vec![x, w, b],
        writes: vec![out],
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    let (inputs, outputs) = (args[0] as usize, args[1] as usize);
    let activation = Activation::from_arg(args[2]);
    let (w, b) = (Matrix::new(reads[1], outputs, inputs), &reads[2][..outputs]);
    let rows = part.rows().len();
    let out = &mut writes[0][..rows * outputs];
    out.chunks_exact_mut(outputs)
        .for_each(|row| row.copy_from_slice(b));
    let x = part.batch(reads[0], 0..rows, inputs);
    let all = part.step.rows as usize;
    T::multiply(out, x, w.transposed(), all, Start::Present);
    activation.apply_all(out);
}
