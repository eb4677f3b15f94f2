//! Tests of printed modules: those of the lane and workgroup families, and of several layers. See `blocks.rs` for
//! blocks.

use crate::blocks;
use crate::reflection::{bindings, layout, validated, validated_with};
use std::collections::BTreeMap;
use wgrad::gpu::print::{
    layers::{self, PrintedLayer},
    network as print,
    workgroup::WorkgroupShape,
};
use wgrad::kernels;
use wgrad::kernels::{Kernel, Needs, SCRATCH_BINDING, System, Variant};
use wgrad::model::{Activation, Loss, Mlp, Optimizer};
use wgrad::plan::{Order, Phase, Plan, Training, backprop};

/// Workgroup memory that every adapter has.
pub(crate) const MEMORY: u32 = 16_384;

pub(crate) fn plan(
    widths: &[usize],
    loss: Loss,
    optimizer: Optimizer,
    classes: bool,
    batch: usize,
) -> Plan {
    let mlp = Mlp::zeros(widths, Activation::Relu, loss.output_activation(classes));
    let training = Training {
        loss,
        optimizer,
        batch_size: batch,
        classes,
        order: match batch {
            1 => Order::Sequential,
            _ => Order::Simultaneous,
        },
        train_bias: batch > 1,
        ..Training::default()
    };
    backprop::train(&mlp, &training)
}

/// Returns plans that a lane can hold, and that contain every kernel.
fn lane_plans() -> Vec<Plan> {
    let momentum = Optimizer::Sgd {
        learning_rate: 0.1,
        momentum: 0.9,
        weight_decay: 0.01,
    };
    let (sgd, adam) = (Optimizer::sgd(0.5), Optimizer::adam(0.01));
    let mish = Mlp::zeros(&[3, 4, 2], Activation::Mish, Activation::Identity);
    let of = |optimizer, clip_norm| Training {
        optimizer,
        clip_norm,
        batch_size: 5,
        ..Training::default()
    };
    let rmsprop = Optimizer::Rmsprop {
        learning_rate: 0.1,
        alpha: 0.9,
        epsilon: 1e-8,
        momentum: 0.9,
        weight_decay: 0.0,
    };
    let lion = Optimizer::Lion {
        learning_rate: 0.1,
        beta1: 0.9,
        beta2: 0.99,
        weight_decay: 0.0,
    };
    let curved = backprop::train(&mish, &of(rmsprop, 0.0));
    let clipped = backprop::train(&mish, &of(lion, 1.0));
    vec![
        plan(&[2, 2, 2], Loss::HalfSse, sgd, false, 1),
        plan(&[4, 8, 3], Loss::CrossEntropy, adam, true, 10),
        plan(&[3, 5, 4, 2], Loss::Mse, momentum, true, 7),
        plan(&[3, 2], Loss::CrossEntropy, momentum, false, 7),
        plan(&[3, 4, 2], Loss::Huber, sgd, false, 5),
        plan(&[3, 4, 2], Loss::Quantile, sgd, false, 5),
        plan(&[3, 4, 2], Loss::Poisson, sgd, false, 5),
        curved,
        clipped,
    ]
}

/// Returns the plans for lanes, and larger ones. The last one's batch is in parts.
fn workgroup_plans() -> Vec<Plan> {
    let mut plans = lane_plans();
    let adam = Optimizer::adam(0.01);
    plans.extend([20, 500].map(|batch| plan(&[16, 24, 10], Loss::CrossEntropy, adam, true, batch)));
    let hidden = Mlp::zeros(&[5, 7, 3], Activation::Relu, Activation::Identity);
    let training = Training {
        dropout: 0.5,
        ..Training::default()
    };
    plans.push(backprop::train(&hidden, &training));
    plans
}

fn shape(plan: &Plan) -> WorkgroupShape {
    WorkgroupShape::new(plan, MEMORY).unwrap_or_else(|why| panic!("{why}"))
}

