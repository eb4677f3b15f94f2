//! Training steps in burn: sigmoid, half the squared error, gradient descent.
//!
//! `burn-peer flex|wgpu WIDTHS BATCH`, as in `burn-peer wgpu 784-128-10 128`; prints one JSON line.

use burn::module::Module;
use burn::nn::{Linear, LinearConfig, Sigmoid};
use burn::optim::{GradientsParams, SgdConfig};
use burn::prelude::*;
use burn::tensor::Distribution;
use std::process::ExitCode;
use std::time::Instant;

#[derive(Module, Debug)]
struct Mlp {
    layers: Vec<Linear>,
    sigmoid: Sigmoid,
}

impl Mlp {
    fn new(widths: &[usize], device: &Device) -> Mlp {
        let layer = |pair: &[usize]| LinearConfig::new(pair[0], pair[1]).init(device);
        Mlp {
            layers: widths.windows(2).map(layer).collect(),
            sigmoid: Sigmoid::new(),
        }
    }

    fn forward(&self, input: Tensor<2>) -> Tensor<2> {
        let next = |x, layer: &Linear| self.sigmoid.forward(layer.forward(x));
        self.layers.iter().fold(input, next)
    }
}

/// What was asked for: a backend, widths, rows a step.
fn arguments() -> Option<(Device, String, Vec<usize>, usize)> {
    let typed: Vec<String> = std::env::args().skip(1).collect();
    let [backend, layers, batch] = &typed[..] else {
        return None;
    };
    let device = match backend.as_str() {
        "flex" => Device::flex(),
        "wgpu" => Device::wgpu(Default::default()),
        _ => return None,
    };
    let widths: Result<Vec<usize>, _> = layers.split('-').map(str::parse).collect();
    let widths = widths.ok().filter(|widths| widths.len() >= 2)?;
    Some((device, backend.clone(), widths, batch.parse().ok()?))
}

fn main() -> ExitCode {
    let Some((device, backend, widths, batch)) = arguments() else {
        eprintln!("usage: burn-peer flex|wgpu WIDTHS BATCH, as in burn-peer wgpu 784-128-10 128");
        return ExitCode::from(2);
    };
    let device = device.autodiff();
    let (inputs, outputs) = (widths[0], widths[widths.len() - 1]);
    let random = |width| Tensor::random([batch, width], Distribution::Uniform(0.0, 1.0), &device);
    let x: Vec<Tensor<2>> = (0..8).map(|_| random(inputs)).collect();
    let t: Vec<Tensor<2>> = (0..8).map(|_| random(outputs)).collect();
    let mut optimizer = SgdConfig::new().init();
    let mut train = |mut network: Mlp, steps: usize| {
        let start = Instant::now();
        for i in 0..steps {
            let off = network.forward(x[i % 8].clone()) - t[i % 8].clone();
            let loss = (off.clone() * off).sum() * (0.5 / batch as f32);
            let gradients = GradientsParams::from_grads(loss.backward(), &network);
            network = optimizer.step(0.1, network, gradients);
        }
        // Reading a weight waits for everything before it.
        drop(network.layers[0].weight.val().into_data());
        (network, start.elapsed().as_secs_f64())
    };
    // The first steps compile and tune kernels.
    let (network, _) = train(Mlp::new(&widths, &device), 10);
    let (mut network, trial) = train(network, 5);
    let steps = ((1.0 / trial * 5.0) as usize).clamp(5, 2000);
    let mut times = Vec::new();
    for _ in 0..3 {
        let (next, seconds) = train(network, steps);
        network = next;
        times.push(seconds / steps as f64);
    }
    times.sort_by(f64::total_cmp);
    println!(
        "{{\"peer\": \"burn {backend}\", \"workload\": \"{}\", \"batch\": {batch}, \"us_per_step\": {}, \"samples_per_s\": {}}}",
        std::env::args().nth(2).unwrap_or_default(),
        times[1] * 1e6,
        batch as f64 / times[1]
    );
    ExitCode::SUCCESS
}
