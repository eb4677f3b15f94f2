//! The Rust module.

use super::names::Names;
use super::parts::{ACTIVATIONS, activation, comment, functions, has_marks, kind, list, numbers};
use crate::export::pipeline::{Answer, Cells, Pipeline, Row};
use std::fmt::Write;

/// The functions. `ROW`, `RAW` and `CODES` stand for what the columns make.
const FUNCTIONS: &str = include_str!("rust.txt");

/// What stands before tables: their numbers are as short as they can be, and there may be some that have a name.
const TABLE: &str = "#[rustfmt::skip]\n#[allow(clippy::approx_constant)]\n";

/// Returns the module.
pub(super) fn source(pipeline: &Pipeline, names: &Names) -> String {
    let mut source = head(pipeline);
    constants(&mut source, pipeline);
    row(&mut source, pipeline, names);
    columns(&mut source, pipeline);
    features(&mut source, pipeline);
    let of_layers = [&ACTIVATIONS[..], &["layer"]].concat();
    source += &functions(FUNCTIONS, pipeline, &of_layers);
    networks(&mut source, pipeline);
    let of_rows = [
        "texts",
        "marks",
        "dates",
        "features",
        "features of dates",
        "features end",
        "networks",
        "softmax",
        "mean",
        "mean softmax",
        "mean exp",
        "mean logistic",
        "mean end",
        "rows",
        "classes",
        "values",
    ];
    let functions = functions(FUNCTIONS, pipeline, &of_rows);
    source += &with_columns(&functions, pipeline, names);
    source.truncate(source.trim_end().len());
    source + "\n"
}

fn head(pipeline: &Pipeline) -> String {
    let row = match pipeline.row {
        Row::Cells => "&Row { .. }".to_owned(),
        Row::Numbers | Row::Pixels => format!("&[0.0; {}]", pipeline.columns.len()),
    };
    let use_of = match pipeline.answer.classes() {
        [] => format!("let predictions = model::predict({row}); // in the order of model::TARGETS"),
        _ => {
            format!("let (class, probabilities) = model::predict({row}); // model::CLASSES[class]")
        }
    };
    format!(
        "// {}.\n// wgrad {} wrote it: do not edit.\n//\n//     mod model;\n//     {use_of}\n\n",
        comment(&pipeline.summary()),
        env!("CARGO_PKG_VERSION"),
    )
}

/// Adds `const NAME: usize = VALUE;`.
fn size(source: &mut String, name: &str, value: usize) {
    let _ = writeln!(source, "const {name}: usize = {value};");
}

/// Adds `static NAME: [TYPE; COUNT] = [LIST];`.
fn array(source: &mut String, name: &str, of: &str, count: usize, list: &str) {
    let _ = writeln!(
        source,
        "{TABLE}static {name}: [{of}; {count}] = [{list}];\n"
    );
}

fn texts(source: &mut String, name: &str, texts: &[String]) {
    let literals = list(texts.iter().map(|text| format!("{text:?}")));
    array(source, name, "&str", texts.len(), &literals);
}

/// Adds sizes, classes and targets.
fn constants(source: &mut String, pipeline: &Pipeline) {
    let layers = &pipeline.networks[0].layers;
    let widths = layers.iter().map(|layer| layer.inputs.max(layer.outputs));
    size(source, "INPUTS", pipeline.features.len());
    let outputs = layers.last().map_or(0, |layer| layer.outputs);
    size(source, "OUTPUTS", outputs);
    size(source, "WIDEST", widths.max().unwrap_or(0));
    size(source, "NUMBERS", pipeline.numbers().len());
    size(source, "TEXTS", pipeline.texts().len());
    source.push('\n');
    let (doc, name, all) = match pipeline.answer.classes() {
        [] => ("The targets.", "TARGETS", pipeline.targets),
        classes => ("The classes.", "CLASSES", classes),
    };
    let literals = list(all.iter().map(|text| format!("{text:?}")));
    let _ = writeln!(
        source,
        "/// {doc}\n#[rustfmt::skip]\n#[allow(dead_code)]\npub static {name}: [&str; OUTPUTS] = [{literals}];\n"
    );
    if let Answer::Values(scale, _) = pipeline.answer {
        let pairs = scale.shift.iter().zip(&scale.factor);
        let pairs = list(pairs.map(|(shift, factor)| format!("[{shift:?}, {factor:?}]")));
        *source += "/// Shift and factor of each target.\n";
        array(
            source,
            "TARGET_SCALE",
            "[f64; 2]",
            scale.shift.len(),
            &pairs,
        );
    }
}

