//! A report: which sections it has.

use super::calibration::calibration;
use super::columns::columns;
use super::curves::curves;
use super::importance::importance;
use super::material::Material;
use super::members::members;
use super::mistakes::mistakes;
use super::network::network;
use super::origin::origin;
use super::scores::scores;
use super::settings::compared;
use super::summary::head;
use super::test_rows::Answers;
use super::values::values;
use crate::cli::html::{Page, Section, absent};
use maud::Markup;

/// Returns the page of a run.
pub(super) fn page(material: &Material) -> String {
    let mut sections = Vec::new();
    let mut add = |id, title, body: Option<Markup>| {
        sections.extend(body.map(|body| Section { id, title, body }));
    };
    let run = &material.run;
    let sweep = (!run.sweep.is_null()).then(|| compared(&run.sweep));
    add("settings", "Settings", sweep);
    add("training", "Training", curves(run));
    add("networks", "Networks of the ensemble", members(run));
    let classes = match &material.test {
        Ok(test) => match &test.answers {
            Answers::Classes(classes) => {
                add("test", "Test", Some(scores(classes)));
                Some(classes)
            }
            Answers::Values(all) => {
                add("test", "Test", Some(values(all)));
                None
            }
        },
        Err(why) => {
            add("test", "Test", Some(absent(why)));
            None
        }
    };
    add("calibration", "Calibration", classes.map(calibration));
    add("mistakes", "The worst mistakes", mistakes(material));
    add("importance", "Importance", importance(material));
    add("columns", "Columns", Some(columns(material)));
    add("network", "Network", Some(network(material)));
    add("origin", "How it was made", Some(origin(material)));
    Page {
        title: format!("{}, a report of wgrad", run.path),
        head: head(material),
        sections,
    }
    .text()
}
