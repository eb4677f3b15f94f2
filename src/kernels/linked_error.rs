//! `linked_error`: total error and output deltas of losses whose outputs stand for another number, through a *link*.
//!
//! Poisson's, of the logarithm of a mean (PyTorch's `PoissonNLLLoss`): E = w / O sum (e^out - t out), delta = w (e^out - t) /
//! (O rows). If binary, cross-entropy of the logit of a probability (PyTorch's `BCEWithLogitsLoss`): E = w / O sum
//! (ln (1 + e^out) - t out), delta = w (1 / (1 + e^-out) - t) / (O rows). w is the weight of the row.
//!
//! # Shapes
//! out (N, O), targets (N, T) -> delta (N, O), error (N), added to; T by [`Targets::width`]

use crate::kernels::{
    Axis, Call, HasTwin, Kernel, Part, Role, Slice, System,
    loss::{Targets, close_row},
    variant::plain,
};
use crate::math::{F32x16, F32x64};
use crate::model::Layer;

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "linked_error",
    role: Role::Loss,
    source: include_str!("../../shaders/units/linked_error.wgsl"),
    args: &["O", "binary", "form"],
    reads: &["out", "targets"],
    row_reads: &[0, 1],
    data_read: None,
    writes: &["delta", "error"],
    system: &[System::Step, System::Status, System::Counter],
    axis: Axis::Rows,
    units: super::sizes::a_row,
    trips: super::sizes::first_arg,
    variants: &[plain!("linked_error")],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// The call for the output `layer`, whose activation must be the identity: `reads` out and targets, `writes` delta and
/// error.
pub fn call(
    layer: &Layer,
    binary: bool,
    targets: Targets,
    reads: [Slice; 2],
    writes: [Slice; 2],
) -> Call {
    Call {
        kernel: &KERNEL,
        args: vec![layer.outputs as u32, binary.into(), targets.arg()],
        reads: reads.into(),
        writes: writes.into(),
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    let (outputs, form) = (args[0] as usize, Targets::from_arg(args[2]));
    let targets = form.width(outputs);
    let (is_binary, scale) = (args[1] == 1, T::of(1.0) / T::of(outputs as f64));
    let zero = T::of(0.0);
    for n in 0..part.rows().len() {
        let out = &reads[0][n * outputs..][..outputs];
        let target = &reads[1][n * targets..][..targets];
        let delta = &mut writes[0][n * outputs..][..outputs];
        let weight = form.weight(target);
        let share = weight * part.inverse_rows();
        let mut sum = zero;
        for (o, (y, delta)) in out.iter().zip(delta).enumerate() {
            let (y, t) = (*y, form.wanted(target, o));
            let mean = match is_binary {
                true => {
                    // Without the difference of two large numbers where y is far from 0.
                    let certain = y.if_above(zero, y, zero) - t * y;
                    let below = zero.if_above(y, y, -y);
                    sum += certain + below.exponential().logarithm_of_one_more();
                    y.logistic()
                }
                false => {
                    let mean = y.exponential();
                    sum += mean - t * y;
                    mean
                }
            };
            *delta = scale * (mean - t) * share;
        }
        close_row(part, &mut writes[1][n], weight * (scale * sum));
    }
}
