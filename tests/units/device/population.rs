//! Populations on the CPU device: networks side by side have the bits that they have beside others, and fewer of them.

use wgrad::cpu::threads;
use wgrad::device::{
    Device,
    population::{family, load},
};
use wgrad::kernels::{Buffer, Step};
use wgrad::math::{Random, Stream};
use wgrad::model::{Activation, Loss, Mlp, Optimizer};
use wgrad::plan::{Family, Member, Phase, Plan, Rates, Rows, Schedule, Training, backprop};

const ROWS: usize = 30;

/// Trains some networks, with rates and initial weights of their own. Returns their parameters.
fn trained(
    plan: &Plan,
    training: &Training,
    mlp: &Mlp,
    networks: std::ops::Range<usize>,
) -> Vec<f32> {
    let rate = |n: usize| 0.5 + n as f32 / 1000.0;
    let members: Vec<Member> = networks
        .clone()
        .map(|n| Member {
            rate: rate(n),
            ..Member::default()
        })
        .collect();
    let used = family(&Device::Cpu, plan, ROWS, members.len());
    assert_eq!(used, Family::Lane);
    let mut population = load(&Device::Cpu, used, plan, ROWS, &members).unwrap();
    let numbers = |count: usize, part| -> Vec<f32> {
        let random = Random::new(3, Stream::Data, part);
        (0..count as u32)
            .map(|i| random.uniform(i) as f32)
            .collect()
    };
    let (inputs, outputs) = (mlp.layers[0].inputs, mlp.layers[1].outputs);
    population
        .write(Buffer::DataInputs, &numbers(ROWS * inputs, 0))
        .unwrap();
    population
        .write(Buffer::DataTargets, &numbers(ROWS * outputs, 1))
        .unwrap();
    let weights = networks.flat_map(|n| numbers(mlp.parameters.len(), 2 + n as u32));
    population
        .write(Buffer::Parameters, &weights.collect::<Vec<f32>>())
        .unwrap();
    let schedule = Schedule {
        rates: Rates::default(),
        rows: Rows {
            first: 0,
            count: ROWS,
        },
        batch_size: training.batch_size,
        seed: 0,
        shuffle: true,
        optimizer: training.optimizer,
        dropout: 0.0,
    };
    // The last batch of an epoch is shorter.
    let steps: Vec<Step> = (0..5).flat_map(|epoch| schedule.epoch(epoch)).collect();
    let steps = (0..).zip(steps).map(|(index, step)| Step { index, ..step });
    population
        .run(Phase::Train, &[steps.collect()], &|_| true)
        .unwrap();
    population.read(Buffer::Parameters).unwrap()
}

#[test]
fn networks_have_the_bits_that_they_have_among_few() {
    // Enough for 64 a vector, on each thread.
    let many = 64 * threads() + 9;
    let momentum = Optimizer::Sgd {
        learning_rate: 0.1,
        momentum: 0.9,
        weight_decay: 0.01,
    };
    for (activation, loss, optimizer) in [
        (Activation::Sigmoid, Loss::HalfSse, Optimizer::sgd(0.1)),
        (Activation::Relu, Loss::Mse, momentum),
        (Activation::Gelu, Loss::CrossEntropy, Optimizer::adam(0.01)),
    ] {
        let mlp = Mlp::random(&[3, 4, 2], activation, Activation::Identity, 0);
        let training = Training {
            loss,
            optimizer,
            batch_size: 2,
            classes: false,
            ..Training::default()
        };
        let plan = backprop::train(&mlp, &training);
        let all = trained(&plan, &training, &mlp, 0..many);
        let each = mlp.parameters.len();
        assert!(all.iter().all(|p| p.is_finite()), "{loss:?}");
        for few in [0..20, 60..70, many - 7..many] {
            let own = trained(&plan, &training, &mlp, few.clone());
            assert!(
                own == all[few.start * each..few.end * each],
                "{loss:?} {few:?}"
            );
        }
    }
}
