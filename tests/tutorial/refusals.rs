//! Tests of files of networks that are refused.

use crate::ensure;
use libtest_mimic::Failed;
use wgrad::tutorial::homework;

/// A line of the template.
const ROW: &str = "input = [0.05, 0.10]      # i1, i2";

/// What is replaced in the template, by what, and what the message says; nothing if the file is accepted.
#[rustfmt::skip]
const CASES: [(&str, &str, &[&str]); 26] = [
    ("learning_rate = 0.5", "learning_rate = -1", &["learning_rate: expected a number above 0, found -1"]),
    ("learning_rate = 0.5", "learning_rate = 1e-60", &["above 0"]),
    ("learning_rate = 0.5", "", &["learning_rate: expected", "found none; write learning_rate = 0.5"]),
    ("learning_rate = 0.5", "learning_rate = \"0.5\"", &["expected a number, found \"0.5\"; write it without quotes"]),
    ("learning_rate = 0.5", "rate = 0.5", &["rate: an unknown key; expected learning_rate, "]),
    ("rounds = 10000", "rounds = 0", &["rounds: expected a whole number from 1 to 10000000, found 0"]),
    ("rounds = 10000", "rounds = 2.5", &["found 2.5"]),
    ("loss = \"half-sse\"", "loss = \"half-sser\"", &["loss: expected one of half-sse, ", "did you mean \"half-sse\"?"]),
    ("loss = \"half-sse\"", "loss = \"cross-entropy\"", &["layers[2].activation", "softmax"]),
    ("optimizer = \"sgd\"", "optimizer = \"adam\"\nmomentum = 0.9", &["momentum: expected none with adam"]),
    ("optimizer = \"sgd\"", "momentum = 1.5", &["momentum: expected a number from 0 to below 1, found 1.5"]),
    (ROW, "input = [nan, 0.1]", &["rows[1].input: expected a number from -1000000", "found nan"]),
    (ROW, "input = [1e300, 0.1]", &["rows[1].input: expected a number from -1000000"]),
    (ROW, "input = []", &["rows[1].input: expected a list of numbers, found an empty list"]),
    (ROW, "input = 5", &["rows[1].input: expected a list of numbers, found 5"]),
    (ROW, "input = [0.05]", &["layers[1].weights: expected 1 weight in list 1", "found 2"]),
    (ROW, "inputs = [0.05, 0.1]", &["rows[1].inputs: an unknown key; expected input, target; did you mean input?"]),
    ("target = [0.01, 0.99] ", "target = [0.01]", &["rows[1].target: expected 2 numbers", "found 1"]),
    ("bias = 0.35 ", "bias = [0.35]", &["layers[1].bias: expected 2 numbers", "found 1"]),
    ("bias = 0.35 ", "bias = \"none\"", &["layers[1].bias: expected a number, found \"none\""]),
    ("bias = 0.60", "learning_rate = 1", &["layers[2].learning_rate: an unknown key", "above the first [["]),
    ("bias = 0.60", "neurons = [\"h1\", \"b\"]", &["layers[2].neurons", "no other input or neuron has, found \"h1\""]),
    ("bias = 0.60", "neurons = [\"w1\", \"b\"]", &["found \"w1\"; choose another"]),
    ("bias = 0.60", "neurons = [\"a\"]", &["expected 2 names in quotes, found 1"]),
    ("train_bias = false", "train_bias = true", &[]),
    ("[[layers]]", "[layers", &["net.toml:", "expected TOML", "wgrad tutorial --template"]),
];

/// Files that are refused.
pub(crate) fn refusals() -> Result<(), Failed> {
    for (from, to, parts) in CASES {
        ensure(homework::TEMPLATE.contains(from), || from.to_owned())?;
        let text = homework::TEMPLATE.replacen(from, to, 1);
        match homework::parse("net.toml", &text) {
            Ok(_) => ensure(parts.is_empty(), || format!("{to}: accepted"))?,
            Err(why) => {
                let code = why.exit_code();
                let why = why.to_string();
                ensure(code == 3 && why.starts_with("net.toml:"), || why.clone())?;
                ensure(why.contains("; ") || why.contains("expected"), || {
                    why.clone()
                })?;
                for part in parts {
                    ensure(why.contains(part), || format!("{to}: {part} in {why}"))?;
                }
                ensure(!parts.is_empty(), || why)?;
            }
        }
    }
    let wide = format!("weights = [[{}]]", ["0.1"; 1001].join(", "));
    let text = format!(
        "learning_rate = 1\n[[rows]]\ninput = [{}]\ntarget = [0]\n[[layers]]\n{wide}\n",
        ["1"; 1001].join(", ")
    );
    let why = homework::parse("net.toml", &text)
        .err()
        .ok_or("too large")?
        .to_string();
    ensure(
        why.contains("at most 1000 weights and biases in all, found 1001"),
        || why,
    )
}
