//! Settings in messages of the library, spelled as flags.
//!
//! The library names settings as a configuration file does, in backticks: `batch_size`, or `device = cpu`.

use std::fmt::Write;

/// Settings and their flags; none for those that only a configuration file has.
const FLAGS: &[(&str, Option<&str>)] = &[
    ("activation", Some("--activation")),
    ("backend", Some("--backend")),
    ("batch", Some("--batch")),
    ("batch_size", Some("--batch-size")),
    ("bias_rate", Some("--bias-rate")),
    ("bins", Some("--bins")),
    ("beta1", None),
    ("beta2", None),
    ("categories", Some("--categories")),
    ("checkpoint", Some("--checkpoint")),
    ("class_weights", Some("--class-weights")),
    ("clip_norm", Some("--clip-norm")),
    ("clip_value", Some("--clip-value")),
    ("comment", Some("--comment")),
    ("decay_biases", Some("--decay-biases")),
    ("decimal", Some("--decimal")),
    ("delimiter", Some("--delimiter")),
    ("device", Some("--device")),
    ("distributed", Some("--distributed")),
    ("drop", Some("--drop")),
    ("dropout", Some("--dropout")),
    ("dropout_schedule", Some("--dropout-schedule")),
    ("ensemble", Some("--ensemble")),
    ("epochs", Some("--epochs")),
    ("encoding", Some("--encoding")),
    ("epsilon", None),
    ("features", Some("--features")),
    ("fold", None),
    ("folds", Some("--folds")),
    ("from", Some("--from")),
    ("header", Some("--header")),
    ("hidden", Some("--hidden")),
    ("init", Some("--init")),
    ("keep", Some("--keep")),
    ("label_smoothing", Some("--label-smoothing")),
    ("layers", Some("--layers")),
    ("learning_rate", Some("--lr")),
    ("loss", Some("--loss")),
    ("matrix", Some("--matrix")),
    ("max_levels", Some("--max-levels")),
    ("max_steps", Some("--max-steps")),
    ("max_time", Some("--max-time")),
    ("memory_limit", Some("--memory-limit")),
    ("missing", Some("--missing")),
    ("missing_rows", Some("--missing-rows")),
    ("momentum", Some("--momentum")),
    ("nesterov", Some("--nesterov")),
    ("networks", Some("--networks")),
    ("numbers", Some("--numbers")),
    ("patience", Some("--patience")),
    ("precision", Some("--precision")),
    ("quantile", Some("--quantile")),
    ("refit", Some("--refit")),
    ("rows", Some("--rows")),
    ("schedule", Some("--schedule")),
    ("seeds", Some("--seeds")),
    ("shuffle", Some("--shuffle")),
    ("size", Some("--size")),
    ("split_by", Some("--split-by")),
    ("split_seed", Some("--split-seed")),
    ("target", Some("--target")),
    ("task", Some("--task")),
    ("test", Some("--test")),
    ("test_file", Some("--test")),
    ("val", Some("--val")),
    ("val_file", Some("--val")),
    ("warmup", Some("--warmup")),
    ("weights", Some("--weights")),
    ("weight_decay", Some("--weight-decay")),
    ("weight_decay_schedule", Some("--weight-decay-schedule")),
];

/// Returns `text` with each setting in backticks as the flag that sets it.
pub(crate) fn as_flags(text: &str) -> String {
    let mut spelled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        spelled.push_str(before);
        let found = after.split_once('`').and_then(|(inside, behind)| {
            let (key, value) = match inside.split_once(" = ") {
                Some((key, value)) => (key, Some(value)),
                None => (inside, None),
            };
            let (_, flag) = FLAGS.iter().find(|(known, _)| *known == key)?;
            Some((inside, flag, value, behind))
        });
        let Some((inside, flag, value, behind)) = found else {
            spelled.push('`');
            rest = after;
            continue;
        };
        let _ = match (flag, value) {
            (Some(flag), Some("false")) => write!(spelled, "--no-{}", &flag[2..]),
            (None, _) => write!(spelled, "{inside}"),
            (Some(flag), None | Some("true")) => write!(spelled, "{flag}"),
            (Some(flag), Some(value)) => write!(spelled, "{flag} {value}"),
        };
        rest = behind;
    }
    spelled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_become_flags_and_other_text_stays() {
        for (text, expected) in [
            (
                "use a smaller `batch_size`, or `device = cpu`",
                "use a smaller --batch-size, or --device cpu",
            ),
            (
                "`missing_rows = drop` has no effect",
                "--missing-rows drop has no effect",
            ),
            ("`shuffle = false` splits", "--no-shuffle splits"),
            ("`beta1 = 0.5` has no effect", "beta1 = 0.5 has no effect"),
            (
                "`header = false`, else `header = true`",
                "--no-header, else --header",
            ),
            ("`drop = 'my kind',b`", "--drop 'my kind',b"),
            ("a `column` of ` ticks", "a `column` of ` ticks"),
            ("x` and `epochs = 0`", "x` and --epochs 0"),
        ] {
            assert_eq!(as_flags(text), expected);
        }
    }
}
