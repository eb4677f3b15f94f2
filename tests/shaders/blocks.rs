//! Tests of the modules of blocks.

use crate::printed::{MEMORY, plan, shared};
use crate::reflection::{bindings, validated};
use std::collections::BTreeMap;
use wgrad::gpu::print::block;
use wgrad::kernels::{Capabilities, Needs};
use wgrad::model::{Loss, Optimizer};
use wgrad::plan::{Phase, Plan};

/// Returns plans for blocks that contain every kernel on rows, and both small and large blocks.
fn block_plans() -> Vec<Plan> {
    let (sgd, adam) = (Optimizer::sgd(0.5), Optimizer::adam(0.01));
    vec![
        plan(&[16, 24, 10], Loss::CrossEntropy, adam, true, 20),
        plan(&[5, 7, 31, 2], Loss::HalfSse, sgd, false, 5000),
        plan(&[64, 64, 64, 3], Loss::Mse, sgd, false, 300),
    ]
}

/// Returns the capabilities of a GPU for blocks, with this workgroup memory.
fn gpu(workgroup_memory: u32) -> Capabilities {
    Capabilities {
        workgroup_memory,
        ..Capabilities::default()
    }
}

fn block_shape(plan: &Plan) -> block::BlockShape {
    block::BlockShape::of_narrow_layers(plan, &gpu(MEMORY)).unwrap_or_else(|why| panic!("{why}"))
}

pub(crate) fn modules() -> Vec<String> {
    let each = |plan: Plan| {
        let shape = block_shape(&plan);
        Phase::ALL.map(|phase| shape.source(&plan, phase))
    };
    block_plans().into_iter().flat_map(each).collect()
}

#[test]
fn printed_blocks_are_valid_and_bind_what_the_executor_gives_them() {
    for plan in block_plans() {
        let shape = block_shape(&plan);
        for phase in Phase::ALL {
            let source = shape.source(&plan, phase);
            let (module, info) = validated("block", &source, &Needs::default());
            let entry = &module.entry_points[0];
            let team = entry.workgroup_size[0];
            assert!((64..=256).contains(&team) && team.is_power_of_two());
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
fn blocks_have_as_many_rows_as_fill_a_gpu_and_fit_a_workgroup() {
    let sgd = Optimizer::sgd(0.5);
    for (widths, memory, batch, rows) in [
        (&[8, 16, 4][..], 16_384, 32, Some(4)),
        (&[8, 16, 4], 16_384, 300, Some(8)),
        (&[8, 16, 4], 16_384, 2_100, Some(16)),
        (&[8, 16, 4], 16_384, 5_000, Some(32)),
        (&[8, 16, 4], 16_384, 9_000, Some(64)),
        (&[64, 64, 64], 16_384, 9_000, Some(8)),
        (&[64, 64, 64], 32_768, 9_000, Some(32)),
        (&[64, 64, 64], 49_152, 9_000, Some(64)),
        (&[128, 128, 128], 16_384, 9_000, None),
        (&[128, 128, 128], 32_768, 9_000, Some(8)),
        (&[128, 64, 64, 64, 64, 64, 3], 49_152, 128, Some(4)),
        (&[128, 64, 64, 64, 64, 64, 3], 49_152, 16_384, Some(32)),
        // The part above the last wide layer, if it has at least one layer.
        (&[784, 128, 10], 49_152, 128, Some(4)),
        (&[784, 129, 128, 10], 49_152, 5_000, Some(32)),
        (&[784, 128, 129, 10], 49_152, 128, None),
        (&[784, 128, 129], 49_152, 128, None),
    ] {
        let plan = plan(widths, Loss::CrossEntropy, sgd, true, batch);
        let shape = block::BlockShape::of_narrow_layers(&plan, &gpu(memory));
        assert_eq!(
            shape.ok().map(|s| s.rows),
            rows,
            "{widths:?} {memory} {batch}"
        );
    }
    let in_place = plan(&[2, 2, 2], Loss::HalfSse, sgd, false, 1);
    assert!(block::BlockShape::of_narrow_layers(&in_place, &gpu(MEMORY)).is_err());
    let only_forward = Plan {
        gradient: Vec::new(),
        update: Vec::new(),
        ..plan(&[8, 16, 4], Loss::CrossEntropy, sgd, true, 32)
    };
    assert!(block::BlockShape::of_narrow_layers(&only_forward, &gpu(MEMORY)).is_err());
}

#[test]
fn a_gpu_takes_narrow_layers_in_blocks_unless_it_has_cooperative_matrices_to_use() {
    let plan = plan(
        &[784, 128, 10],
        Loss::CrossEntropy,
        Optimizer::sgd(0.5),
        true,
        64,
    );
    let shape = block::BlockShape::of(&plan, &gpu(49_152));
    let source = shape.map(|shape| shape.source(&plan, Phase::Train));
    assert!(source.is_some_and(|source| source.contains("var<workgroup>")));
    let mixed = Capabilities {
        cooperative: Some(16),
        ..gpu(49_152)
    };
    assert!(block::BlockShape::of(&plan, &mixed).is_none());
}
