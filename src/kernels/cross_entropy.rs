//! `cross_entropy`: total error and output deltas of logits, through log-sum-exp.
//!
//! lse = m + ln sum e^(out - m) with m the largest logit; E = sum t (lse - out); delta = (softmax - t) / rows.
//!
//! # Shapes
//! out (N, O), targets (N, O) or (N) class numbers -> delta (N, O), error (N), added to

use crate::kernel::{Axis, HasTwin, Kernel, Sizes, Slots, System, plain};
use crate::lanes::Lanes;
use crate::loss::{close_row, wanted};
use crate::mlp::Layer;
use crate::plan::{Call, Part, Slice};

fn trips(sizes: &Sizes) -> usize {
    3 * sizes.args[0] as usize
}

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "cross_entropy",
    source: include_str!("../../shaders/cross_entropy.wgsl"),
    args: &["O", "classes"],
    reads: &["out", "targets"],
    row_reads: &[0, 1],
    writes: &["delta", "error"],
    system: &[System::Step, System::Status, System::Counter],
    axis: Axis::Rows,
    units: super::a_row,
    trips,
    variants: &[plain("run_cross_entropy", Slots::R2W2)],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<Lanes>,
};

/// The call for the output `layer`, whose activation must be the identity: `reads` out and targets, `writes` delta
/// and error.
pub fn call(layer: &Layer, classes: bool, reads: [Slice; 2], writes: [Slice; 2]) -> Call {
    Call {
        kernel: &KERNEL,
        args: vec![layer.outputs as u32, classes.into()],
        reads: reads.into(),
        writes: writes.into(),
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    let (outputs, classes) = (args[0] as usize, args[1] != 0);
    let targets = if classes { 1 } else { outputs };
    for n in 0..part.rows().len() {
        let out = &reads[0][n * outputs..][..outputs];
        let target = &reads[1][n * targets..][..targets];
        let delta = &mut writes[0][n * outputs..][..outputs];
        let larger = |a: T, b: &T| b.if_above(a, *b, a);
        let largest = out.iter().fold(out[0], larger);
        let mut sum = T::of(0.0);
        out.iter()
            .for_each(|logit| sum += (*logit - largest).exponential());
        let log_sum = largest + sum.logarithm();
        let mut error = T::of(0.0);
        for (o, (logit, delta)) in out.iter().zip(delta).enumerate() {
            let t = wanted(target, o, classes);
            error += t * (log_sum - *logit);
            let softmax = (*logit - largest).exponential() / sum;
            *delta = (softmax - t) * part.inverse_rows();
        }
        close_row(part, &mut writes[1][n], error);
    }
}
