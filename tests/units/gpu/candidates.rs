//! Which variants are timed against that of the table.

use wgrad::gpu::buffers::candidates::candidates;
use wgrad::kernels::{Variant, forward};
use wgrad::plan::KernelChoice;

#[test]
fn the_tables_variant_is_timed_against_its_neighbours() {
    let names = |variant, can: fn(&Variant) -> bool| -> Vec<&str> {
        let call = KernelChoice {
            kernel: "forward",
            units: [64, 64],
            trips: 64,
            variant,
            exact: true,
            timed: false,
        };
        let rivals = candidates(forward::KERNEL.variants, &call, can);
        rivals.into_iter().map(|rival| rival.name).collect()
    };
    let any = |variant| names(variant, |_| true);
    assert_eq!(
        any("tile_small"),
        ["tile_small", "tile_large", "tile_skinny"]
    );
    assert_eq!(any("tile_huge"), ["tile_huge", "tile_large"]);
    assert_eq!(any("plain"), ["plain", "tile_skinny"]);
    let without = names("tile_small", |variant| variant.name != "tile_large");
    assert_eq!(without, ["tile_small", "tile_huge", "tile_skinny"]);
    assert_eq!(any("registers").len(), 5);
}
