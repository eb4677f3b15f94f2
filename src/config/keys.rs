//! The keys of a configuration, so that a misspelt one can be told what was meant.

use crate::Error;

/// The keys of each block, those without a default included.
pub(super) const KEYS: [(&str, &[&str]); 5] = [
    (
        "data",
        &[
            "source",
            "target",
            "task",
            "drop",
            "skip_missing",
            "val",
            "test",
        ],
    ),
    ("network", &["hidden", "activation", "train_bias"]),
    ("loss", &["kind"]),
    (
        "optimizer",
        &[
            "kind",
            "learning_rate",
            "momentum",
            "weight_decay",
            "beta1",
            "beta2",
            "epsilon",
        ],
    ),
    (
        "run",
        &[
            "epochs",
            "batch_size",
            "seed",
            "device",
            "backend",
            "memory_limit",
            "order",
            "sums",
            "precision",
        ],
    ),
];

/// Serde names an unknown key, but not the one that was meant.
pub(super) fn check_keys(table: &toml::Table, name: &str) -> Result<(), Error> {
    let unknown = |what: String, key: &str, known: &[&str]| {
        let meant = nearest(key, known.iter().copied());
        let meant = meant.map_or(String::new(), |m| format!("; did you mean {m:?}?"));
        let known = known.join(", ");
        Error::Config(format!(
            "{name}: unknown {what} {key:?}, expected one of {known}{meant}"
        ))
    };
    for (block, value) in table {
        let blocks = KEYS.map(|(block, _)| block);
        let Some((_, keys)) = KEYS.iter().find(|(known, _)| known == block) else {
            return Err(unknown("block".to_owned(), block, &blocks));
        };
        for key in value.as_table().into_iter().flat_map(|t| t.keys()) {
            if !keys.contains(&key.as_str()) {
                return Err(unknown(format!("key in [{block}]:"), key, keys));
            }
        }
    }
    Ok(())
}

/// The name of `known` that is most like `typed`, if one is at all.
pub fn nearest<'a>(typed: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.map(|k| (strsim::jaro_winkler(typed, k), k));
    let best = scored.max_by(|a, b| a.0.total_cmp(&b.0));
    best.filter(|(score, _)| *score > 0.75)
        .map(|(_, name)| name)
}
