//! Accuracy on MNIST, on every device.

use super::*;

/// Returns MNIST trials for the CPU device and every adapter, ignored if the data is missing.
pub(super) fn mnist_trials() -> Vec<Trial> {
    let name = "MNIST reaches 0.970 in 5 epochs";
    let folder = std::env::var_os("WGRAD_DATA").map(|data| PathBuf::from(data).join("mnist"));
    let Some(folder) = folder.filter(|folder| folder.is_dir()) else {
        let missing = format!("{name} [no mnist in $WGRAD_DATA]");
        return vec![Trial::test(missing, || Ok(())).with_ignored_flag(true)];
    };
    let folder = Arc::new(folder);
    let on_cpu = folder.clone();
    let mut trials = vec![Trial::test(format!("{name} [cpu]"), move || {
        is_accurate(mnist_on_cpu(&on_cpu)?.1)
    })];
    trials.extend(common::trials(vec![(name, move |adapter: &Arc<Gpu>| {
        mnist(adapter, &folder)
    })]));
    trials
}

/// Checks the accuracy, and that each epoch is within 1 % of the CPU device.
fn mnist(adapter: &Arc<Gpu>, folder: &Path) -> Result<(), Failed> {
    let (losses, accuracy) = mnist_run(&gpu(adapter), folder)?;
    is_accurate(accuracy)?;
    let (here, _) = mnist_on_cpu(folder)?;
    let mut pairs = here.iter().zip(&losses);
    match pairs.any(|(a, b)| (a - b).abs() > 0.01 * a) {
        true => Err(format!("{here:?} on the CPU device, {losses:?} here").into()),
        false => Ok(()),
    }
}

fn is_accurate(accuracy: f64) -> Result<(), Failed> {
    match accuracy < 0.970 {
        true => Err(format!("test accuracy {accuracy}").into()),
        false => Ok(()),
    }
}

/// The run on the CPU device, which each adapter's is compared with. It runs once.
fn mnist_on_cpu(folder: &Path) -> Result<(Vec<f64>, f64), Failed> {
    static RUN: Mutex<Option<(Vec<f64>, f64)>> = Mutex::new(None);
    let mut run = RUN.lock().unwrap_or_else(PoisonError::into_inner);
    if run.is_none() {
        *run = Some(mnist_run(&Device::Cpu, folder)?);
    }
    Ok(run.clone().unwrap_or_default())
}

fn mnist_run(device: &Device, folder: &Path) -> Result<(Vec<f64>, f64), Failed> {
    let data = &prepared(&folder.display().to_string())?;
    let training = training(Loss::CrossEntropy, Optimizer::adam(1e-3), 128);
    let mlp = Mlp::random(&[784, 128, 10], Activation::Relu, Activation::Identity, 0);
    let mut trainer = Trainer::new(device, mlp, &training, data, 0, None)?;
    let mut losses = Vec::new();
    for _ in 0..5 {
        losses.push(trainer.epoch(&mut |_| true)?.train_loss);
    }
    let test = trainer.evaluate(data.test)?.and_then(|test| test.accuracy);
    Ok((losses, test.unwrap_or_default()))
}
