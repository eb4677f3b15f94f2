//! `sgd`: stochastic gradient descent with momentum and weight decay.
//!
//! g = gradient + decay p; v = momentum v + g; p = p - learning_rate v (PyTorch's form; v starts at 0).
//!
//! # Shapes
//! gradient (P) -> parameters (P), velocity (P), which is used only with momentum

use crate::kernel::{Axis, HasTwin, Kernel, Slots, System, plain};
use crate::lanes::Lanes;
use crate::optimizer::store_parameter;
use crate::plan::{Call, Part, Slice};

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "sgd",
    source: include_str!("../../shaders/sgd.wgsl"),
    args: &["momentum", "decay"],
    reads: &["gradient"],
    row_reads: &[0],
    writes: &["parameters", "velocity"],
    system: &[System::Step, System::Status],
    axis: Axis::Elements,
    units: super::an_element,
    trips: super::no_loop,
    variants: &[plain("run_sgd", Slots::R1W3)],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<Lanes>,
};

/// The call; `writes` parameters and velocity.
pub fn call(momentum: f64, decay: f64, gradient: Slice, writes: [Slice; 2]) -> Call {
    Call {
        kernel: &KERNEL,
        args: vec![(momentum as f32).to_bits(), (decay as f32).to_bits()],
        reads: vec![gradient],
        writes: writes.into(),
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    if part.status.stopped(part.step) {
        return;
    }
    let [momentum, decay] = [args[0], args[1]].map(|bits| T::of(f32::from_bits(bits).into()));
    let learning_rate = part.learning_rate::<T>();
    let (parameters, rest) = writes.split_at_mut(1);
    let gradient = reads[0];
    for (k, (parameter, gradient)) in parameters[0].iter_mut().zip(gradient).enumerate() {
        let (p, mut g) = (*parameter, *gradient);
        if args[1] != 0 {
            g += decay * p;
        }
        if args[0] != 0 {
            g += momentum * rest[0][k];
            rest[0][k] = g;
        }
        store_parameter(part, parameter, p - learning_rate * g);
    }
}
