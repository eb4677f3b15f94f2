//! The scores of a model on rows with targets: as JSON, as text, as warnings, and row by row.

mod matrix;
mod rows;
mod table;

pub(crate) use matrix::confusion;

use crate::cli::spelling::as_flags;
use serde_json::{Value, json};
use wgrad::dataset::{Dataset, Form, Targets, is_built_in};
use wgrad::device::Device;
use wgrad::text::{clipped, counted, figure};
use wgrad::train::metrics::{self, Advice, ClassScores, Regression};
use wgrad::train::{EndReason, Ending, Inference, Model, Predictions};

/// Maximum number of characters of a name in a line of text.
const LONGEST_NAME: usize = 24;

/// Scores are perfect from this number of rows ...
const FEWEST_PERFECT: usize = 50;
/// ... and above this R².
const PERFECT: f64 = 0.9999;

/// Predictions for some rows, compared with the truth.
pub(crate) struct Scores {
    /// Names of the targets, and of the classes.
    targets: Vec<String>,
    classes: Vec<String>,
    /// Scaling factors of the target values.
    factors: Vec<f64>,
    truth: Targets,
    predictions: Predictions,
    found: Found,
}

enum Found {
    Classes(ClassScores),
    Values(Vec<Regression>),
}

/// The scores on the test rows of a run, and the file that lists these rows.
pub(crate) struct TestScores {
    pub(crate) scores: Scores,
    pub(crate) csv: String,
}

impl TestScores {
    /// Predicts the rows `test` of `data`. Returns `None` if there are none.
    pub(crate) fn new(
        device: &Device,
        model: &Model,
        data: &Dataset,
        test: &[u32],
    ) -> Result<Option<TestScores>, wgrad::Error> {
        let mut test = test.to_vec();
        test.sort_unstable();
        let rows = data.select(&test);
        if test.is_empty() {
            return Ok(None);
        }
        let predictions = Inference::new(device, model, &rows)?.predictions()?;
        let scores = Scores::new(model, &rows, predictions);
        let csv = scores.as_ref().map(|scores| scores.csv(&test, &rows.lines));
        Ok(scores
            .zip(csv)
            .map(|(scores, csv)| TestScores { scores, csv }))
    }
}

impl Scores {
    /// Compares `predictions` with the targets of `data`. Returns `None` if they are of different kinds.
    pub(crate) fn new(model: &Model, data: &Dataset, predictions: Predictions) -> Option<Scores> {
        let classes = &model.schema.classes;
        let truth = data.targets.clone()?;
        let found = match (&predictions, &truth) {
            (Predictions::Classes { labels, .. }, Targets::Classes { labels: truth, .. }) => {
                Found::Classes(ClassScores::new(labels, truth, classes.len()))
            }
            (Predictions::Values(values), Targets::Values { values: truth }) => {
                let width = model.schema.target_names.len();
                Found::Values(metrics::regressions(values, truth, width))
            }
            _ => return None,
        };
        Some(Scores {
            targets: model.schema.target_names.clone(),
            classes: classes.clone(),
            factors: model.target_scale.factor.clone(),
            truth,
            predictions,
            found,
        })
    }

    /// Returns the number of rows.
    pub(crate) fn rows(&self) -> usize {
        match &self.truth {
            Targets::Classes { labels, .. } => labels.len(),
            Targets::Values { values } => values.len() / self.targets.len().max(1),
        }
    }

    /// Returns the share of rows that are classified correctly; `None` for values.
    pub(crate) fn accuracy(&self) -> Option<f64> {
        let (labels, truth) = self.labels()?;
        let hits = labels
            .iter()
            .zip(truth)
            .filter(|(label, truth)| label == truth);
        Some(hits.count() as f64 / truth.len() as f64)
    }

    /// Returns predicted and true class numbers.
    fn labels(&self) -> Option<(&[u32], &[u32])> {
        match (&self.predictions, &self.truth) {
            (Predictions::Classes { labels, .. }, Targets::Classes { labels: truth, .. }) => {
                Some((labels, truth))
            }
            _ => None,
        }
    }

    /// Returns warnings about what was not learned, with a `cure`.
    pub(crate) fn warnings(&self, cure: &str, weighted: bool) -> Vec<String> {
        let advice = Advice { cure, weighted };
        match &self.found {
            Found::Classes(scores) => advice.of_classes(scores, &self.classes),
            Found::Values(each) => advice.of_values(each, &self.targets),
        }
    }

    /// Returns a warning about scores that are too good to be true of most tables from a `source`. Built-in data is
    /// known to be easy.
    pub(crate) fn too_good(&self, source: &str, form: Form) -> Option<String> {
        let rows = self.rows();
        if is_built_in(source) || form != Form::Table {
            return None;
        }
        let what = match &self.found {
            _ if rows < FEWEST_PERFECT => return None,
            Found::Classes(scores) => {
                let is_perfect = scores.accuracy == 1.0 && scores.majority.share < 1.0;
                is_perfect.then(|| "no mistake".to_owned())?
            }
            Found::Values(each) => {
                let of = |scores: &Regression| scores.r2.filter(|r2| *r2 > PERFECT);
                let mut good = self.targets.iter().zip(each);
                let found = good.find_map(|(name, scores)| Some((name, of(scores)?)));
                let (name, r2) = found?;
                format!("{}: R² {r2:.6}", clipped(name, LONGEST_NAME))
            }
        };
        Some(format!(
            "{what} in {rows} rows is rarely true: is an input known only with the target, or are these rows among those to train on? wgrad eval --importance shows which columns count"
        ))
    }

