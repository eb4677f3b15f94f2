//! The data of a run, read again.

use super::test_rows::{Answers, TestRows};
use crate::cli::run_folder::RunFiles;
use crate::cli::spelling::as_flags;
use crate::cli::train::read;
use std::path::Path;
use wgrad::Model;
use wgrad::config::{Config, ConfigFile, Defaults, Origin, Recipe};
use wgrad::dataset::{self, Dataset, Form, Inspection, Targets};
use wgrad::text::typed;
use wgrad::train::resolve;

/// Where the data of a run is.
#[derive(Clone, Copy)]
pub(crate) enum Source<'a> {
    /// Where the run had it from.
    OfRun,
    /// Somewhere else.
    At(&'a str),
    /// In memory.
    Read(&'a Dataset),
}

/// What the data says beside the files of a run.
pub(super) struct Data {
    /// The test rows, in the order of `test.csv`.
    pub(super) test: Dataset,
    /// The file of each of these rows, if each has one.
    pub(super) files: Vec<String>,
    /// What each column holds; none for images.
    pub(super) inspection: Option<Inspection>,
    /// The name of the source.
    pub(super) source: String,
}

impl Data {
    /// Reads the data of a run, and finds its test rows.
    ///
    /// # Errors
    /// Says why the data is not there, or is not that of the run.
    pub(super) fn read(
        run: &RunFiles,
        source: Source,
        model: Option<&Model>,
        listed: Option<&TestRows>,
    ) -> Result<Data, String> {
        let (mut config, origin) = settings(&run.folder)?;
        if let Source::At(path) = source {
            config.data.source = Some(path.to_owned());
        }
        let named = config.data.source.clone().unwrap_or_default();
        let owned;
        let data = match source {
            Source::Read(data) => data,
            _ if named == "-" => {
                return Err(format!(
                    "the run read its data from stdin, which is gone; {}",
                    cure(run)
                ));
            }
            _ => {
                let found = read(&config, &origin, true);
                owned = found.map_err(|why| {
                    format!(
                        "the data cannot be read: {}; {}",
                        as_flags(&why.to_string()),
                        cure(run)
                    )
                })?;
                &owned
            }
        };
        let rows = match listed {
            None => Vec::new(),
            Some(listed) => found(&config, data, model, listed)
                .map_err(|why| format!("{named}: {why}; {}", cure(run)))?,
        };
        let is_read = matches!(source, Source::Read(_));
        let inspection = match (data.form, named.as_str()) {
            (Form::Images { .. }, _) | (_, "-") => None,
            _ if is_read && named.is_empty() => None,
            _ => {
                let options = config.data.read_options();
                // What is missing of it, the model tells.
                dataset::inspect(&named, &options, config.split_seed())
                    .ok()
                    .flatten()
            }
        };
        let files = data.kept.first().map_or(Vec::new(), |kept| {
            let file = |row: &u32| kept.cells.get(*row as usize).cloned();
            rows.iter().filter_map(file).collect()
        });
        Ok(Data {
            test: data.select(&rows),
            files,
            inspection,
            source: named,
        })
    }
}

/// Says how a report gets data that it did not find.
fn cure(run: &RunFiles) -> String {
    format!("name it with wgrad report {} --data DATA", typed(&run.path))
}

/// Reads the settings of a run.
fn settings(folder: &Path) -> Result<(Config, Origin), String> {
    let path = folder.join("config.toml");
    let file = ConfigFile::read(&path, Defaults::Usual(Recipe::Tabular));
    let file = file.map_err(|why| as_flags(&why.to_string()))?;
    let origin = Origin::new(&ConfigFile::default(), &file.config);
    Ok((file.config, origin))
}

/// Returns the rows of `data` that `test.csv` lists.
///
/// # Errors
/// Says how the data differs from that of the run.
fn found(
    config: &Config,
    data: &Dataset,
    model: Option<&Model>,
    listed: &TestRows,
) -> Result<Vec<u32>, String> {
    let split = resolve::split(config, data).map_err(|why| as_flags(&why.message))?;
    let mut rows = split.test;
    rows.sort_unstable();
    let changed = |what: String| Err(format!("the data has changed since the run: {what}"));
    if rows.len() != listed.numbers.len() {
        let [before, now] = [listed.numbers.len(), rows.len()];
        return changed(format!("it had {before} test rows, and has {now} now"));
    }
    for (k, row) in rows.iter().enumerate() {
        let number = match (listed.numbered == "line", data.lines.are_rows()) {
            // Older versions list the line that rows share.
            (true, true) => listed.numbers[k],
            (false, false) => u64::from(*row) + 1,
            _ => data.lines.of(*row as usize),
        };
        if number != listed.numbers[k] || !is_same(data, *row as usize, k, listed) {
            let (what, number) = (&listed.numbered, listed.numbers[k]);
            return changed(format!("{what} {number} was one of the test rows"));
        }
    }
    if let Some(model) = model
        && data.columns != model.schema.columns
    {
        return changed("its columns are not those of the model".to_owned());
    }
    Ok(rows)
}

/// Checks whether a row has the target that is listed for it.
fn is_same(data: &Dataset, row: usize, listed_at: usize, listed: &TestRows) -> bool {
    match (&data.targets, &listed.answers) {
        (Some(Targets::Classes { labels, names }), Answers::Classes(classes)) => {
            let truth = classes.truth[listed_at] as usize;
            names.get(labels[row] as usize) == classes.names.get(truth)
        }
        (Some(Targets::Values { values }), Answers::Values(all)) => {
            let own = values.iter().skip(row * all.len()).take(all.len());
            own.zip(all)
                .all(|(value, of)| *value == of.truth[listed_at])
        }
        _ => false,
    }
}
