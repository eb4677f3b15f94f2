//! `rmsprop`: RMSprop (Hinton, 2012), in PyTorch's form.
//!
//! g = gradient + decay p; v = alpha v + (1 - alpha) g²; d = g / (sqrt(v) + epsilon); with momentum b = momentum b + d and
//! p = p - learning_rate b; without, p = p - learning_rate d. v and b start at 0.
//!
//! # Shapes
//! gradient (P) -> parameters (P), v (P), b (P), which is used only with momentum

use crate::kernels::{
    Axis, Call, HasTwin, Kernel, Part, Role, Slice, System,
    optimizer::{note_stored, own_rate, with_rate},
    variant::plain,
};
use crate::math::{F32x16, F32x64, simd::with_simd};

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "rmsprop",
    role: Role::Rmsprop,
    source: include_str!("../../shaders/units/rmsprop.wgsl"),
    args: &["momentum", "decay", "alpha", "epsilon", "rate"],
    reads: &["gradient"],
    row_reads: &[0],
    data_read: None,
    writes: &["parameters", "v", "b"],
    system: &[System::Step, System::Status],
    axis: Axis::Elements,
    units: super::sizes::an_element,
    trips: super::sizes::no_loop,
    variants: &[plain!("rmsprop")],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// The call; `settings` momentum, decay, alpha and epsilon. Without momentum there is no b to write.
pub fn call(
    settings: [f64; 4],
    gradient: Slice,
    [parameters, v]: [Slice; 2],
    b: Option<Slice>,
) -> Call {
    Call {
        kernel: &KERNEL,
        // Without a sign: what is not zero is used.
        args: with_rate(settings.map(|x| (x as f32 + 0.0).to_bits())),
        reads: vec![gradient],
        writes: [parameters, v].into_iter().chain(b).collect(),
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    if part.status.stopped(part.step) {
        return;
    }
    let [momentum, alpha, epsilon] = [0, 2, 3].map(|a| T::of(f32::from_bits(args[a]).into()));
    let (rate, one) = (own_rate::<T>(part, args), T::of(1.0));
    let (has_momentum, decay) = (args[0] != 0, part.decay::<T>(args[1]));
    let [parameters, v, rest @ ..] = writes else {
        return;
    };
    let mut none = [];
    let b: &mut [T] = match rest {
        [b] if has_momentum => b,
        _ => &mut none,
    };
    let largest = with_simd(
        #[inline(always)]
        || {
            let mut largest = 0;
            let mut buffer = b.iter_mut();
            for ((p, g), v) in parameters.iter_mut().zip(reads[0]).zip(v.iter_mut()) {
                let g = decay.map_or(*g, |decay| *g + decay * *p);
                *v = alpha * *v + (one - alpha) * (g * g);
                let mut direction = g / (v.sqrt() + epsilon);
                if let Some(b) = buffer.next() {
                    direction += momentum * *b;
                    *b = direction;
                }
                *p = *p - rate * direction;
                largest = largest.max(p.magnitude());
            }
            largest
        },
    );
    note_stored(part, largest);
}
