//! The order of settings and of networks.

use wgrad::model::Activation;
use wgrad::sweep::{Fate, Setting, SweepNetwork, best_first, rank};

fn setting(learning_rate: f64) -> Setting {
    Setting {
        hidden: vec![4],
        activation: Activation::Relu,
        learning_rate,
        values: serde_json::Map::new(),
        variant: 0,
    }
}

fn network(setting: usize, accuracy: f64, loss: f64, fate: Fate) -> SweepNetwork {
    SweepNetwork {
        setting,
        seed: 0,
        fold: 0,
        epochs: 1,
        loss: Some(loss),
        accuracy: Some(accuracy),
        fate,
    }
}

#[test]
fn settings_are_ordered_by_mean_accuracy_then_by_error() {
    let settings = [setting(0.1), setting(0.2), setting(0.3)];
    let networks = [
        network(0, 0.5, 0.9, Fate::Trained),
        network(0, 0.7, 0.9, Fate::Trained),
        network(1, 0.6, 0.8, Fate::Trained),
        network(2, 0.9, 0.1, Fate::Dropped),
    ];
    let ranked = rank(&settings, &networks);
    let order: Vec<usize> = ranked.iter().map(|r| r.setting).collect();
    assert_eq!(order, [1, 0, 2]);
    let accuracy = ranked[1].accuracy.unwrap();
    assert!((accuracy.mean - 0.6).abs() < 1e-12);
    assert!((accuracy.deviation - 0.02f64.sqrt()).abs() < 1e-12);
    assert_eq!(best_first(&networks), [1, 2, 0]);
}

#[test]
fn a_setting_with_diverged_networks_comes_after_those_without() {
    let settings = [setting(9.0), setting(0.1)];
    let mut lost = network(0, 0.0, 0.0, Fate::Diverged);
    (lost.loss, lost.accuracy) = (None, None);
    let networks = [
        network(0, 0.9, 0.1, Fate::Trained),
        lost,
        network(1, 0.8, 0.2, Fate::Trained),
    ];
    let ranked = rank(&settings, &networks);
    assert_eq!(ranked[0].setting, 1);
    assert_eq!((ranked[1].trained, ranked[1].diverged), (1, 1));
}

/// Three settings in two folds of three seeds: the second loses a little in one fold and wins in the other; the third loses the
/// same in both, though networks differ from each other by more.
#[test]
fn a_tie_is_a_difference_within_its_standard_error_over_folds() {
    let settings = [setting(0.1), setting(0.2), setting(0.3)];
    let accuracy = |setting: usize, seed: u64, fold: usize| {
        let of_network = 0.7 + 0.1 * fold as f64 + 0.05 * seed as f64;
        of_network + [[0.0, 0.0], [-0.03, 0.02], [-0.02, -0.021]][setting][fold]
    };
    let mut networks = Vec::new();
    for at in 0..settings.len() {
        for seed in 0..3 {
            networks.extend([0, 1].map(|fold| SweepNetwork {
                seed,
                fold,
                ..network(at, accuracy(at, seed, fold), 0.1, Fate::Trained)
            }));
        }
    }
    let ranked = rank(&settings, &networks);
    let found: Vec<_> = ranked.iter().map(|r| (r.setting, r.tied)).collect();
    assert_eq!(found, [(0, false), (1, true), (2, false)]);
    // One network each: nothing is known of a difference.
    let alone = [0, 1].map(|at| network(at, 0.5, 0.1, Fate::Trained));
    assert!(!rank(&settings[..2], &alone)[1].tied);
}
