//! The C header.

use super::names::Names;
use super::parts::{ACTIVATIONS, activation, comment, functions, has_marks, kind, list, numbers};
use crate::export::pipeline::{Answer, Cells, Pipeline, Row};
use std::fmt::Write;

/// The functions. `model_` and `MODEL_` stand for the names of the header; `ROW`, `RAW` and `CODES` for what the columns
/// make.
const FUNCTIONS: &str = include_str!("c.txt");

/// Returns the header, whose names begin with `prefix`.
pub(super) fn source(pipeline: &Pipeline, prefix: &str, names: &Names) -> String {
    let own = |text: &str| {
        let upper = format!("{}_", prefix.to_ascii_uppercase());
        text.replace("MODEL_", &upper)
            .replace("model_", &format!("{prefix}_"))
    };
    let mut source = head(pipeline, own);
    source += &own("#ifndef WGRAD_MODEL_H\n#define WGRAD_MODEL_H\n\n#include <math.h>\n\n");
    let mut table = Table {
        text: String::new(),
        prefix,
    };
    table.constants(pipeline);
    table.row(pipeline, names);
    table.columns(pipeline);
    table.features(pipeline);
    let of_layers = [&ACTIVATIONS[..], &["layer"]].concat();
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
    table.text += &own(&functions(FUNCTIONS, pipeline, &of_layers));
    table.networks(pipeline);
    let cells = Expressions::of(pipeline, prefix, names);
    table.text += &cells.filled(&own(&functions(FUNCTIONS, pipeline, &of_rows)));
    source + &table.text + "#endif\n"
}

/// Returns the comment at the head of the header. `own` puts the names of the header into text.
fn head(pipeline: &Pipeline, own: impl Fn(&str) -> String) -> String {
    let outputs = match pipeline.answer.classes() {
        [] => "double predictions[MODEL_TARGETS];\n *     model_predict(ROW, predictions);",
        _ => {
            "double probabilities[MODEL_CLASSES];\n *     const char *name = model_classes[model_predict(ROW, probabilities)];"
        }
    };
    let (row, argument) = match pipeline.row {
        Row::Cells => ("struct model_row row = {...};".to_owned(), "&row"),
        _ => (
            format!("double row[{}] = {{...}};", pipeline.columns.len()),
            "row",
        ),
    };
    let example = own(&format!(
        "{row}\n *     {}",
        outputs.replace("ROW", argument)
    ));
    format!(
        "/* {}.\n * wgrad {} wrote it: do not edit. It needs C99 and -lm.\n *\n *     {example}\n */\n",
        in_comment(&pipeline.summary()),
        env!("CARGO_PKG_VERSION"),
    )
}

/// The tables of the header.
struct Table<'p> {
    text: String,
    prefix: &'p str,
}

impl Table<'_> {
    /// Adds `static const TYPE NAME[COUNT] = {LIST};`, with at least one element.
    fn array(&mut self, of: &str, name: &str, count: usize, list: &str) {
        let (count, list) = match count {
            0 => (1, "0"),
            count => (count, list),
        };
        let prefix = self.prefix;
        let _ = writeln!(
            self.text,
            "static const {of} {prefix}_{name}[{count}] = {{{list}}};"
        );
    }

    fn define(&mut self, name: &str, value: usize) {
        let prefix = self.prefix.to_ascii_uppercase();
        let _ = writeln!(self.text, "#define {prefix}_{name} {value}");
    }

    fn texts(&mut self, name: &str, texts: &[String]) {
        let literals = list(texts.iter().map(|text| literal(text)));
        self.array("char *const", name, texts.len(), &literals);
    }

    /// Adds sizes, classes and targets.
    fn constants(&mut self, pipeline: &Pipeline) {
        let layers = &pipeline.networks[0].layers;
        let widths = layers.iter().map(|layer| layer.inputs.max(layer.outputs));
        let outputs = layers.last().map_or(0, |layer| layer.outputs);
        self.define("INPUTS", pipeline.features.len());
        self.define("OUTPUTS", outputs);
        self.define("WIDEST", widths.max().unwrap_or(0));
        self.define("LAYERS", layers.len());
        self.define("NETWORKS", pipeline.networks.len());
        match pipeline.answer {
            Answer::Logits(classes) | Answer::Shares(classes) => {
                self.define("CLASSES", classes.len());
                self.texts("classes", classes);
            }
            Answer::Values(scale, _) => {
                self.define("TARGETS", pipeline.targets.len());
                self.texts("targets", pipeline.targets);
                let count = scale.shift.len();
                self.array("double", "target_shift", count, &numbers(&scale.shift, ""));
                self.array(
                    "double",
                    "target_factor",
                    count,
                    &numbers(&scale.factor, ""),
                );
            }
        }
    }

    /// Adds the type of a row, if it is no array.
    fn row(&mut self, pipeline: &Pipeline, names: &Names) {
        if pipeline.row != Row::Cells {
            return;
        }
        let prefix = self.prefix;
        let _ = writeln!(
            self.text,
            "\n/* A row: its cells, by the names of columns. */"
        );
        let _ = writeln!(self.text, "struct {prefix}_row {{");
        for (name, column) in names.with(&pipeline.columns) {
            let declared = match column.cells {
                Cells::Numbers { .. } => format!("double {name};"),
                Cells::Texts { .. } => format!("const char *{name};"),
            };
            let about = in_comment(&format!("{}: {}", column.name, column.doc()));
            let _ = writeln!(self.text, "    {declared} /* {about} */");
        }
        self.text += "};\n\n";
    }

    /// Adds what is known about the cells of columns.
    fn columns(&mut self, pipeline: &Pipeline) {
        let fills = pipeline.numbers();
        let fills: Vec<f64> = fills.iter().map(|(_, fill)| *fill).collect();
        self.array("double", "fills", fills.len(), &numbers(&fills, ""));
        if has_marks(pipeline) {
            let marks = &pipeline.missing_numbers;
            self.define("MARKS", marks.len());
            self.array("double", "marks", marks.len(), &numbers(marks, ""));
        }
        let texts = pipeline.texts();
        if !texts.is_empty() {
            self.define("MISSING", pipeline.missing_texts.len());
            self.texts("missing", &pipeline.missing_texts);
        }
        for ((_, levels), t) in texts.iter().zip(0..) {
            self.texts(&format!("levels_{t}"), levels);
        }
    }

    /// Adds the table of features.
    fn features(&mut self, pipeline: &Pipeline) {
        let prefix = self.prefix;
        let _ = writeln!(
            self.text,
            "\n/* An input of the networks: (feature - shift) * factor. */\nstruct {prefix}_feature {{\n    char kind;\n    int of;\n    double a, b, shift, factor;\n}};"
        );
        let scales = pipeline.scale.shift.iter().zip(&pipeline.scale.factor);
        let rows = pipeline.features.iter().zip(scales);
        let rows = rows.map(|(feature, (shift, factor))| {
            let (kind, [a, b]) = kind(feature);
            let of = feature.of;
            format!("{{'{kind}', {of}, {a:?}, {b:?}, {shift:?}, {factor:?}}}")
        });
        let (rows, count) = (list(rows), pipeline.features.len());
        self.array(
            &format!("struct {prefix}_feature"),
            "features",
            count,
            &rows,
        );
        self.text.push('\n');
    }

    /// Adds the parameters.
    fn networks(&mut self, pipeline: &Pipeline) {
        let prefix = self.prefix;
        let mut layers = Vec::new();
        for (k, mlp) in pipeline.networks.iter().enumerate() {
            let tensors = mlp.tensors();
            for ((l, layer), pair) in mlp.layers.iter().enumerate().zip(tensors.chunks(2)) {
                for ((_, _, values), name) in pair.iter().zip(["weight", "bias"]) {
                    let name = format!("{name}_{k}_{l}");
                    self.array("float", &name, values.len(), &numbers(values, "f"));
                }
                layers.push(format!(
                    "{{{}, {}, {prefix}_{}, {prefix}_weight_{k}_{l}, {prefix}_bias_{k}_{l}}}",
                    layer.inputs,
                    layer.outputs,
                    activation(layer.activation),
                ));
            }
        }
        let count = layers.len();
        self.array(
            &format!("struct {prefix}_layer"),
            "layers",
            count,
            &list(layers),
        );
        self.text.push('\n');
    }
}

