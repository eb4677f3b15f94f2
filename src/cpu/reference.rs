//! One training step in f64: the reference that every device is checked against.

use crate::Error;
use crate::cpu::CpuSession;
use crate::kernels::Buffer;
use crate::model::Mlp;
use crate::plan::{Phase, Rates, Rows, Schedule, Session, Training, backprop};
use crate::text::counted;

impl Mlp {
    /// Computes the first step of `training` on one batch, in f64 with the learning rate rounded to f32. Returns the
    /// mean error of the batch's rows before the step, and the parameters after it. `parameters` replace the network's
    /// own parameters, which are f32.
    ///
    /// # Shapes
    /// `parameters` as in [`Mlp::parameters`]; `inputs` (batch, I), not scaled; `targets` (batch, O), or class indices
    /// (batch).
    ///
    /// # Errors
    /// If the shapes do not fit one another.
    pub fn reference_step(
        &self,
        training: &Training,
        parameters: &[f64],
        inputs: &[f64],
        targets: &[f64],
    ) -> Result<(f64, Vec<f64>), Error> {
        self.check().map_err(Error::Config)?;
        let batch = training.batch_size;
        let width = if training.classes { 1 } else { self.outputs() };
        for (what, found, expected) in [
            ("parameter", parameters.len(), self.parameters.len()),
            ("input", inputs.len(), batch * self.inputs()),
            ("target", targets.len(), batch * width),
        ] {
            if found != expected || batch == 0 {
                return Err(Error::Config(format!(
                    "a step of network {self} on a batch of {}: expected {}, found {found}; give as many",
                    counted(batch, "row"),
                    counted(expected, what),
                )));
            }
        }
        let plan = backprop::train(self, training);
        let mut session = CpuSession::<f64>::new(&plan, batch, 1)?;
        session.write(Buffer::DataInputs, inputs)?;
        session.write(Buffer::DataTargets, targets)?;
        session.write(Buffer::Parameters, parameters)?;
        let schedule = Schedule {
            rates: Rates::default(),
            dropout: training.dropout,
            rows: Rows {
                first: 0,
                count: batch,
            },
            batch_size: batch,
            seed: 0,
            shuffle: false,
            optimizer: training.optimizer,
        };
        session.run(Phase::Train, &schedule.epoch(0))?;
        let errors: f64 = session.read(Buffer::Error)?.iter().sum();
        Ok((errors / batch as f64, session.read(Buffer::Parameters)?))
    }
}
