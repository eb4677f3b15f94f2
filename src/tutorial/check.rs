//! What a device makes of a network: its first round, held against the exact one, and its error after all rounds.

use super::bounds::{Measured, compare};
use super::network::Network;
use super::pass::{self, Pass, Rounds};
use super::rounds::load;
use crate::Error;
use crate::device::{Device, population};
use crate::plan::{Family, Plan};

/// Most parameters of a network whose rounds run in a lane. The module of a larger one takes a software adapter longer to
/// compile than its rounds take: a minute for 261.
const MOST_IN_A_LANE: usize = 64;

/// Runs the first round of `network` on `device`, and compares it with `exact`. `edit` changes the device's plan; tests
/// use it to plant faults.
///
/// # Errors
/// If the device fails.
pub fn first_round(
    device: &Device,
    network: &Network,
    exact: &Pass,
    edit: impl Fn(&mut Plan),
) -> Result<Vec<Measured>, Error> {
    let mut plan = pass::plan(network);
    edit(&mut plan);
    let mut session = device.load(&plan, network.rows.len())?;
    let computed = Rounds::on(network, &mut *session)?.pass()?;
    Ok(compare(network, exact, &computed))
}

/// Runs all rounds of `network` on `device`, and returns the error after them.
///
/// # Errors
/// If the device fails.
pub fn error_after(device: &Device, network: &Network) -> Result<f64, Error> {
    let plan = network.plan();
    let rows = network.rows.len();
    let is_small = network.parameter_count() <= MOST_IN_A_LANE;
    let mut session = match population::family(device, &plan, rows, 1) {
        Family::Lane if is_small => load(device, &plan)?,
        _ => device.load(&plan, rows)?,
    };
    let mut rounds = Rounds::on(network, &mut *session)?;
    rounds.go_to(network.rounds)?;
    rounds.error()
}
