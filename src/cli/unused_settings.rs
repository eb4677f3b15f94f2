//! Warnings about settings without effect, so that nobody relies on them.

use crate::cli::messages::warn;
use wgrad::config::{Config, ConfigKey, DataConfig, OptimizerConfig, Origin};
use wgrad::dataset::{Dataset, Form, MissingRows, Targets, Task};
use wgrad::model::{Loss, OptimizerKind};

/// A setting, its flag, whether it has no effect, and the reason with a remedy.
pub(super) type UnusedSetting = (ConfigKey, bool, &'static str);

/// Warns about those of `settings` that have no effect.
pub(super) fn tell(origin: &Origin, settings: impl IntoIterator<Item = UnusedSetting>) {
    for (key, _, why) in settings.into_iter().filter(|(_, unused, _)| *unused) {
        let given = origin.given(key);
        warn(Some(&format!("{given} has no effect {why}")));
    }
}

/// Lists settings that the optimizer may not use.
pub(super) fn optimizer(config: &Config) -> [UnusedSetting; 6] {
    let (set, usual) = (&config.optimizer, OptimizerConfig::default());
    let is = |kinds: &[OptimizerKind]| kinds.contains(&set.kind);
    let [sgd, adam, rmsprop] = [
        OptimizerKind::Sgd,
        OptimizerKind::Adam,
        OptimizerKind::Rmsprop,
    ];
    let has_momentum = is(&[sgd, rmsprop]);
    let cure = match set.kind {
        OptimizerKind::Sgd => "with sgd; use --optimizer adam, or leave it out",
        OptimizerKind::Rmsprop => "with rmsprop; use --optimizer adam, or leave it out",
        _ => "with lion; use --optimizer adam, or leave it out",
    };
    let of = |key| ("optimizer", key);
    [
        (
            of("momentum"),
            !has_momentum && set.momentum != 0.0,
            match is(&[adam]) {
                true => "with adam, which uses beta1 instead; use --optimizer sgd, or leave it out",
                false => {
                    "with lion, which uses beta1 instead; use --optimizer sgd, or leave it out"
                }
            },
        ),
        (
            of("nesterov"),
            set.nesterov && (!is(&[sgd]) || set.momentum == 0.0),
            "without momentum of sgd; use --optimizer sgd and --momentum 0.9, or leave it out",
        ),
        (
            of("bias_rate"),
            set.bias_rate != 1.0 && !config.network.train_bias,
            "with train_bias = false; leave one of them out",
        ),
        (of("beta1"), has_momentum && set.beta1 != usual.beta1, cure),
        (
            of("beta2"),
            is(&[sgd]) && set.beta2() != usual.beta2(),
            cure,
        ),
        (
            of("epsilon"),
            !is(&[adam, rmsprop]) && set.epsilon != usual.epsilon,
            cure,
        ),
    ]
}

/// Lists settings that images, or data with its own test rows, may not use.
pub(super) fn data(config: &Config, data: &Dataset) -> [UnusedSetting; 16] {
    let (set, images) = (&config.data, data.form != Form::Table);
    let labels = "on images, whose labels are the classes to learn; leave it out";
    let table = "on images; leave it out";
    // An image of a folder has a file of its own, whose name is kept.
    let is_of_files = images && !data.kept.is_empty();
    let usual = DataConfig::default();
    let [val, test] = [set.val != usual.val, set.test != usual.test];
    let own_val = data.val_from.is_some() && set.fold.is_none();
    let own_both = own_val && data.test_from.is_some();
    let of = |key| ("data", key);
    [
        (of("target"), images && !set.target.is_empty(), labels),
        (
            of("task"),
            images && set.task == Some(Task::Regress),
            labels,
        ),
        (of("drop"), images && !set.drop.is_empty(), table),
        (
            of("bins"),
            images && set.bins.is_some_and(|bins| bins > 0),
            table,
        ),
        (
            of("missing_rows"),
            images && set.missing_rows != MissingRows::default(),
            table,
        ),
        (
            of("val"),
            set.fold.is_some() && val,
            "with a fold, which is the validation set; leave it out",
        ),
        (
            of("val_file"),
            set.fold.is_some() && set.val_file.is_some(),
            "with a fold, which is the validation set; leave it out",
        ),
        (
            of("val"),
            own_val && val,
            "on data with its own validation rows; leave it out",
        ),
        (of("val_file"), images && set.val_file.is_some(), table),
        (
            of("size"),
            set.size.is_some() && !is_of_files,
            "on data that is no folder of images; leave it out",
        ),
        (of("test_file"), images && set.test_file.is_some(), table),
        (of("split_by"), images && set.split_by.is_some(), table),
        (of("weights"), images && set.weights.is_some(), table),
        (
            of("shuffle"),
            !set.shuffle && own_both,
            "on data with its own validation and test rows; leave it out",
        ),
        (
            of("shuffle"),
            !set.shuffle && !own_both && set.split_by.is_some(),
            "with `split_by`, which shuffles the groups; leave one of them out",
        ),
        (
            of("test"),
            data.test_from.is_some() && test,
            "on data with its own test rows; leave it out",
        ),
    ]
}

/// Lists settings that the loss does not use.
pub(super) fn loss(config: &Config, data: &Dataset) -> [UnusedSetting; 2] {
    let is_values = matches!(data.targets, Some(Targets::Values { .. }));
    let is_cross_entropy = match config.loss.kind {
        None => !is_values,
        Some(loss) => loss == Loss::CrossEntropy,
    };
    [
        (
            ("loss", "label_smoothing"),
            config.loss.label_smoothing != 0.0 && !is_cross_entropy,
            "with another loss than cross-entropy; leave it out",
        ),
        (
            ("loss", "quantile"),
            config.loss.quantile.is_some() && config.loss.kind != Some(Loss::Quantile),
            "without --loss quantile; add it, or leave this out",
        ),
    ]
}

/// Lists settings that the CPU device does not use.
pub(super) fn device(config: &Config, origin: &Origin) -> [UnusedSetting; 1] {
    let [device, backend] = ["device", "backend"].map(|key| ("run", key));
    // A flag overruled the device in the file, and so the backend that belongs to it.
    let overruled = origin.place(backend).is_some() && origin.place(device).is_none();
    let cpu = config.run.device.eq_ignore_ascii_case("cpu");
    let unused = cpu && config.run.backend.is_some() && !overruled;
    [(backend, unused, "on the CPU device; leave it out")]
}

/// Lists settings that a network without hidden layers does not use.
pub(super) fn network(config: &Config) -> [UnusedSetting; 2] {
    let set = &config.network;
    let usual = config.run.recipe.config().network.activation;
    let is_linear = set.hidden.is_empty();
    let why = "without hidden layers; name some with --hidden, or leave it out";
    [
        (
            ("network", "activation"),
            is_linear && set.activation != usual,
            why,
        ),
        (("network", "dropout"), is_linear && set.dropout != 0.0, why),
    ]
}

/// Warns about `--force` if there is nothing to overwrite.
pub(super) fn tell_force(force: bool, out: Option<&std::path::Path>) {
    if force && out.is_none() {
        warn(Some(
            "--force has no effect without --out: a run's folder is a new one",
        ));
    }
}
