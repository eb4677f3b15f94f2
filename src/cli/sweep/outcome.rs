//! The result of a sweep: its best network, and the report as JSON and as text.

use super::{args, job::SweepJob, table};
use crate::cli::{
    messages::typed,
    run_folder::{RunFolder, TEST},
    scores::{Scores, TestScores, cure, listed, still_falling},
};
use serde_json::json;
use wgrad::config::{Config, DataConfig};
use wgrad::device::Device;
use wgrad::model::Mlp;
use wgrad::plan::Training;
use wgrad::sweep::{Results, Setting, SweepNetwork, rank};
use wgrad::text::{counted, figure};
use wgrad::train::{EndReason, Ending, Model, Prepared, Trainer};

/// The best network.
pub(super) struct Best {
    network: SweepNetwork,
    pub(super) setting: Setting,
    test: Test,
    /// Scores on the test rows, and the list of these rows.
    scores: Option<TestScores>,
    /// Whether its validation loss still fell at the end.
    still_falls: bool,
    ending: Ending,
    model: Model,
    batch_size: usize,
    path: String,
}

/// Loss and accuracy on the test rows, if there are any.
type Test = Option<(f64, Option<f64>)>;

/// Returns the best network, tested.
///
/// # Errors
/// Returns an error if it cannot be tested.
pub(super) fn best(
    job: &SweepJob,
    results: &Results,
    folder: &RunFolder,
    interrupted: bool,
) -> Result<Option<Best>, wgrad::Error> {
    let Some(best) = &results.best else {
        return Ok(None);
    };
    let network = results.networks[best.network].clone();
    let setting = results.settings[network.setting].clone();
    let training = job.axes.variants[setting.variant].training;
    let fold = &job.folds[network.fold];
    let steps = network.epochs * fold.train.count.div_ceil(training.batch_size.max(1));
    let ending = Ending {
        reason: EndReason::Epochs,
        epochs: network.epochs,
        steps,
        kept_epoch: network.epochs,
        kept_step: steps,
        refit: false,
    };
    let test = test(&best.mlp, &training, fold)?;
    let model = Model {
        endings: vec![ending],
        ..Model::new(best.mlp.clone(), &training, fold)
    };
    Ok(Some(Best {
        setting,
        network,
        test,
        scores: None,
        still_falls: best.still_falls && !interrupted && fold.val.count > 0,
        ending,
        model,
        batch_size: training.batch_size,
        path: folder.model().display().to_string(),
    }))
}

impl Best {
    /// Changes the configuration of the sweep to one that trains this network again: its setting, its seed beside that of
    /// the sweep's split and row order, the fold that it was validated on, its epochs, and the batch that all folds had.
    pub(super) fn set(&self, config: &mut Config, folds: Option<usize>, test: Option<f64>) {
        config.network.hidden = self.setting.hidden.clone();
        config.network.activation = self.setting.activation;
        config.optimizer.learning_rate = Some(self.setting.learning_rate);
        config.data.split_seed = Some(config.split_seed());
        if let Some(folds) = folds {
            config.data.fold = Some([self.network.fold + 1, folds]);
            config.data.val = DataConfig::default().val;
            let usual = DataConfig::default().test;
            config.data.test = match config.data.test_file {
                Some(_) => usual,
                None => test.unwrap_or(0.0),
            };
        }
        let run = &mut config.run;
        (run.seed, run.epochs) = (self.network.seed, Some(self.network.epochs));
        run.batch_size = Some(self.batch_size);
    }

    /// Predicts the test rows. Runs on the CPU device, as [`test`] does.
    pub(super) fn test_rows(&mut self, job: &SweepJob) -> Result<(), wgrad::Error> {
        if self.test.is_some() {
            let rows = &job.splits[self.network.fold].test;
            self.scores = TestScores::new(&Device::Cpu, &self.model, &job.data, rows)?;
        }
        Ok(())
    }

    /// Returns warnings about what it has not learned.
    pub(super) fn warnings(&self) -> Vec<String> {
        let cure = cure(&self.ending);
        let scores = self.scores.as_ref();
        let mut warnings = scores.map_or(Vec::new(), |test| test.scores.warnings(&cure, false));
        if self.still_falls {
            warnings.extend(still_falling(&self.ending));
        }
        warnings
    }
}

/// Saves a configuration to train the best network again, its test rows, and then its model, the last file of a run.
pub(super) fn save(
    best: &Best,
    config: &Config,
    folder: &mut RunFolder,
) -> Result<(), wgrad::Error> {
    folder.write_config(config)?;
    let list = best.scores.as_ref().map(|test| (TEST, test.csv.as_str()));
    folder.save(&best.model, list)?
}

