//! The lane family's dispatches as data ([`Replay`]): one network in one invocation, with scripts of 1, 10, 100, ... steps,
//! so that any number of steps is some of each.

use crate::gpu::adapter::replay::{Binding, RecordedDispatch, Replay};
use crate::gpu::lane::{
    buffers::RUN,
    script::{Bounds, ScriptRows},
};
use crate::gpu::print::network::{ModuleKey, SCRIPT, StateLayout, check, source, unrolled};
use crate::kernels::{Buffer, Status, Step};
use crate::plan::{Phase, Plan};
use std::collections::BTreeMap;

/// Most quads of a script, so that the data stay short.
const MOST_QUADS: usize = 1024;
/// Most steps of a script: some milliseconds.
const MOST_STEPS: usize = 1000;

/// Most printed operations of a row: what a browser on a software adapter compiles in seconds. The article's network has a
/// fraction of it.
const MOST_OPERATIONS: usize = 250;

/// Records steps that are alike: the same rows, rate and settings. Returns none if the network is too large for a lane in a browser.
/// The buffer `networks` holds the parameters, where its tensors say.
pub fn record(plan: &Plan, data: [&[f32]; 2], parameters: &[f32], step: &Step) -> Option<Replay> {
    let layout = StateLayout::new(plan);
    let (work_a_row, trips_a_row) = unrolled(plan, &layout, Phase::Train);
    check(plan, work_a_row, 16 * SCRIPT as u64).ok()?;
    if work_a_row > MOST_OPERATIONS {
        return None;
    }
    let bounds = Bounds {
        trips_a_row,
        work_a_row,
        software: true,
    };
    let mut rows = ScriptRows::new(plan);
    rows.write(Buffer::DataInputs, data[0]);
    rows.write(Buffer::DataTargets, data[1]);
    let mut replay = Replay::default();
    let key = ModuleKey {
        phase: Phase::Train,
        careful: false,
        subgroup: None,
    };
    let module = replay.module("lane", source(plan, key));
    let (at, placed) = layout
        .find_kept("the lane family", Buffer::Parameters)
        .ok()?;
    let mut words = vec![0; layout.kept];
    let own = words[at..].iter_mut().zip(placed.spread(parameters));
    own.for_each(|(word, value)| *word = value.to_bits());
    let kept = replay.buffer("networks", 4 * words.len() as u64, words);
    let tensors = placed.starts.iter().zip(&placed.lengths);
    replay.buffers[kept].tensors = tensors.map(|(start, len)| [at + start, *len]).collect();
    let status = replay.buffer("status words", 4, vec![Status::FINE]);
    let rates = replay.buffer("rates", 4, vec![1f32.to_bits()]);
    let mut steps = 1;
    while steps <= MOST_STEPS {
        let alike: Vec<Step> = (0..steps as u32)
            .map(|index| Step { index, ..*step })
            .collect();
        let mut script = rows.script(&alike, &bounds, 1);
        if script.steps < steps || (steps > 1 && script.quads.len() > MOST_QUADS) {
            break;
        }
        script.set_run([0, 1, script.segments, 1, 0]);
        let name = format!("script of {steps}");
        let bytes = 16 * (RUN + SCRIPT) as u64;
        let words = script.quads.as_flattened().to_vec();
        let number = replay.buffer(&name, bytes, words);
        replay.buffers[number].uniform = true;
        let part = |binding, first: usize, size: usize| Binding {
            binding,
            buffer: number,
            offset: first as u64,
            size: size as u64,
        };
        let dispatch = RecordedDispatch {
            label: "lane".to_owned(),
            module,
            entry: "run_steps".to_owned(),
            constants: BTreeMap::from([("WORKGROUP".to_owned(), 1.0)]),
            bindings: vec![
                part(0, 16 * RUN, 16 * SCRIPT),
                replay.whole(1, kept),
                replay.whole(2, status),
                replay.whole(3, rates),
                part(4, 0, 20),
            ],
            groups: [1, 1],
            steps,
        };
        replay.dispatches.push(dispatch);
        steps *= 10;
    }
    Some(replay).filter(|replay| !replay.dispatches.is_empty())
}
