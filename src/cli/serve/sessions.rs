//! Networks on the device that wait for the next rows: to load one for each request takes long on a GPU.

use std::sync::{Mutex, PoisonError};
use wgrad::Error;
use wgrad::dataset::Dataset;
use wgrad::device::Device;
use wgrad::train::{Inference, Model, Predictions};

/// The most sessions that wait.
const MOST: usize = 16;
/// The most rows of a session that waits: it keeps memory for them.
const MOST_ROWS: usize = 1024;

/// A model on a device, for requests of any number of rows. Each number has sessions of its own, so that a prediction
/// has the bits that `predict` gives it.
pub(super) struct Sessions {
    device: Device,
    model: &'static Model,
    /// Those that are not in use, the one that was used last at the end.
    waiting: Mutex<Vec<(usize, Inference<'static>)>>,
}

impl Sessions {
    pub(super) fn new(device: Device, model: &'static Model) -> Sessions {
        Sessions {
            device,
            model,
            waiting: Mutex::default(),
        }
    }

    /// Predicts rows, on the device that waits for as many, or on a new session.
    ///
    /// # Errors
    /// Returns an error if the rows do not fit the model, or the device fails.
    pub(super) fn predict(&self, data: &Dataset) -> Result<Predictions, Error> {
        let mut session = match self.taken(data.rows) {
            Some(mut session) => {
                session.replace_rows(data)?;
                session
            }
            None => Inference::new(&self.device, self.model, data)?,
        };
        let predictions = session.predictions()?;
        self.put(data.rows, session);
        Ok(predictions)
    }

    fn taken(&self, rows: usize) -> Option<Inference<'static>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let found = waiting.iter().rposition(|(known, _)| *known == rows)?;
        Some(waiting.remove(found).1)
    }

    fn put(&self, rows: usize, session: Inference<'static>) {
        if rows > MOST_ROWS {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push((rows, session));
        if waiting.len() > MOST {
            waiting.remove(0);
        }
    }
}