/// Returns every key for printing a lane's module.
fn keys() -> Vec<print::ModuleKey> {
    let subgroups = [None, Some(4), Some(8), Some(16)];
    let all = Phase::ALL.into_iter().flat_map(|phase| {
        subgroups.into_iter().flat_map(move |subgroup| {
            [false, true].map(|careful| print::ModuleKey {
                phase,
                careful,
                subgroup,
            })
        })
    });
    all.collect()
}

fn lane_modules() -> Vec<String> {
    let plans = lane_plans().into_iter();
    let each = |plan: Plan| keys().into_iter().map(move |m| print::source(&plan, m));
    plans.flat_map(each).collect()
}

fn workgroup_modules() -> Vec<String> {
    let plans = workgroup_plans().into_iter();
    let each = |plan: Plan| Phase::ALL.map(|phase| shape(&plan).source(&plan, phase));
    plans.flat_map(each).collect()
}

/// Returns each tiled variant, split or not, of the kernels whose calls may share a dispatch, for two layers.
fn layer_modules() -> Vec<(&'static Kernel, &'static Variant, String)> {
    let layer = |args| PrintedLayer {
        groups: [6, 2],
        args,
        delta: [0, 16],
        x: [1, 32],
        writes: [64, 128],
        slices: [256, 8],
    };
    let layers = [layer([20, 13, 0, 64]), layer([13, 5, 0, 64])];
    let kernels = [
        &kernels::weight_gradient::KERNEL,
        &kernels::fused_sgd::KERNEL,
    ];
    let variants = kernels.into_iter().flat_map(|kernel| {
        let tiles = kernel
            .variants
            .iter()
            .filter(|v| v.name.starts_with("tile_") || v.reduction.is_some());
        tiles.map(move |variant| (kernel, variant))
    });
    variants
        .map(|(kernel, variant)| (kernel, variant, layers::source(variant, &layers)))
        .collect()
}

/// Returns every printed module.
pub(crate) fn modules() -> Vec<String> {
    let of_layers = layer_modules().into_iter().map(|(.., source)| source);
    [
        lane_modules(),
        workgroup_modules(),
        blocks::modules(),
        of_layers.collect(),
    ]
    .concat()
}

/// Returns the bytes of workgroup memory.
pub(crate) fn shared(module: &naga::Module) -> u32 {
    let globals = module.global_variables.iter();
    let shared = globals.filter(|(_, g)| g.space == naga::AddressSpace::WorkGroup);
    let bytes = shared.map(|(_, g)| module.types[g.ty].inner.size(module.to_ctx()));
    // Metal's rule.
    bytes.map(|bytes| bytes.next_multiple_of(16)).sum()
}

#[test]
fn printed_layers_are_valid_and_bind_what_the_executor_gives_them() {
    for (kernel, variant, source) in layer_modules() {
        let (module, info) = validated("layers", &source, &variant.needs);
        let stages = variant.stages();
        for (turn, stage) in stages.iter().enumerate() {
            let mut expected = BTreeMap::from([(0, "read")]);
            if turn == 0 {
                let reads = layers::READ_BINDING..layers::READ_BINDING + layers::MOST_READ as u32;
                expected.extend(reads.map(|binding| (binding, "read")));
            }
            if turn + 1 == stages.len() {
                expected.insert(layers::WRITE_BINDING, "read_write");
            }
            if variant.reduction.is_some() {
                expected.insert(SCRATCH_BINDING, "read_write");
            }
            if kernel.system.contains(&System::Status) {
                expected.insert(5, "read_write");
            }
            let found = bindings(&module, &info, stage.entry);
            let name = format!("{} {} {turn}", kernel.name, variant.name);
            assert_eq!(found, expected, "{name}");
            assert!(found.len() <= 8, "{name}: more than WebGPU allows");
        }
    }
}

