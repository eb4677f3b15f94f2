//! Precision: products in f32, or in mixed precision by an adapter's cooperative matrices, opt-in and checked first.

use super::{Device, Gpu, capabilities};
use crate::Error;
use crate::activation::Activation;
use crate::backprop::{self, Order, Training};
use crate::kernel::Capabilities;
use crate::kernels::tiles::COOPERATIVE;
use crate::loss::Loss;
use crate::mlp::Mlp;
use crate::optimizer::Optimizer;
use crate::plan::{Buffer, Phase, Plan, Session, cpu};
use crate::random::{Random, Stream};
use crate::schedule::Step;
use std::sync::Arc;

/// What products are computed in. Parameters, sums, activations and updates are f32 in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// f32.
    #[default]
    F32,
    /// Terms rounded to f16, by cooperative matrices (`tile_cooperative.wgsl` has the bound), for layers wide enough.
    Mixed,
}

impl Precision {
    /// Every precision.
    pub const ALL: [Precision; 2] = [Precision::F32, Precision::Mixed];

    /// What an adapter is asked for, and the size of its cooperative matrices; nothing where it has none.
    pub(super) fn extensions(
        self,
        adapter: &wgpu::Adapter,
    ) -> (wgpu::Features, wgpu::ExperimentalFeatures, Option<u32>) {
        match (self, matrices(adapter)) {
            (Precision::Mixed, Some(size)) => (FEATURES, experimental(), Some(size)),
            _ => Default::default(),
        }
    }
}

/// What mixed precision asks of wgpu.
const FEATURES: wgpu::Features =
    wgpu::Features::EXPERIMENTAL_COOPERATIVE_MATRIX.union(wgpu::Features::SHADER_F16);

/// Rows and columns of the cooperative matrices that mixed precision would use on an adapter: square, of f16 that are added
/// in f32, where all subgroups are of one size.
pub fn matrices(adapter: &wgpu::Adapter) -> Option<u32> {
    let features = adapter.features();
    let properties = match features.contains(FEATURES) {
        true => adapter.cooperative_matrix_properties(),
        false => Vec::new(),
    };
    usable(
        &properties,
        &capabilities(&adapter.get_info(), features, &adapter.limits()),
    )
}

fn usable(properties: &[wgpu::CooperativeMatrixProperties], has: &Capabilities) -> Option<u32> {
    use wgpu::CooperativeScalarType::{F16, F32};
    let is_there = |size: &u32| {
        properties.iter().any(|matrix| {
            let sizes = [matrix.m_size, matrix.n_size, matrix.k_size];
            sizes == [*size; 3] && (matrix.ab_type, matrix.cr_type) == (F16, F32)
        })
    };
    has.subgroup?;
    let sizes = COOPERATIVE.map(|tile| tile.rows as u32 / 4);
    sizes.into_iter().find(is_there)
}

/// Safety: experimental features may have faults that break Rust's rules. This one gives shaders a type and some functions,
/// is opened only for who asks for it, and `check` compares what it computes.
#[allow(
    unsafe_code,
    reason = "an audited exception: an opt-in to wgpu's cooperative matrices"
)]
fn experimental() -> wgpu::ExperimentalFeatures {
    unsafe { wgpu::ExperimentalFeatures::enabled() }
}

impl Device {
    /// The same device, computing in `precision`.
    ///
    /// # Errors
    /// If it cannot, or does not compute a small network's gradient right: for the CPU device, and adapters without
    /// cooperative matrices of f16 that are added in f32, or without subgroups of one size.
    pub fn computing(self, precision: Precision) -> Result<Device, Error> {
        let gpu = match (&self, precision) {
            (_, Precision::F32) => return Ok(self),
            (Device::Cpu, _) => {
                return Err(Error::Adapter(
                    "precision mixed: expected a GPU with cooperative matrices (wgrad devices says which have them), found the CPU device; use --device gpu, or --precision f32".to_owned(),
                ));
            }
            (Device::Gpu(gpu), _) => gpu,
        };
        let mut opened = Gpu::open(&gpu.adapter, precision)?;
        opened.sums = gpu.sums;
        if opened.capabilities().cooperative.is_none() {
            return Err(Error::Adapter(format!(
                "{}: precision mixed needs cooperative matrices (of 16 by 16 or 8 by 8 f16, added in f32) and subgroups of one size, which this adapter or its driver lacks; use --precision f32",
                gpu.info.name
            )));
        }
        let device = Device::Gpu(Arc::new(opened));
        check(&device)?;
        Ok(device)
    }
}

