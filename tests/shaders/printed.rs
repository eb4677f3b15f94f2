//! The modules that are printed: those of the lane and the workgroup family, blocks, and several layers.

use crate::reflection::{bindings, layout, validated};
use std::collections::BTreeMap;
use wgrad::activation::Activation;
use wgrad::backprop::{self, Order, Training};
use wgrad::kernel::{Capabilities, Kernel, Needs, System, Variant};
use wgrad::kernels;
use wgrad::loss::Loss;
use wgrad::mlp::Mlp;
use wgrad::optimizer::Optimizer;
use wgrad::plan::inline::layers::{self, Layer};
use wgrad::plan::inline::{block, workgroup::Shape};
use wgrad::plan::{Phase, Plan, inline};

/// Workgroup memory that every adapter has.
const MEMORY: u32 = 16_384;

fn plan(widths: &[usize], loss: Loss, optimizer: Optimizer, classes: bool, batch: usize) -> Plan {
    let mlp = Mlp::zeros(widths, Activation::Relu, loss.output_activation(classes));
    let training = Training {
        loss,
        optimizer,
        batch,
        classes,
        order: match batch {
            1 => Order::Sequential,
            _ => Order::Simultaneous,
        },
        train_bias: batch > 1,
    };
    backprop::train(&mlp, &training)
}

/// Plans that a lane can hold: every kernel is in one of them.
fn lane_plans() -> Vec<Plan> {
    let momentum = Optimizer::Sgd {
        learning_rate: 0.1,
        momentum: 0.9,
        weight_decay: 0.01,
    };
    let (sgd, adam) = (Optimizer::sgd(0.5), Optimizer::adam(0.01));
    vec![
        plan(&[2, 2, 2], Loss::HalfSse, sgd, false, 1),
        plan(&[4, 8, 3], Loss::CrossEntropy, adam, true, 10),
        plan(&[3, 5, 4, 2], Loss::Mse, momentum, true, 7),
        plan(&[3, 2], Loss::CrossEntropy, momentum, false, 7),
    ]
}

/// Those, and larger ones: the last one's batch comes in parts.
fn workgroup_plans() -> Vec<Plan> {
    let mut plans = lane_plans();
    let adam = Optimizer::adam(0.01);
    plans.extend([20, 500].map(|batch| plan(&[16, 24, 10], Loss::CrossEntropy, adam, true, batch)));
    plans
}

fn shape(plan: &Plan) -> Shape {
    Shape::new(plan, MEMORY).unwrap_or_else(|why| panic!("{why}"))
}

