//! Which tile a product gets.

use wgrad::kernels::{
    Capabilities, Kernel, Sizes, Switches, forward, input_gradient,
    tiles::{ALL, Product, Tile},
    weight_gradient,
};

const GPU: Capabilities = Capabilities {
    software: false,
    subgroup: Some(32),
    cooperative: None,
    workgroup_memory: 48 << 10,
    switches: Switches::ALL_ON,
};

/// The variant of a layer of `inputs` and `outputs`, for a batch of `rows`.
fn variant(
    adapter: &Capabilities,
    kernel: &Kernel,
    [rows, inputs, outputs]: [u32; 3],
) -> &'static str {
    let sizes = Sizes {
        args: &[inputs, outputs, 0, 1 << 14],
        batch: rows as usize,
        len: 0,
    };
    kernel.variant(adapter, &sizes, |_| true).name
}

#[test]
fn products_get_the_tile_that_fills_a_gpu() {
    let (forward, weights, below) = (
        &forward::KERNEL,
        &weight_gradient::KERNEL,
        &input_gradient::KERNEL,
    );
    for (kernel, sizes, expected) in [
        (forward, [4_096, 4_096, 4_096], "tile_huge"),
        (forward, [16_384, 784, 128], "tile_huge"),
        (forward, [1_024, 784, 512], "tile_small"),
        (forward, [128, 784, 512], "tile_skinny"),
        (forward, [1_024, 784, 128], "tile_small"),
        (forward, [128, 784, 128], "tile_skinny"),
        (forward, [16_384, 128, 10], "tile_skinny"),
        (forward, [1, 784, 128], "tile_skinny"),
        (forward, [16_384, 4, 8], "plain"),
        (forward, [16_384, 32, 3], "plain"),
        (forward, [16_384, 128, 1], "tile_skinny"),
        (weights, [1_024, 1_024, 1_024], "tile_large"),
        (weights, [128, 784, 128], "tile_skinny"),
        (weights, [511, 128, 10], "tile_skinny"),
        (weights, [1_024, 128, 10], "split_skinny"),
        (weights, [16_384, 128, 10], "split_skinny"),
        (weights, [16_384, 64, 64], "split_small"),
        (weights, [16_384, 128, 128], "split_large"),
        (weights, [16_384, 256, 256], "split_large"),
        (weights, [16_384, 2_048, 2_048], "tile_huge"),
        (weights, [16_384, 128, 1], "split_skinny"),
        (weights, [511, 128, 1], "tile_skinny"),
        (below, [2_048, 1_024, 512], "tile_huge"),
        (below, [16_384, 64, 3], "tile_large"),
        (below, [1_024, 32, 10], "plain"),
        (below, [128, 128, 10], "plain"),
    ] {
        assert_eq!(
            variant(&GPU, kernel, sizes),
            expected,
            "{} {sizes:?}",
            kernel.name
        );
    }
}

#[test]
fn software_adapters_get_no_tile_of_hardware() {
    for subgroup in [None, Some(4), Some(8)] {
        let software = Capabilities {
            software: true,
            subgroup,
            ..GPU
        };
        for sizes in [[16_384, 784, 128], [1_024, 783, 128], [128, 128, 10]] {
            let name = variant(&software, &forward::KERNEL, sizes);
            assert_eq!(name, "registers", "{sizes:?}");
        }
        assert_eq!(variant(&software, &forward::KERNEL, [32, 4, 3]), "plain");
    }
}

#[test]
fn a_tile_needs_the_workgroup_memory() {
    let little = Capabilities {
        workgroup_memory: 4 << 10,
        ..GPU
    };
    assert_eq!(
        variant(&little, &forward::KERNEL, [1_024, 784, 128]),
        "plain"
    );
}

#[test]
fn no_tile_is_mostly_edge() {
    for rows in 1..200 {
        let product = Product {
            rows,
            columns: 16_384,
            terms: 64,
        };
        let computed = |tile: &&&Tile| tile.groups(&product) * (tile.rows * tile.columns) as u64;
        let smallest = ALL.iter().map(|tile| computed(&tile)).min();
        let taken = ALL.iter().find(|tile| tile.pays(&product));
        if let (Some(smallest), Some(taken)) = (smallest, taken) {
            assert!(
                4 * computed(&taken) <= 9 * smallest,
                "{rows} rows: {}",
                taken.name
            );
        }
    }
}
