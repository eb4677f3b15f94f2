//! Whether the terms of a product are cut.

use wgrad::kernels::{
    slices::{FEWEST, PACES, STEP, fastest, pays, rows},
    tiles::Product,
};

/// The weight gradient of a layer of `inputs` and `outputs`, for a batch of `terms`.
fn product([terms, inputs, outputs]: [usize; 3]) -> Product {
    Product {
        rows: outputs,
        columns: inputs,
        terms,
    }
}

/// The variant that cuts a product, and into how many slices.
fn cut(product: &Product) -> Option<(&'static str, usize)> {
    let pace = PACES.iter().find(|pace| pays(pace.tile, product))?;
    Some((pace.variant, product.terms.div_ceil(rows(product))))
}

#[test]
fn products_that_do_not_fill_a_gpu_are_cut() {
    let (large, small, skinny) = ("split_large", "split_small", "split_skinny");
    for (sizes, expected) in [
        // 784-128-10
        ([128, 784, 128], None),
        ([1_024, 784, 128], None),
        ([2_048, 784, 128], Some((large, 8))),
        ([16_384, 784, 128], Some((large, 13))),
        ([128, 128, 10], None),
        ([1_024, 128, 10], Some((skinny, 4))),
        ([16_384, 128, 10], Some((skinny, 64))),
        // 784-512-512-10
        ([1_024, 784, 512], Some((large, 4))),
        ([16_384, 784, 512], Some((large, 5))),
        ([1_024, 512, 512], Some((large, 4))),
        ([16_384, 512, 512], Some((large, 8))),
        ([16_384, 512, 10], Some((skinny, 32))),
        // 128-64-64-64-64-64-3
        ([512, 64, 64], None),
        ([1_024, 128, 64], Some((skinny, 4))),
        ([16_384, 128, 64], Some((small, 32))),
        ([1_024, 64, 64], Some((skinny, 4))),
        ([16_384, 64, 64], Some((small, 64))),
        ([16_384, 64, 3], Some((skinny, 64))),
        // What fills it, and what is too short.
        ([16_384, 2_048, 2_048], None),
        ([511, 64, 3], None),
    ] {
        assert_eq!(cut(&product(sizes)), expected, "{sizes:?}");
    }
}

#[test]
fn the_sums_of_slices_stay_small() {
    for terms in [1_024, 16_384] {
        for inputs in [3, 64, 500, 1_024, 3_000] {
            for outputs in [1, 10, 128, 512, 1_024] {
                let product = product([terms, inputs, outputs]);
                let (sums, slices) = (inputs * outputs, cut(&product).map_or(0, |cut| cut.1));
                assert!(sums * slices <= 1 << 23, "{product:?}: {slices} slices");
            }
        }
    }
}

#[test]
fn layers_that_share_a_dispatch_may_have_a_larger_tile() {
    let cut = |sizes| {
        let product = product(sizes);
        (product, rows(&product))
    };
    let (alone, five) = ([cut([16_384, 64, 64])], [cut([16_384, 64, 64]); 5]);
    let name = |cuts| fastest(cuts).next();
    assert_eq!(name(&alone), Some("split_small"));
    assert_eq!(name(&five), Some("split_large"));
}

#[test]
fn slices_are_of_whole_rounds() {
    for terms in [1, 255, 256, 257, 512, 1_000, 16_384] {
        for width in [1, 3, 10, 64, 500, 2_000] {
            let product = product([terms, width, width]);
            let rows = rows(&product);
            assert!(rows > 0 && rows.is_multiple_of(STEP));
            assert!(terms >= FEWEST || cut(&product).is_none(), "{product:?}");
        }
    }
    for pace in &PACES {
        assert!(STEP.is_multiple_of(pace.tile.terms));
    }
}
