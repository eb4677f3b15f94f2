//! Sweeps on several devices.

use wgrad::dataset::{ReadOptions, SplitOptions, read, split};
use wgrad::device::Device;
use wgrad::model::{Activation, Initialization};
use wgrad::sweep::{Axes, Results, Shard, Sweep, Variant};
use wgrad::train::{Prepared, resolve::training};
use wgrad::{Config, Error};

/// Trains 24 networks of two shapes, and drops half of them after two epochs.
fn swept(devices: &[Device]) -> Result<Results, Error> {
    let data = read("iris", &ReadOptions::default(), 0)?;
    let fold = Prepared::new(&data, &split(&data, &SplitOptions::default())?)?;
    let mut training = training(&mut Config::default(), &fold)?;
    training.batch_size = 16;
    let axes = Axes {
        hidden: vec![vec![4], vec![5, 3]],
        activation: vec![Activation::Tanh],
        variants: vec![Variant {
            training,
            learning_rate: vec![0.01, 0.03],
            epochs: None,
            values: serde_json::Map::new(),
        }],
        init: Initialization::Auto,
        seeds: 0..6,
    };
    let mut sweep = Sweep::new(devices, &[fold], &axes, 0, Shard::WHOLE)?;
    for epoch in [2, 4] {
        sweep.train(epoch, &|_| true)?;
        sweep.evaluate()?;
        if epoch == 2 {
            sweep.halve()?;
        }
    }
    Ok(sweep.results())
}

#[test]
fn a_sweep_on_several_devices_is_that_on_one() {
    let one = swept(&[Device::Cpu]).unwrap();
    assert_eq!(one.networks.len(), 24);
    let best = one.best.unwrap();
    // More than there are networks of a shape, too.
    for count in [2, 3, 30] {
        let several = swept(&vec![Device::Cpu; count]).unwrap();
        assert_eq!(several.networks, one.networks, "{count} devices");
        let other = several.best.unwrap();
        assert_eq!(other.network, best.network);
        assert_eq!(other.mlp.parameters, best.mlp.parameters);
    }
}

#[test]
fn a_signal_ends_all_devices() {
    let stopped = || {
        let data = read("iris", &ReadOptions::default(), 0)?;
        let fold = Prepared::new(&data, &split(&data, &SplitOptions::default())?)?;
        let training = training(&mut Config::default(), &fold)?;
        let axes = Axes {
            hidden: vec![vec![4]],
            activation: vec![Activation::Tanh],
            variants: vec![Variant {
                training,
                learning_rate: vec![0.01],
                epochs: None,
                values: serde_json::Map::new(),
            }],
            init: Initialization::Auto,
            seeds: 0..9,
        };
        let devices = [Device::Cpu, Device::Cpu];
        let mut sweep = Sweep::new(&devices, &[fold], &axes, 0, Shard::WHOLE)?;
        sweep.train(1000, &|_| false)
    };
    assert!(matches!(stopped(), Err(Error::Interrupted)));
}
