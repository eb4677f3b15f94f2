//! Each product kernel, on the CPU device and on every adapter: `cargo bench --bench kernels`.
//!
//! A figure is the time of one call, from submissions of 20, the wait included.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use wgrad::device;
use wgrad::kernels::{
    Buffer, Call, Slice, Step, forward, fused_sgd, gather, input_gradient, weight_gradient,
};
use wgrad::math::{Random, Stream};
use wgrad::model::{Activation, Layer};
use wgrad::plan::{Extent, Phase, Plan};

/// N, I, O: MNIST's first and last layer.
const SHAPES: [[usize; 3]; 2] = [[128, 784, 128], [128, 128, 10]];
/// Calls of a submission.
const CALLS: usize = 20;

const X: Buffer = Buffer::Scratch(0);
const W: Buffer = Buffer::Scratch(1);
const B: Buffer = Buffer::Scratch(2);
const OUT: Buffer = Buffer::Scratch(3);
const DELTA: Buffer = Buffer::Scratch(4);
const DW: Buffer = Buffer::Scratch(5);
const DB: Buffer = Buffer::Scratch(6);
const BELOW: Buffer = Buffer::Scratch(7);

/// A plan that replays `call` on layers of this shape.
fn plan(call: &Call, [rows, inputs, outputs]: [usize; 3]) -> Plan {
    let batch = |width| Extent::Batch { width };
    let (weight, bias) = (vec![inputs * outputs], vec![outputs]);
    Plan {
        batch_size: rows,
        buffers: vec![
            (Buffer::DataInputs, Extent::Data { width: 1 }),
            (Buffer::DataTargets, Extent::Data { width: 1 }),
            (Buffer::Out(0), batch(1)),
            (Buffer::Targets, batch(1)),
            (X, batch(inputs)),
            (W, Extent::Tensors(weight.clone())),
            (B, Extent::Tensors(bias.clone())),
            (OUT, batch(outputs)),
            (DELTA, batch(outputs)),
            (DW, Extent::Tensors(weight)),
            (DB, Extent::Tensors(bias)),
            (BELOW, batch(inputs)),
        ],
        gather: vec![gather::call(
            1,
            1,
            Buffer::DataInputs.into(),
            Buffer::DataTargets.into(),
            Buffer::Out(0).into(),
            Buffer::Targets.into(),
        )],
        gradient: vec![call.clone(); CALLS],
        ..Plan::default()
    }
}

fn calls(layer: &Layer) -> [Call; 4] {
    [
        forward::call(layer, X.into(), W.into(), B.into(), OUT.into()),
        weight_gradient::call(layer, 0, DELTA.into(), X.into(), DW.into(), DB.into()),
        fused_sgd::call(
            [layer.inputs as u32, layer.outputs as u32],
            0,
            [DELTA, X].map(Slice::from),
            [W, B].map(Slice::from),
        ),
        input_gradient::call(
            layer,
            layer.activation,
            DELTA.into(),
            W.into(),
            X.into(),
            BELOW.into(),
        ),
    ]
}

fn kernels(criterion: &mut Criterion) {
    let random = Random::new(0, Stream::Data, 0);
    let normal = |len: usize| -> Vec<f32> {
        (0..len as u32)
            .map(|i| 0.1 * random.normal(i) as f32)
            .collect()
    };
    for shape in SHAPES {
        let [rows, inputs, outputs] = shape;
        let layer = Layer {
            inputs,
            outputs,
            activation: Activation::Sigmoid,
        };
        for call in calls(&layer) {
            let plan = plan(&call, shape);
            let mut group = criterion.benchmark_group(call.kernel.name);
            group.sample_size(10);
            group.throughput(Throughput::Elements(
                (CALLS * rows * inputs * outputs) as u64,
            ));
            for device in device::all() {
                let mut session = device.load(&plan, rows).expect("the plan fits");
                for (buffer, width) in [
                    (X, rows * inputs),
                    (W, inputs * outputs),
                    (DELTA, rows * outputs),
                ] {
                    session
                        .write(buffer, &normal(width))
                        .expect("a buffer is written");
                }
                let id = BenchmarkId::new(device.name(), format!("{rows}x{inputs}x{outputs}"));
                let step = [Step::whole(rows, 0.0)];
                group.bench_function(id, |bencher| {
                    bencher.iter(|| session.run(Phase::Gradient, &step).expect("the plan runs"));
                });
            }
        }
    }
}

criterion_group!(benches, kernels);
criterion_main!(benches);
