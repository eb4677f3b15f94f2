//! `cross_entropy`: total error and output deltas of logits, through log-sum-exp.
//!
//! lse = m + ln sum e^(out - m) with m the largest logit; E = sum t (lse - out); delta = (softmax - t) / rows.
//!
//! # Shapes
//! out (N, O), targets (N, O) or (N) class numbers -> delta (N, O), error (N), added to

use crate::kernels::{
    Axis, Call, HasTwin, Kernel, Part, Role, Sizes, Slice, System,
    loss::{close_row, wanted},
    variant::plain,
};
use crate::math::{F32x16, simd::with_simd};
use crate::model::Layer;

fn trips(sizes: &Sizes) -> usize {
    3 * sizes.args[0] as usize
}

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "cross_entropy",
    role: Role::Loss,
    source: include_str!("../../shaders/units/cross_entropy.wgsl"),
    args: &["O", "classes"],
    reads: &["out", "targets"],
    row_reads: &[0, 1],
    data_read: None,
    writes: &["delta", "error"],
    system: &[System::Step, System::Status, System::Counter],
    axis: Axis::Rows,
    units: super::sizes::a_row,
    trips,
    variants: &[plain!("cross_entropy")],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
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
    let rows = part.rows().len();
    let logits = &reads[0][..rows * outputs];
    let [deltas, errors] = writes else {
        return;
    };
    let deltas = &mut deltas[..rows * outputs];
    // The shader computes each power twice rather than keep it; here the deltas' memory keeps them.
    with_simd(
        #[inline(always)]
        || {
            for (out, delta) in logits
                .chunks_exact(outputs)
                .zip(deltas.chunks_exact_mut(outputs))
            {
                let largest = largest(out);
                let shifted = delta.iter_mut().zip(out);
                shifted.for_each(|(delta, logit)| *delta = *logit - largest);
            }
            deltas.iter_mut().for_each(|d| *d = d.exponential());
        },
    );
    let rows = logits
        .chunks_exact(outputs)
        .zip(deltas.chunks_exact_mut(outputs));
    for (n, (out, delta)) in rows.enumerate() {
        let target = &reads[1][n * targets..][..targets];
        let mut sum = T::of(0.0);
        delta.iter().for_each(|power| sum += *power);
        let log_sum = largest(out) + sum.logarithm();
        let mut error = T::of(0.0);
        for (o, (logit, delta)) in out.iter().zip(delta).enumerate() {
            let t = wanted(target, o, classes);
            error += t * (log_sum - *logit);
            *delta = (*delta / sum - t) * part.inverse_rows();
        }
        close_row(part, &mut errors[n], error);
    }
}

#[inline(always)]
fn largest<T: HasTwin>(out: &[T]) -> T {
    out.iter().fold(out[0], |a, b| b.if_above(a, *b, a))
}
