//! The columns of a table, and what became of them.

use super::material::Material;
use crate::cli::html::{absent, name, table};
use crate::cli::inspect::described;
use crate::cli::spelling::as_flags;
use maud::{Markup, html};
use wgrad::Model;
use wgrad::dataset::{ColumnEncoder, ColumnReport, Form, MOST_DISTINCT, is_usual_mark};
use wgrad::text::{counted, short, typed};

/// Maximum number of columns in the table.
const MOST: usize = 300;

/// Returns the section.
pub(super) fn columns(material: &Material) -> Markup {
    let model = material.model.as_ref().ok();
    let data = material.data.as_ref().ok();
    let inspected = data.and_then(|data| data.inspection.as_ref());
    match (model, inspected) {
        (Some(model), _) if model.schema.form != Form::Table => html! {
            p {
                "The model reads images of " (model.schema.form.to_string()) " pixels, each as a number: "
                (counted(model.schema.inputs, "input")) " of the network."
            }
        },
        (model, Some(inspection)) => html! {
            p {
                (counted(inspection.rows, "row")) " of " (counted(inspection.columns.len(), "column"))
                @if let Some(model) = model { " became " (counted(model.schema.inputs, "input")) " of the network" }
                "."
                @if inspection.columns.iter().any(|column| column.missing > 0) {
                    " Missing numbers are filled with the median of the training rows."
                }
            }
            (with_data(model, &inspection.columns))
        },
        (Some(model), None) => html! {
            p {
                "The columns that the model reads. What they hold, and which others there were, only the data tells."
            }
            (of_model(model))
        },
        (None, None) => {
            absent("Neither the model nor the data can be read: nothing is known of the columns.")
        }
    }
}

fn with_data(model: Option<&Model>, columns: &[ColumnReport]) -> Markup {
    let row = |own: &ColumnReport| {
        vec![
            own.name.clone(),
            becomes(model, own),
            kind(own),
            values(own),
            own.missing.to_string(),
            match own.distinct {
                most if most == MOST_DISTINCT => format!("{most}+"),
                count => count.to_string(),
            },
            as_flags(&own.why),
        ]
    };
    let rows: Vec<Vec<String>> = columns.iter().take(MOST).map(row).collect();
    let heading = [
        "column",
        "becomes",
        "kind",
        "values",
        "#missing",
        "#distinct",
        "why",
    ];
    table(&about(columns.len()), &heading, &rows)
}

fn about(columns: usize) -> String {
    match columns > MOST {
        true => format!("The first {MOST} of {columns} columns"),
        false => "All columns, in the order of the file".to_owned(),
    }
}

/// Says what became of a column: what the model has of it, if it reads it.
fn becomes(model: Option<&Model>, own: &ColumnReport) -> String {
    let schema = model.map(|model| &model.schema);
    let place =
        schema.and_then(|schema| schema.columns.iter().position(|column| *column == own.name));
    let encoder = schema.and_then(|schema| schema.encoder.as_ref()).zip(place);
    match (encoder, place) {
        (Some((encoder, place)), _) => {
            let encoder = &encoder.columns[place];
            described(encoder, own.missing > 0) + &level_of_missing(encoder)
        }
        (None, Some(_)) => "number; 1 input".to_owned(),
        (None, None) => own.becomes(),
    }
}

/// Says that a level of a category is a text which often stands for a missing value.
fn level_of_missing(encoder: &ColumnEncoder) -> String {
    let levels = match encoder {
        ColumnEncoder::Category { levels, .. } => &levels[..],
        ColumnEncoder::Flag { levels, .. } => levels,
        ColumnEncoder::Number { .. } | ColumnEncoder::Time { .. } => &[],
    };
    let mark = levels.iter().find(|level| is_usual_mark(level));
    mark.map_or(String::new(), |mark| {
        format!(
            "; {mark} counts as a level here, not as missing (--missing {mark} makes it missing)",
            mark = typed(mark)
        )
    })
}

fn kind(own: &ColumnReport) -> String {
    let name = serde_json::to_value(own.kind).unwrap_or_default();
    name.as_str().unwrap_or("?").to_owned()
}

/// Says what a column holds: its range, or its most frequent cells.
fn values(own: &ColumnReport) -> String {
    if let Some([low, high]) = own.range {
        return format!("{} to {}", short(low), short(high));
    }
    let cells = own.frequent.iter();
    let cells: Vec<String> = cells
        .map(|(cell, count)| format!("{} ({count})", name(cell, 30)))
        .collect();
    cells.join(", ")
}

fn of_model(model: &Model) -> Markup {
    let schema = &model.schema;
    let what = |c: usize| match &schema.encoder {
        Some(encoder) => described(&encoder.columns[c], true),
        None => "number; 1 input".to_owned(),
    };
    let columns = schema.columns.iter().enumerate().take(MOST);
    let rows: Vec<Vec<String>> = columns.map(|(c, own)| vec![own.clone(), what(c)]).collect();
    table(&about(schema.columns.len()), &["column", "becomes"], &rows)
}
