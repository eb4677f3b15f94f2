//! `cross_entropy`: total error and output deltas of logits, through log-sum-exp.
//!
//! lse = m + ln sum e^(out - m) with m the largest logit; E = w sum t (lse - out); delta = w (softmax - t) / rows,
//! with t = keep target + rest, which smooths labels, and w the weight of the row.
//!
//! # Shapes
//! out (N, O), targets (N, T) -> delta (N, O), error (N), added to; T by [`Targets::width`]

use crate::kernels::{
    Axis, Call, HasTwin, Kernel, Part, Role, Sizes, Slice, System,
    loss::{Targets, close_row},
    variant::plain,
};
use crate::math::{F32x16, F32x64, simd::with_simd};
use crate::model::Layer;

fn trips(sizes: &Sizes) -> usize {
    3 * sizes.args[0] as usize
}

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "cross_entropy",
    role: Role::Loss,
    source: include_str!("../../shaders/units/cross_entropy.wgsl"),
    args: &["O", "keep", "rest", "form"],
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
    twin_many_lanes: twin::<F32x64>,
};

/// The call for the output `layer`, whose activation must be the identity: `reads` out and targets, `writes` delta
/// and error. `smoothing` is what a label gives away to all classes alike, from 0 to 1.
pub fn call(
    layer: &Layer,
    smoothing: f64,
    targets: Targets,
    reads: [Slice; 2],
    writes: [Slice; 2],
) -> Call {
    let rest = smoothing / layer.outputs as f64;
    let [keep, rest] = [1.0 - smoothing, rest].map(|x| (x as f32).to_bits());
    Call {
        kernel: &KERNEL,
        args: vec![layer.outputs as u32, keep, rest, targets.arg()],
        reads: reads.into(),
        writes: writes.into(),
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    let (outputs, form) = (args[0] as usize, Targets::from_arg(args[3]));
    let [keep, rest] = [args[1], args[2]].map(|bits| T::of(f32::from_bits(bits).into()));
    let targets = form.width(outputs);
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
        let weight = form.weight(target);
        let share = weight * part.inverse_rows();
        let mut error = T::of(0.0);
        for (o, (logit, delta)) in out.iter().zip(delta).enumerate() {
            let t = keep * form.wanted(target, o) + rest;
            error += t * (log_sum - *logit);
            *delta = (*delta / sum - t) * share;
        }
        close_row(part, &mut errors[n], weight * error);
    }
}

#[inline(always)]
fn largest<T: HasTwin>(out: &[T]) -> T {
    out.iter().fold(out[0], |a, b| b.if_above(a, *b, a))
}