#[test]
fn printed_lane_modules_are_valid_and_bind_what_the_executor_gives_them() {
    for plan in lane_plans() {
        for key in keys() {
            let source = print::source(&plan, key);
            let subgroups = key.subgroup.is_some();
            let (module, info) = validated_with("lane", &source, &Needs::NOTHING, subgroups);
            let entry = &module.entry_points[0];
            assert!(
                entry.workgroup_size_overrides.is_some(),
                "the executor sets it"
            );
            if matches!(key.phase, Phase::Train | Phase::Evaluate) {
                let expected = [
                    (0, "uniform"),
                    (1, "read_write"),
                    (2, "read_write"),
                    (3, "read"),
                    (4, "read"),
                ];
                assert_eq!(bindings(&module, &info, &entry.name), expected.into());
            }
        }
    }
}

#[test]
fn printed_workgroup_modules_are_valid_and_bind_what_the_executor_gives_them() {
    for plan in workgroup_plans() {
        let shape = shape(&plan);
        for phase in Phase::ALL {
            let source = shape.source(&plan, phase);
            let (module, info) = validated("workgroup", &source, &Needs::default());
            let entry = &module.entry_points[0];
            assert_eq!(entry.workgroup_size, [shape.team as u32, 1, 1]);
            let read = (0..5).map(|binding| (binding, "read"));
            let expected = read.chain([(5, "read_write"), (6, "read_write")]);
            assert_eq!(bindings(&module, &info, &entry.name), expected.collect());
            assert!(shared(&module) <= MEMORY, "more than it was given");
            let network = [("fold".to_owned(), 0), ("rate".to_owned(), 4)];
            assert_eq!(layout(&module, "Network"), (network.into(), 8));
        }
    }
}

#[test]
fn a_lane_takes_64_kib_of_a_uniform_buffer() {
    let plan = plan(&[4, 8, 3], Loss::CrossEntropy, Optimizer::sgd(0.5), true, 8);
    assert!(print::fits(&plan, 64 << 10));
    assert!(!print::fits(&plan, 16 << 10), "what Vulkan guarantees");
}

#[test]
fn a_batch_that_does_not_fit_a_workgroup_comes_in_even_parts() {
    let sgd = Optimizer::sgd(0.5);
    for (batch, rows) in [(1, 1), (10, 10), (100, 100), (500, 167), (1000, 167)] {
        let plan = plan(&[4, 8, 3], Loss::CrossEntropy, sgd, true, batch);
        // A row has 29 columns in Out, Delta and Targets, two sums, and a row number.
        let memory = 4 * (4 * 67 + 180 * 30) as u32;
        assert_eq!(
            WorkgroupShape::new(&plan, memory)
                .map(|shape| shape.rows)
                .ok(),
            Some(rows)
        );
    }
}

#[test]
fn a_workgroups_variables_fit_with_each_rounded_up() {
    let plan = plan(
        &[4, 8, 3],
        Loss::CrossEntropy,
        Optimizer::sgd(0.5),
        true,
        64,
    );
    for memory in (4000..4400).step_by(4) {
        let shape = WorkgroupShape::new(&plan, memory).unwrap_or_else(|why| panic!("{why}"));
        let source = shape.source(&plan, Phase::Train);
        let (module, _) = validated("workgroup", &source, &Needs::default());
        assert!(shared(&module) <= memory);
    }
}

#[test]
fn printed_modules_share_the_unit_functions_of_the_device_family() {
    let (lanes, workgroups) = (lane_modules(), workgroup_modules());
    for kernel in kernels::ALL {
        let has = |modules: &[String]| modules.iter().any(|m| m.contains(kernel.source));
        // Plans do not contain fused_sgd: the executors of the device family create it.
        if kernel.name == "fused_sgd" {
            continue;
        }
        // A lane's rows are in the script, so it has no gather, and no masks.
        let of_rows = ["gather", "dropout"].contains(&kernel.name);
        assert!(has(&lanes) != of_rows, "{}", kernel.name);
        assert!(has(&workgroups), "{}", kernel.name);
    }
}
