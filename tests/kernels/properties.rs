//! Tests of properties that hold bit for bit between two runs of the same kernel.

use crate::{rig, variants};
use libtest_mimic::Failed;
use std::sync::Arc;
use wgrad::gpu::Gpu;
use wgrad::kernels::{Kernel, forward};
use wgrad::model::{Activation, Layer};
use wgrad::verify::{
    Cases,
    case::{Case, Tensors, run},
    layers::{forward_cases, forward_of, input_gradient_cases},
    numbers::{Draw, LayerShape, Numbers},
};

fn bits(tensors: &Tensors<f32>) -> Vec<Vec<u32>> {
    let tensors = tensors.iter();
    tensors
        .map(|tensor| tensor.iter().map(|value| value.to_bits()).collect())
        .collect()
}

/// Returns the buffer that a layer kernel writes on an adapter.
fn last(gpu: &Arc<Gpu>, case: &Case) -> Result<Vec<u32>, Failed> {
    let found = rig::on_gpu(gpu, case)?;
    Ok(bits(&found).pop().unwrap_or_default())
}

/// Runs the largest case 20 times, except long batches, which would take minutes.
pub(crate) fn repeats(gpu: &Arc<Gpu>, kernel: &'static Kernel, cases: Cases) -> Result<(), Failed> {
    variants::each(gpu, kernel, |only| {
        let cases = cases(Numbers::Reals)
            .into_iter()
            .map(|case| case.with(only));
        let fitting = cases.filter(|case| case.batch < 1_000 && case.fits(gpu, &only.variants[0]));
        let size = |case: &Case| case.tensors.iter().map(|t| t.values.len()).sum::<usize>();
        let Some(case) = fitting.max_by_key(size) else {
            return Ok(());
        };
        let session = rig::load(gpu, &case)?;
        let mut session = rig::lock(&session);
        let first = bits(&run(&mut *session, &case)?);
        for _ in 1..20 {
            if bits(&run(&mut *session, &case)?) != first {
                return Err(format!("{}: two runs differ", case.name).into());
            }
        }
        Ok(())
    })
}

/// Two shapes, one of which fits each variant.
const SHAPES: [LayerShape; 2] = [
    LayerShape {
        batch: 65,
        rows: 63,
        inputs: 31,
        outputs: 17,
    },
    LayerShape {
        batch: 65,
        rows: 63,
        inputs: 64,
        outputs: 33,
    },
];

/// Checks that `forward` of x and of a transformed x agree, for each shape and variant.
fn related(
    gpu: &Arc<Gpu>,
    activation: Activation,
    bias: f64,
    relate: impl Fn(
        &[f32],
        &dyn Fn(Vec<f32>) -> Result<Vec<u32>, Failed>,
        LayerShape,
    ) -> Result<bool, Failed>,
) -> Result<(), Failed> {
    variants::each(gpu, &forward::KERNEL, |only| {
        for shape in SHAPES {
            let layer = Layer {
                inputs: shape.inputs,
                outputs: shape.outputs,
                activation,
            };
            let mut draw = Draw::new(Numbers::Reals, shape.inputs);
            let x = draw.take(shape.batch * shape.inputs, 1.0);
            let w = draw.take(shape.outputs * shape.inputs, 1.0);
            let b = draw.take(shape.outputs, bias);
            let case = |x| forward_of(shape, layer, x, &w, &b).with(only);
            if case(x.clone()).fits(gpu, &only.variants[0])
                && !relate(&x, &|x| last(gpu, &case(x)), shape)?
            {
                return Err(format!("{shape:?} {activation:?}: the bits differ").into());
            }
        }
        Ok(())
    })
}

pub(crate) fn permuted_rows(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    related(gpu, Activation::Tanh, 1.0, |x, forward, shape| {
        let from = |n: usize| {
            if n < shape.rows {
                (n * 5 + 3) % shape.rows
            } else {
                n
            }
        };
        let permuted = |values: &[f32], width: usize| -> Vec<f32> {
            let rows = 0..values.len() / width;
            rows.flat_map(|n| &values[from(n) * width..][..width])
                .copied()
                .collect()
        };
        let plain: Vec<f32> = forward(x.to_vec())?
            .into_iter()
            .map(f32::from_bits)
            .collect();
        let moved: Vec<u32> = permuted(&plain, shape.outputs)
            .into_iter()
            .map(f32::to_bits)
            .collect();
        Ok(moved == forward(permuted(x, shape.inputs))?)
    })
}

pub(crate) fn scaled_inputs(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    related(gpu, Activation::Identity, 0.0, |x, forward, shape| {
        let plain = forward(x.to_vec())?;
        for factor in [1024.0, 1.0 / 128.0] {
            let scaled = forward(x.iter().map(|x| factor * x).collect())?;
            let mut both = plain.iter().zip(&scaled).take(shape.rows * shape.outputs);
            if both.any(|(a, b)| factor * f32::from_bits(*a) != f32::from_bits(*b)) {
                return Ok(false);
            }
        }
        Ok(true)
    })
}

/// A step of fewer rows gives these rows the same bits, and does not write the others.
pub(crate) fn rows_beside(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    for cases in [forward_cases, input_gradient_cases] {
        let cases = cases(Numbers::Reals);
        let kernel = cases[0].kernel();
        variants::each(gpu, kernel, |only| {
            for case in cases.iter().map(|case| case.with(only)).step_by(5) {
                if !case.fits(gpu, &only.variants[0]) {
                    continue;
                }
                let rows = case.step.rows.div_ceil(3);
                let mut fewer = case.clone();
                fewer.step.rows = rows;
                let (all, some) = (last(gpu, &case)?, last(gpu, &fewer)?);
                let length = all.len() / case.batch * rows as usize;
                let before = fewer.tensors.last().map(|tensor| &tensor.values[length..]);
                let before: Vec<u32> = before.into_iter().flatten().map(|v| v.to_bits()).collect();
                if all[..length] != some[..length] || some[length..] != before {
                    return Err(format!("{}: {rows} rows differ", case.name).into());
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}
