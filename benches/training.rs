//! An epoch of training, on the CPU device and on every adapter: `cargo bench --bench training`.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use wgrad::dataset::ReadOptions;
use wgrad::model::{Activation, Loss, Mlp, Optimizer};
use wgrad::plan::{Order, Training};
use wgrad::train::{Prepared, Trainer};
use wgrad::{dataset, device};

fn digits(criterion: &mut Criterion) {
    let data = dataset::read("digits", &ReadOptions::default(), 0).expect("digits is built in");
    let split =
        dataset::split(&data, &dataset::SplitOptions::default()).expect("digits has rows enough");
    let prepared = Prepared::new(&data, &split).expect("digits has a target");
    let training = Training {
        loss: Loss::CrossEntropy,
        optimizer: Optimizer::adam(1e-3),
        batch_size: 32,
        classes: true,
        order: Order::Simultaneous,
        train_bias: true,
        ..Training::default()
    };
    let mut group = criterion.benchmark_group("digits 64-64-10, batch 32, an epoch");
    group.sample_size(10);
    group.throughput(Throughput::Elements(prepared.train.count as u64));
    for device in device::all() {
        let mlp = Mlp::random(&[64, 64, 10], Activation::Relu, Activation::Identity, 0);
        let mut trainer =
            Trainer::new(&device, mlp, &training, &prepared, 0, None).expect("digits fits");
        group.bench_function(BenchmarkId::from_parameter(device.name()), |bencher| {
            bencher.iter(|| trainer.epoch(&mut |_| true).expect("an epoch is trained"));
        });
    }
}

criterion_group!(benches, digits);
criterion_main!(benches);
