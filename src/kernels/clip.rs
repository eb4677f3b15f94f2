//! `clip`: clips a gradient by its norm, by its values, or both.
//!
//! g = factor g, with factor by `clip_factor`; then g is moved into -limit..limit (PyTorch's `clip_grad_value_`).
//!
//! # Shapes
//! factor (1) -> gradient (P)

use crate::kernels::{Axis, Call, HasTwin, Kernel, Part, Role, Slice, variant::plain};
use crate::math::{F32x16, F32x64, simd::with_simd};

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "clip",
    role: Role::Clip,
    source: include_str!("../../shaders/units/clip.wgsl"),
    args: &["limit", "scales"],
    reads: &["factor"],
    row_reads: &[],
    data_read: None,
    writes: &["gradient"],
    system: &[],
    axis: Axis::Elements,
    units: super::sizes::an_element,
    trips: super::sizes::no_loop,
    variants: &[plain!("clip")],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// The call; without a `limit` of the values it is 0. `scales` says whether there is a factor.
pub fn call(limit: f64, scales: bool, factor: Slice, gradient: Slice) -> Call {
    Call {
        kernel: &KERNEL,
        args: vec![(limit as f32 + 0.0).to_bits(), scales.into()],
        reads: vec![factor],
        writes: vec![gradient],
    }
}

fn twin<T: HasTwin>(_: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    let limit = T::of(f32::from_bits(args[0]).into());
    let factor = reads[0][0];
    let (has_limit, scales) = (args[0] != 0, args[1] == 1);
    with_simd(
        #[inline(always)]
        || {
            for g in writes[0].iter_mut() {
                if scales {
                    *g = *g * factor;
                }
                if has_limit {
                    let below = g.if_above(limit, limit, *g);
                    *g = (-limit).if_above(*g, -limit, below);
                }
            }
        },
    );
}
