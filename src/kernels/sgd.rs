//! `sgd`: stochastic gradient descent with momentum and weight decay.
//!
//! g = gradient + decay p; v = momentum v + g; p = p - learning_rate v (PyTorch's form; v starts at 0); with Nesterov's
//! momentum p = p - learning_rate (g + momentum v).
//!
//! # Shapes
//! gradient (P) -> parameters (P), velocity (P), which is used only with momentum

use crate::kernels::{
    Axis, Call, HasTwin, Kernel, Part, Role, Slice, System,
    optimizer::{note_stored, own_rate, with_rate},
    variant::plain,
};
use crate::math::{F32x16, F32x64, product::sgd::SgdStep, simd::with_simd};

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "sgd",
    role: Role::Sgd,
    source: include_str!("../../shaders/units/sgd.wgsl"),
    args: &["momentum", "decay", "nesterov", "rate"],
    reads: &["gradient"],
    row_reads: &[0],
    data_read: None,
    writes: &["parameters", "velocity"],
    system: &[System::Step, System::Status],
    axis: Axis::Elements,
    units: super::sizes::an_element,
    trips: super::sizes::no_loop,
    variants: &[plain!("sgd")],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// The call; without momentum there is no velocity to write.
pub fn call(
    momentum: f64,
    decay: f64,
    nesterov: bool,
    gradient: Slice,
    parameters: Slice,
    velocity: Option<Slice>,
) -> Call {
    // Without a sign: what is not zero is used.
    let [momentum, decay] = [momentum, decay].map(|x| (x as f32 + 0.0).to_bits());
    Call {
        kernel: &KERNEL,
        args: with_rate([momentum, decay, nesterov.into()]),
        reads: vec![gradient],
        writes: [parameters].into_iter().chain(velocity).collect(),
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    if part.status.stopped(part.step) {
        return;
    }
    let setting = |bits: u32| (bits != 0).then(|| T::of(f32::from_bits(bits).into()));
    let (momentum, decay) = (setting(args[0]), part.decay(args[1]));
    let rate = own_rate::<T>(part, args);
    let Some((parameters, rest)) = writes.split_first_mut() else {
        return;
    };
    let sgd_step = SgdStep { rate, decay };
    let largest = match momentum {
        None => sgd_step.take(parameters, reads[0]),
        Some(momentum) => with_simd(
            #[inline(always)]
            || match args[2] {
                0 => momentum_step::<T, false>(parameters, reads[0], rest[0], momentum, sgd_step),
                _ => momentum_step::<T, true>(parameters, reads[0], rest[0], momentum, sgd_step),
            },
        ),
    };
    note_stored(part, largest);
}

/// The step with momentum.
#[inline(always)]
fn momentum_step<T: HasTwin, const NESTEROV: bool>(
    parameters: &mut [T],
    gradient: &[T],
    velocity: &mut [T],
    momentum: T,
    sgd_step: SgdStep<T>,
) -> u32 {
    let mut largest = 0;
    let all = parameters.iter_mut().zip(gradient).zip(velocity);
    for ((p, g), v) in all {
        let g = sgd_step.decayed(*p, *g);
        *v = g + momentum * *v;
        let direction = if NESTEROV { g + momentum * *v } else { *v };
        *p = *p - sgd_step.rate * direction;
        largest = largest.max(p.magnitude());
    }
    largest
}
