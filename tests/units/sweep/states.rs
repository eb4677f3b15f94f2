//! The files that sweeps go on from, and shards.

use wgrad::dataset::{ReadOptions, SplitOptions, read, split};
use wgrad::device::Device;
use wgrad::model::{Activation, Initialization};
use wgrad::sweep::search::SearchState;
use wgrad::sweep::{Axes, Shard, Sweep, SweepAbout, SweepState, Variant};
use wgrad::train::{Prepared, resolve::training};
use wgrad::{Config, Error};

fn state() -> Result<SweepState, Error> {
    let data = read("xor", &ReadOptions::default(), 0)?;
    let fold = Prepared::new(&data, &split(&data, &SplitOptions::default())?)?;
    let training = training(&mut Config::default(), &fold)?;
    let axes = Axes {
        hidden: vec![vec![2]],
        activation: vec![Activation::Tanh],
        variants: vec![Variant {
            training,
            learning_rate: vec![0.1, f64::from(f32::MAX)],
            epochs: None,
            values: serde_json::Map::new(),
        }],
        init: Initialization::Auto,
        seeds: 0..3,
    };
    let shard = Shard { index: 1, count: 2 };
    let mut sweep = Sweep::new(&[Device::Cpu], &[fold], &axes, 0, shard)?;
    sweep.train(1, &|_| true)?;
    sweep.evaluate()?;
    let about = SweepAbout {
        shard,
        identity: 7,
        arguments: vec!["sweep".to_owned(), "a \"file\"".to_owned()],
        elapsed: 1.5,
        ..SweepAbout::default()
    };
    sweep.state(about)
}

#[test]
fn a_state_is_read_as_it_was_written() {
    let state = state().unwrap();
    assert_eq!(SweepState::from_bytes(&state.to_bytes()).unwrap(), state);
    let search = SearchState::new(3);
    let bytes = search.to_bytes();
    assert!(SearchState::is_search(&bytes) && !SearchState::is_search(&state.to_bytes()));
    assert_eq!(SearchState::from_bytes(&bytes).unwrap(), search);
}

#[test]
fn every_flipped_bit_and_every_truncation_is_found() {
    let sweep = state().unwrap().to_bytes();
    let search = SearchState::new(3).to_bytes();
    let is_read: [fn(&[u8]) -> bool; 2] = [
        |bytes| SweepState::from_bytes(bytes).is_ok(),
        |bytes| SearchState::from_bytes(bytes).is_ok(),
    ];
    for (bytes, is_read) in [sweep, search].into_iter().zip(is_read) {
        for length in 0..bytes.len() {
            assert!(!is_read(&bytes[..length]), "{length} bytes");
        }
        for bit in 0..8 * bytes.len() {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_read(&damaged), "bit {bit}");
        }
    }
}

#[test]
fn shards_are_numbered_from_one() {
    let shard: Shard = "2/8".parse().unwrap();
    assert_eq!((shard.index, shard.count), (1, 8));
    assert_eq!(shard.to_string(), "2/8");
    for wrong in ["0/8", "9/8", "1", "a/b", "1/", "", "-1/2", "1/0"] {
        assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
    }
}
