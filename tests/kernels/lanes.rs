//! Compares the lane family with the device family, bit for bit, and with f64.

use libtest_mimic::Failed;
use std::sync::Arc;
use wgrad::gpu::{Gpu, GpuSession, LaneSession};
use wgrad::kernels::{Buffer, Step};
use wgrad::model::{Loss, Mlp, Optimizer};
use wgrad::plan::{Order, Phase, Rows, Session, schedule::pass};
use wgrad::verify::{case::U, families, judge::within, training::TrainingRun};

const EPOCHS: usize = 4;

/// Returns three networks of a run, with different seeds.
fn population(run: &TrainingRun) -> Vec<Vec<f32>> {
    let widths: Vec<usize> = std::iter::once(run.mlp.inputs())
        .chain(run.mlp.layers.iter().map(|layer| layer.outputs))
        .collect();
    let [first, last] = [0, run.mlp.layers.len() - 1].map(|l| run.mlp.layers[l].activation);
    let seeds = [1, 2, 3];
    let networks = seeds.map(|seed| Mlp::random(&widths, first, last, seed).parameters);
    networks.into()
}

/// A run of three networks in lanes, and each network alone in the device family.
struct Families {
    lanes: LaneSession,
    alone: Vec<GpuSession>,
    networks: Vec<Vec<f32>>,
}

impl Families {
    fn load(gpu: &Arc<Gpu>, run: &TrainingRun) -> Result<Families, Failed> {
        let (plan, networks) = (run.plan(), population(run));
        let alone = networks.iter();
        let alone = alone.map(|_| GpuSession::new(gpu.clone(), &plan, run.rows));
        Ok(Families {
            lanes: LaneSession::new(gpu.clone(), &plan, networks.len())?,
            alone: alone.collect::<Result<_, _>>()?,
            networks,
        })
    }

    /// Trains all networks in both families. Returns their parameters.
    fn train(&mut self, run: &TrainingRun, steps: &[Step]) -> Result<[Vec<f32>; 2], Failed> {
        run.train(&mut self.lanes, &self.networks.concat(), steps)?;
        for (session, network) in self.alone.iter_mut().zip(&self.networks) {
            run.train(session, network, steps)?;
        }
        self.read(Buffer::Parameters)
    }

    /// Reads a buffer of all networks, one after the other, in both families.
    fn read(&mut self, buffer: Buffer) -> Result<[Vec<f32>; 2], Failed> {
        let mut alone = Vec::new();
        for session in &mut self.alone {
            alone.extend(session.read(buffer)?);
        }
        Ok([self.lanes.read(buffer)?, alone])
    }
}

/// Networks trained in lanes have the bits that each has alone in the device family. Both stay near f64, and evaluate
/// alike.
pub(crate) fn agree(gpu: &Arc<Gpu>, run: &TrainingRun) -> Result<(), Failed> {
    let mut families = Families::load(gpu, run)?;
    let [parameters, _] = families.train(run, &run.steps(EPOCHS))?;
    let moments = (0..run.training.optimizer.moments()).map(Buffer::Moment);
    for buffer in [Buffer::Parameters].into_iter().chain(moments) {
        let [lanes, alone] = families.read(buffer)?;
        if lanes != alone {
            return Err(format!("{buffer:?} of lanes differ from the device family's").into());
        }
    }
    for (network, found) in families
        .networks
        .iter()
        .zip(parameters.chunks(run.mlp.parameters.len()))
    {
        families::near_f64(run, network, found, EPOCHS)?.sound()?;
    }
    evaluate_alike(run, &mut families)
}

