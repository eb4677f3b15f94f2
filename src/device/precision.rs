//! Opens a device for another precision, and checks it with a small network.

use super::Device;
use crate::Error;
use crate::cpu::CpuSession;
use crate::gpu::{Gpu, Precision};
use crate::kernels::{Buffer, Step};
use crate::math::{Random, Stream};
use crate::model::{Activation, Loss, Mlp, Optimizer};
use crate::plan::{Order, Phase, Plan, Session, Training, backprop};
use std::sync::Arc;

impl Device {
    /// Returns the same device, computing in `precision`.
    ///
    /// # Errors
    /// If the device does not support it, or computes a wrong gradient for a small network. The CPU device does not
    /// support mixed precision. An adapter needs cooperative matrices of f16 that are accumulated in f32, and subgroups
    /// of one size.
    pub fn computing(self, precision: Precision) -> Result<Device, Error> {
        let gpu = match (&self, precision) {
            (_, Precision::F32) => return Ok(self),
            (Device::Cpu, _) => {
                return Err(Error::Adapter(
                    "precision mixed: expected a GPU with cooperative matrices (wgrad devices says which have them), found the CPU device; use `device = gpu`, or `precision = f32`".to_owned(),
                ));
            }
            (Device::Gpu(gpu), _) => gpu,
        };
        let mut opened = Gpu::open(&gpu.adapter, precision)?;
        opened.sums = gpu.sums;
        if opened.capabilities().cooperative.is_none() {
            return Err(Error::Adapter(format!(
                "{}: precision mixed needs cooperative matrices (of 16 by 16 or 8 by 8 f16, added in f32) and subgroups of one size, which this adapter or its driver lacks; use `precision = f32`",
                gpu.info.name
            )));
        }
        let device = Device::Gpu(Arc::new(opened));
        check(&device)?;
        Ok(device)
    }
}

/// The number of rows and the layer widths of the network for the check: not multiples of a tile, and larger than one
/// tile.
const ROWS: usize = 75;
const WIDTHS: [usize; 3] = [90, 83, 21];
/// The largest allowed error of a gradient, relative to its largest element. A product of f16 is within 2^-10 of the
/// magnitude of its terms, and two layers of them are within about 2^-8. An error in the memory layout is as large as
/// the numbers.
const TOLERANCE: f64 = 1.0 / 128.0;

/// Compares a gradient with that of the reference.
fn check(device: &Device) -> Result<(), Error> {
    let mlp = Mlp::random(&WIDTHS, Activation::Tanh, Activation::Sigmoid, 1);
    let training = Training {
        loss: Loss::HalfSse,
        optimizer: Optimizer::sgd(0.1),
        batch_size: ROWS,
        classes: false,
        order: Order::Simultaneous,
        train_bias: true,
        ..Training::default()
    };
    let plan = backprop::train(&mlp, &training);
    let mut session = device.load(&plan, ROWS)?;
    let found = [
        gradient(&mut *session, &mlp)?,
        gradient_of_sgd_step(&mut *session, &mlp)?,
    ];
    let used = |kernel: &str| {
        let mut chosen = session.kernel_choices().iter();
        chosen.any(|c| c.kernel == kernel && c.is_mixed())
    };
    let all = ["forward", "input_gradient", "weight_gradient", "fused_sgd"];
    if let Some(unused) = all.into_iter().find(|kernel| !used(kernel)) {
        return Err(Error::Adapter(format!(
            "{}: precision mixed: {unused} cannot use its cooperative matrices; use `precision = f32`",
            device.name()
        )));
    }
    let expected = reference(&plan, &mlp)?;
    let largest = expected.iter().fold(0.0, |most: f64, g| most.max(g.abs()));
    let pairs = found.iter().flat_map(|found| found.iter().zip(&expected));
    let mut distances = pairs.map(|(f, e)| (f64::from(*f) - e).abs());
    let is_wrong = |d: &f64| d.is_nan() || *d > TOLERANCE * largest;
    let Some(distance) = distances.find(is_wrong) else {
        return Ok(());
    };
    let distance = distance / largest;
    Err(Error::Adapter(format!(
        "{}: precision mixed was checked with a small network, and a gradient is off by {distance:.1e} of the largest, expected at most {TOLERANCE:.1e}; use `precision = f32`",
        device.name()
    )))
}

/// Computes the gradient of the network on random rows.
fn gradient<T: crate::kernels::HasTwin>(
    session: &mut dyn Session<T>,
    mlp: &Mlp,
) -> Result<Vec<T>, Error> {
    let random = Random::new(1, Stream::Data, 0);
    let numbers = |count: usize| -> Vec<T> {
        let numbers = (0..count as u32).map(|i| random.normal(i) as f32);
        numbers.map(|x| T::of(x.into())).collect()
    };
    let parameters = mlp.parameters.iter().map(|p| T::of((*p).into()));
    session.write(Buffer::DataInputs, &numbers(ROWS * WIDTHS[0]))?;
    session.write(Buffer::DataTargets, &numbers(ROWS * WIDTHS[2]))?;
    session.write(Buffer::Parameters, &parameters.collect::<Vec<T>>())?;
    session.run(Phase::Gradient, &[Step::whole(ROWS, 0.0)])?;
    session.read(Buffer::Gradient)
}

/// Computes the gradient as the change of the parameters in an SGD step with a learning rate of 1. Call it after
/// [`gradient`].
fn gradient_of_sgd_step(session: &mut dyn Session<f32>, mlp: &Mlp) -> Result<Vec<f32>, Error> {
    session.run(Phase::Train, &[Step::whole(ROWS, 1.0)])?;
    let after = session.read(Buffer::Parameters)?;
    let parameters = mlp.parameters.iter().zip(after);
    Ok(parameters.map(|(before, after)| before - after).collect())
}

/// Computes the gradient in f64.
fn reference(plan: &Plan, mlp: &Mlp) -> Result<Vec<f64>, Error> {
    gradient(&mut CpuSession::<f64>::new(plan, ROWS, 1)?, mlp)
}