/// Rows, and widths of the network, that a device is checked with: no multiples of a tile, and more than one.
const ROWS: usize = 75;
const WIDTHS: [usize; 3] = [90, 83, 21];
/// How far from the reference a gradient may be, in shares of its largest element. A product of f16 is within 2^-10 of its
/// terms' magnitudes, two layers of them are within about 2^-8; an error of layout is as large as the numbers.
const TOLERANCE: f64 = 1.0 / 128.0;

/// Compares a gradient with the reference's.
fn check(device: &Device) -> Result<(), Error> {
    let mlp = Mlp::random(&WIDTHS, Activation::Tanh, Activation::Sigmoid, 1);
    let training = Training {
        loss: Loss::HalfSse,
        optimizer: Optimizer::sgd(0.1),
        batch: ROWS,
        classes: false,
        order: Order::Simultaneous,
        train_bias: true,
    };
    let plan = backprop::train(&mlp, &training);
    let mut session = device.load(&plan, ROWS)?;
    let found = [
        gradient(&mut *session, &mlp)?,
        descended(&mut *session, &mlp)?,
    ];
    let used = |kernel: &str| {
        let mut chosen = session.chosen().iter();
        chosen.any(|c| c.kernel == kernel && c.is_mixed())
    };
    let all = ["forward", "input_gradient", "weight_gradient", "descent"];
    if let Some(unused) = all.into_iter().find(|kernel| !used(kernel)) {
        return Err(Error::Adapter(format!(
            "{}: precision mixed: {unused} cannot use its cooperative matrices; use --precision f32",
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
        "{}: precision mixed was checked with a small network, and a gradient is off by {distance:.1e} of the largest, expected at most {TOLERANCE:.1e}; use --precision f32",
        device.name()
    )))
}

/// The gradient of the network, over random rows.
fn gradient<T: crate::kernel::HasTwin>(
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

/// The same, by what a step of gradient descent at a learning rate of 1 takes away; behind [`gradient`].
fn descended(session: &mut dyn Session<f32>, mlp: &Mlp) -> Result<Vec<f32>, Error> {
    session.run(Phase::Train, &[Step::whole(ROWS, 1.0)])?;
    let after = session.read(Buffer::Parameters)?;
    let parameters = mlp.parameters.iter().zip(after);
    Ok(parameters.map(|(before, after)| before - after).collect())
}

/// The same in f64.
fn reference(plan: &Plan, mlp: &Mlp) -> Result<Vec<f64>, Error> {
    gradient(&mut cpu::Session::<f64>::new(plan, ROWS, 1), mlp)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wgpu::CooperativeScalarType::{F16, F32};

    #[test]
    fn matrices_are_usable_where_all_subgroups_are_of_one_size() {
        let matrix = |size, cr_type| wgpu::CooperativeMatrixProperties {
            m_size: size,
            n_size: size,
            k_size: size,
            ab_type: F16,
            cr_type,
            saturating_accumulation: false,
        };
        let usable = |properties: &[_], subgroup| {
            let has = Capabilities {
                subgroup,
                ..Capabilities::default()
            };
            usable(properties, &has)
        };
        let both = [matrix(8, F32), matrix(16, F32)];
        assert_eq!(usable(&both, Some(32)), Some(16));
        assert_eq!(usable(&both, None), None);
        assert_eq!(usable(&both[..1], Some(32)), Some(8));
        assert_eq!(usable(&[matrix(16, F16), matrix(4, F32)], Some(32)), None);
    }
}
