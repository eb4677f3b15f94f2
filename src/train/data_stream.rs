//! Uploads rows to a device: all at once, or in windows if they do not fit.
//!
//! The host gathers the rows of some steps into a window, in the order of use. The steps then read them sequentially.
//! The results have the same bits as with all data on the device.

use crate::Error;
use crate::device::Device;
use crate::kernels::{Buffer, Step};
use crate::plan::{Phase, Session};

/// Approximate size of a window's inputs, in bytes.
const WINDOW: usize = 32 << 20;

/// Rows for a device.
pub struct DataStream<'a> {
    inputs: &'a [f32],
    targets: &'a [f32],
    widths: [usize; 2],
    rows: usize,
    /// Rows per window; `None` if all rows stay on the device.
    window: Option<usize>,
}

impl<'a> DataStream<'a> {
    /// Creates a stream of `rows` rows of `inputs` (rows, I) and `targets` (rows, T; empty if there are none) for steps
    /// of up to `batch` rows. `device` holds at most `limit` bytes of inputs.
    pub fn new(
        device: &Device,
        inputs: &'a [f32],
        targets: &'a [f32],
        rows: usize,
        batch: usize,
        limit: Option<u64>,
    ) -> DataStream<'a> {
        let widths = [inputs, targets].map(|values| values.len() / rows.max(1));
        let bytes = |rows: usize| (rows * widths[0].max(widths[1]) * 4) as u64;
        let most = device.largest_buffer().min(limit.unwrap_or(u64::MAX));
        let fitting = |rows: &usize| bytes(*rows) <= most;
        let window = (!fitting(&rows)).then(|| {
            let bytes_a_row = bytes(1).max(1);
            let wanted = (WINDOW as u64).min(most) / bytes_a_row;
            (wanted as usize).max(batch)
        });
        DataStream {
            inputs,
            targets,
            widths,
            rows,
            window,
        }
    }

    /// Returns the number of rows in the device's data buffers.
    pub fn rows_on_device(&self) -> usize {
        self.window.unwrap_or(self.rows)
    }

    /// Uploads all rows, unless they are streamed.
    pub fn load(&self, session: &mut dyn Session<f32>) -> Result<(), Error> {
        if self.window.is_none() {
            session.write(Buffer::DataInputs, self.inputs)?;
            session.write(Buffer::DataTargets, self.targets)?;
        }
        Ok(())
    }

    /// Uploads the rows of a step, if they are streamed. Returns the step over the rows on the device.
    pub(super) fn place(&self, session: &mut dyn Session<f32>, step: Step) -> Result<Step, Error> {
        match self.window {
            None => Ok(step),
            Some(_) => Ok(self.upload(session, &[step])?[0]),
        }
    }

    /// Uploads the rows of some steps. Returns the steps over the rows on the device.
    fn upload(&self, session: &mut dyn Session<f32>, steps: &[Step]) -> Result<Vec<Step>, Error> {
        let rows: Vec<usize> = steps
            .iter()
            .flat_map(|step| (0..step.rows).map(|n| step.row(n) as usize))
            .collect();
        let all = [
            (Buffer::DataInputs, self.inputs, self.widths[0]),
            (Buffer::DataTargets, self.targets, self.widths[1]),
        ];
        for (buffer, values, width) in all {
            session.write(buffer, &pick(values, width, &rows))?;
        }
        Ok(in_a_row(steps))
    }

    /// Replays `steps`, whose row numbers refer to the whole data set.
    pub fn run(
        &self,
        session: &mut dyn Session<f32>,
        phase: Phase,
        steps: &[Step],
    ) -> Result<(), Error> {
        let Some(window) = self.window else {
            return session.run(phase, steps);
        };
        let mut rest = steps;
        while !rest.is_empty() {
            let (now, after) = rest.split_at(fitting_steps(rest, window));
            let now = self.upload(session, now)?;
            session.run(phase, &now)?;
            rest = after;
        }
        Ok(())
    }
}

/// Returns how many of the first steps have at most `window` rows together; at least one.
fn fitting_steps(steps: &[Step], window: usize) -> usize {
    let mut rows = 0;
    let fits = steps.iter().take_while(|step| {
        rows += step.rows as usize;
        rows <= window
    });
    fits.count().max(1)
}

/// Returns the steps, renumbered for rows that lie one after the other.
fn in_a_row(steps: &[Step]) -> Vec<Step> {
    let mut start = 0;
    let steps = steps.iter().map(|step| {
        let moved = Step {
            first: 0,
            start,
            shuffle: 0,
            ..*step
        };
        start += step.rows;
        moved
    });
    steps.collect()
}

/// Gathers `rows` of `values` (rows, width).
fn pick(values: &[f32], width: usize, rows: &[usize]) -> Vec<f32> {
    let mut picked = Vec::with_capacity(rows.len() * width);
    for &row in rows {
        picked.extend_from_slice(&values[row * width..][..width]);
    }
    picked
}
