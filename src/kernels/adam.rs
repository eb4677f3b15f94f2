//! `adam`: AdamW (Loshchilov and Hutter, 2019); without decay Adam (Kingma and Ba, 2015).
//!
//! m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g²;
//! p = p - learning_rate decay p - learning_rate c1 m / (sqrt(c2 v) + epsilon), c = 1 / (1 - beta^t) from the schedule,
//! of the same betas, rounded to f32 (`Optimizer::corrections`).
//!
//! # Shapes
//! gradient (P) -> parameters (P), m (P), v (P)

use crate::kernels::{
    Axis, Call, HasTwin, Kernel, Part, Role, Slice, System,
    optimizer::{note_stored, own_rate, with_rate},
    variant::plain,
};
use crate::math::{F32x16, F32x64, simd::with_simd};

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "adam",
    role: Role::Adam,
    source: include_str!("../../shaders/units/adam.wgsl"),
    args: &["beta1", "beta2", "epsilon", "decay", "rate"],
    reads: &["gradient"],
    row_reads: &[0],
    data_read: None,
    writes: &["parameters", "m", "v"],
    system: &[System::Step, System::Status],
    axis: Axis::Elements,
    units: super::sizes::an_element,
    trips: super::sizes::no_loop,
    variants: &[plain!("adam")],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// The call; `settings` beta1, beta2, epsilon and decay, `writes` parameters, m and v.
pub fn call(settings: [f64; 4], gradient: Slice, writes: [Slice; 3]) -> Call {
    Call {
        kernel: &KERNEL,
        args: with_rate(settings.map(|s| (s as f32).to_bits())),
        reads: vec![gradient],
        writes: writes.into(),
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    if part.status.stopped(part.step) {
        return;
    }
    let of = |value: f32| T::of(value.into());
    let [b1, b2, epsilon] = [0, 1, 2].map(|a| of(f32::from_bits(args[a])));
    let [c1, c2] = [part.step.correction1, part.step.correction2].map(of);
    let (learning_rate, one) = (own_rate::<T>(part, args), T::of(1.0));
    let [parameters, m, v] = writes else {
        return;
    };
    let decay = part.decay::<T>(args[3]);
    let largest = with_simd(
        #[inline(always)]
        || {
            let mut largest = 0;
            let moments = m.iter_mut().zip(v.iter_mut());
            for ((p, g), (m, v)) in parameters.iter_mut().zip(reads[0]).zip(moments) {
                *m = b1 * *m + (one - b1) * *g;
                *v = b2 * *v + (one - b2) * (*g * *g);
                if let Some(decay) = decay {
                    *p = *p - learning_rate * decay * *p;
                }
                let direction = (c1 * *m) / ((c2 * *v).sqrt() + epsilon);
                *p = *p - learning_rate * direction;
                largest = largest.max(p.magnitude());
            }
            largest
        },
    );
    note_stored(part, largest);
}
