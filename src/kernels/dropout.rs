//! `dropout`: some neurons of a layer are left out of a step.
//!
//! out = scale x where the mask keeps a neuron, 0 where it drops it, with scale = 1 / (1 - rate), both from the schedule. The
//! deltas of x follow from those of out by the same call. The mask is a function of seed, step, row of the batch, layer and neuron, so that every
//! family has the same.
//!
//! # Shapes
//! x (N, I) -> out (N, I)

use crate::kernels::{
    Axis, Call, HasTwin, Kernel, Part, Role, Sizes, Slice, System, variant::plain,
};
use crate::math::{
    F32x16, F32x64,
    random::{is_dropped, mask_of_row},
};

fn units(sizes: &Sizes) -> [usize; 2] {
    [sizes.args[0] as usize, sizes.batch]
}

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "dropout",
    role: Role::Dropout,
    source: include_str!("../../shaders/units/dropout.wgsl"),
    args: &["I", "layer"],
    reads: &["x"],
    row_reads: &[0],
    data_read: None,
    writes: &["out"],
    system: &[System::Step],
    axis: Axis::Rows,
    units,
    trips: super::sizes::no_loop,
    variants: &[plain!("dropout")],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// The call that drops each of the `width` neurons of a `layer` with the probability that the step has.
pub fn call(width: usize, layer: usize, x: Slice, out: Slice) -> Call {
    Call {
        kernel: &KERNEL,
        args: vec![width as u32, layer as u32],
        reads: vec![x],
        writes: vec![out],
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    let (width, layer) = (args[0] as usize, args[1]);
    let rate = part.step.dropout_rate;
    let (zero, scale) = (T::of(0.0), T::of(part.step.dropout_scale.into()));
    let key = part.step.key;
    let rows = part.rows();
    let all = reads[0]
        .chunks_exact(width)
        .zip(writes[0].chunks_exact_mut(width));
    for (n, (x, out)) in rows.zip(all) {
        let mask = mask_of_row(key, part.step.index, n as u32, layer);
        for (i, (x, out)) in x.iter().zip(out).enumerate() {
            let drops = is_dropped(mask, key, i as u32, layer, rate);
            *out = if drops { zero } else { scale * *x };
        }
    }
}
