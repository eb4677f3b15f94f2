//! All that a report is made of.

use super::data::{Data, Source};
use super::test_rows::TestRows;
use crate::cli::run_folder::{RunFiles, RunState, TEST};
use crate::cli::spelling::as_flags;
use std::path::Path;
use wgrad::device::Device;
use wgrad::train::{Importance, importance};
use wgrad::{Error, Model};

/// What is known of a run. What is missing says why.
pub(super) struct Material {
    pub(super) run: RunFiles,
    pub(super) model: Result<Model, String>,
    pub(super) test: Result<TestRows, String>,
    pub(super) data: Result<Data, String>,
    pub(super) importance: Result<Importances, String>,
    /// Whether a signal ended the computation of the importance.
    pub(super) interrupted: bool,
}

/// The importance of columns, and what it was computed on.
pub(super) struct Importances {
    pub(super) columns: Vec<Importance>,
    pub(super) rows: usize,
    pub(super) all_rows: usize,
    pub(super) repeats: usize,
}

impl Material {
    /// Collects what there is of the run in `folder`. Calls `watch` while it computes the importance of columns, and goes on
    /// without if that returns false.
    ///
    /// # Errors
    /// Returns an error if there is no run.
    pub(super) fn collect(
        folder: &Path,
        source: Source,
        watch: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Material, Error> {
        let run = RunFiles::read(folder)?;
        let has_model = run.has("model.safetensors");
        let model = match has_model {
            true => Model::load(&run.folder).map_err(|why| why.to_string()),
            false => Err(no_model(&run).to_owned()),
        };
        let test = match run.text(TEST) {
            None if !has_model => Err(no_model(&run).to_owned()),
            None if run.state == RunState::Running => {
                Err("The run has no test.csv yet: it is written when training ends.".to_owned())
            }
            None => Err(format!("There are no test rows (no test.csv): {KEEP}.")),
            Some(text) => {
                let classes = model
                    .as_ref()
                    .map_or(&[][..], |model| &model.schema.classes);
                TestRows::parse(&text, classes).map_err(|why| {
                    format!("test.csv cannot be read: {why}. Train again to have it written anew.")
                })
            }
        };
        let data = Data::read(&run, source, model.as_ref().ok(), test.as_ref().ok());
        let importance = match (&model, &test, &data) {
            (Ok(model), Ok(_), Ok(data)) => importances(model, data, watch),
            (Err(why), ..) | (_, Err(why), _) | (.., Err(why)) => Err(Error::Config(why.clone())),
        };
        let (importance, interrupted) = match importance {
            Err(Error::Interrupted) => (Err(INTERRUPTED.to_owned()), true),
            other => (other.map_err(|why| as_flags(&why.to_string())), false),
        };
        Ok(Material {
            interrupted,
            run,
            model,
            test,
            data,
            importance,
        })
    }
}

/// How to have test rows.
const KEEP: &str = "run it again with --test 0.2 to keep some for an honest score";

/// Says why there is no model.
fn no_model(run: &RunFiles) -> &'static str {
    match (run.is_diverged(), run.state) {
        (true, _) => {
            "Training diverged: the loss was no longer finite, and there is no model. Train again with a smaller --lr."
        }
        (_, RunState::Running) => "The run has no model yet.",
        (_, RunState::Sweep) => "The sweep has no model: no network could be trained.",
        _ => "The run has no model: it was cut short before it saved one.",
    }
}

/// Repeats of each column's shuffling.
const REPEATS: usize = 5;
/// Maximum number of multiply-adds for the importance: some seconds on two cores.
const MOST_WORK: f64 = 1e11;
/// Fewer rows than these say too little.
const FEWEST_ROWS: usize = 500;

/// Why there is no importance after a signal.
const INTERRUPTED: &str =
    "The command was interrupted before the importance was computed: wgrad report RUN computes it.";

/// Computes the importance of the columns on the test rows, or on a part of them if there are very many.
///
/// # Errors
/// Returns an error if it cannot be computed, or takes too long.
fn importances(
    model: &Model,
    data: &Data,
    watch: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<Importances, Error> {
    let all_rows = data.test.rows;
    let networks = model.networks().count();
    // To encode a row takes about as long as some multiply-adds for each input.
    let each = networks * model.mlp.multiply_adds() + 50 * model.mlp.inputs();
    let passes = |rows: usize| (each * rows * data.test.columns.len().max(1)) as f64;
    let rows = match passes(all_rows) > MOST_WORK {
        true => ((all_rows as f64 * MOST_WORK / passes(all_rows)) as usize).min(all_rows),
        false => all_rows,
    };
    if rows < FEWEST_ROWS.min(all_rows) {
        return Err(Error::Config(
            "The importance of so many columns takes long: wgrad eval RUN DATA --importance computes it."
                .to_owned(),
        ));
    }
    let repeats = ((MOST_WORK / passes(rows)) as usize).clamp(1, REPEATS);
    // Evenly from all rows, which may be sorted.
    let sample: Vec<u32> = (0..rows).map(|k| (k * all_rows / rows) as u32).collect();
    let sample = data.test.select(&sample);
    Ok(Importances {
        columns: importance(&Device::Cpu, model, &sample, repeats, 0, watch)?,
        rows,
        all_rows,
        repeats,
    })
}
