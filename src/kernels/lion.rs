//! `lion`: Lion (Chen et al., *Symbolic discovery of optimization algorithms*, 2023).
//!
//! u = sign(beta1 m + (1 - beta1) g); p = p - learning_rate decay p - learning_rate u; m = beta2 m + (1 - beta2) g.
//!
//! # Shapes
//! gradient (P) -> parameters (P), m (P)

use crate::kernels::{
    Axis, Call, HasTwin, Kernel, Part, Role, Slice, System,
    optimizer::{note_stored, own_rate, with_rate},
    variant::plain,
};
use crate::math::{F32x16, F32x64, simd::with_simd};

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "lion",
    role: Role::Lion,
    source: include_str!("../../shaders/units/lion.wgsl"),
    args: &["beta1", "beta2", "decay", "rate"],
    reads: &["gradient"],
    row_reads: &[0],
    data_read: None,
    writes: &["parameters", "m"],
    system: &[System::Step, System::Status],
    axis: Axis::Elements,
    units: super::sizes::an_element,
    trips: super::sizes::no_loop,
    variants: &[plain!("lion")],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// The call; `settings` beta1, beta2 and decay, `writes` parameters and m.
pub fn call(settings: [f64; 3], gradient: Slice, writes: [Slice; 2]) -> Call {
    Call {
        kernel: &KERNEL,
        // Without a sign: a decay that is not zero is used.
        args: with_rate(settings.map(|s| (s as f32 + 0.0).to_bits())),
        reads: vec![gradient],
        writes: writes.into(),
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    if part.status.stopped(part.step) {
        return;
    }
    let [b1, b2] = [0, 1].map(|a| T::of(f32::from_bits(args[a]).into()));
    let (rate, one, zero) = (own_rate::<T>(part, args), T::of(1.0), T::of(0.0));
    let decay = part.decay::<T>(args[2]);
    let [parameters, m] = writes else {
        return;
    };
    let largest = with_simd(
        #[inline(always)]
        || {
            let mut largest = 0;
            for ((p, g), m) in parameters.iter_mut().zip(reads[0]).zip(m.iter_mut()) {
                let mixed = b1 * *m + (one - b1) * *g;
                *m = b2 * *m + (one - b2) * *g;
                if let Some(decay) = decay {
                    *p = *p - rate * decay * *p;
                }
                // What is neither above nor below 0 is 0 or NaN, and stays what it is.
                let direction = mixed.if_above(zero, one, zero.if_above(mixed, -one, mixed));
                *p = *p - rate * direction;
                largest = largest.max(p.magnitude());
            }
            largest
        },
    );
    note_stored(part, largest);
}
