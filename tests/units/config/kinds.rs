//! Values of another kind than a key has.

use wgrad::Config;

#[test]
fn a_value_of_another_kind_is_named_with_its_line_and_what_was_expected() {
    let cases = [
        (
            "[run]\nepochs = \"30\"",
            "c.toml:2: epochs in [run]: expected a whole number, 0 or more, found \"30\"; leave the quotes out".into(),
        ),
        (
            "[run]\n\n# few\nepochs = -3",
            "c.toml:4: epochs in [run]: expected a whole number, 0 or more, found -3".into(),
        ),
        (
            "[run]\nepochs = 3.0",
            "c.toml:2: epochs in [run]: expected a whole number, 0 or more, found 3.0".into(),
        ),
        (
            "data = \"iris\"",
            "c.toml:1: data: expected a block that begins with [data], found \"iris\"".into(),
        ),
        (
            "[data]\ntarget = \"y\"",
            "c.toml:2: target in [data]: expected a list of texts, as in [\"a\", \"b\"], found \"y\"; write [\"y\"]".into(),
        ),
        (
            "[network]\nhidden = [64,\n \"a\"]",
            "c.toml:3: hidden in [network]: expected a list of whole numbers, as in [64, 32], found \"a\"".into(),
        ),
        (
            "network.hidden = 64",
            "c.toml:1: hidden in [network]: expected a list of whole numbers, as in [64, 32], found 64; write [64]".into(),
        ),
        (
            "[run]\nepochs = 1_0000_0000_0000_0000_0000",
            format!("c.toml:2: epochs in [run]: expected a whole number, 0 or more, found 1_0000_0000_0000_0000_0000; the most is {}", usize::MAX),
        ),
        (
            "[loss]\nkind = \"msee\"",
            "c.toml:2: kind in [loss]: expected \"half-sse\" or \"mse\" or \"mae\" or \"huber\" or \"quantile\" or \"poisson\" or \"binary-cross-entropy\" or \"cross-entropy\", found \"msee\"; did you mean \"mse\"?".into(),
        ),
        (
            "[optimizer]\nlearning_rate = \"fast\"",
            "c.toml:2: learning_rate in [optimizer]: expected a number, found \"fast\"".into(),
        ),
        (
            "[data.val]\na = 1",
            "c.toml:1: val in [data]: expected a number, found a block".into(),
        ),
        (
            "[network]\ntrain_bias = 1",
            "c.toml:2: train_bias in [network]: expected true or false, found 1".into(),
        ),
        (
            "[run]\ndevice = 1979-05-27",
            "c.toml:2: device in [run]: expected text in quotes, found 1979-05-27".into(),
        ),
    ];
    for (text, message) in cases {
        let error = Config::parse(text, "c.toml").unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn what_toml_can_write_is_read_back() {
    let text = "[run]\nseed = 18446744073709551615\nepochs = 0x10\n[optimizer]\nlearning_rate = 1\nepsilon = inf";
    let config = Config::parse(text, "c.toml").unwrap();
    assert_eq!((config.run.seed, config.run.epochs), (u64::MAX, Some(16)));
    assert_eq!(config.optimizer.learning_rate, Some(1.0));
    assert_eq!(Config::parse(&config.to_toml(), "c.toml").unwrap(), config);
}

#[test]
fn a_line_that_is_not_toml_is_shown() {
    let error = |text: &str| Config::parse(text, "c.toml").unwrap_err().to_string();
    let text = error("[run]\nepochs = three");
    assert!(
        text.starts_with("c.toml:2: \"epochs = three\" is not TOML ("),
        "{text}"
    );
    assert!(text.contains("device = \"cpu\""), "{text}");
    let text = error("[run]\nseed = 1\nseed = 2");
    assert_eq!(
        text,
        "c.toml:3: \"seed = 2\" is not TOML (duplicate key); keep one of the two"
    );
}
