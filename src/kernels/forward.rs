//! `forward`: one layer of the forward pass, bias and activation included.
//!
//! out = f(x Wᵀ + b); the sum starts with the bias and adds over inputs in order.
//!
//! # Shapes
//! x (N, I), w (O, I), b (O) -> out (N, O)

use crate::activation::Activation;
use crate::kernel::{HasTwin, Kernel, Sizes, Slots, System, fast_module, plain, subgroup, tiles};
use crate::mlp::Layer;
use crate::plan::{Call, Part, Slice};

fn units(sizes: &Sizes) -> [usize; 2] {
    [sizes.args[1] as usize, sizes.batch]
}

/// Rows of a tile (`forward_subgroup.wgsl`, `TILE_ROWS`).
const SUBGROUP_ROWS: usize = 32;

/// The kernel.
pub static KERNEL: Kernel = Kernel {
    name: "forward",
    source: include_str!("../../shaders/forward.wgsl"),
    args: &["I", "O", "activation"],
    reads: &["x", "w", "b"],
    writes: &["out"],
    system: &[System::Step],
    units,
    trips: super::first_arg,
    variants: &[
        subgroup(
            "run_forward_subgroup",
            Slots::R3W1,
            fast_module!("forward_subgroup"),
            |sizes| sizes.args[0].is_multiple_of(4) && sizes.args[1] >= 8,
            |load| tiles(load.units, [4 * load.subgroup, SUBGROUP_ROWS]),
        ),
        plain("run_forward", Slots::R3W1),
    ],
    twin_f32: twin::<f32>,
    twin_f64: twin::<f64>,
};

/// The call for `layer`.
pub fn call(layer: &Layer, x: Slice, w: Slice, b: Slice, out: Slice) -> Call {
    Call {
        kernel: &KERNEL,
        args: vec![
            layer.inputs as u32,
            layer.outputs as u32,
            layer.activation as u32,
        ],
        reads: vec![x, w, b],
        writes: vec![out],
    }
}

/// Rows that the twin computes side by side, so that the compiler can use vectors without reordering a sum.
const LANES: usize = 8;

fn twin<T: HasTwin>(part: &Part, args: &[u32], reads: &[&[T]], writes: &mut [&mut [T]]) {
    let (inputs, outputs) = (args[0] as usize, args[1] as usize);
    let activation = Activation::from_arg(args[2]);
    let (x, w, b) = (reads[0], reads[1], reads[2]);
    let rows = part.rows();
    let mut columns = vec![[T::default(); LANES]; inputs];
    for first in rows.clone().step_by(LANES) {
        let lanes = LANES.min(rows.end - first);
        for (lane, n) in (first..first + lanes).enumerate() {
            let row = &x[n * inputs..][..inputs];
            columns.iter_mut().zip(row).for_each(|(c, x)| c[lane] = *x);
        }
        for o in 0..outputs {
            let nets = nets(&w[o * inputs..][..inputs], b[o], &columns);
            for (lane, net) in nets.into_iter().take(lanes).enumerate() {
                writes[0][(first + lane - part.start) * outputs + o] = activation.apply(net);
            }
        }
    }
}

/// b + sum of w\[i\] x\[i\], for every lane.
#[inline]
fn nets<T: HasTwin>(w: &[T], b: T, columns: &[[T; LANES]]) -> [T; LANES] {
    let mut nets = [b; LANES];
    for (w, column) in w.iter().zip(columns) {
        for (net, x) in nets.iter_mut().zip(column) {
            *net += *w * *x;
        }
    }
    nets
}
