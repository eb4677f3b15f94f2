//! The run of a network in f64: what a few of its rounds did, and how its error fell.

use super::network::Network;
use super::pass::{self, Pass, Rounds};
use crate::Error;

/// Points of the error curve.
const POINTS: usize = 200;

/// The exact run of a network.
#[derive(Clone, Debug)]
pub struct Run {
    /// A few rounds, the first one and the one after the last among them.
    pub passes: Vec<Pass>,
    /// The error after some rounds: rounds, error.
    pub curve: Vec<(usize, f64)>,
    /// The first of the rounds looked at that left the finite numbers.
    pub diverged: Option<usize>,
}

impl Run {
    /// Runs all rounds of `network`.
    ///
    /// # Errors
    /// If the first round leaves the finite numbers.
    pub fn exact(network: &Network) -> Result<Run, Error> {
        let passes = passes(network, &marks(network.rounds))?;
        let (passes, lost): (Vec<Pass>, Vec<Pass>) = passes.into_iter().partition(Pass::is_finite);
        if passes.is_empty() {
            return Err(Error::Diverged(
                "the first round leaves the finite numbers: use smaller inputs, weights or a smaller learning rate"
                    .to_owned(),
            ));
        }
        let mut curve = curve(network)?;
        let lost_at = curve.iter().position(|(_, error)| !error.is_finite());
        let curve_lost = lost_at.map(|at| curve[at].0);
        curve.truncate(lost_at.unwrap_or(curve.len()));
        let pass_lost = lost.first().map(|pass| pass.round);
        Ok(Run {
            passes,
            curve,
            diverged: curve_lost.into_iter().chain(pass_lost).min(),
        })
    }

    /// Returns the first round.
    pub fn first(&self) -> &Pass {
        &self.passes[0]
    }
}

/// Returns what the round after each of `marks` rounds does. `marks` rise.
pub fn passes(network: &Network, marks: &[usize]) -> Result<Vec<Pass>, Error> {
    let plan = pass::plan(network);
    let mut session = pass::reference(network, &plan)?;
    let mut rounds = Rounds::exact(network, &mut session);
    let look = |mark: &usize| {
        rounds.go_to(*mark)?;
        rounds.pass()
    };
    marks.iter().map(look).collect()
}

/// Returns 0, 1, 2, 5, 10, 20, 50 and so on, and `rounds`.
pub fn marks(rounds: usize) -> Vec<usize> {
    let powers = (0..9).map(|power| 10usize.pow(power));
    let steps = powers.flat_map(|power| [power, 2 * power, 5 * power]);
    let below = steps.take_while(|mark| *mark < rounds);
    [0].into_iter().chain(below).chain([rounds]).collect()
}

/// Returns the error after up to [`POINTS`] numbers of rounds, evenly spaced on a logarithmic scale.
fn curve(network: &Network) -> Result<Vec<(usize, f64)>, Error> {
    let plan = network.plan();
    let mut session = pass::reference(network, &plan)?;
    let mut rounds = Rounds::exact(network, &mut session);
    let last = network.rounds as f64;
    let share = |point: usize| (point as f64 / (POINTS - 2) as f64 * last.ln()).exp();
    let mut marks: Vec<usize> = (0..POINTS - 1).map(|p| share(p).round() as usize).collect();
    marks.insert(0, 0);
    marks.dedup();
    let look = |mark: usize| {
        rounds.go_to(mark)?;
        Ok((mark, rounds.error()?))
    };
    marks.into_iter().map(look).collect()
}