/// Adds the type of a row, if it is no array.
fn row(source: &mut String, pipeline: &Pipeline, names: &Names) {
    if pipeline.row != Row::Cells {
        return;
    }
    let lifetime = match pipeline.texts().is_empty() {
        true => "",
        false => "<'t>",
    };
    let _ = writeln!(
        source,
        "/// A row: its cells, by the names of columns.\n#[derive(Clone, Copy, Debug, PartialEq)]\npub struct Row{lifetime} {{"
    );
    for (name, column) in names.with(&pipeline.columns) {
        let of = match column.cells {
            Cells::Numbers { .. } => "f64",
            Cells::Texts { .. } => "&'t str",
        };
        let about = comment(&format!("{}: {}", column.name, column.doc()));
        // In backticks, nothing is a link.
        let about = about.replace('`', "'");
        let _ = writeln!(source, "    /// `{about}`\n    pub {name}: {of},");
    }
    *source += "}\n\n";
}

/// Adds what is known about the cells of columns.
fn columns(source: &mut String, pipeline: &Pipeline) {
    let fills = pipeline.numbers();
    let fills: Vec<f64> = fills.iter().map(|(_, fill)| *fill).collect();
    *source += "/// What stands for missing numbers.\n";
    array(source, "FILLS", "f64", fills.len(), &numbers(&fills, ""));
    if has_marks(pipeline) {
        let marks = &pipeline.missing_numbers;
        array(source, "MARKS", "f64", marks.len(), &numbers(marks, ""));
    }
    let all = pipeline.texts();
    if !all.is_empty() {
        texts(source, "MISSING", &pipeline.missing_texts);
    }
    for ((_, levels), t) in all.iter().zip(0..) {
        texts(source, &format!("LEVELS_{t}"), levels);
    }
}

/// Adds the table of features.
fn features(source: &mut String, pipeline: &Pipeline) {
    let scales = pipeline.scale.shift.iter().zip(&pipeline.scale.factor);
    let rows = pipeline.features.iter().zip(scales);
    let rows = rows.map(|(feature, (shift, factor))| {
        let (kind, [a, b]) = kind(feature);
        let of = feature.of;
        format!("Feature('{kind}', {of}, [{a:?}, {b:?}], [{shift:?}, {factor:?}])")
    });
    array(
        source,
        "FEATURES",
        "Feature",
        pipeline.features.len(),
        &list(rows),
    );
}

/// Adds the parameters.
fn networks(source: &mut String, pipeline: &Pipeline) {
    let mut networks = Vec::new();
    for (k, mlp) in pipeline.networks.iter().enumerate() {
        let (mut layers, tensors) = (Vec::new(), mlp.tensors());
        for ((l, layer), pair) in mlp.layers.iter().enumerate().zip(tensors.chunks(2)) {
            for ((_, _, values), name) in pair.iter().zip(["WEIGHT", "BIAS"]) {
                let name = format!("{name}_{k}_{l}");
                array(source, &name, "f32", values.len(), &numbers(values, ""));
            }
            layers.push(format!(
                "Layer {{ inputs: {}, activation: {}, weight: &WEIGHT_{k}_{l}, bias: &BIAS_{k}_{l} }}",
                layer.inputs,
                activation(layer.activation),
            ));
        }
        networks.push(format!("[{}]", list(layers)));
    }
    let of = format!("[Layer; {}]", pipeline.networks[0].layers.len());
    array(source, "NETWORKS", &of, networks.len(), &list(networks));
}

/// Writes what the columns make into the functions.
fn with_columns(functions: &str, pipeline: &Pipeline, names: &Names) -> String {
    let (mut raw, mut codes) = (Vec::new(), Vec::new());
    for (c, (name, column)) in names.with(&pipeline.columns).enumerate() {
        let cell = match pipeline.row {
            Row::Cells => format!("row.{name}"),
            Row::Numbers | Row::Pixels => format!("row[{c}]"),
        };
        match column.cells {
            Cells::Numbers { is_time: false, .. } if has_marks(pipeline) => {
                raw.push(format!("number({cell})"));
            }
            Cells::Numbers { .. } => raw.push(cell),
            Cells::Texts { .. } => codes.push(format!("code({cell}, &LEVELS_{})", codes.len())),
        }
    }
    let row = match pipeline.row {
        Row::Cells if codes.is_empty() => "&Row".to_owned(),
        Row::Cells => "&Row<'_>".to_owned(),
        Row::Numbers | Row::Pixels => format!("&[f64; {}]", pipeline.columns.len()),
    };
    functions
        .replace("ROW", &row)
        .replace("[RAW]", &format!("[{}]", list(raw)))
        .replace("[CODES]", &format!("[{}]", list(codes)))
}
