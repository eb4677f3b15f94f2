//! Runs many rounds: in the lane family on an adapter, with the twins on the CPU.

use super::article;
use crate::Error;
use crate::cpu::CpuSession;
use crate::device::Device;
use crate::gpu::LaneSession;
use crate::kernels::{Buffer, Diverged, Step};
use crate::math::Real;
use crate::plan::{Phase, Plan, Session};

/// The network after some rounds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct State {
    /// E_total on the example.
    pub error: f64,
    /// out_o1, out_o2.
    pub outputs: [f64; 2],
    /// w1..w8.
    pub weights: [f64; 8],
    /// The biases of h1, h2, o1 and o2.
    pub biases: [f64; 4],
}

/// A run, with its states after some rounds.
pub(super) struct RoundsRun {
    states: Vec<(usize, State)>,
    /// Where the run diverged, if it did.
    pub(super) diverged: Option<Diverged>,
}

impl RoundsRun {
    /// Returns the network after `rounds` rounds, which must be one of the run's marks.
    pub(super) fn state(&self, rounds: usize) -> State {
        let found = self.states.iter().find(|(at, _)| *at == rounds);
        found.map_or_else(State::default, |(_, state)| *state)
    }
}

/// Loads `plan` on the family that runs many rounds fastest.
pub(super) fn load(device: &Device, plan: &Plan) -> Result<Box<dyn Session<f32>>, Error> {
    Ok(match device {
        Device::Cpu => Box::new(CpuSession::new(plan, 1, 1)?),
        Device::Gpu(gpu) => Box::new(LaneSession::new(gpu.clone(), plan, 1)?),
    })
}

/// Runs from the article's weights through all `marks`, and reads the network at each.
pub(super) fn run<T: Real>(
    session: &mut dyn Session<T>,
    marks: &[usize],
) -> Result<RoundsRun, Error> {
    article::write(session)?;
    let mut marks = marks.to_vec();
    marks.sort_unstable();
    marks.dedup();
    let mut states = Vec::new();
    let mut done = 0;
    for mark in marks {
        train(session, done, mark)?;
        done = mark;
        states.push((mark, look(session)?));
    }
    let diverged = session.diverged()?;
    Ok(RoundsRun { states, diverged })
}

/// Runs rounds `from..to`. Generates no more of the schedule at a time than the session takes.
fn train<T: Real>(session: &mut dyn Session<T>, from: usize, to: usize) -> Result<(), Error> {
    let most = session.steps_at_once(Phase::Train);
    for start in (from..to).step_by(most) {
        let steps: Vec<Step> = (start..to.min(start + most)).map(article::step).collect();
        session.run(Phase::Train, &steps)?;
    }
    Ok(())
}

/// Runs the forward pass on the example, and reads the state.
fn look<T: Real>(session: &mut dyn Session<T>) -> Result<State, Error> {
    // Errors accumulate until the host clears them.
    session.write(Buffer::Error, &[T::of(0.0)])?;
    session.run(Phase::Evaluate, &[article::step(0)])?;
    let parameters = article::read(session, Buffer::Parameters)?;
    let outputs = article::read(session, Buffer::Out(2))?;
    Ok(State {
        error: article::read(session, Buffer::Error)?[0],
        outputs: [outputs[0], outputs[1]],
        weights: article::WEIGHTS.map(|k| parameters[k]),
        biases: article::BIASES.map(|k| parameters[k]),
    })
}
