//! `absolute_error`: total error and output deltas of losses that large errors do not rule.
//!
//! With d = out - t: E = w / O sum |d|, delta = w sign(d) f'(net) / (O rows) (`mae`, PyTorch's `L1Loss`). If huber, near 0
//! d² / 2 and d, and |d| - 1/2 elsewhere (`huber`, PyTorch's `HuberLoss` and `SmoothL1Loss`, with the threshold 1). w is the
//! weight of the row.
//!
//! # Shapes
//! out (N, O), targets (N, T) -> delta (N, O), error (N), added to; T by [`Targets::width`]

use crate::kernels::{
    Axis, Call, HasTwin, Kernel, Part, Role, Slice, System,
    loss::{Targets, close_row},
    variant::plain,
};
use crate::math::{F32x16, F32x64};
use crate::model::{Activation, Layer};

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "absolute_error",
    role: Role::Loss,
    source: include_str!("../../shaders/units/absolute_error.wgsl"),
    args: &["O", "activation", "huber", "form"],
    reads: &["out", "targets"],
    row_reads: &[0, 1],
    data_read: None,
    writes: &["delta", "error"],
    system: &[System::Step, System::Status, System::Counter],
    axis: Axis::Rows,
    units: super::sizes::a_row,
    trips: super::sizes::first_arg,
    variants: &[plain!("absolute_error")],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// The call for the output `layer`: `reads` out and targets, `writes` delta and error.
pub fn call(
    layer: &Layer,
    huber: bool,
    targets: Targets,
    reads: [Slice; 2],
    writes: [Slice; 2],
) -> Call {
    let activation = layer.activation.in_product() as u32;
    Call {
        kernel: &KERNEL,
        args: vec![
            layer.outputs as u32,
            activation,
            huber.into(),
            targets.arg(),
        ],
        reads: reads.into(),
        writes: writes.into(),
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    let (outputs, form) = (args[0] as usize, Targets::from_arg(args[3]));
    let activation = Activation::from_arg(args[1]);
    let targets = form.width(outputs);
    let (huber, scale) = (args[2] == 1, T::of(1.0) / T::of(outputs as f64));
    let [zero, half, one] = [0.0, 0.5, 1.0].map(T::of);
    for n in 0..part.rows().len() {
        let out = &reads[0][n * outputs..][..outputs];
        let target = &reads[1][n * targets..][..targets];
        let delta = &mut writes[0][n * outputs..][..outputs];
        let weight = form.weight(target);
        let share = weight * part.inverse_rows();
        let mut sum = zero;
        for (o, (y, delta)) in out.iter().zip(delta).enumerate() {
            let d = *y - form.wanted(target, o);
            let magnitude = d.if_above(zero, d, zero - d);
            let sign = d.if_above(zero, one, zero.if_above(d, zero - one, d));
            let (error, direction) = match huber {
                false => (magnitude, sign),
                true => (
                    one.if_above(magnitude, half * d * d, magnitude - half),
                    one.if_above(magnitude, d, sign),
                ),
            };
            sum += error;
            *delta = scale * direction * activation.slope(*y) * share;
        }
        close_row(part, &mut writes[1][n], weight * (scale * sum));
    }
}