/// Every manner of printing a lane's module.
fn manners() -> Vec<inline::Manner> {
    let subgroups = [None, Some(4), Some(8), Some(16)];
    let all = Phase::ALL.into_iter().flat_map(|phase| {
        subgroups.into_iter().flat_map(move |subgroup| {
            [false, true].map(|careful| inline::Manner {
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
    let each = |plan: Plan| manners().into_iter().map(move |m| inline::source(&plan, m));
    plans.flat_map(each).collect()
}

fn workgroup_modules() -> Vec<String> {
    let plans = workgroup_plans().into_iter();
    let each = |plan: Plan| Phase::ALL.map(|phase| shape(&plan).source(&plan, phase));
    plans.flat_map(each).collect()
}

/// Plans for blocks: every kernel along the rows is in one of them, and small blocks and large ones.
fn block_plans() -> Vec<Plan> {
    let (sgd, adam) = (Optimizer::sgd(0.5), Optimizer::adam(0.01));
    vec![
        plan(&[16, 24, 10], Loss::CrossEntropy, adam, true, 20),
        plan(&[5, 7, 31, 2], Loss::HalfSse, sgd, false, 5000),
        plan(&[64, 64, 64, 3], Loss::Mse, sgd, false, 300),
    ]
}

/// A GPU for blocks, with so much workgroup memory.
fn gpu(workgroup_memory: u32) -> Capabilities {
    Capabilities {
        workgroup_memory,
        ..Capabilities::default()
    }
}

/// An adapter for blocks of the last layer.
const SIMD: Capabilities = Capabilities {
    software: true,
    subgroup: Some(8),
    cooperative: None,
    workgroup_memory: MEMORY,
};

fn block_shape(plan: &Plan) -> block::Shape {
    block::Shape::of_narrow_layers(plan, &gpu(MEMORY)).unwrap_or_else(|why| panic!("{why}"))
}

fn last_layer_shapes() -> Vec<(Plan, block::Shape)> {
    let plans = [
        plan(
            &[16, 24, 10],
            Loss::CrossEntropy,
            Optimizer::adam(0.01),
            true,
            20,
        ),
        plan(&[5, 8, 2], Loss::HalfSse, Optimizer::sgd(0.5), false, 32),
    ];
    let shape = |plan: &Plan| block::Shape::of_last_layer(plan, &SIMD);
    let with_shape = |plan: Plan| {
        let shape = shape(&plan).unwrap_or_else(|why| panic!("{why}"));
        (plan, shape)
    };
    plans.into_iter().map(with_shape).collect()
}

fn block_modules() -> Vec<String> {
    let narrow = block_plans().into_iter().map(|plan| {
        let shape = block_shape(&plan);
        (plan, shape)
    });
    let shapes = narrow.chain(last_layer_shapes());
    let each =
        |(plan, shape): (Plan, block::Shape)| Phase::ALL.map(|phase| shape.source(&plan, phase));
    shapes.flat_map(each).collect()
}

/// Each tile variant of the kernels whose calls may share a dispatch, for two layers.
fn layer_modules() -> Vec<(&'static Kernel, &'static Variant, String)> {
    let layer = |args| Layer {
        tiles: 6,
        args,
        delta: [0, 16],
        x: [1, 32],
        writes: [64, 128],
    };
    let layers = [layer([20, 13, 0, 64]), layer([13, 5, 0, 64])];
    let kernels = [&kernels::weight_gradient::KERNEL, &kernels::descent::KERNEL];
    let variants = kernels.into_iter().flat_map(|kernel| {
        let tiles = kernel
            .variants
            .iter()
            .filter(|v| v.name.starts_with("tile_"));
        tiles.map(move |variant| (kernel, variant))
    });
    variants
        .map(|(kernel, variant)| (kernel, variant, layers::source(variant, &layers)))
        .collect()
}

/// Every printed module.
pub(crate) fn modules() -> Vec<String> {
    let of_layers = layer_modules().into_iter().map(|(.., source)| source);
    [
        lane_modules(),
        workgroup_modules(),
        block_modules(),
        of_layers.collect(),
    ]
    .concat()
}

#[test]
fn printed_layers_are_valid_and_bind_what_the_executor_gives_them() {
    for (kernel, variant, source) in layer_modules() {
        let (module, info) = validated("layers", &source, &variant.needs);
        let mut expected = BTreeMap::from([(0, "read"), (layers::WRITE_BINDING, "read_write")]);
        let reads = layers::READ_BINDING..layers::READ_BINDING + layers::MOST_READ as u32;
        expected.extend(reads.map(|binding| (binding, "read")));
        if kernel.system.contains(&System::Status) {
            expected.insert(5, "read_write");
        }
        let found = bindings(&module, &info, variant.entry);
        assert_eq!(found, expected, "{} {}", kernel.name, variant.name);
        assert!(
            found.len() <= 8,
            "{}: more than WebGPU allows",
            variant.name
        );
    }
}

/// Bytes of workgroup memory.
fn shared(module: &naga::Module) -> u32 {
    let globals = module.global_variables.iter();
    let shared = globals.filter(|(_, g)| g.space == naga::AddressSpace::WorkGroup);
    let bytes = shared.map(|(_, g)| module.types[g.ty].inner.size(module.to_ctx()));
    bytes.sum()
}

#[test]
fn printed_blocks_are_valid_and_bind_what_the_executor_gives_them() {
    for plan in block_plans() {
        let shape = block_shape(&plan);
        for phase in Phase::ALL {
            let source = shape.source(&plan, phase);
            let (module, info) = validated("block", &source, &Needs::default());
            let entry = &module.entry_points[0];
            assert!((64..=256).contains(&entry.workgroup_size[0]));
            let [read, write] = ["read", "read_write"];
            let mut expected = BTreeMap::from([(0, read), (1, read), (3, read), (4, write)]);
            if phase != Phase::Predict {
                expected.extend([(2, read), (5, write), (6, write)]);
            }
            assert_eq!(bindings(&module, &info, &entry.name), expected);
            assert!(shared(&module) <= MEMORY, "more than it was given");
        }
    }
}

#[test]
fn printed_last_layers_are_valid_and_bind_what_the_executor_gives_them() {
    for (plan, shape) in last_layer_shapes() {
        for phase in Phase::ALL {
            let source = shape.source(&plan, phase);
            let needs = Needs {
                simd_subgroups: true,
                ..Needs::default()
            };
            let (module, info) = validated("block", &source, &needs);
            let entry = &module.entry_points[0];
            assert_eq!(entry.workgroup_size, [8, 1, 1]);
            let [read, write, image] = ["read", "read_write", "image"];
            let mut expected = BTreeMap::from([(0, read), (1, image), (3, image), (4, write)]);
            if phase != Phase::Predict {
                expected.extend([(2, read), (5, write), (6, write), (11, image)]);
            }
            if matches!(phase, Phase::Train | Phase::Gradient) {
                expected.insert(12, image);
            }
            assert_eq!(bindings(&module, &info, &entry.name), expected, "{phase:?}");
        }
    }
}

#[test]
fn a_last_layer_goes_in_blocks_where_it_is_small_and_the_adapter_has_such_subgroups() {
    let sgd = Optimizer::sgd(0.5);
    let takes = |widths: &[usize], batch, adapter: &Capabilities| {
        let plan = plan(widths, Loss::CrossEntropy, sgd, true, batch);
        block::Shape::of(&plan, adapter).is_some_and(|shape| shape.rows == 16)
    };
    assert!(takes(&[784, 128, 10], 32, &SIMD));
    assert!(!takes(&[784, 128, 10], 128, &SIMD), "as fast call by call");
    assert!(!takes(&[784, 30, 10], 32, &SIMD), "30 are no whole texels");
    assert!(!takes(&[784, 128, 129], 1, &SIMD), "wide");
    for subgroup in [None, Some(4), Some(16)] {
        let other = Capabilities { subgroup, ..SIMD };
        assert!(!takes(&[784, 128, 10], 32, &other), "{subgroup:?}");
    }
}

#[test]
fn blocks_have_as_many_rows_as_fill_a_gpu_and_fit_a_workgroup() {
    let sgd = Optimizer::sgd(0.5);
    for (widths, memory, batch, rows) in [
        (&[8, 16, 4][..], 16_384, 32, Some(16)),
        (&[8, 16, 4], 16_384, 2_100, Some(32)),
        (&[8, 16, 4], 16_384, 5_000, Some(64)),
        (&[64, 64, 64], 16_384, 5_000, Some(16)),
        (&[64, 64, 64], 32_768, 5_000, Some(32)),
        (&[64, 64, 64], 49_152, 5_000, Some(64)),
        (&[128, 128, 128], 16_384, 5_000, None),
        (&[128, 128, 128], 32_768, 5_000, Some(16)),
        // What is behind the last wide layer, if that is a layer at least.
        (&[784, 128, 10], 49_152, 128, Some(16)),
        (&[784, 129, 128, 10], 49_152, 5_000, Some(32)),
        (&[784, 128, 129, 10], 49_152, 128, None),
        (&[784, 128, 129], 49_152, 128, None),
    ] {
        let plan = plan(widths, Loss::CrossEntropy, sgd, true, batch);
        let shape = block::Shape::of_narrow_layers(&plan, &gpu(memory));
        assert_eq!(
            shape.ok().map(|s| s.rows),
            rows,
            "{widths:?} {memory} {batch}"
        );
    }
    let in_place = plan(&[2, 2, 2], Loss::HalfSse, sgd, false, 1);
    assert!(block::Shape::of_narrow_layers(&in_place, &gpu(MEMORY)).is_err());
    let only_forward = Plan {
        gradient: Vec::new(),
        update: Vec::new(),
        ..plan(&[8, 16, 4], Loss::CrossEntropy, sgd, true, 32)
    };
    assert!(block::Shape::of_narrow_layers(&only_forward, &gpu(MEMORY)).is_err());
}

#[test]
fn printed_lane_modules_are_valid_and_bind_what_the_executor_gives_them() {
    for plan in lane_plans() {
        for manner in manners() {
            let source = inline::source(&plan, manner);
            let needs = Needs {
                simd_subgroups: manner.subgroup.is_some(),
                ..Needs::default()
            };
            let (module, info) = validated("lane", &source, &needs);
            let entry = &module.entry_points[0];
            assert!(
                entry.workgroup_size_overrides.is_some(),
                "the executor sets it"
            );
            if matches!(manner.phase, Phase::Train | Phase::Evaluate) {
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
fn a_batch_that_does_not_fit_a_workgroup_comes_in_even_parts() {
    let sgd = Optimizer::sgd(0.5);
    for (batch, rows) in [(1, 1), (10, 10), (100, 100), (500, 167), (1000, 167)] {
        let plan = plan(&[4, 8, 3], Loss::CrossEntropy, sgd, true, batch);
        // A row has 29 columns in Out, Delta and Targets and the two accounts, and a number.
        let memory = 4 * (4 * 67 + 180 * 30) as u32;
        assert_eq!(
            Shape::new(&plan, memory).map(|shape| shape.rows).ok(),
            Some(rows)
        );
    }
}

#[test]
fn printed_modules_share_the_unit_functions_of_the_device_family() {
    let (lanes, workgroups) = (lane_modules(), workgroup_modules());
    for kernel in kernels::ALL {
        let has = |modules: &[String]| modules.iter().any(|m| m.contains(kernel.source));
        // What is printed is what plans have: the device family's executors make descent of it.
        if kernel.name == "descent" {
            continue;
        }
        // A lane's rows come in the script, so it has no gather.
        assert!(has(&lanes) || kernel.name == "gather", "{}", kernel.name);
        assert!(has(&workgroups), "{}", kernel.name);
    }
}
