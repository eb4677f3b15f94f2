//! The ceiling of a device, and what it is measured by.

use wgrad::Error;
use wgrad::bench::{Ceiling, Family, Row, ceiling::product};
use wgrad::gpu::Precision;

fn row(batch: usize, gflops: f64) -> Row {
    Row {
        layers: "64-32-10".to_owned(),
        batch,
        networks: 1,
        device: "cpu",
        adapter: "cpu".to_owned(),
        family: Family::Device,
        precision: Precision::F32,
        us_per_step: 1.0,
        device_us_per_step: None,
        samples_per_s: 1.0,
        gflops,
        share: 0.0,
    }
}

#[test]
fn products_take_time_however_many_are_submitted_together() -> Result<(), Error> {
    for device in wgrad::device::all() {
        let seconds = product(&device, [8, 64])?;
        assert!(seconds > 0.0, "{}", device.name());
    }
    Ok(())
}

#[test]
fn a_row_that_is_faster_than_the_large_product_is_the_ceiling() {
    let mut ceiling = Ceiling {
        adapter: "cpu".to_owned(),
        gflops: 50.0,
        of: "a large product".to_owned(),
        copy_gb_per_s: 10.0,
    };
    let mut slow = [row(1, 10.0), row(32, 25.0)];
    ceiling.settle(&mut slow);
    assert_eq!((ceiling.gflops, &ceiling.of[..]), (50.0, "a large product"));
    assert_eq!(slow.map(|row| row.share), [0.2, 0.5]);
    let mut fast = [row(1, 20.0), row(32, 80.0), row(128, 60.0)];
    ceiling.settle(&mut fast);
    assert_eq!(ceiling.gflops, 80.0);
    assert_eq!(ceiling.of, "64-32-10 in batches of 32");
    assert_eq!(fast.map(|row| row.share), [0.25, 1.0, 0.75]);
}