    /// Returns the score of always giving the same answer, as JSON. For values, it is beside each target's errors.
    pub(crate) fn baseline(&self) -> Value {
        match &self.found {
            Found::Classes(scores) => {
                let most = scores.majority;
                json!({"class": self.classes.get(most.class), "accuracy": most.share})
            }
            Found::Values(_) => Value::Null,
        }
    }

    /// Returns the errors of each target's values as JSON.
    pub(crate) fn values(&self) -> Value {
        let Found::Values(each) = &self.found else {
            return Value::Null;
        };
        let record = |(name, scores): (&String, &Regression)| {
            json!({
                "target": name, "rmse": scores.rmse, "mae": scores.mae, "r2": scores.r2,
                "baseline": scores.baseline,
            })
        };
        self.targets.iter().zip(each).map(record).collect()
    }

    /// Formats what stands below the accuracy, or all errors of values.
    pub(crate) fn summary(&self) -> Vec<String> {
        match &self.found {
            Found::Classes(scores) => {
                let most = scores.majority;
                let name = self.classes.get(most.class).map_or("?", String::as_str);
                let name = clipped(name, LONGEST_NAME);
                let share = most.share;
                vec![format!("always answering {name:?} has accuracy {share:.4}")]
            }
            Found::Values(each) => self
                .targets
                .iter()
                .zip(each)
                .flat_map(|(name, scores)| value_lines(name, scores))
                .collect(),
        }
    }

    /// Returns the scores of each class, and of their probabilities, as JSON.
    pub(crate) fn add_classes_to(&self, record: &mut Value) {
        let (Found::Classes(scores), Some((labels, truth))) = (&self.found, self.labels()) else {
            return;
        };
        let Predictions::Classes { probabilities, .. } = &self.predictions else {
            return;
        };
        let count = self.classes.len();
        let class = |(name, score): (&String, &metrics::ClassScore)| {
            json!({
                "class": name, "precision": score.precision, "recall": score.recall,
                "f1": score.f1, "rows": score.rows,
            })
        };
        let each = self.classes.iter().zip(&scores.classes).map(class);
        record["classes"] = json!(self.classes);
        record["confusion"] = match count > matrix::MOST_CLASSES {
            true => Value::Null,
            false => json!(metrics::confusion(labels, truth, count)),
        };
        record["per_class"] = each.collect();
        record["averages"] =
            json!({"macro": scores.macro_average, "weighted": scores.weighted_average});
        record["roc_auc"] = json!(metrics::roc_auc(probabilities, truth, count));
        record["log_loss"] = json!(metrics::log_loss(probabilities, truth, count));
        record["baseline"] = self.baseline();
    }

    /// Formats the scores of each class, from a `record` with them.
    pub(crate) fn class_lines(&self, record: &Value) -> Vec<String> {
        let Found::Classes(scores) = &self.found else {
            return Vec::new();
        };
        let mut lines = Vec::new();
        let told = |key: &str, name: &str| {
            let value = record[key].as_f64();
            value.map(|value| format!("{name} {}", figure(value)))
        };
        let told = [told("roc_auc", "ROC AUC"), told("log_loss", "log loss")];
        let told: Vec<String> = told.into_iter().flatten().collect();
        if !told.is_empty() {
            lines.push(told.join(", "));
        }
        lines.extend(table::lines(&self.classes, scores));
        lines
    }

    /// Formats the confusion matrix, or the most frequent mistakes among more than `most` classes.
    pub(crate) fn confusion_lines(&self, most: usize) -> Vec<String> {
        self.labels().map_or(Vec::new(), |(labels, truth)| {
            confusion(&self.classes, labels, truth, most)
        })
    }
}

fn value_lines(name: &str, scores: &Regression) -> [String; 2] {
    let name = clipped(name, LONGEST_NAME);
    let r2 = scores.r2.map_or("-".to_owned(), figure);
    let [rmse, mae] = [scores.rmse, scores.mae].map(figure);
    let mean = [scores.baseline.rmse, scores.baseline.mae].map(figure);
    [
        format!("{name}: root mean squared error {rmse}, mean absolute error {mae}, R² {r2}"),
        format!(
            "  always predicting the mean has {} and {}",
            mean[0], mean[1]
        ),
    ]
}

/// Says that the validation loss still fell when the run ended, unless patience ended it.
pub(crate) fn still_falling(ending: &Ending) -> Option<String> {
    let longer = longer(ending)?;
    Some(format!(
        "the validation loss still falls at the end; train longer, with {longer}"
    ))
}

/// Returns what to try with a network that learned little.
pub(crate) fn cure(ending: &Ending) -> String {
    let longer = match (ending.reason, longer(ending)) {
        (EndReason::Epochs, Some(longer)) => format!("more epochs ({longer}), "),
        (_, Some(longer)) => format!("more steps ({longer}), "),
        (_, None) => String::new(),
    };
    format!("try {longer}wider layers (`hidden`), another `learning_rate`, or more rows")
}

/// Returns the setting that makes a run longer; `None` if training ended by itself.
fn longer(ending: &Ending) -> Option<String> {
    match ending.reason {
        EndReason::MaxSteps => Some(format!("`max_steps = {}`", ending.steps.saturating_mul(3))),
        EndReason::Patience | EndReason::Diverged => None,
        EndReason::Epochs | EndReason::MaxTime | EndReason::Interrupted => {
            let epochs = ending.epochs;
            let more = epochs.saturating_mul(if epochs < 100 { 10 } else { 3 });
            Some(format!("`epochs = {more}`"))
        }
    }
}

/// Returns warnings as JSON, with flags.
pub(crate) fn listed(warnings: &[String]) -> Value {
    warnings.iter().map(|warning| as_flags(warning)).collect()
}

/// Formats a number of rows in parentheses.
pub(crate) fn of_rows(rows: usize) -> String {
    format!("({})", counted(rows, "row"))
}
