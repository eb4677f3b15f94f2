//! The state of a trainer, from which it goes on to the same bits.

use crate::Error;
use crate::kernels::Buffer;
use crate::train::Trainer;

/// All that changes while a network trains.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrainerState {
    /// Number of completed epochs.
    pub epoch: usize,
    /// Completed steps of the current epoch.
    pub step: usize,
    /// The sum of the losses of the rows of these steps.
    pub error: f64,
    /// The parameters of the network.
    pub parameters: Vec<f32>,
    /// What the optimizer remembers of each parameter: none, one or two values.
    pub moments: Vec<Vec<f32>>,
}

impl Trainer<'_> {
    /// Returns the state after the last chunk of steps.
    ///
    /// # Errors
    /// Returns an error if the device failed.
    pub fn state(&mut self) -> Result<TrainerState, Error> {
        let moments = 0..self.schedule.optimizer.moments();
        let (step, error) = self.within;
        Ok(TrainerState {
            epoch: self.epoch,
            step,
            error,
            parameters: self.session.read(Buffer::Parameters)?,
            moments: moments
                .map(|m| self.session.read(Buffer::Moment(m)))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Goes on from a state.
    ///
    /// # Errors
    /// Returns an error if it is that of another network or optimizer, or the device failed.
    pub fn restore(&mut self, state: &TrainerState) -> Result<(), Error> {
        let wanted = self.schedule.optimizer.moments();
        if state.moments.len() != wanted {
            return Err(Error::Config(format!(
                "a state with {} moments, and the optimizer has {wanted}",
                state.moments.len()
            )));
        }
        self.session.write(Buffer::Parameters, &state.parameters)?;
        for (m, moment) in state.moments.iter().enumerate() {
            self.session.write(Buffer::Moment(m), moment)?;
        }
        self.epoch = state.epoch;
        self.within = (state.step, state.error);
        Ok(())
    }
}
