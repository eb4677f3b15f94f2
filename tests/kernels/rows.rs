//! Tests of `gather`: the rows of a batch, in the order of the schedule.

use crate::rig;
use libtest_mimic::Failed;
use std::sync::Arc;
use wgrad::gpu::{Gpu, GpuSession};
use wgrad::kernels::{Buffer, Kernel, Slice, Step, Targets, gather, squared_error};
use wgrad::model::{Activation, Layer};
use wgrad::plan::{Extent, Phase, Plan, Rows, Session};
use wgrad::verify::{
    numbers::Numbers,
    rows::{gather_cases, schedule},
};

/// Each element encodes its origin, so the schedule determines the expected values without a twin.
pub(crate) fn rows_are_the_schedules(gpu: &Arc<Gpu>) -> Result<(), Failed> {
    for case in gather_cases(Numbers::Integers) {
        let found = rig::on_gpu(gpu, &case)?;
        for (slot, values) in found[2..].iter().enumerate() {
            let width = case.calls[0].args[slot] as usize;
            let rows = values.chunks(width).take(case.step.rows as usize);
            for (n, row) in rows.enumerate() {
                let from = case.step.row(n as u32) as usize * width;
                let expected: Vec<f32> = (from..from + width).map(|i| i as f32).collect();
                if row != expected {
                    let what = format!("row {n} is {row:?}, not {expected:?}");
                    return Err(format!("{}: {what}", case.name).into());
                }
            }
        }
    }
    Ok(())
}

/// Runs the steps of some epochs at once, more than one prefetch covers. Row `n` of each batch adds half the square of
/// its row number to sum `n`, once per value of the row.
pub(crate) fn steps_follow_one_another(
    gpu: &Arc<Gpu>,
    gather: &'static Kernel,
    squared_error: &'static Kernel,
) -> Result<(), Failed> {
    const ROWS: Rows = Rows {
        first: 3,
        count: 100,
    };
    let data = ROWS.first + ROWS.count;
    let rows = (0..data).flat_map(|row| [row as f32; WIDTH]);
    let numbers: Vec<f32> = rows.collect();
    let mut session = GpuSession::new(gpu.clone(), &sums_plan(gather, squared_error), data)?;
    session.write(Buffer::DataInputs, &numbers)?;
    session.write(Buffer::DataTargets, &vec![0.0; WIDTH * data])?;
    let (mut sums, mut seen) = ([0f32; 13], vec![0; data]);
    for (epochs, shuffle) in [(0..1, false), (1..7, true)] {
        let schedule = schedule(ROWS, sums.len(), shuffle);
        let steps: Vec<Step> = epochs.clone().flat_map(|e| schedule.epoch(e)).collect();
        for step in &steps {
            for n in 0..step.rows {
                let row = step.row(n);
                sums[n as usize] += 0.5 * WIDTH as f32 * (row * row) as f32;
                seen[row as usize] += 1;
            }
        }
        session.run(Phase::Gradient, &steps)?;
        let last = steps[steps.len() - 1];
        let rows = (0..last.rows).flat_map(|n| [last.row(n) as f32; WIDTH]);
        // Writing the targets must not change the positions of the rows.
        session.write(Buffer::DataTargets, &vec![0.0; WIDTH * data])?;
        if !session
            .read(Buffer::Out(0))?
            .starts_with(&rows.collect::<Vec<_>>())
        {
            return Err(format!("epochs {epochs:?}: not the rows of the last step").into());
        }
        let found = session.read(Buffer::Error)?;
        if found != sums {
            return Err(format!("epochs {epochs:?}: {found:?}, not {sums:?}").into());
        }
    }
    match seen.iter().skip(ROWS.first).all(|times| *times == 7) {
        true => Ok(()),
        false => Err("an epoch does not take every row once".into()),
    }
}

/// Number of values per row: enough for every variant to fetch it.
const WIDTH: usize = 4;

fn sums_plan(gather: &'static Kernel, squared_error: &'static Kernel) -> Plan {
    let layer = Layer {
        inputs: WIDTH,
        outputs: WIDTH,
        activation: Activation::Identity,
    };
    let data = [Buffer::DataInputs, Buffer::DataTargets];
    let batch = [
        Buffer::Out(0),
        Buffer::Targets,
        Buffer::Delta(0),
        Buffer::Error,
    ];
    let [inputs, targets] = data.map(Slice::from);
    let [x, t, delta, error] = batch.map(Slice::from);
    let mut bring = gather::call(WIDTH, WIDTH, inputs, targets, x.clone(), t.clone());
    bring.kernel = gather;
    let mut add = squared_error::call(&layer, false, Targets::VALUES, [x, t], [delta, error]);
    add.kernel = squared_error;
    let data = data.map(|name| (name, Extent::Data { width: WIDTH }));
    let batch = batch.map(|name| match name {
        Buffer::Error => (name, Extent::Batch { width: 1 }),
        _ => (name, Extent::Batch { width: WIDTH }),
    });
    Plan {
        batch_size: 13,
        buffers: data.into_iter().chain(batch).collect(),
        gather: vec![bring],
        gradient: vec![add],
        ..Plan::default()
    }
}
