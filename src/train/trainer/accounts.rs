//! The accounts of a session, which its steps add to.

use crate::Error;
use crate::kernels::Buffer;
use crate::plan::Session;

/// Reads the values of an accumulator, sums them, and clears it.
pub(super) fn take_sum(session: &mut dyn Session<f32>, account: Buffer) -> Result<f64, Error> {
    let values = session.read(account)?;
    session.write(account, &vec![0.0; values.len()])?;
    Ok(values.iter().map(|v| f64::from(*v)).sum())
}
