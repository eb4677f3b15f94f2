//! Tests of split variants: sums over slices of the rows, and then over the slices.

use crate::mutants::Mutant;
use crate::{bits, rig};
use libtest_mimic::Failed;
use std::sync::Arc;
use wgrad::gpu::{Gpu, GpuSession, Sums};
use wgrad::kernels::{
    Kernel, MadeFor, Sizes,
    slices::STEP,
    weight_gradient::{self, KERNEL, ROWS_A_CALL},
};
use wgrad::model::{Activation, Layer};
use wgrad::plan::Session;
use wgrad::verify::{
    case::{Case, Tensors, U, only, run},
    layers::{weight_gradient_case, weight_gradient_cases},
    numbers::{Draw, Numbers, shape},
};

/// Mutants of the slices.
pub(crate) const MUTANTS: [Mutant; 11] = [
    (
        "weight_gradient",
        "row + own.slice_rows)",
        "row + own.slice_rows - 32u)",
    ),
    (
        "weight_gradient",
        "own_slice = slice_at(slice)",
        "own_slice = slice_at(0u)",
    ),
    (
        "weight_gradient",
        "own_slice + weight_texels() + o / 4u",
        "own_slice + weight_texels()",
    ),
    (
        "weight_gradient",
        "if (ARG2 == 0u) { return values; }",
        "if (true) { return values; }",
    ),
    ("weight_gradient", "(rows + slice_rows - 1u)", "rows"),
    (
        "weight_gradient",
        "(rows + slice_rows - 1u)",
        "(rows + slice_rows)",
    ),
    ("weight_gradient", "slice < slices)", "slice <= slices)"),
    ("weight_gradient", "s += 8u", "s += 7u"),
    ("weight_gradient", "min(4u, ARG0 - i)", "min(4u, ARG0)"),
    (
        "fused_sgd",
        "rows(), own.slice_rows",
        "rows() - 1u, own.slice_rows",
    ),
    ("fused_sgd", "min(4u, ARG1 - o)", "1u"),
];

