//! `correct`: which rows are classified right.
//!
//! hits + 1 where the largest output, the first of equals, is the class.
//!
//! # Shapes
//! out (N, O), targets (N, T), first the class number -> hits (N), added to

use crate::kernels::{Axis, Call, HasTwin, Kernel, Part, Role, Slice, System, variant::plain};
use crate::math::{F32x16, F32x64};

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "correct",
    role: Role::Correct,
    source: include_str!("../../shaders/units/correct.wgsl"),
    args: &["O", "T"],
    reads: &["out", "targets"],
    row_reads: &[0, 1],
    data_read: None,
    writes: &["hits"],
    system: &[System::Step],
    axis: Axis::Rows,
    units: super::sizes::a_row,
    trips: super::sizes::first_arg,
    variants: &[plain!("correct")],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// The call for `outputs` classes, with `width` columns of targets.
pub fn call(outputs: usize, width: usize, out: Slice, targets: Slice, hits: Slice) -> Call {
    Call {
        kernel: &KERNEL,
        args: vec![outputs as u32, width as u32],
        reads: vec![out, targets],
        writes: vec![hits],
    }
}

/// The index of the largest value, the first of equals: what `wgrad predict` answers.
pub(crate) fn largest<T: PartialOrd>(values: &[T]) -> usize {
    (1..values.len()).fold(0, |best, o| if values[o] > values[best] { o } else { best })
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    let [outputs, width] = [args[0], args[1]].map(|arg| arg as usize);
    for n in 0..part.rows().len() {
        let out = &reads[0][n * outputs..][..outputs];
        let (zero, one) = (T::of(0.0), T::of(1.0));
        let (mut best, mut label) = (out[0], zero);
        for (o, value) in out.iter().enumerate().skip(1) {
            label = value.if_above(best, T::of(o as f64), label);
            best = value.if_above(best, *value, best);
        }
        let target = reads[1][n * width];
        let below = target.if_above(label, zero, one);
        writes[0][n] += label.if_above(target, zero, below);
    }
}
