//! Tests the bits of a CPU run, and the order of its calls.

use wgrad::cpu::CpuSession;
use wgrad::kernels::{Buffer, Kernel, Step};
use wgrad::math::{Random, Stream};
use wgrad::model::{Activation, Loss, Mlp, Optimizer};
use wgrad::plan::{
    Order, Phase, Rates, Rows, Schedule, Session as _, Training, backprop::train, schedule,
};

fn training(batch: usize) -> Training {
    Training {
        loss: Loss::CrossEntropy,
        optimizer: Optimizer::adam(0.01),
        batch_size: batch,
        classes: true,
        order: Order::Simultaneous,
        train_bias: true,
        ..Training::default()
    }
}

/// Returns the parameters after two epochs of 150 rows.
fn trained(batch: usize, threads: usize) -> Vec<f32> {
    let mlp = Mlp::random(&[70, 65, 33, 5], Activation::Tanh, Activation::Identity, 1);
    let plan = train(&mlp, &training(batch));
    run(
        &mut CpuSession::new(&plan, 150, threads).unwrap(),
        &mlp,
        batch,
    )
}

/// Trains for two epochs in a loaded session and returns the parameters.
fn run(session: &mut CpuSession<f32>, mlp: &Mlp, batch: usize) -> Vec<f32> {
    let training = training(batch);
    let random = Random::new(2, Stream::Data, 0);
    let inputs: Vec<f32> = (0..150 * 70).map(|i| random.normal(i) as f32).collect();
    let targets: Vec<f32> = (0..150).map(|i| (random.bits(i) % 5) as f32).collect();
    let schedule = Schedule {
        rates: Rates::default(),
        dropout: 0.0,
        rows: Rows {
            first: 0,
            count: 150,
        },
        batch_size: batch,
        seed: 3,
        shuffle: true,
        optimizer: training.optimizer,
    };
    session.write(Buffer::DataInputs, &inputs).unwrap();
    session.write(Buffer::DataTargets, &targets).unwrap();
    session.write(Buffer::Parameters, &mlp.parameters).unwrap();
    for epoch in 0..2 {
        session.run(Phase::Train, &schedule.epoch(epoch)).unwrap();
    }
    session.read(Buffer::Parameters).unwrap()
}

#[test]
fn passes_with_a_short_last_batch_add_up_the_same_every_time() {
    let mlp = Mlp::random(&[64, 256, 3], Activation::Relu, Activation::Identity, 1);
    let plan = train(&mlp, &training(64));
    let random = Random::new(2, Stream::Data, 0);
    let inputs: Vec<f32> = (0..330 * 64).map(|i| random.normal(i) as f32).collect();
    let rows = Rows {
        first: 0,
        count: 330,
    };
    // Short and long batches alternate, so that the members' rows change at every step.
    let steps: Vec<Step> = schedule::pass(rows, 64, 0).repeat(50);
    let errors = |threads| {
        let mut session = CpuSession::<f32>::new(&plan, 330, threads).unwrap();
        session.write(Buffer::DataInputs, &inputs).unwrap();
        session.write(Buffer::Parameters, &mlp.parameters).unwrap();
        session.run(Phase::Evaluate, &steps).unwrap();
        session.read(Buffer::Error).unwrap()
    };
    let alone = errors(1);
    for _ in 0..20 {
        assert!(errors(4) == alone);
    }
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    for batch in [32, 70, 150] {
        let alone = trained(batch, 1);
        assert!(alone.iter().all(|v| v.is_finite()));
        for threads in [2, 3, 5, 8] {
            assert!(
                trained(batch, threads) == alone,
                "{batch} rows, {threads} threads"
            );
        }
    }
}

/// The first layer's kernels cannot read rows of the data set here, so the executor gathers the batch.
#[test]
fn rows_read_from_the_data_set_give_the_bits_of_gathered_rows() {
    let mlp = Mlp::random(&[70, 40, 5], Activation::Tanh, Activation::Identity, 1);
    let plan = train(&mlp, &training(50));
    let mut gathering = train(&mlp, &training(50));
    let phases = [
        &mut gathering.gradient,
        &mut gathering.evaluate,
        &mut gathering.predict,
    ];
    for call in phases.into_iter().flatten() {
        call.kernel = Box::leak(Box::new(Kernel {
            data_read: None,
            ..*call.kernel
        }));
    }
    let [(in_place, batch), (gathered, copied)] = [&plan, &gathering].map(|plan| {
        let mut session = CpuSession::<f32>::new(plan, 150, 2).unwrap();
        let parameters = run(&mut session, &mlp, 50);
        (parameters, session.read(Buffer::Out(0)))
    });
    assert!(in_place == gathered);
    assert!(copied.unwrap().iter().any(|x| *x != 0.0));
    let why = batch.unwrap_err().to_string();
    assert!(why.contains("DataInputs"), "{why}");
}

#[test]
fn a_buffer_that_the_plan_does_not_have_is_an_error() {
    let mlp = Mlp::random(&[3, 2], Activation::Tanh, Activation::Identity, 1);
    let mut session = CpuSession::<f32>::new(&train(&mlp, &training(2)), 4, 1).unwrap();
    let why = session.read(Buffer::Scratch(7)).unwrap_err().to_string();
    assert_eq!(why, "Scratch(7): the plan has no such buffer");
    assert!(session.write(Buffer::Scratch(7), &[0.0]).is_err());
}
