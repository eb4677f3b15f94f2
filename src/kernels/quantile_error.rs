//! `quantile_error`: total error and output deltas of the quantile loss, also called pinball loss.
//!
//! With d = t - out: E = w / O sum max(q d, (q - 1) d), delta = w (-q where d > 0, 1 - q where d < 0) f'(net) / (O rows). w is
//! the weight of the row. The output with the least loss is the quantile q of the targets (Koenker and Bassett, 1978).
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
    name: "quantile_error",
    role: Role::Loss,
    source: include_str!("../../shaders/units/quantile_error.wgsl"),
    args: &["O", "activation", "quantile", "form"],
    reads: &["out", "targets"],
    row_reads: &[0, 1],
    data_read: None,
    writes: &["delta", "error"],
    system: &[System::Step, System::Status, System::Counter],
    axis: Axis::Rows,
    units: super::sizes::a_row,
    trips: super::sizes::first_arg,
    variants: &[plain!("quantile_error")],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// The call for the output `layer`: `reads` out and targets, `writes` delta and error.
pub fn call(
    layer: &Layer,
    quantile: f64,
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
            (quantile as f32).to_bits(),
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
    let scale = T::of(1.0) / T::of(outputs as f64);
    let quantile = T::of(f32::from_bits(args[2]).into());
    let (zero, rest) = (T::of(0.0), T::of(1.0) - quantile);
    for n in 0..part.rows().len() {
        let out = &reads[0][n * outputs..][..outputs];
        let target = &reads[1][n * targets..][..targets];
        let delta = &mut writes[0][n * outputs..][..outputs];
        let weight = form.weight(target);
        let share = weight * part.inverse_rows();
        let mut sum = zero;
        for (o, (y, delta)) in out.iter().zip(delta).enumerate() {
            let d = form.wanted(target, o) - *y;
            sum += zero.if_above(d, -rest, quantile) * d;
            let direction = zero.if_above(d, rest, d.if_above(zero, -quantile, zero));
            *delta = scale * direction * activation.slope(*y) * share;
        }
        close_row(part, &mut writes[1][n], weight * (scale * sum));
    }
}