/// Expressions for what stands for columns in the functions.
struct Expressions {
    row: String,
    raw: String,
    codes: String,
}

impl Expressions {
    fn of(pipeline: &Pipeline, prefix: &str, names: &Names) -> Expressions {
        let (mut raw, mut codes) = (Vec::new(), Vec::new());
        for (c, (name, column)) in names.with(&pipeline.columns).enumerate() {
            let cell = match pipeline.row {
                Row::Cells => format!("row->{name}"),
                Row::Numbers | Row::Pixels => format!("row[{c}]"),
            };
            match &column.cells {
                Cells::Numbers { is_time: false, .. } if has_marks(pipeline) => {
                    raw.push(format!("{prefix}_number({cell})"));
                }
                Cells::Numbers { .. } => raw.push(cell),
                Cells::Texts { levels } => {
                    let (t, count) = (codes.len(), levels.len());
                    codes.push(format!(
                        "{prefix}_code({cell}, {prefix}_levels_{t}, {count})"
                    ));
                }
            }
        }
        let row = match pipeline.row {
            Row::Cells => format!("const struct {prefix}_row *row"),
            Row::Numbers | Row::Pixels => format!("const double row[{}]", pipeline.columns.len()),
        };
        let or_one = |all: Vec<String>, one: &str| match all.is_empty() {
            true => one.to_owned(),
            false => list(all),
        };
        Expressions {
            row,
            raw: or_one(raw, "0.0"),
            codes: or_one(codes, "0"),
        }
    }

    fn filled(&self, functions: &str) -> String {
        let functions = functions.replace("ROW", &self.row);
        let functions = functions.replace("{RAW}", &format!("{{{}}}", self.raw));
        functions.replace("{CODES}", &format!("{{{}}}", self.codes))
    }
}

/// Returns a string literal. Octal escapes have three digits, whatever follows, and `\?` makes no trigraph.
fn literal(text: &str) -> String {
    let mut literal = "\"".to_owned();
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' | b'?' => {
                literal.push('\\');
                literal.push(char::from(byte));
            }
            b' '..=b'~' => literal.push(char::from(byte)),
            _ => {
                let _ = write!(literal, "\\{byte:03o}");
            }
        }
    }
    literal + "\""
}

/// Returns text that neither ends a comment nor is a trigraph.
fn in_comment(text: &str) -> String {
    let text = comment(text).replace('?', "? ");
    text.replace("*/", "* /").replace("/*", "/ *")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_hold_any_text_and_comments_do_not_end() {
        assert_eq!(literal("a\"b\\c??/é1\n"), r#""a\"b\\c\?\?/\303\2511\012""#);
        assert_eq!(in_comment("a*/b/*c??/\n"), "a* /b/ *c? ? /\\n");
        assert_eq!(in_comment("*/*/"), "* / * /");
    }
}
