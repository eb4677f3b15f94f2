//! `gather`: the rows of the batch, from the data set.
//!
//! x\[n\] = data_inputs\[row(n)\], targets\[n\] = data_targets\[row(n)\], where the schedule gives row(n).
//!
//! On adapters the device family brings the rows of several steps at once, step by step along the third dimension of the
//! dispatch, and the steps themselves from the schedule (`gpu/buffers/prefetch.rs`).
//!
//! The CPU device leaves the inputs where they are if all that read them can read them there (`cpu/task.rs`, `on_data`).
//!
//! # Shapes
//! data_inputs (rows, I), data_targets (rows, T) -> x (N, I), targets (N, T)

use crate::kernels::{
    Axis, Call, HasTwin, Kernel, MadeFor, Part, Role, Sizes, Slice, System, Variant,
    variant::{a_group_a_row, plain, sources},
};
use crate::math::{F32x16, F32x64, simd::prefetch};

fn units(sizes: &Sizes) -> [usize; 2] {
    [(sizes.args[0] + sizes.args[1]) as usize, sizes.batch]
}

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "gather",
    role: Role::Gather,
    source: include_str!("../../shaders/units/gather.wgsl"),
    args: &["I", "T"],
    reads: &["data_inputs", "data_targets"],
    row_reads: &[],
    data_read: None,
    writes: &["x", "targets"],
    system: &[System::Counter, System::Schedule],
    axis: Axis::Rows,
    units,
    trips: super::sizes::no_loop,
    variants: &[
        Variant {
            name: "texels",
            entry: "run_gather_texels",
            sources: sources!("buffers/gather_texels"),
            shape: |sizes| sizes.args[0].is_multiple_of(4),
            made_for: MadeFor::Software,
            groups: a_group_a_row,
            ..plain!("gather")
        },
        Variant {
            groups: a_group_a_row,
            ..plain!("gather")
        },
    ],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// The call for rows of `inputs` and `targets` elements.
pub fn call(
    inputs: usize,
    targets: usize,
    data_inputs: Slice,
    data_targets: Slice,
    x: Slice,
    batch_targets: Slice,
) -> Call {
    Call {
        kernel: &KERNEL,
        args: vec![inputs as u32, targets as u32],
        reads: vec![data_inputs, data_targets],
        writes: vec![x, batch_targets],
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    for slot in 0..2 {
        let width = args[slot] as usize;
        let row = |place: &u32| &reads[slot][*place as usize * width..][..width];
        // Rows are all over the data set: without this, each is waited for in turn once it is larger than the cache.
        part.coming.iter().for_each(|place| prefetch(row(place)));
        let batch = writes[slot].chunks_exact_mut(width);
        for (to, place) in batch.zip(part.places) {
            to.copy_from_slice(row(place));
        }
    }
}
