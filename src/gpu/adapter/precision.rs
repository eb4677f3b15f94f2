//! Precision: products in f32, or in mixed precision by an adapter's cooperative matrices, opt-in.

use super::adapters::capabilities;
use crate::kernels::{Capabilities, tiles::COOPERATIVE};

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

pub fn usable(properties: &[wgpu::CooperativeMatrixProperties], has: &Capabilities) -> Option<u32> {
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