/// Tests one network. Uses the CPU device, so that nobody waits for shaders to compile after Ctrl-C, and one process that merges
/// shards finds what another would.
fn test(mlp: &Mlp, training: &Training, fold: &Prepared) -> Result<Test, wgrad::Error> {
    let mut trainer = Trainer::new(&Device::Cpu, mlp.clone(), training, fold, 0, None)?;
    let metrics = trainer.evaluate(fold.test)?;
    Ok(metrics.map(|metrics| (metrics.loss, metrics.accuracy)))
}

/// Returns the sweep as JSON.
pub(super) fn record(
    results: &Results,
    best: Option<&Best>,
    elapsed: f64,
    device: &str,
) -> serde_json::Value {
    let settings = &results.settings;
    let network = |n: &SweepNetwork| {
        let what = &settings[n.setting];
        let mut network = json!({
            "hidden": what.hidden, "activation": what.activation, "lr": what.learning_rate,
            "seed": n.seed, "fold": n.fold, "loss": n.loss, "accuracy": n.accuracy, "epochs": n.epochs,
            "fate": n.fate,
        });
        for (key, value) in &what.values {
            network[key] = value.clone();
        }
        network
    };
    let warnings = best.map_or(Vec::new(), Best::warnings);
    let best = best.map(|best| {
        let mut record = network(&best.network);
        record["test_loss"] = json!(best.test.map(|test| test.0));
        record["test_accuracy"] = json!(best.test.and_then(|test| test.1));
        let scores = best.scores.as_ref().map(|test| &test.scores);
        record["test_values"] = json!(scores.map(Scores::values));
        record["test_baseline"] = json!(scores.map(Scores::baseline));
        record["model"] = json!(best.path);
        record
    });
    json!({
        "networks": results.networks.iter().map(network).collect::<Vec<_>>(),
        "ranked": rank(settings, &results.networks),
        "best": best,
        "warnings": listed(&warnings),
        "elapsed_s": elapsed,
        "device": device,
    })
}

/// Returns the report of the sweep as text.
pub(super) fn report(
    args: &args::Sweep,
    results: &Results,
    best: Option<&Best>,
    record: &serde_json::Value,
) -> Vec<String> {
    let mut lines = Vec::new();
    let interrupted = record["interrupted"] == true;
    let elapsed = record["elapsed_s"].as_f64().unwrap_or(0.0);
    let seen = results.networks.iter().any(|n| n.epochs > 0);
    if interrupted && !seen {
        lines.push("interrupted before the first evaluation: no model is saved".to_owned());
        return lines;
    }
    if interrupted {
        lines.push("interrupted: the results are those of the last evaluation".to_owned());
    }
    lines.extend(table::lines(
        &rank(&results.settings, &results.networks),
        table::LONGEST,
    ));
    let epochs = results.networks.iter().map(|n| n.epochs).max();
    lines.push(format!(
        "{} in {elapsed:.1} s, up to {} each",
        counted(results.networks.len(), "network"),
        counted(epochs.unwrap_or(0), "epoch")
    ));
    let Some(best) = best else {
        let rates = results.settings.iter().map(|s| s.learning_rate);
        let rate = (0.1 * rates.fold(f64::MAX, f64::min)).min(0.01);
        lines.push(format!(
            "all networks diverged; try a smaller learning rate, --lr {rate:.1e}, or look for outliers in the data"
        ));
        return lines;
    };
    let mut what = format!(
        "best    {}, seed {}",
        table::name(&best.setting),
        best.network.seed
    );
    if let Some(folds) = args.folds {
        what += &format!(
            ", trained without fold {} of {folds}",
            best.network.fold + 1
        );
    }
    lines.push(what);
    match best.test {
        Some((loss, Some(accuracy))) => {
            lines.push(format!(
                "        test accuracy {accuracy:.4}, loss {}",
                figure(loss)
            ));
        }
        Some((loss, None)) => {
            lines.push(format!("        test loss {}", figure(loss)));
        }
        // The best of many is partly luck: of 150 rows of random labels, the best network has 0.60 right.
        None => lines.push(
            "        the scores above chose it, so they flatter it; keep rows for an honest test with --test 0.2"
                .to_owned(),
        ),
    }
    let scores = best.scores.as_ref();
    let summary = scores.map_or(Vec::new(), |test| test.scores.summary());
    lines.extend(summary.into_iter().map(|line| format!("        {line}")));
    lines
}

/// Says where the best network is, and suggests the next command.
pub(super) fn next(best: &Best, config: &Config, folder: &RunFolder) -> Vec<String> {
    let at = typed(&folder.path().display().to_string());
    let source = typed(config.data.source.as_deref().unwrap_or("DATA"));
    let mut lines = vec![format!(
        "saved   {at} (model.safetensors, config.toml, sweep.json)"
    )];
    if best.scores.is_some() {
        let file = typed(&folder.path().join(TEST).display().to_string());
        lines.push(format!("test    {file} (each test row and its prediction)"));
    }
    lines.push(format!("next    wgrad predict {at} {source}"));
    lines
}
