//! Says where a run diverged, and what to try.

use crate::Error;
use crate::kernels::{Buffer, Diverged, Step};
use crate::plan::{KernelChoice, Phase};
use crate::train::Trainer;

impl Trainer<'_> {
    /// Returns the error for a run that diverged, with the place. Its parameters stay as they were then.
    pub(super) fn explain(
        &mut self,
        diverged: Diverged,
        phase: Phase,
        steps: &[Step],
    ) -> Result<String, Error> {
        let (step, update) = match diverged {
            Diverged::Forward { step } => (step, false),
            Diverged::Update { step } => (step, true),
        };
        let found = steps.iter().find(|s| s.index == step).copied();
        let layer = match (self.layer_of_parameters()?, found) {
            (Some(layer), _) => format!("the parameters of layer {layer} are no longer finite"),
            (None, Some(step)) => self.layer_of_outputs(step)?,
            (None, None) => "the error is no longer finite".to_owned(),
        };
        // An evaluation has the number of the next step.
        let behind = phase == Phase::Evaluate && step > 0;
        let when = if update || behind { "after" } else { "at" };
        let told = if behind { step - 1 } else { step };
        let epoch = told / self.schedule.steps_per_epoch() as u32 + 1;
        let rate = self.schedule.optimizer.gentler_rate();
        let precision = match self.kernel_choices().iter().any(KernelChoice::is_mixed) {
            true => ", or `precision = f32` (f16 ends at 65504)",
            false => "",
        };
        Ok(format!(
            "training diverged {when} step {} (epoch {epoch}): {layer}; try a smaller learning rate, `learning_rate = {rate}`, or another `activation` or `loss`{precision}",
            told + 1
        ))
    }

    pub(super) fn layer_of_parameters(&mut self) -> Result<Option<usize>, Error> {
        let mlp = self.network()?;
        let tensors = mlp.tensors();
        let bad = |(_, _, values): &(_, _, &[f32])| values.iter().any(|v| !v.is_finite());
        Ok(tensors.iter().position(bad).map(|tensor| tensor / 2))
    }

    fn layer_of_outputs(&mut self, step: Step) -> Result<String, Error> {
        self.feed.run(&mut *self.session, Phase::Predict, &[step])?;
        for (l, layer) in self.mlp.layers.iter().enumerate() {
            let out = self.session.read(Buffer::Out(l + 1))?;
            let used = &out[..step.rows as usize * layer.outputs];
            if used.iter().any(|v| !v.is_finite()) {
                return Ok(format!("the output of layer {l} is no longer finite"));
            }
        }
        let last = self.mlp.layers.len() - 1;
        Ok(format!(
            "the outputs of the last layer, {last}, are so large that their error is no longer finite"
        ))
    }
}
