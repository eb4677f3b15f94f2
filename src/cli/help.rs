//! The help of commands: flags in groups, so that the everyday ones stand out, and examples.
//!
//! The groups are here, and not at the flags, because commands share the structs of flags.

use clap::Command;

/// Commands that train, and so have the flags for it.
const TRAINING: &[&str] = &["train", "sweep", "inspect", "init"];

/// Groups of special flags. Flags in no group are everyday ones.
const GROUPS: [(&str, &[&str]); 4] = [
    (
        "Reading the data",
        &[
            "features",
            "numbers",
            "categories",
            "missing",
            "missing_rows",
            "skip_missing",
            "max_levels",
            "bins",
            "delimiter",
            "decimal",
            "encoding",
            "comment",
            "no_header",
            "header",
            "size",
            "weights",
        ],
    ),
    (
        "Splitting the rows",
        &["val", "test", "no_shuffle", "split_by", "split_seed"],
    ),
    (
        "Training",
        &[
            "activation",
            "loss",
            "optimizer",
            "schedule",
            "warmup",
            "init",
            "momentum",
            "nesterov",
            "weight_decay",
            "weight_decay_schedule",
            "no_decay_biases",
            "bias_rate",
            "clip_norm",
            "clip_value",
            "dropout",
            "dropout_schedule",
            "quantile",
            "label_smoothing",
            "class_weights",
            "batch_size",
            "max_steps",
            "patience",
            "keep",
            "refit",
            "no_refit",
            "checkpoint",
            "distributed",
            "order",
        ],
    ),
    ("Devices", &["backend", "sums", "precision", "memory_limit"]),
];

/// Examples of commands, each with what it does.
const EXAMPLES: [(&str, &[(&str, &str)]); 13] = [
    (
        "train",
        &[
            (
                "wgrad train data.csv --target price",
                "learn a column of a table",
            ),
            (
                "wgrad train images/ --out model",
                "learn the folders of a folder of images",
            ),
            (
                "wgrad train data.csv --ensemble 8",
                "train eight networks: slower, and better",
            ),
            (
                "wgrad train --resume model",
                "go on with a run that was interrupted or killed",
            ),
            (
                "wgrad train --config model/config.toml --seed 1",
                "repeat a run with another seed",
            ),
        ],
    ),
    (
        "sweep",
        &[
            (
                "wgrad sweep data.csv --search 20 --time 5m",
                "find a setting by itself",
            ),
            (
                "wgrad sweep iris --hidden 8,16 --lr 0.01,0.1 --folds 5",
                "compare four settings",
            ),
        ],
    ),
    (
        "eval",
        &[
            (
                "wgrad eval runs/data-1 new.csv",
                "accuracy or errors on new rows",
            ),
            (
                "wgrad eval runs/data-1 new.csv --importance",
                "which columns the model needs",
            ),
        ],
    ),
    (
        "predict",
        &[
            (
                "wgrad predict runs/data-1 new.csv",
                "predictions as CSV on stdout",
            ),
            (
                "wgrad predict runs/data-1 new.csv --keep id --probabilities",
                "with ids and probabilities",
            ),
            (
                "wgrad predict runs/data-1 - --json",
                "rows from stdin, JSON lines to stdout",
            ),
        ],
    ),
    (
        "serve",
        &[
            ("wgrad serve runs/data-1", "listen on http://127.0.0.1:8080"),
            (
                "wgrad serve runs/data-1 --port 0 --json",
                "on any free port, printed as JSON",
            ),
        ],
    ),
    (
        "export",
        &[
            (
                "wgrad export runs/data-1 --onnx data.onnx",
                "for onnxruntime and others",
            ),
            ("wgrad export runs/data-1 --c data.h", "for programs in C"),
        ],
    ),
    (
        "inspect",
        &[
            (
                "wgrad inspect data.csv",
                "what each column holds, before training",
            ),
            (
                "wgrad inspect runs/data-1",
                "what a model reads and predicts",
            ),
        ],
    ),
    (
        "show",
        &[(
            "wgrad show runs/data-1",
            "the command, data, losses and scores of a run",
        )],
    ),
    (
        "report",
        &[
            (
                "wgrad report runs/data-1",
                "write report.html into the folder of the run",
            ),
            (
                "wgrad report runs/data-1 --out page.html --data moved.csv",
                "if the data is not where it was",
            ),
        ],
    ),
    (
        "bench",
        &[
            (
                "wgrad bench --report bench.html",
                "CPU and GPU side by side, as a page",
            ),
            (
                "wgrad bench --layers 64-32-10 --batch 32,1024",
                "one network, two batch sizes",
            ),
        ],
    ),
    (
        "init",
        &[
            ("wgrad init data.csv", "write config.toml, to edit"),
            ("wgrad train --config config.toml", "train with it"),
            ("wgrad init --schema", "the JSON schema, for editors"),
        ],
    ),
    (
        "tutorial",
        &[
            ("wgrad tutorial --step", "the article, part by part"),
            ("wgrad tutorial --page article.html", "drawn, for a browser"),
            (
                "wgrad tutorial --network net.toml",
                "your own network; --template prints a file to start from",
            ),
            (
                "wgrad tutorial --quiet --claim w5=0.3589",
                "is this number right?",
            ),
        ],
    ),
    (
        "completions",
        &[(
            "wgrad completions bash",
            "to a file in ~/.local/share/bash-completion/completions",
        )],
    ),
];

/// Returns the command line with groups and examples.
pub(super) fn with_help(mut command: Command) -> Command {
    for name in TRAINING {
        command = command.mut_subcommand(name, |command| command.mut_args(grouped));
    }
    // A build may lack a command.
    let has = |name: &&str| command.find_subcommand(name).is_some();
    let known: Vec<&str> = EXAMPLES.iter().map(|(name, _)| *name).filter(has).collect();
    for (name, examples) in EXAMPLES.iter().filter(|(name, _)| known.contains(name)) {
        let text = listed(examples);
        command = command.mut_subcommand(name, |command| command.after_help(text));
    }
    command
}

/// Returns a flag in its group, if it has one.
fn grouped(flag: clap::Arg) -> clap::Arg {
    let id = flag.get_id().as_str();
    let mut groups = GROUPS.iter();
    match groups.find(|(_, flags)| flags.contains(&id)) {
        Some((group, _)) => flag.help_heading(*group),
        None => flag,
    }
}

fn listed(examples: &[(&str, &str)]) -> String {
    let example = |(line, what): &(&str, &str)| format!("  # {what}\n  {line}");
    let examples: Vec<String> = examples.iter().map(example).collect();
    format!("Examples:\n{}", examples.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::CommandFactory;

    #[test]
    fn every_example_is_a_command_line() {
        let command = with_help(Cli::command());
        command.clone().debug_assert();
        let known = EXAMPLES
            .iter()
            .filter(|(name, _)| command.find_subcommand(name).is_some());
        for (line, _) in known.flat_map(|(_, examples)| *examples) {
            let parsed = command.clone().try_get_matches_from(line.split(' '));
            assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
        }
    }

    #[test]
    fn every_flag_of_a_group_exists() {
        let command = Cli::command();
        let training = command
            .get_subcommands()
            .filter(|command| TRAINING.contains(&command.get_name()));
        let known: Vec<&str> = training
            .flat_map(Command::get_arguments)
            .map(|flag| flag.get_id().as_str())
            .collect();
        for flag in GROUPS.iter().flat_map(|(_, flags)| *flags) {
            assert!(known.contains(flag), "{flag}");
        }
    }
}
