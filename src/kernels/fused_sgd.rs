//! `fused_sgd`: a layer's gradient and its step of gradient descent in one, for an optimizer that remembers nothing.
//!
//! W = W - learning_rate (deltaᵀ x + decay W), b = b - learning_rate (sum of delta + decay b); rows added in order: the bits
//! of `weight_gradient` and then `sgd`, with no gradient stored. No plan has it; executors make it of the two
//! (`plan/fusion.rs`).
//!
//! # Shapes
//! delta (N, O), x (N, I) -> w (O, I), b (O)

use super::weight_gradient::{product, trips, units};
use crate::kernels::{
    Axis, Call, HasTwin, Kernel, Part, Role, Slice, System, optimizer::note_stored,
    tiles::product_variants, weight_gradient::split,
};
use crate::math::{F32x16, F32x64, Matrix, product::sgd::SgdStep};

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "fused_sgd",
    role: Role::FusedSgd,
    source: include_str!("../../shaders/units/fused_sgd.wgsl"),
    args: &["I", "O", "decay"],
    reads: &["delta", "x"],
    row_reads: &[],
    data_read: Some(1),
    writes: &["w", "b"],
    system: &[System::Step, System::Status],
    axis: Axis::Neurons,
    units,
    trips,
    variants: product_variants!(
        "fused_sgd" and "weight_gradient",
        "fused_sgd_tile" and "fused_sgd_update" and "weight_gradient_terms" and "weight_slots",
        product,
        split!("split_large", LARGE, "tile_large", "fused_sgd_split" and "tile_quarters" and "fused_sgd_update"),
        split!("split_small", SMALL, "tile_small", "fused_sgd_split" and "fused_sgd_update"),
        split!("split_skinny", SKINNY, "tile_skinny", "fused_sgd_split" and "fused_sgd_update"),
    ),
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// Biases whose sums are made together.
const BIASES: usize = 32;

/// The call for a layer of so many inputs and outputs; `decay` as its bits.
pub fn call(
    [inputs, outputs]: [u32; 2],
    decay: u32,
    reads: [Slice; 2],
    writes: [Slice; 2],
) -> Call {
    Call {
        kernel: &KERNEL,
        args: vec![inputs, outputs, decay],
        reads: reads.into(),
        writes: writes.into(),
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    if part.status.stopped(part.step) {
        return;
    }
    let (inputs, outputs) = (args[0] as usize, args[1] as usize);
    let rows = part.step.rows as usize;
    let sgd_step = SgdStep {
        rate: part.learning_rate::<T>(),
        decay: part.decay(args[2]),
    };
    let x = part.batch(reads[1], 0..rows, inputs);
    let delta = &reads[0][..rows * outputs];
    let by_neuron = Matrix::new(delta, rows, outputs).transposed();
    let [w, b] = writes else {
        return;
    };
    let own = by_neuron.rows(part.start, part.end);
    let mut largest = T::multiply_into_sgd(w, own, x, outputs, sgd_step);
    for (c, biases) in b.chunks_mut(BIASES).enumerate() {
        let mut sums = [T::of(0.0); BIASES];
        for row in delta.chunks_exact(outputs) {
            let deltas = &row[part.start + c * BIASES..part.end];
            sums.iter_mut().zip(deltas).for_each(|(sum, d)| *sum += *d);
        }
        largest = largest.max(sgd_step.take(biases, &sums));
    }
    note_stored(part, largest);
}
