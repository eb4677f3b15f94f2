//! What the model needs of each column.

use super::material::Material;
use super::summary::sentence_of;
use crate::cli::chart::{Bar, Bars};
use crate::cli::html::{absent, figure, folded, name, table};
use maud::{Markup, html};
use wgrad::dataset::Form;
use wgrad::text::counted;

/// Maximum number of columns that are drawn, and of those in the table.
const MOST_DRAWN: usize = 25;
const MOST_LISTED: usize = 200;

/// Returns the section; `None` for images, which have no columns.
pub(super) fn importance(material: &Material) -> Option<Markup> {
    let model = material.model.as_ref().ok();
    if model.is_some_and(|model| model.schema.form != Form::Table) {
        return None;
    }
    let found = match &material.importance {
        Ok(found) => found,
        Err(why) => return Some(absent(&sentence_of(why))),
    };
    let score = match model.is_some_and(|model| model.schema.classes.is_empty()) {
        true => "R²",
        false => "accuracy",
    };
    let drawn = found.columns.iter().take(MOST_DRAWN);
    let bars = Bars {
        title: format!("{score} lost where a column is shuffled"),
        axis: format!("{score} lost"),
        bars: drawn
            .map(|own| Bar {
                name: name(&own.column, 60),
                value: own.mean,
                deviation: own.deviation,
            })
            .collect(),
    };
    let rows: Vec<Vec<String>> = found
        .columns
        .iter()
        .take(MOST_LISTED)
        // No -0.0000.
        .map(|own| {
            let [mean, deviation] = [own.mean, own.deviation].map(|v| format!("{:.4}", v + 0.0));
            vec![own.column.clone(), mean, deviation]
        })
        .collect();
    let rows_used = match found.rows == found.all_rows {
        true => format!("on the {}", counted(found.rows, "test row")),
        false => format!("on {} of {} test rows", found.rows, found.all_rows),
    };
    let repeats = match found.repeats {
        1 => "once".to_owned(),
        many => format!("{many} times; a whisker is the standard deviation"),
    };
    Some(html! {
        p {
            "How much " (score) " is lost " (rows_used) " if the cells of a column are shuffled, so that they say nothing
            of their rows: what the model needs of it. Each column was shuffled " (repeats) ". Columns that say the same
            share their importance: each alone seems to matter little."
        }
        div.figures {
            (figure(&bars.svg(), &format!("{score} lost where a column is shuffled"), &more(found.columns.len())))
        }
        (folded("The importance of each column as numbers", table(
            "The most important columns first",
            &["column", &format!("#{score} lost"), "#deviation"],
            &rows,
        )))
    })
}

fn more(columns: usize) -> String {
    match columns > MOST_DRAWN {
        true => format!("the {MOST_DRAWN} most important of {columns}"),
        false => String::new(),
    }
}
