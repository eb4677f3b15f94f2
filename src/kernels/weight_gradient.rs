//! `weight_gradient`: gradients of a layer's weights and biases.
//!
//! dW = deltaᵀ x, db = sum of delta; rows added in order.
//!
//! # Shapes
//! delta (N, O), x (N, I) -> dw (O, I), db (O)

use crate::kernels::{
    Axis, Call, HasTwin, Kernel, Part, Role, Sizes, Slice, System, WORKGROUP, slices,
    tiles::{Product, product_variants},
};
use crate::math::{F32x16, F32x64, Matrix, Start, simd::with_simd};
use crate::model::Layer;

/// Rows of the batch that one call takes; a longer batch comes in several calls. It keeps the two loops of a workgroup
/// that has weights and biases under the 65,535 turns after which Mesa's lavapipe silently ends a loop, and a dispatch
/// short for a driver's watchdog.
pub const ROWS_A_CALL: usize = 1 << 14;

pub(super) fn units(sizes: &Sizes) -> [usize; 2] {
    [sizes.args[0] as usize + 1, sizes.args[1] as usize]
}

pub(super) fn trips(sizes: &Sizes) -> usize {
    2 * sizes.batch.min(ROWS_A_CALL)
}

/// The product that tiles are made of.
pub(crate) fn product(sizes: &Sizes) -> Product {
    Product {
        rows: sizes.args[1] as usize,
        columns: sizes.args[0] as usize,
        terms: sizes.batch.min(ROWS_A_CALL),
    }
}

/// Rows of a slice, where a call's rows are cut (`slices.rs`): the same for all calls of a batch.
///
/// A sum that is split passes each of its terms through at most `k = slice_rows + slices` additions and one product, so
/// that it is within gamma(k + 1) sum |delta x| of the exact one, gamma(k) = k u / (1 - k u) and u = 2⁻²⁴: for 16,384 rows
/// in slices of 256 that is gamma(321), where the sum in order has gamma(16,385). Deltas alone have one rounding less.
pub fn slice_rows(sizes: &Sizes) -> usize {
    slices::rows(&product(sizes))
}

/// Slices of a call's rows.
pub fn slices(sizes: &Sizes) -> usize {
    slices::count(sizes, slice_rows(sizes))
}

fn slice_texels(sizes: &Sizes) -> usize {
    slices::texels([0, 1].map(|arg| sizes.args[arg] as usize))
}

/// Elements of all slices' sums.
pub(crate) fn slice_elements(sizes: &Sizes) -> usize {
    4 * slices(sizes) * slice_texels(sizes)
}

/// Workgroups that add them, a lane a texel.
pub(crate) fn slice_groups(sizes: &Sizes) -> u64 {
    (slice_texels(sizes) as u64).div_ceil(WORKGROUP as u64)
}

/// The variant of a weight gradient's kernel that adds slices of the rows by a tile, and then these: not in order, but for more
/// cores.
macro_rules! split {
    ($name:literal, $tile:ident, $tile_file:literal, $file:literal $(and $also:literal)*) => {
        $crate::kernels::variant::Variant {
            name: $name,
            pays: |sizes| {
                let product = $crate::kernels::weight_gradient::product(sizes);
                $crate::kernels::slices::pays(&$crate::kernels::tiles::$tile, &product)
            },
            exact: false,
            groups: |load| {
                let product = $crate::kernels::weight_gradient::product(load.sizes);
                let slices = $crate::kernels::weight_gradient::slices(load.sizes) as u64;
                $crate::kernels::tiles::$tile.groups(&product) * slices
            },
            reduction: Some($crate::kernels::variant::Reduction {
                entry: concat!("reduce_", $file),
                rows: $crate::kernels::weight_gradient::slice_rows,
                scratch: $crate::kernels::weight_gradient::slice_elements,
                groups: |load| $crate::kernels::weight_gradient::slice_groups(load.sizes),
            }),
            ..$crate::kernels::tiles::tile!($tile, $tile_file, $file and "weight_gradient_slices" and "weight_gradient_terms" and "weight_slots" $(and $also)*, product)
        }
    };
}
pub(crate) use split;

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "weight_gradient",
    role: Role::WeightGradient,
    source: include_str!("../../shaders/units/weight_gradient.wgsl"),
    args: &["I", "O", "first", "limit"],
    reads: &["delta", "x"],
    row_reads: &[],
    data_read: Some(1),
    writes: &["dw", "db"],
    system: &[System::Step],
    axis: Axis::Neurons,
    units,
    trips,
    variants: product_variants!(
        "weight_gradient",
        "weight_gradient_tile" and "weight_gradient_terms" and "weight_slots",
        product,
        split!("split_large", LARGE, "tile_large", "weight_gradient_split" and "tile_quarters"),
        split!("split_small", SMALL, "tile_small", "weight_gradient_split"),
        split!("split_skinny", SKINNY, "tile_skinny", "weight_gradient_split"),
    ),
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
    twin_lanes: twin::<F32x16>,
    twin_many_lanes: twin::<F32x64>,
};

/// The call for `layer` and the rows from `first` on.
pub fn call(layer: &Layer, first: usize, delta: Slice, x: Slice, dw: Slice, db: Slice) -> Call {
    Call {
        kernel: &KERNEL,
        args: vec![
            layer.inputs as u32,
            layer.outputs as u32,
            first as u32,
            ROWS_A_CALL as u32,
        ],
        reads: vec![delta, x],
        writes: vec![dw, db],
    }
}

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    let (inputs, outputs) = (args[0] as usize, args[1] as usize);
    let (first, limit) = (args[2] as usize, args[3] as usize);
    let end = (part.step.rows as usize).min(first + limit).max(first);
    let rows = end - first;
    let x = part.batch(reads[1], first..end, inputs);
    let delta = &reads[0][first * outputs..][..rows * outputs];
    let by_neuron = Matrix::new(delta, rows, outputs).transposed();
    let [dw, db] = writes else {
        return;
    };
    let start = if first == 0 {
        db.fill(T::of(0.0));
        Start::Zero
    } else {
        Start::Present
    };
    T::multiply(dw, by_neuron.rows(part.start, part.end), x, outputs, start);
    with_simd(
        #[inline(always)]
        || {
            for row in delta.chunks_exact(outputs) {
                for (sum, delta) in db.iter_mut().zip(&row[part.start..part.end]) {
                    *sum += *delta;
                }
            }
        },
    );
}
