//! What a model reads and predicts, so that a user of the service sees what to send.

use super::limits::Limits;
use serde_json::{Map, Value, json};
use wgrad::dataset::{ColumnEncoder, Form, Schema};
use wgrad::train::Model;

/// Describes a model.
pub(super) fn description(
    name: &str,
    model: &Model,
    probabilities: bool,
    limits: &Limits,
) -> Value {
    let schema = &model.schema;
    let task = match schema.classes.is_empty() {
        true => "regress",
        false => "classify",
    };
    json!({
        "model": name,
        "version": env!("CARGO_PKG_VERSION"),
        "layers": model.mlp.to_string(),
        "networks": model.networks().count(),
        "predicts": {
            "task": task,
            "columns": schema.target_names,
            "classes": schema.classes,
            "probabilities": probabilities,
        },
        "reads": reads(schema, &model.input_scale.shift),
        "limits": {
            "request_mib": limits.request >> 20,
            "rows": limits.rows,
            "connections": limits.connections,
            "seconds": limits.time.as_secs(),
        },
    })
}

/// Describes what a row holds, with an example. `means` are those of the inputs.
fn reads(schema: &Schema, means: &[f64]) -> Value {
    if let Form::Images {
        height,
        width,
        channels,
    } = schema.form
    {
        return json!({
            "form": "images",
            "height": height,
            "width": width,
            "channels": channels,
            "row": format!("an array of {} numbers from 0 to 255", schema.inputs),
        });
    }
    let encoders = schema.encoder.as_ref().map(|encoder| &encoder.columns);
    let (mut row, mut columns) = (Map::new(), Vec::new());
    for (c, name) in schema.columns.iter().enumerate() {
        let encoder = encoders.and_then(|all| all.get(c));
        let example = encoder.map_or_else(|| json!(means.get(c)), example);
        row.insert(name.clone(), example);
        let mut column = json!({"name": name});
        for (key, value) in encoder.map_or_else(number, kind) {
            column[key] = value;
        }
        columns.push(column);
    }
    json!({"form": "table", "columns": columns, "example": row})
}

fn number() -> Vec<(&'static str, Value)> {
    vec![("kind", json!("number"))]
}

/// Describes a column.
fn kind(encoder: &ColumnEncoder) -> Vec<(&'static str, Value)> {
    let (kind, more) = match encoder {
        ColumnEncoder::Number { .. } => return number(),
        ColumnEncoder::Flag { levels, .. } => ("flag", ("levels", json!(levels))),
        ColumnEncoder::Category { levels, .. } => ("category", ("levels", json!(levels))),
        ColumnEncoder::Time { format, .. } => ("time", ("format", json!(format))),
    };
    vec![("kind", json!(kind)), more]
}

/// Returns a cell that the column may hold.
fn example(encoder: &ColumnEncoder) -> Value {
    match encoder {
        ColumnEncoder::Number { fill, .. } => json!(fill),
        ColumnEncoder::Flag { levels, .. } => json!(levels[0]),
        ColumnEncoder::Category { levels, .. } => json!(levels.first()),
        ColumnEncoder::Time { .. } => Value::Null,
    }
}

/// Returns a row in which every cell is missing or 0.
pub(super) fn empty_row(schema: &Schema) -> Vec<u8> {
    let row = match schema.form {
        Form::Images { .. } => json!(vec![0; schema.inputs]),
        Form::Table => schema
            .columns
            .iter()
            .map(|c| (c.clone(), Value::Null))
            .collect(),
    };
    row.to_string().into_bytes()
}
