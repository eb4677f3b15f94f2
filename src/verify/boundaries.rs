//! Cases at the limits of the shaders: grids of more workgroups than a dimension of a dispatch holds, and updates that
//! must stop, because a row's error or a parameter is not finite.
//!
//! One case a place in the shaders where the grid has a second dimension: each is for the variant that comes to it with
//! the fewest elements. The tiles share their place (`tile.wgsl`, `corner`), and so do the plain variants
//! (`memory_buffers.wgsl`, `unit`).

use super::case::{Case, batch, exact, guarded};
use super::layers::{fused_sgd_case, layer, weight_gradient_case};
use super::numbers::{Draw, LayerShape, Numbers, shape};
use super::rmsprop_lion::of_integers;
use super::rows::{gather_case, schedule};
use super::updates::{ANY, both};
use crate::kernels::{
    Buffer::Scratch, Diverged, Kernel, Role, Targets, adam, sgd, squared_error, variant::WORKGROUP,
};
use crate::model::{Activation, Layer, Optimizer};
use crate::plan::Rows;

/// Maximum number of workgroups in a dimension of a dispatch.
const MAX_GROUPS: usize = 65_535;

/// Returns the boundary cases of a kernel.
pub fn cases(kernel: &Kernel) -> Vec<Case> {
    let cases = match kernel.role {
        Role::Gather => vec![
            long_gather([1, 1], &["plain"]),
            long_gather([4, 1], &["texels"]),
        ],
        Role::WeightGradient => vec![
            tall(16, &["tile_skinny"]),
            tall(32, &["registers"]),
            tall(52, &["split_skinny"]),
        ],
        Role::Sgd => {
            let one = |setting| sgd_of(&PAIR, Some(setting));
            let stopping = [[0.0, 0.0], [0.5, 0.25]].map(one).map(stopped);
            let all = stopping.into_iter().flatten();
            all.chain([long_sgd()]).collect()
        }
        Role::Adam => stopped(adam_of(&PAIR)),
        Role::Rmsprop | Role::Lion => stopped(of_integers(kernel.name, PAIR)),
        Role::FusedSgd => stopped(fused_sgd()),
        Role::Forward | Role::Activation | Role::Loss | Role::Correct => Vec::new(),
        Role::Dropout | Role::InputGradient | Role::Clip => Vec::new(),
    };
    let at_boundary = |case| Case {
        boundary: true,
        ..case
    };
    cases.into_iter().map(at_boundary).collect()
}

fn named(mut case: Case, what: &str) -> Case {
    case.name = format!("{}, {what}", case.name);
    case
}

/// Returns `gather` of more rows than workgroups in a dimension.
fn long_gather(widths: [usize; 2], variants: &'static [&'static str]) -> Case {
    let count = MAX_GROUPS + 65;
    let steps = schedule(Rows { first: 3, count }, count, true).epoch(1);
    let case = gather_case(Numbers::Integers, count + 2, widths, steps[0]);
    Case {
        variants,
        ..named(case, "many workgroups")
    }
}

/// Returns `weight_gradient` of one input and as many neurons as give too many tiles of so many rows.
fn tall(rows: usize, variants: &'static [&'static str]) -> Case {
    let shape = shape(2, 2, 1, (MAX_GROUPS + 2) * rows);
    let mut draw = Draw::new(Numbers::Integers, rows);
    let case = weight_gradient_case(&mut draw, shape, layer(shape, Activation::Identity));
    Case {
        variants,
        ..named(case, "many workgroups")
    }
}

/// Lengths of two tensors of parameters.
const PAIR: [usize; 2] = [7, 13];

fn integers(len: usize) -> Vec<f32> {
    (0..len).map(|k| (k % 17) as f32 - 8.0).collect()
}

/// Returns `sgd` with momentum and decay, or plain.
fn sgd_of([a, b]: &[usize; 2], setting: Option<[f64; 2]>) -> Case {
    let [momentum, decay] = setting.unwrap_or_default();
    let velocity = setting.map(|_| both(2));
    let call = sgd::call(momentum, decay, false, both(0), both(1), velocity);
    let tensors = 0..if setting.is_some() { 3 } else { 2 };
    let tensor = |_| guarded(&[&integers(*a), &integers(*b)]);
    Case::new(ANY, vec![call], tensors.map(tensor).collect(), exact)
}

fn long_sgd() -> Case {
    let many = MAX_GROUPS * WORKGROUP + 1;
    named(sgd_of(&[many, 70], None), "many workgroups")
}

fn adam_of([a, b]: &[usize; 2]) -> Case {
    let settings = [0.5, 0.5, 0.5, 0.25];
    let call = adam::call(settings, both(0), [both(1), both(2), both(3)]);
    let squares = |len| integers(len).iter().map(|v| v * v).collect::<Vec<f32>>();
    let mut tensors = vec![guarded(&[&integers(*a), &integers(*b)]); 3];
    tensors.push(guarded(&[&squares(*a), &squares(*b)]));
    let mut case = Case::new(ANY, vec![call], tensors, super::updates::adam_integer_bound);
    let [beta1, beta2, epsilon, weight_decay] = settings;
    let optimizer = Optimizer::Adam {
        learning_rate: 0.5,
        beta1,
        beta2,
        epsilon,
        weight_decay,
    };
    [case.step.correction1, case.step.correction2] = optimizer.corrections(1);
    case
}

/// Returns `fused_sgd` of a layer whose weights and biases are at every place of a texel.
fn fused_sgd() -> Case {
    let shape = LayerShape {
        batch: 8,
        rows: 8,
        inputs: 6,
        outputs: 5,
    };
    let mut draw = Draw::new(Numbers::Integers, 6);
    fused_sgd_case(&mut draw, shape, layer(shape, Activation::Identity))
}

/// Returns the cases of an update that must stop: before it, as the row's error of the same step is infinite; and behind
/// it, as one of the first parameters of a tensor is. Without that, the second step would change the parameters again.
fn stopped(case: Case) -> Vec<Case> {
    let mut infinite_error = behind_a_loss(case.clone(), f32::INFINITY);
    infinite_error.bound = exact;
    infinite_error.diverges = Some(Diverged::Forward { step: 0 });
    let mut all = vec![named(infinite_error, "the error is infinite")];
    let parameters = &case.calls[0].writes;
    // One slice may hold several tensors.
    let slices = if parameters[0].tensors.len() > 1 {
        1
    } else {
        2
    };
    for slice in parameters.iter().take(slices) {
        let (k, range) = (super::case::index(slice), case.range(slice));
        for at in range.take(4) {
            let mut infinite = behind_a_loss(case.clone(), 0.0);
            infinite.tensors[k].values[at] = f32::INFINITY;
            infinite.diverges = Some(Diverged::Update { step: 0 });
            all.push(named(infinite, &format!("parameter {at} is infinite")));
        }
    }
    all
}

/// Returns the case for two steps, each behind a loss of as many rows.
fn behind_a_loss(mut case: Case, target: f32) -> Case {
    let first = case.tensors.len();
    let [out, targets, delta, error] = [0, 1, 2, 3].map(|k| Scratch(first + k).into());
    let layer = Layer {
        inputs: 1,
        outputs: 1,
        activation: Activation::Identity,
    };
    let call = squared_error::call(
        &layer,
        false,
        Targets::VALUES,
        [out, targets],
        [delta, error],
    );
    let rows = |value| batch(1, vec![value; case.batch]);
    let tensors = [rows(0.0), rows(target), rows(0.0), rows(0.0)];
    case.tensors.extend(tensors);
    (case.prelude, case.steps) = (vec![call], 2);
    case
}
