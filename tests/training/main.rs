//! Tests of whole training runs: the same on every device, resident or streamed, and accurate on MNIST.

#[path = "../common/mod.rs"]
mod common;
mod golden;
mod mnist;

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use wgrad::dataset;
use wgrad::dataset::{ReadOptions, Split, Targets};
use wgrad::device::Device;
use wgrad::gpu::Gpu;
use wgrad::kernels::Buffer;
use wgrad::model::{Activation, Loss, Mlp, Optimizer};
use wgrad::plan::{Order, Training, backprop};
use wgrad::train::{Inference, Model, Prepared, Trainer};

fn main() {
    let mut trials = mnist::mnist_trials();
    trials.extend(common::trials(LOSSES.map(lowers_test).into()));
    trials.extend(common::trials(vec![
        (
            "digits train alike on the CPU device",
            alike as fn(&Arc<Gpu>) -> Result<(), Failed>,
        ),
        ("a run twice gives the same bits", twice),
        ("streamed rows give the bits of resident ones", streamed),
        ("a batch larger than the data is the data", large_batch),
        (
            "the golden run is that of an independent program",
            golden::on_an_adapter,
        ),
    ]));
    trials.push(Trial::test(
        "the golden run is that of an independent program [cpu]",
        || golden::agrees("cpu"),
    ));
    trials.push(Trial::test(
        "streamed rows give the bits of resident ones [cpu]",
        || streamed_on(&Device::Cpu),
    ));
    trials.push(Trial::test(
        "what does not fit the data is refused",
        refused,
    ));
    trials.push(Trial::test(
        "rows that a model does not take are refused",
        refused_by_a_model,
    ));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn prepared(source: &str) -> Result<Prepared, Failed> {
    let data = dataset::read(source, &ReadOptions::default(), 0)?;
    let split: Split = dataset::split(&data, &dataset::SplitOptions::default())?;
    Ok(Prepared::new(&data, &split)?)
}

fn training(loss: Loss, optimizer: Optimizer, batch: usize) -> Training {
    Training {
        loss,
        optimizer,
        batch_size: batch,
        classes: true,
        order: Order::Simultaneous,
        train_bias: true,
        ..Training::default()
    }
}

/// A program's mistakes cause errors on input, because the shaders run without checks.
fn refused() -> Result<(), Failed> {
    let data = prepared("iris")?;
    let sgd = training(Loss::CrossEntropy, Optimizer::sgd(0.1), 10);
    let random = |widths: &[usize]| Mlp::random(widths, Activation::Relu, Activation::Identity, 0);
    let short = Mlp {
        parameters: vec![0.0; 5],
        ..random(&[4, 8, 3])
    };
    let values = Training {
        classes: false,
        ..sgd
    };
    let none = Training {
        batch_size: 0,
        ..sgd
    };
    for (mlp, training, said) in [
        (
            random(&[3, 8, 3]),
            sgd,
            "has 3 inputs and output width 3; the data has 4 inputs",
        ),
        (
            random(&[4, 8, 1]),
            sgd,
            "output width 1; the data has 4 inputs per row and needs output width 3",
        ),
        (random(&[4, 0, 3]), sgd, "a layer cannot be 0 wide"),
        (random(&[4]), sgd, "needs a layer"),
        (short, sgd, "expected 67 parameters, found 5"),
        (
            random(&[4, 8, 3]),
            values,
            "is for values, and the data has classes",
        ),
        (random(&[4, 8, 3]), none, "a batch of 0 rows"),
    ] {
        let trainer = Trainer::new(&Device::Cpu, mlp, &training, &data, 0, None);
        let why = trainer.err().ok_or("it was taken")?.to_string();
        assert!(why.contains(said), "{why}");
    }
    let plan = backprop::train(&random(&[4, 8, 3]), &sgd);
    for device in wgrad::device::all() {
        let mut session = device.load(&plan, 10)?;
        session.write(Buffer::DataInputs, &[0.0; 8])?;
        for (buffer, elements, expected) in [
            (Buffer::DataInputs, 41, 40),
            (Buffer::Parameters, 5, 67),
            (Buffer::Parameters, 68, 67),
        ] {
            let why = session.write(buffer, &vec![0.0; elements]).unwrap_err();
            let said =
                format!("{buffer:?}: expected {expected} elements to write, found {elements}");
            assert_eq!(why.to_string(), said, "{}", device.name());
        }
    }
    let mlp = random(&[4, 8, 3]);
    let mut trainer = Trainer::new(&Device::Cpu, mlp, &sgd, &data, 0, None)?;
    let beyond = wgrad::plan::Rows {
        first: 100,
        count: 500,
    };
    let why = trainer.evaluate(beyond).unwrap_err().to_string();
    assert!(why.contains("the data has 150"), "{why}");
    Ok(())
}

fn refused_by_a_model() -> Result<(), Failed> {
    let data = dataset::read("iris", &ReadOptions::default(), 0)?;
    let split = dataset::split(&data, &dataset::SplitOptions::default())?;
    let prepared = Prepared::new(&data, &split)?;
    let model = Model {
        mlp: Mlp::random(&[4, 3], Activation::Relu, Activation::Identity, 0),
        others: Vec::new(),
        loss: Loss::CrossEntropy,
        quantile: None,
        input_scale: prepared.input_scale,
        target_scale: prepared.target_scale,
        schema: prepared.schema,
        endings: Vec::new(),
    };
    let mut turned = data.clone();
    turned.columns.swap(0, 1);
    let mut renamed = data.clone();
    if let Some(Targets::Classes { names, .. }) = &mut renamed.targets {
        names.swap(0, 2);
    }
    for (rows, said) in [
        (data.select(&[]), "there are no rows"),
        (turned, "in this order; found sepal_width, sepal_length"),
        (renamed, "the model knows 3 classes; found virginica"),
    ] {
        let inference = Inference::new(&Device::Cpu, &model, &rows);
        let why = inference.err().ok_or("they were taken")?.to_string();
        assert!(why.contains(said), "{why}");
    }
    let mut unlabelled = data;
    unlabelled.targets = None;
    let mut inference = Inference::new(&Device::Cpu, &model, &unlabelled)?;
    inference.predictions()?;
    let why = inference.metrics().unwrap_err().to_string();
    assert!(why.contains("no targets"), "{why}");
    Ok(())
}

/// Trains, and returns the training loss of each epoch, and the parameters.
fn run(
    device: &Device,
    data: &Prepared,
    hidden: (usize, Activation),
    training: &Training,
    epochs: usize,
    limit: Option<u64>,
) -> Result<(Vec<f64>, Vec<f32>), Failed> {
    let widths = [data.schema.inputs, hidden.0, data.outputs];
    let output = training.loss.output_activation(true);
    let mlp = Mlp::random(&widths, hidden.1, output, 0);
    let mut trainer = Trainer::new(device, mlp, training, data, 0, limit)?;
    let mut losses = Vec::new();
    for _ in 0..epochs {
        losses.push(trainer.epoch(&mut |_| true)?.train_loss);
    }
    Ok((losses, trainer.network()?.parameters))
}

fn gpu(gpu: &Arc<Gpu>) -> Device {
    Device::Gpu(gpu.clone())
}

fn alike(adapter: &Arc<Gpu>) -> Result<(), Failed> {
    let data = prepared("digits")?;
    let training = training(Loss::CrossEntropy, Optimizer::adam(1e-3), 32);
    let on = |device: &Device| run(device, &data, (64, Activation::Relu), &training, 3, None);
    let (here, there) = (on(&Device::Cpu)?.0, on(&gpu(adapter))?.0);
    for (a, b) in here.iter().zip(&there) {
        if (a - b).abs() > 0.01 * a {
            return Err(format!("{here:?} on the CPU device, {there:?} here").into());
        }
    }
    Ok(())
}

fn twice(adapter: &Arc<Gpu>) -> Result<(), Failed> {
    let data = prepared("iris")?;
    let training = training(Loss::CrossEntropy, Optimizer::adam(1e-2), 16);
    let once = || {
        run(
            &gpu(adapter),
            &data,
            (16, Activation::Tanh),
            &training,
            5,
            None,
        )
    };
    match once()?.1 == once()?.1 {
        true => Ok(()),
        false => Err("the parameters differ".into()),
    }
}

fn streamed(adapter: &Arc<Gpu>) -> Result<(), Failed> {
    streamed_on(&gpu(adapter))
}

fn streamed_on(device: &Device) -> Result<(), Failed> {
    let data = prepared("digits")?;
    let training = Training {
        dropout: 0.25,
        ..training(Loss::CrossEntropy, Optimizer::adam(1e-3), 50)
    };
    let with = |limit| run(device, &data, (16, Activation::Relu), &training, 2, limit);
    // 300 rows of 64 inputs: several windows per epoch.
    let (resident, streamed) = (with(None)?, with(Some(300 * 64 * 4))?);
    if resident.1 != streamed.1 {
        return Err("the parameters differ".into());
    }
    if (resident.0[1] - streamed.0[1]).abs() > 1e-6 {
        return Err(format!("losses {:?} and {:?}", resident.0, streamed.0).into());
    }
    Ok(())
}

/// Values of counts and quantiles are learned in tests/cli/variants.rs.
const LOSSES: [Loss; 5] = [
    Loss::HalfSse,
    Loss::Mse,
    Loss::Mae,
    Loss::Huber,
    Loss::CrossEntropy,
];

/// A test of a loss. They run side by side, because each compiles many modules.
fn lowers_test(loss: Loss) -> (String, impl Fn(&Arc<Gpu>) -> Result<(), Failed>) {
    let sentence = format!("every activation and optimizer lowers the error, {loss:?}");
    (sentence, move |gpu: &Arc<Gpu>| lowers(gpu, loss))
}

fn lowers(adapter: &Arc<Gpu>, loss: Loss) -> Result<(), Failed> {
    let data = prepared("iris")?;
    let momentum = Optimizer::Sgd {
        learning_rate: 0.05,
        momentum: 0.9,
        weight_decay: 1e-4,
    };
    for optimizer in [Optimizer::sgd(0.1), momentum, Optimizer::adam(0.01)] {
        for activation in Activation::IN_PRODUCTS {
            let training = training(loss, optimizer, 16);
            let device = gpu(adapter);
            // The absolute error of a sigmoid falls slowly.
            let (losses, _) = run(&device, &data, (8, activation), &training, 20, None)?;
            if losses[19] > 0.9 * losses[0] {
                return Err(format!("{loss:?} {optimizer:?} {activation:?}: {losses:?}").into());
            }
        }
    }
    Ok(())
}

fn large_batch(adapter: &Arc<Gpu>) -> Result<(), Failed> {
    let data = prepared("iris")?;
    let with = |batch| {
        let training = training(Loss::CrossEntropy, Optimizer::adam(0.01), batch);
        run(
            &gpu(adapter),
            &data,
            (8, Activation::Relu),
            &training,
            3,
            None,
        )
    };
    let rows = data.train.count;
    match with(rows)?.1 == with(10 * rows)?.1 {
        true => Ok(()),
        false => Err("the parameters differ".into()),
    }
}
