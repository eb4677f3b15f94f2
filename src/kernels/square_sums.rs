//! `square_sums`: sums of the squares of a gradient, for its norm.
//!
//! Sum j is that of elements j, j + J, j + 2 J, ..., in order.
//!
//! # Shapes
//! gradient (P) -> sums (J), J by [`sums`]

use crate::kernels::{Axis, Call, HasTwin, Kernel, Part, Role, Sizes, Slice, variant::plain};
use crate::math::{F32x16, F32x64};

fn units(sizes: &Sizes) -> [usize; 2] {
    [1, sizes.args[1] as usize]
}

fn trips(sizes: &Sizes) -> usize {
    sizes.args[0].div_ceil(sizes.args[1].max(1)) as usize
}

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "square_sums",
    role: Role::Clip,
    source: include_str!("../../shaders/units/square_sums.wgsl"),
    args: &["P", "J"],
    reads: &["gradient"],
    row_reads: &[],
    data_read: None,
    writes: &["sums"],
    system: &[],
    axis: Axis::Elements,
    units,
    trips,
    variants: &[plain!("square_sums")],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// Returns the number of sums of a tensor of so many elements: the same for every executor, so that the bits are.
pub fn sums(elements: usize) -> usize {
    elements.div_ceil(16).clamp(1, 256)
}

/// The call for a tensor of so many elements.
pub fn call(elements: usize, gradient: Slice, to: Slice) -> Call {
    Call {
        kernel: &KERNEL,
        args: vec![elements as u32, sums(elements) as u32],
        reads: vec![gradient],
        writes: vec![to],
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    let gradient = &reads[0][..args[0] as usize];
    for (j, sum) in (part.start..part.end).zip(writes[0].iter_mut()) {
        *sum = T::of(0.0);
        for g in gradient.iter().skip(j).step_by(args[1] as usize) {
            *sum += *g * *g;
        }
    }
}
