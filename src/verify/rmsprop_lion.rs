//! Cases and bounds of the optimizer kernels `rmsprop` and `lion`.

use super::case::{Case, Tensor, Tensors, U, exact, guarded};
use super::numbers::{Draw, Numbers};
use super::updates::{ANY, LENGTHS, both, case, decay_of, pair, rate_of};
use crate::kernels::{lion, rmsprop};

/// Returns cases of `rmsprop` with and without momentum and decay.
pub(super) fn rmsprop_cases(numbers: Numbers) -> Vec<Case> {
    let settings = match numbers {
        Numbers::Integers => [[0.0, 0.0, 0.5, 0.5], [0.5, 0.25, 0.75, 0.5]],
        Numbers::Reals => [[0.0, 0.0, 0.99, 1e-8], [0.9, 0.1, 0.9, 1e-2]],
    };
    let all = LENGTHS.into_iter().flat_map(|l| settings.map(|s| (l, s)));
    let cases = all.enumerate().map(|(seed, (lengths, settings))| {
        let mut draw = Draw::new(numbers, seed);
        let mut one = || draw.take(1, 1.0)[0];
        let mut tensors: Vec<Tensor> = (0..2).map(|_| pair(lengths, &mut one)).collect();
        tensors.push(pair(lengths, || one().abs()));
        let b = (settings[0] != 0.0).then(|| both(3));
        tensors.extend(b.is_some().then(|| pair(lengths, &mut one)));
        let call = rmsprop::call(settings, both(0), [both(1), both(2)], b);
        let mut case = case(numbers, call, tensors, rmsprop_bound);
        // Roots and quotients round, of integers too.
        case.bound = rmsprop_bound;
        case
    });
    cases.collect()
}

/// v: two products, a square and a sum, at most 4 U of its terms; the gradient has 2 U of its own and, for decay's two products, 3 U of
/// decay's term. The direction has the
/// errors of the gradient and half that of v, a root (9 U, as in adam), a sum and a quotient (5 U); with momentum a product and a
/// sum more. The update adds a product and a difference.
fn rmsprop_bound(case: &Case, before: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64> {
    let [momentum, alpha, epsilon] =
        [0, 2, 3].map(|arg| f64::from(f32::from_bits(case.calls[0].args[arg])));
    let decay = decay_of(case, 1);
    let (gradient, old, new) = (
        case.reads(before)[0],
        case.writes(before),
        case.writes(after),
    );
    let learning_rate = rate_of(case);
    let off = |k: usize| {
        let terms = gradient[k].abs() + 1.5 * (decay * old[0][k]).abs();
        let g = (gradient[k] + decay * old[0][k]).abs();
        let g_off = 2.0 * terms;
        let v_off = 4.0 * new[1][k] + (1.0 - alpha) * 2.0 * g * g_off;
        let root = new[1][k].sqrt();
        let below = root + epsilon;
        let root_off = if root > 0.0 {
            v_off / (2.0 * root)
        } else {
            0.0
        } + 9.0 * root;
        let direction = g / below;
        let direction_off = g_off / below + direction * (root_off / below + 1.0 + 5.0);
        let kept = old.get(2).map_or(0.0, |b| (momentum * b[k]).abs());
        let step = direction + kept;
        let step_off = direction_off + 2.0 * step;
        let p_off = learning_rate * (step_off + step) + new[0][k].abs() + old[0][k].abs();
        [p_off, v_off, step_off]
    };
    let slot = |slot: usize| (0..gradient.len()).map(|k| U * off(k)[slot]).collect();
    case.place((0..new.len()).map(slot).collect())
}

/// Returns cases of `lion` with and without decay.
pub(super) fn lion_cases(numbers: Numbers) -> Vec<Case> {
    let settings = match numbers {
        Numbers::Integers => [[0.5, 0.75, 0.0], [0.75, 0.5, 0.25]],
        Numbers::Reals => [[0.9, 0.99, 0.0], [0.95, 0.98, 0.1]],
    };
    let all = LENGTHS.into_iter().flat_map(|l| settings.map(|s| (l, s)));
    let cases = all.enumerate().map(|(seed, (lengths, settings))| {
        let mut draw = Draw::new(numbers, seed);
        let mut one = || draw.take(1, 1.0)[0];
        let tensors = (0..3).map(|_| pair(lengths, &mut one)).collect();
        let call = lion::call(settings, both(0), [both(1), both(2)]);
        case(numbers, call, tensors, lion_bound)
    });
    cases.collect()
}

/// m: two products and a sum, at most 3 U of its terms. A step is the learning rate; where the mixture is within its error of
/// 0, it may be the other way.
fn lion_bound(case: &Case, before: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64> {
    let [beta1, beta2] = [0, 1].map(|arg| f64::from(f32::from_bits(case.calls[0].args[arg])));
    let decay = decay_of(case, 2);
    let (gradient, old, new) = (
        case.reads(before)[0],
        case.writes(before),
        case.writes(after),
    );
    let learning_rate = rate_of(case);
    let terms = |beta: f64, k: usize| (beta * old[1][k]).abs() + ((1.0 - beta) * gradient[k]).abs();
    let p_off = |k: usize| {
        let mixed = beta1 * old[1][k] + (1.0 - beta1) * gradient[k];
        let is_unsure = mixed.abs() <= 3.0 * U * terms(beta1, k);
        let turned = if is_unsure { 2.0 * learning_rate } else { 0.0 };
        let decayed = 3.0 * learning_rate * (decay * old[0][k]).abs();
        turned + U * (decayed + old[0][k].abs() + new[0][k].abs() + learning_rate)
    };
    let all = 0..gradient.len();
    case.place(vec![
        all.clone().map(p_off).collect(),
        all.map(|k| U * 3.0 * terms(beta2, k)).collect(),
    ])
}

/// Returns `rmsprop` and `lion` of small integers, for the cases that must stop.
pub(super) fn of_integers(name: &str, lengths: [usize; 2]) -> Case {
    let integers = |len| {
        (0..len)
            .map(|k| (k % 17) as f32 - 8.0)
            .collect::<Vec<f32>>()
    };
    let tensor = |of: fn(f32) -> f32| {
        let [a, b] = lengths.map(|len| integers(len).into_iter().map(of).collect::<Vec<f32>>());
        guarded(&[&a, &b])
    };
    let (plain, squares) = (tensor(|x| x), tensor(|x| x * x));
    match name == rmsprop::KERNEL.name {
        true => {
            let settings = [0.5, 0.25, 0.5, 0.5];
            let call = rmsprop::call(settings, both(0), [both(1), both(2)], Some(both(3)));
            let tensors = vec![plain.clone(), plain.clone(), squares, plain];
            Case::new(ANY, vec![call], tensors, rmsprop_bound)
        }
        false => {
            let call = lion::call([0.5, 0.5, 0.25], both(0), [both(1), both(2)]);
            Case::new(ANY, vec![call], vec![plain; 3], exact)
        }
    }
}
