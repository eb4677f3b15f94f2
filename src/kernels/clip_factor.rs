//! `clip_factor`: what the gradient is multiplied by so that its norm is at most a limit.
//!
//! min(limit / (sqrt(sum of squares) + 1e-6), 1), as PyTorch's `clip_grad_norm_`. There is a call for each tensor; up to the
//! last one, factor holds the sum so far.
//!
//! # Shapes
//! sums (S) of squares -> factor (1)

use crate::kernels::{Axis, Call, HasTwin, Kernel, Part, Role, Sizes, Slice, variant::plain};
use crate::math::{F32x16, F32x64};

fn units(_: &Sizes) -> [usize; 2] {
    [1, 1]
}

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "clip_factor",
    role: Role::Clip,
    source: include_str!("../../shaders/units/clip_factor.wgsl"),
    args: &["S", "limit", "first", "last"],
    reads: &["sums"],
    row_reads: &[],
    data_read: None,
    writes: &["factor"],
    system: &[],
    axis: Axis::Elements,
    units,
    trips: super::sizes::first_arg,
    variants: &[plain!("clip_factor")],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// The call for one of the tensors, with so many sums, which may be the first or the last.
pub fn call(
    count: usize,
    limit: f64,
    [first, last]: [bool; 2],
    sums: Slice,
    factor: Slice,
) -> Call {
    Call {
        kernel: &KERNEL,
        args: vec![
            count as u32,
            (limit as f32).to_bits(),
            first.into(),
            last.into(),
        ],
        reads: vec![sums],
        writes: vec![factor],
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    if part.start == part.end {
        return;
    }
    let factor = &mut writes[0][0];
    let (one, limit) = (T::of(1.0), T::of(f32::from_bits(args[1]).into()));
    let mut sum = if args[2] == 0 { *factor } else { T::of(0.0) };
    reads[0][..args[0] as usize].iter().for_each(|s| sum += *s);
    if args[3] == 1 {
        let ratio = limit / (sum.sqrt() + T::of(1e-6));
        sum = ratio.if_above(one, one, ratio);
    }
    *factor = sum;
}
