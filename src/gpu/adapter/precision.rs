//! Precision: f32 products, or opt-in mixed precision with an adapter's cooperative matrices.

use super::adapters::capabilities;
use crate::kernels::{Capabilities, tiles::COOPERATIVE};

/// The precision of products. Parameters, sums, activations and updates are always f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// f32.
    #[default]
    F32,
    /// Terms rounded to f16, with cooperative matrices, for layers that are wide enough (`tile_cooperative.wgsl` has
    /// the error bound).
    Mixed,
}

impl Precision {
    /// Every precision.
    pub const ALL: [Precision; 2] = [Precision::F32, Precision::Mixed];

    /// Returns the features to request from an adapter, and the size of its cooperative matrices. Requests nothing if
    /// it has none.
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

/// The wgpu features for mixed precision.
const FEATURES: wgpu::Features =
    wgpu::Features::EXPERIMENTAL_COOPERATIVE_MATRIX.union(wgpu::Features::SHADER_F16);

/// Returns the number of rows and columns of the cooperative matrices that mixed precision would use on an adapter.
/// They are square, of f16 and accumulated in f32, and all subgroups must have the same size.
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

/// Safety: experimental features may have bugs that break Rust's guarantees. This one adds a type and some functions to
/// shaders, it is enabled only on request, and `check` verifies its results.
#[allow(
    unsafe_code,
    reason = "an audited exception: an opt-in to wgpu's cooperative matrices"
)]
fn experimental() -> wgpu::ExperimentalFeatures {
    unsafe { wgpu::ExperimentalFeatures::enabled() }
}