/// Runs `test` with the kernel restricted to each of its split variants.
fn each_split(
    gpu: &Arc<Gpu>,
    test: impl Fn(&'static Kernel) -> Result<(), Failed>,
) -> Result<(), Failed> {
    let splits = || {
        KERNEL
            .variants
            .iter()
            .filter(|variant| variant.reduction.is_some())
    };
    if splits().count() != 3 {
        return Err("weight_gradient has another number of variants that are split".into());
    }
    let adapter = gpu.capabilities();
    for variant in splits().filter(|variant| variant.needs.met(&adapter)) {
        test(only(&KERNEL, variant)).map_err(|failed| {
            let why = failed.message().unwrap_or_default();
            Failed::from(format!("{} variant: {why}", variant.name))
        })?;
    }
    Ok(())
}

/// Each slice is summed in order, and then the slices: on every adapter, for all subgroup sizes.
pub(crate) fn sums_have_the_bits_of_slices(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let cases = weight_gradient_cases(Numbers::Reals);
    each_split(gpu, |only| {
        let sliced = || cases.iter().filter(|case| case.batch > STEP);
        if !sliced().any(|case| slice_rows(case) > STEP) {
            return Err("no case has slices of another length".into());
        }
        for case in sliced().map(|case| case.with(only)) {
            let (reads, found) = bits::on_gpu(gpu, &case)?;
            bits::same_bits(&case, &found, &by_slices(&case, &reads))?;
        }
        Ok(())
    })
}

/// Returns the number of rows per slice of a case.
fn slice_rows(case: &Case) -> usize {
    weight_gradient::slice_rows(&Sizes {
        args: &case.calls[0].args,
        batch: case.batch,
        len: 0,
    })
}

/// Computes dW and db with a plain loop over slices, in f32.
fn by_slices(case: &Case, reads: &[Vec<f32>]) -> Vec<f32> {
    let [inputs, outputs] = [0, 1].map(|arg| case.calls[0].args[arg] as usize);
    let (rows, slice_rows) = (case.step.rows as usize, slice_rows(case));
    let sum = |term: &dyn Fn(usize) -> f32| {
        let mut total = 0.0;
        for call in &case.calls {
            let (first, limit) = (call.args[2] as usize, call.args[3] as usize);
            let end = rows.min(first + limit);
            for slice in (first..end).step_by(slice_rows) {
                let rows = slice..end.min(slice + slice_rows);
                total += rows.map(term).fold(0.0, |sum, term| sum + term);
            }
        }
        total
    };
    let weights = (0..outputs * inputs).map(|w| {
        let (o, i) = (w / inputs, w % inputs);
        sum(&|n| reads[0][n * outputs + o] * reads[1][n * inputs + i])
    });
    let biases = (0..outputs).map(|o| sum(&|n| reads[0][n * outputs + o]));
    weights.chain(biases).collect()
}

/// Returns `weight_gradient` of positive numbers, whose rounding errors do not cancel.
fn of_one_sign(batch: usize, rows: usize) -> Case {
    let shape = shape(batch, rows, 5, 3);
    let layer = Layer {
        inputs: shape.inputs,
        outputs: shape.outputs,
        activation: Activation::Identity,
    };
    let mut draw = Draw::new(Numbers::Reals, batch);
    let mut case = weight_gradient_case(&mut draw, shape, layer);
    for tensor in &mut case.tensors[..2] {
        tensor.values.iter_mut().for_each(|v| *v = v.abs());
    }
    case.bound = gamma_bound;
    case
}

/// The bound gamma(k) sum |delta x|, which no sum may exceed: each term goes through the additions of its slice and of
/// the slices, and a weight's term also through a product. All terms are positive, so the sum equals its magnitude.
fn gamma_bound(case: &Case, _: &Tensors<f64>, after: &Tensors<f64>) -> Tensors<f64> {
    let slice_rows = slice_rows(case);
    let slices = (case.step.rows as usize).div_ceil(slice_rows);
    let ku = (slice_rows + slices + 1) as f64 * U;
    let gamma = ku / (1.0 - ku);
    let bounds = case.writes(after).into_iter();
    case.place(
        bounds
            .map(|sums| sums.iter().map(|sum| gamma * sum).collect())
            .collect(),
    )
}

/// Checks the bound that always holds, even if errors add up.
pub(crate) fn stay_within_gamma(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    each_split(gpu, |only| {
        for (batch, rows) in [(ROWS_A_CALL, ROWS_A_CALL), (5_000, 4_999)] {
            rig::check(gpu, &of_one_sign(batch, rows).with(only))?;
        }
        Ok(())
    })
}

/// Runs the case 100 times, with a shorter batch in between, which leaves its sums in the scratch buffer.
pub(crate) fn same_bits_100_times(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    each_split(gpu, |only| {
        let case = of_one_sign(700, 699).with(only);
        let mut shorter = case.clone();
        shorter.step.rows = 300;
        let session = rig::load(gpu, &case)?;
        let mut session = rig::lock(&session);
        let mut bits = |case: &Case| -> Result<Vec<u32>, Failed> {
            let found = run(&mut *session, case)?;
            Ok(found[2].iter().map(|v| v.to_bits()).collect())
        };
        let (first, first_of_shorter) = (bits(&case)?, bits(&shorter)?);
        for _ in 1..100 {
            if bits(&case)? != first || bits(&shorter)? != first_of_shorter {
                return Err("two runs differ".into());
            }
        }
        Ok(())
    })
}

/// No split variant is used if sums must be in order, even if it would be faster, nor on a software adapter.
pub(crate) fn are_taken_where_they_may_be(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let variants = KERNEL
        .variants
        .iter()
        .map(|variant| wgrad::kernels::Variant {
            made_for: MadeFor::All,
            ..*variant
        });
    let everywhere: &'static Kernel = Box::leak(Box::new(Kernel {
        variants: Vec::leak(variants.filter(|v| v.name != "registers").collect()),
        ..KERNEL
    }));
    let case = of_one_sign(2_000, 2_000);
    for (sums, kernel, expected) in [
        (Sums::Split, everywhere, "split_skinny"),
        (Sums::InOrder, everywhere, "tile_skinny"),
        (Sums::Split, &KERNEL, "registers"),
    ] {
        let mut gpu = (**gpu).clone();
        gpu.sums = sums;
        let plan = case.with(kernel).plan();
        let session = GpuSession::new(Arc::new(gpu), &plan, case.data)?;
        let mut chosen = session.kernel_choices().iter();
        let chosen = chosen.find(|chosen| chosen.kernel == KERNEL.name);
        let found = chosen.map(|chosen| (chosen.variant, chosen.exact));
        if found != Some((expected, !expected.starts_with("split"))) {
            return Err(format!("{sums:?}: {found:?}, not {expected}").into());
        }
    }
    Ok(())
}
