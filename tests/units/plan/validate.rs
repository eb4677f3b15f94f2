//! Plans and steps that would reach memory of others are refused, in safe code, before anything runs.

use wgrad::Error;
use wgrad::cpu::CpuSession;
use wgrad::device::{self, Device};
use wgrad::gpu::{GpuSession, WorkgroupSession};
use wgrad::kernels::{Buffer, Step};
use wgrad::model::{Activation, Loss, Mlp, Optimizer};
use wgrad::plan::{Extent, Member, Order, Phase, Plan, Session, Training, backprop::train};

const DATA: usize = 12;

fn plan() -> Plan {
    let mlp = Mlp::zeros(&[3, 5, 2], Activation::Tanh, Activation::Identity);
    let training = Training {
        loss: Loss::CrossEntropy,
        optimizer: Optimizer::adam(0.01),
        batch_size: 4,
        classes: true,
        order: Order::Simultaneous,
        train_bias: true,
        ..Training::default()
    };
    train(&mlp, &training)
}

/// Returns the message of a plan that was changed.
fn refused(change: impl FnOnce(&mut Plan)) -> String {
    let mut plan = plan();
    change(&mut plan);
    let refused = |loaded: Result<(), Error>| loaded.expect_err("refused").to_string();
    let message = refused(CpuSession::<f32>::new(&plan, DATA, 1).map(drop));
    assert_eq!(
        message,
        refused(CpuSession::<f64>::new(&plan, DATA, 2).map(drop))
    );
    for device in device::all() {
        if let Device::Gpu(gpu) = device {
            assert_eq!(
                message,
                refused(GpuSession::new(gpu, &plan, DATA).map(drop))
            );
        }
    }
    message
}

#[test]
fn a_plan_that_leaves_its_tensors_is_refused() {
    assert!(plan().check(DATA).is_ok());
    let narrow = refused(|plan| {
        let out = plan
            .buffers
            .iter_mut()
            .find(|(name, _)| *name == Buffer::Out(1));
        out.expect("a hidden layer").1 = Extent::Batch { width: 4 };
    });
    assert!(
        narrow.contains("forward") && narrow.contains("expected at least 20"),
        "{narrow}"
    );
    let wide = refused(|plan| plan.gradient[0].args[0] = 4);
    assert!(
        wide.contains("expected at least 16 elements, found 12"),
        "{wide}"
    );
    let lacking = refused(|plan| plan.buffers.retain(|(name, _)| *name != Buffer::Delta(0)));
    assert!(lacking.contains("has no"), "{lacking}");
    let beyond = refused(|plan| plan.update[0].reads[0].tensors = 0..99);
    assert!(beyond.contains("has no"), "{beyond}");
    let short = refused(|plan| plan.update[0].writes.truncate(2));
    assert!(
        short.contains("[5, 1, 3]") && short.contains("[5, 1, 2]"),
        "{short}"
    );
    let none = refused(|plan| (plan.batch_size, plan.evaluation_batch_size) = (0, 0));
    assert!(none.contains("at least one row"), "{none}");
}

#[test]
fn a_call_that_writes_what_it_uses_is_refused() {
    let reads = refused(|plan| plan.update[0].writes[1] = plan.update[0].reads[0].clone());
    assert!(
        reads.contains("adam") && reads.contains("used twice"),
        "{reads}"
    );
    let writes = refused(|plan| plan.update[0].writes[1] = plan.update[0].writes[0].clone());
    assert!(writes.contains("used twice"), "{writes}");
}

#[test]
fn a_step_beyond_the_data_is_refused() -> Result<(), Error> {
    let mut sessions: Vec<Box<dyn Session<f32>>> =
        vec![Box::new(CpuSession::new(&plan(), DATA, 1)?)];
    for device in device::all() {
        if let Device::Gpu(gpu) = device {
            sessions.push(Box::new(GpuSession::new(gpu.clone(), &plan(), DATA)?));
            let members = [Member::default()];
            sessions.push(Box::new(WorkgroupSession::new(
                gpu,
                &plan(),
                DATA,
                &members,
            )?));
        }
    }
    let fits = Step {
        first: 2,
        count: 10,
        start: 6,
        shuffle: 1,
        ..Step::whole(4, 0.1)
    };
    let beyond = [
        Step { first: 3, ..fits },
        Step { start: 7, ..fits },
        Step {
            start: 7,
            shuffle: 0,
            ..fits
        },
        Step {
            first: u32::MAX,
            ..fits
        },
        Step {
            start: u32::MAX,
            count: u32::MAX,
            ..fits
        },
    ];
    for session in &mut sessions {
        session.run(Phase::Train, &[fits])?;
        for step in beyond {
            let why = session
                .run(Phase::Train, &[fits, step])
                .expect_err("refused");
            assert!(why.to_string().contains("12 rows of the data set"), "{why}");
        }
    }
    let wide = Step {
        count: 12,
        ..Step::whole(5, 0.1)
    };
    for session in &mut sessions[..1] {
        session
            .run(Phase::Train, &[wide])
            .expect_err("a batch of five rows");
    }
    Ok(())
}
