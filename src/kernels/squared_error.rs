//! `squared_error`: total error and output deltas.
//!
//! E = w s/2 sum (out - t)², delta = w s (out - t) f'(net) / rows, with s = 1 (`half-sse`, the article's) or 2 / O (`mse`,
//! PyTorch's), and w the weight of the row.
//!
//! # Shapes
//! out (N, O), targets (N, T) -> delta (N, O), error (N), added to; T by [`Targets::width`]

use crate::kernels::{
    Axis, Call, HasTwin, Kernel, Part, Role, Slice, System,
    loss::{Targets, close_row},
    variant::plain,
};
use crate::math::{F32x16, F32x64, simd::with_simd};
use crate::model::{Activation, Layer};

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "squared_error",
    role: Role::Loss,
    source: include_str!("../../shaders/units/squared_error.wgsl"),
    args: &["O", "activation", "mean", "form"],
    reads: &["out", "targets"],
    row_reads: &[0, 1],
    data_read: None,
    writes: &["delta", "error"],
    system: &[System::Step, System::Status, System::Counter],
    axis: Axis::Rows,
    units: super::sizes::a_row,
    trips: super::sizes::first_arg,
    variants: &[plain!("squared_error")],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// The call for the output `layer`: `reads` out and targets, `writes` delta and error.
pub fn call(
    layer: &Layer,
    mean: bool,
    targets: Targets,
    reads: [Slice; 2],
    writes: [Slice; 2],
) -> Call {
    let activation = layer.activation.in_product() as u32;
    Call {
        kernel: &KERNEL,
        args: vec![layer.outputs as u32, activation, mean.into(), targets.arg()],
        reads: reads.into(),
        writes: writes.into(),
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    let (outputs, form) = (args[0] as usize, Targets::from_arg(args[3]));
    let activation = Activation::from_arg(args[1]);
    let targets = form.width(outputs);
    let scale = match args[2] {
        0 => T::of(1.0),
        _ => T::of(2.0) / T::of(outputs as f64),
    };
    with_simd(
        #[inline(always)]
        || {
            for n in 0..part.rows().len() {
                let out = &reads[0][n * outputs..][..outputs];
                let target = &reads[1][n * targets..][..targets];
                let delta = &mut writes[0][n * outputs..][..outputs];
                let weight = form.weight(target);
                let share = weight * part.inverse_rows();
                let mut sum = T::of(0.0);
                for (o, (y, delta)) in out.iter().zip(delta).enumerate() {
                    let difference = *y - form.wanted(target, o);
                    sum += difference * difference;
                    *delta = scale * difference * activation.slope(*y) * share;
                }
                let error = weight * (T::of(0.5) * scale * sum);
                close_row(part, &mut writes[1][n], error);
            }
        },
    );
}
