//! What is made side by side.

use wgrad::Error;
use wgrad::gpu::buffers::pipelines::in_parallel;

#[test]
fn what_is_made_in_parallel_is_in_order_and_failures_are_left_out() {
    let items: Vec<u32> = (0..100).collect();
    let made = in_parallel(&items, |item| match item % 3 {
        0 => Ok(None),
        1 => Err(Error::Config("refused".to_owned())),
        _ => Ok(Some(item * 2)),
    });
    let expected = items.iter().map(|item| (item % 3 == 2).then_some(item * 2));
    assert_eq!(made, expected.collect::<Vec<_>>());
    assert_eq!(in_parallel(&[] as &[u32], |_| Ok(Some(0))), []);
}