/// Hits are whole numbers and must be equal. A lane sums the losses of all rows, the device family sums each row of the
/// batch separately. The two sums differ by at most one rounding per addition.
fn evaluate_alike(run: &TrainingRun, families: &mut Families) -> Result<(), Failed> {
    let rows = Rows {
        first: 0,
        count: run.rows,
    };
    let steps = pass(rows, run.training.batch_size, 0);
    families.lanes.run(Phase::Evaluate, &steps)?;
    for session in &mut families.alone {
        session.run(Phase::Evaluate, &steps)?;
    }
    let sum = |values: &[f32]| values.iter().map(|v| f64::from(*v)).sum::<f64>();
    // The sums include the losses of the training epochs.
    let additions = (run.rows * (EPOCHS + 1)) as f64;
    for (buffer, off) in [(Buffer::Hits, 0.0), (Buffer::Error, U * additions)] {
        let [lanes, alone] = families.read(buffer)?;
        let own = alone.chunks(alone.len() / lanes.len());
        for (lane, own) in lanes.iter().zip(own) {
            let (lane, own) = (f64::from(*lane), sum(own));
            if !within((lane - own).abs(), off * own) {
                return Err(format!("{buffer:?} is {lane:e} in a lane, and {own:e}").into());
            }
        }
    }
    Ok(())
}

/// A script contains a row once if consecutive steps use it: from the first step of a segment, in the middle, at the
/// end, and with other settings in between. Also in a plan with larger batches, and if a row is fetched in parts.
pub(crate) fn rows_repeat(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let sgd = Optimizer::sgd(0.5);
    for (widths, batch) in [([2, 2, 2], 1), ([2, 2, 2], 4), ([6, 3, 4], 1)] {
        let run = TrainingRun::new("rows repeat", &widths, Loss::HalfSse, sgd, [batch, 8]);
        if families::compiles(gpu, &run) {
            take_rows_again(gpu, &run).map_err(|why| format!("{widths:?}, {batch}: {why:?}"))?;
        }
    }
    Ok(())
}

fn take_rows_again(gpu: &Arc<Gpu>, run: &TrainingRun) -> Result<(), Failed> {
    let mut steps = Vec::new();
    for (rows, learning_rate) in [
        (&[3, 3, 3, 0, 1, 1, 2][..], 0.5),
        (&[2, 2, 2, 2], 0.25),
        (&[5], 0.5),
        (&[6, 7, 7, 7, 4, 4], 0.125),
        (&[4, 4], 0.5),
    ] {
        for &row in rows {
            steps.push(Step {
                index: steps.len() as u32,
                first: row,
                ..Step::whole(1, learning_rate)
            });
        }
    }
    let mut families = Families::load(gpu, run)?;
    let [lanes, alone] = families.train(run, &steps)?;
    match lanes == alone {
        true => Ok(()),
        false => Err(format!("{lanes:?} in lanes, {alone:?} in the device family").into()),
    }
}

/// A lane takes one row at a time, so it cannot update between the layers of a batch of several rows, and must refuse.
pub(crate) fn refuses_batches_in_place(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let sgd = Optimizer::sgd(0.5);
    let mut run = TrainingRun::new("batches in place", &[2, 2, 2], Loss::HalfSse, sgd, [4, 8]);
    run.training.order = Order::Sequential;
    match LaneSession::new(gpu.clone(), &run.plan(), 1) {
        Err(_) => Ok(()),
        Ok(_) => agree(gpu, &run),
    }
}

/// Reading what a family does not keep, or the plan does not have, is an error.
pub(crate) fn refuse_to_read(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    let sgd = Optimizer::sgd(0.5);
    let run = TrainingRun::new("unkept", &[2, 2, 2], Loss::HalfSse, sgd, [1, 8]);
    let mut families = Families::load(gpu, &run)?;
    families.train(&run, &run.steps(1))?;
    let mut alone = families.alone.swap_remove(0);
    let sessions: [(&mut dyn Session<f32>, &[Buffer]); 2] = [
        (
            &mut families.lanes,
            &[Buffer::Gradient, Buffer::DataInputs, Buffer::Scratch(7)],
        ),
        (&mut alone, &[Buffer::Gradient, Buffer::Scratch(7)]),
    ];
    for (session, buffers) in sessions {
        for buffer in buffers {
            match session.read(*buffer) {
                Err(why) if why.to_string().starts_with(&format!("{buffer:?}: ")) => {}
                other => return Err(format!("{buffer:?}: {other:?}").into()),
            }
        }
        if session.read(Buffer::Parameters)?.is_empty() {
            return Err("there are no parameters".into());
        }
    }
    Ok(())
}
