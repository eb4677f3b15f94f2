//! Loss and accuracy of outputs.

use crate::Error;
use crate::device::Device;
use crate::kernels::Buffer;
use crate::model::{Activation, Loss, Mlp, Optimizer};
use crate::plan::{
    Evaluation, Order, Phase, Rows, Session, Training, backprop, evaluation_batch, schedule,
};
use crate::train::{DataStream, Metrics};

/// Rows per batch.
pub(super) fn batch(rows: usize) -> usize {
    evaluation_batch(Evaluation::Prediction, 1, rows)
}

/// Reads mean loss and accuracy after a pass over so many rows.
pub(super) fn read_metrics(
    session: &mut dyn Session<f32>,
    rows: usize,
    classes: bool,
) -> Result<Metrics, Error> {
    let mut sum = |buffer| -> Result<f64, Error> {
        let values = session.read(buffer)?;
        Ok(values.iter().map(|v| f64::from(*v)).sum())
    };
    let (error, hits) = (sum(Buffer::Error)?, sum(Buffer::Hits)?);
    let rows = rows as f64;
    Ok(Metrics {
        loss: error / rows,
        accuracy: classes.then_some(hits / rows),
    })
}

/// Returns mean loss and accuracy of `outputs` (rows, `width`), computed on the CPU device: `outputs` are the inputs of a
/// layer that returns them as they are, so that a loss is defined only once.
pub(super) fn metrics(
    outputs: &[f32],
    targets: &[f32],
    width: usize,
    (loss, quantile): (Loss, Option<f64>),
    classes: bool,
) -> Result<Metrics, Error> {
    let rows = outputs.len() / width.max(1);
    let mut mlp = Mlp::zeros(&[width, width], Activation::Identity, Activation::Identity);
    (0..width).for_each(|o| mlp.parameters[o * width + o] = 1.0);
    let training = Training {
        loss,
        quantile: quantile.unwrap_or(0.5),
        optimizer: Optimizer::sgd(0.0),
        batch_size: 1,
        classes,
        order: Order::Simultaneous,
        train_bias: false,
        ..Training::default()
    };
    let batch = batch(rows);
    let plan = backprop::train(&mlp, &training).evaluating(batch);
    let device = Device::Cpu;
    let feed = DataStream::new(&device, outputs, targets, rows, batch, None);
    let mut session = device.load(&plan, feed.rows_on_device())?;
    feed.load(&mut *session)?;
    session.write(Buffer::Parameters, &mlp.parameters)?;
    let all = Rows {
        first: 0,
        count: rows,
    };
    feed.run(
        &mut *session,
        Phase::Evaluate,
        &schedule::pass(all, batch, 0),
    )?;
    read_metrics(&mut *session, rows, classes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_of_the_mean_is_that_of_its_definition() {
        let outputs = [0.25f32, 0.75, 0.5, 0.5].map(f32::ln);
        let found = metrics(&outputs, &[1.0, 0.0], 2, (Loss::CrossEntropy, None), true).unwrap();
        assert!((found.loss - (0.75f64.ln() + 0.5f64.ln()) / -2.0).abs() < 1e-6);
        assert_eq!(found.accuracy, Some(1.0));
        let found = metrics(&[1.0, 3.0], &[0.0, 5.0], 2, (Loss::Mse, None), false).unwrap();
        assert_eq!((found.loss, found.accuracy), (2.5, None));
    }
}
