//! Exported models of every activation, and of losses with a link.

use super::{PENGUINS, predicts_the_same, train};
use crate::rig::{folder, write};

#[test]
fn c_and_rust_predict_counts_and_labels() {
    let dir = folder();
    std::fs::copy(PENGUINS, dir.path().join("t.csv")).unwrap();
    for flags in [
        "--loss poisson --ensemble 2",
        "--loss poisson --activation softplus",
    ] {
        let flags = format!("--epochs 3 --target flipper_length_mm --force {flags}");
        train(dir.path(), "t.csv", &flags);
        predicts_the_same(dir.path(), "");
    }
    let mut labels = "x,a,b\n".to_owned();
    (0..100).for_each(|n| labels += &format!("{},{},{}\n", n % 17, n % 2, u8::from(n % 17 > 8)));
    write(dir.path(), "t.csv", labels);
    train(
        dir.path(),
        "t.csv",
        "--epochs 3 --target a,b --force --loss binary-cross-entropy",
    );
    predicts_the_same(dir.path(), "");
}

#[test]
fn c_and_rust_have_every_activation() {
    for activation in ["selu", "elu", "gelu", "silu", "mish", "softplus"] {
        let dir = folder();
        std::fs::copy(PENGUINS, dir.path().join("t.csv")).unwrap();
        let flags = format!("--epochs 3 --activation {activation}");
        train(dir.path(), "t.csv", &flags);
        predicts_the_same(dir.path(), "");
    }
}
