//! The keys of a configuration.

use wgrad::Config;
use wgrad::config::{Distributed, Keep};
use wgrad::dataset::{Delimiter, Task};
use wgrad::model::Loss;
use wgrad::plan::RateSchedule;

#[test]
fn a_resolved_configuration_reads_back_as_it_was() {
    let config = Config::default();
    assert_eq!(Config::parse(&config.to_toml(), "x").unwrap(), config);
}

#[test]
fn an_unknown_key_suggests_the_nearest() {
    let error = Config::parse("[run]\nepoch = 3", "run.toml").unwrap_err();
    let text = error.to_string();
    assert!(text.contains("run.toml") && text.contains("did you mean \"epochs\"?"));
    let error = Config::parse("[optimiser]\nkind = \"sgd\"", "run.toml").unwrap_err();
    assert!(error.to_string().contains("did you mean \"optimizer\"?"));
}

/// Returns a configuration that writes every key.
fn full() -> Config {
    let mut full = Config::default();
    full.data.source = Some("iris".to_owned());
    full.data.task = Some(Task::Regress);
    full.data.fold = Some([1, 2]);
    full.data.split_seed = Some(1);
    for names in [
        &mut full.data.features,
        &mut full.data.numbers,
        &mut full.data.categories,
        &mut full.data.missing,
    ] {
        names.push("a".to_owned());
    }
    full.data.delimiter = Some(Delimiter::Blanks);
    full.data.decimal = Some(',');
    full.data.header = Some(true);
    full.data.size = Some([8, 8]);
    full.data.shuffle = false;
    for text in [
        &mut full.data.encoding,
        &mut full.data.comment,
        &mut full.data.val_file,
        &mut full.data.test_file,
        &mut full.data.split_by,
        &mut full.data.weights,
    ] {
        *text = Some("a".to_owned());
    }
    full.data.bins = Some(1);
    full.network.dropout = 0.5;
    full.network.dropout_schedule = RateSchedule::Cosine;
    full.optimizer.weight_decay_schedule = RateSchedule::Cosine;
    full.optimizer.nesterov = true;
    full.optimizer.decay_biases = false;
    full.optimizer.bias_rate = 0.5;
    full.optimizer.clip_norm = Some(1.0);
    full.optimizer.clip_value = Some(1.0);
    full.optimizer.beta2 = Some(0.9);
    full.loss.quantile = Some(0.9);
    full.network.from = Some("m".to_owned());
    full.loss.label_smoothing = 0.1;
    full.loss.class_weights.push("a=1".to_owned());
    full.loss.kind = Some(Loss::Mse);
    full.optimizer.learning_rate = Some(0.1);
    full.optimizer.weight_decay = Some(0.1);
    full.run.backend = Some("vulkan".to_owned());
    full.run.memory_limit = Some(1);
    full.run.max_time = Some(1.0);
    full.run.checkpoint = Some(1.0);
    full.run.distributed = Some(Distributed::Mpi);
    for count in [
        &mut full.run.epochs,
        &mut full.run.max_steps,
        &mut full.run.patience,
        &mut full.run.batch_size,
    ] {
        *count = Some(1);
    }
    full.run.keep = Some(Keep::Best);
    full.run.refit = Some(true);
    full
}

#[test]
fn every_key_is_known() {
    let table: toml::Table = toml::from_str(&full().to_toml()).unwrap();
    let known = |text: &str| -> Vec<String> {
        let message = Config::parse(text, "x").unwrap_err().to_string();
        let (_, known) = message.split_once("expected one of ").unwrap();
        known.split(", ").map(str::to_owned).collect()
    };
    for block in known("nothing-of-the-kind = 1") {
        let mut written: Vec<&str> = table[&block]
            .as_table()
            .unwrap()
            .keys()
            .map(|k| k.as_str())
            .collect();
        let mut known = known(&format!("[{block}]\nnothing-of-the-kind = 1"));
        // Older files have it; `missing_rows` says the same.
        known.retain(|key| key != "skip_missing");
        written.sort_unstable();
        known.sort_unstable();
        assert_eq!(written, known);
    }
}
