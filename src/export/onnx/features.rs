//! The first half of the graph: from the cells of rows to the inputs of the networks.

use super::graph::{Dim, Graph, int, ints, strings};
use super::proto::DataType;
use super::times;
use crate::export::pipeline::{Cells, Column, Feature, FeatureKind, Pipeline, Row};

/// The columns of rows, as values of the graph.
struct Columns {
    /// Numbers and times with gaps (N, columns); none without columns of numbers.
    raw: Option<String>,
    /// Where they are missing.
    missing: Option<String>,
    /// The same, with the gaps filled in.
    known: Option<String>,
    /// The codes of texts (N, columns).
    codes: Option<String>,
    /// The numbers of columns of both.
    widths: [usize; 2],
}

/// Adds the inputs of the graph, and what turns them into inputs of the networks (N, inputs), in f32.
pub(super) fn add(graph: &mut Graph, pipeline: &Pipeline) -> String {
    let columns = columns(graph, pipeline);
    let mut blocks = Vec::new();
    let mut order = Vec::new();
    for kind in Kind::ALL {
        let all = pipeline.features.iter().enumerate();
        let own: Vec<(usize, &Feature)> = all.filter(|(_, f)| Kind::of(f) == kind).collect();
        if !own.is_empty() {
            order.extend(own.iter().map(|(place, _)| *place));
            let own: Vec<&Feature> = own.into_iter().map(|(_, feature)| feature).collect();
            blocks.push(block(graph, &columns, kind, &own));
        }
    }
    let features = graph.side_by_side(&blocks, "features");
    // Where the feature that the network has in each place is now.
    let mut places = vec![0; order.len()];
    (0..)
        .zip(&order)
        .for_each(|(now, place)| places[*place] = now);
    let features = graph.pick(&features, places.len(), &places, "ordered features");
    scaled(graph, pipeline, &features)
}

/// Features that are computed together.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Value,
    Bin,
    Missing,
    Month,
    Weekday,
    TimeOfDay,
    Code,
}

impl Kind {
    const ALL: [Kind; 7] = [
        Kind::Value,
        Kind::Bin,
        Kind::Missing,
        Kind::Month,
        Kind::Weekday,
        Kind::TimeOfDay,
        Kind::Code,
    ];

    fn of(feature: &Feature) -> Kind {
        match feature.kind {
            FeatureKind::Value => Kind::Value,
            FeatureKind::Bin { .. } => Kind::Bin,
            FeatureKind::Missing => Kind::Missing,
            FeatureKind::Month(_) => Kind::Month,
            FeatureKind::Weekday(_) => Kind::Weekday,
            FeatureKind::Sine(_) | FeatureKind::Cosine(_) => Kind::TimeOfDay,
            FeatureKind::Code { .. } => Kind::Code,
        }
    }
}

/// Adds the inputs of the graph, and reads them.
fn columns(graph: &mut Graph, pipeline: &Pipeline) -> Columns {
    let (numbers, texts) = match pipeline.row {
        Row::Cells => cells(graph, pipeline),
        Row::Numbers | Row::Pixels => (vec![array(graph, pipeline)], Vec::new()),
    };
    let raw = (!numbers.is_empty()).then(|| graph.side_by_side(&numbers, "numbers"));
    let missing = raw.as_ref().map(|raw| missing(graph, pipeline, raw));
    let known = raw.iter().zip(&missing).next().map(|(raw, missing)| {
        let fills: Vec<f64> = pipeline.numbers().iter().map(|(_, fill)| *fill).collect();
        let fills = graph.row(&fills, "fills");
        graph.node("Where", &[missing, &fills, raw], "filled numbers")
    });
    let all = pipeline.texts();
    let codes = all.iter().zip(&texts).map(|((column, levels), text)| {
        let name = format!("code of {}", column.name);
        code(graph, levels, &pipeline.missing_texts, text, &name)
    });
    let codes: Vec<String> = codes.collect();
    Columns {
        raw,
        missing,
        known,
        codes: (!codes.is_empty()).then(|| graph.side_by_side(&codes, "codes")),
        widths: [pipeline.numbers().len(), texts.len()],
    }
}

/// Adds an input for each column (N, 1). Returns the names of those of numbers and those of texts.
fn cells(graph: &mut Graph, pipeline: &Pipeline) -> (Vec<String>, Vec<String>) {
    let (mut numbers, mut texts) = (Vec::new(), Vec::new());
    for column in &pipeline.columns {
        let (all, of) = match column.cells {
            Cells::Numbers { .. } => (&mut numbers, DataType::Double),
            Cells::Texts { .. } => (&mut texts, DataType::String),
        };
        let shape = [Dim::Rows, Dim::Of(1)];
        all.push(graph.input(&column.name, of, &shape, &column.doc()));
    }
    (numbers, texts)
}

/// Adds one input for all columns or pixels. Returns it in f64.
fn array(graph: &mut Graph, pipeline: &Pipeline) -> String {
    let shape = [Dim::Rows, Dim::Of(pipeline.columns.len())];
    match pipeline.row {
        Row::Pixels => {
            let doc = "pixels from 0 to 255, row by row; the channels of a pixel side by side";
            let pixels = graph.input("input", DataType::Float, &shape, doc);
            graph.cast(&pixels, DataType::Double, "numbers")
        }
        Row::Cells | Row::Numbers => {
            let doc = "the columns, in the order of training; NaN is missing";
            graph.input("input", DataType::Double, &shape, doc)
        }
    }
}

/// Says where numbers are missing: they are NaN, or one of the marks.
fn missing(graph: &mut Graph, pipeline: &Pipeline, raw: &str) -> String {
    let mut missing = graph.node("IsNaN", &[raw], "is missing");
    for mark in &pipeline.missing_numbers {
        // Nothing is equal to NaN.
        let of = |(column, _): &(&Column, f64)| match column.cells {
            Cells::Numbers { is_time: false, .. } => *mark,
            _ => f64::NAN,
        };
        let marks: Vec<f64> = pipeline.numbers().iter().map(of).collect();
        let marks = graph.row(&marks, "marks");
        let marked = graph.node("Equal", &[raw, &marks], "is marked");
        missing = graph.node("Or", &[&missing, &marked], "is missing");
    }
    missing
}

/// Adds the codes of the texts of a column.
fn code(graph: &mut Graph, levels: &[String], marks: &[String], text: &str, name: &str) -> String {
    let empty = String::new();
    let mut keys = vec![&empty];
    keys.extend(marks);
    let mut codes = vec![levels.len() as i64 + 1; keys.len()];
    for (level, code) in levels.iter().zip(0..) {
        if !level.is_empty() && !marks.contains(level) {
            keys.push(level);
            codes.push(code);
        }
    }
    let attributes = vec![
        strings("keys_strings", keys),
        ints("values_int64s", codes),
        int("default_int64", levels.len() as i64),
    ];
    graph.ml_node("LabelEncoder", &[text], name, attributes)
}

/// Adds features of a kind, side by side, in f64.
fn block(graph: &mut Graph, all: &Columns, kind: Kind, features: &[&Feature]) -> String {
    let columns: Vec<usize> = features.iter().map(|feature| feature.of).collect();
    let width = all.widths[usize::from(kind == Kind::Code)];
    let mut of = |values: &Option<String>, name: &str| {
        let values = values
            .as_deref()
            .expect("features are of columns that are there");
        graph.pick(values, width, &columns, name)
    };
    match kind {
        Kind::Value => of(&all.known, "values"),
        Kind::Missing => {
            let missing = of(&all.missing, "missing");
            graph.cast(&missing, DataType::Double, "indicators")
        }
        Kind::Bin => {
            let numbers = of(&all.known, "binned numbers");
            bins(graph, &numbers, features)
        }
        Kind::Code => {
            let codes = of(&all.codes, "codes of levels");
            levels(graph, &codes, features)
        }
        Kind::Month | Kind::Weekday => {
            let seconds = of(&all.raw, "times");
            times::part_of_date(graph, &seconds, features)
        }
        Kind::TimeOfDay => {
            let seconds = of(&all.raw, "times");
            times::time_of_day(graph, &seconds, features)
        }
    }
}

fn bins(graph: &mut Graph, numbers: &str, features: &[&Feature]) -> String {
    let ends = features.iter().filter_map(|feature| match feature.kind {
        FeatureKind::Bin { low, high } => Some((low, high - low)),
        _ => None,
    });
    let (lows, widths): (Vec<f64>, Vec<f64>) = ends.unzip();
    let (lows, widths) = (
        graph.row(&lows, "lower edges"),
        graph.row(&widths, "widths of bins"),
    );
    let above = graph.node("Sub", &[numbers, &lows], "above the lower edge");
    let share = graph.node("Div", &[&above, &widths], "share of the bin");
    let [zero, one] = [0.0, 1.0].map(|end| graph.double(end, "end of a bin"));
    graph.node("Clip", &[&share, &zero, &one], "bins")
}

fn levels(graph: &mut Graph, codes: &str, features: &[&Feature]) -> String {
    let ends = features.iter().filter_map(|feature| match feature.kind {
        FeatureKind::Code { first, last } => Some((first as i64, last as i64)),
        _ => None,
    });
    let (firsts, lasts): (Vec<i64>, Vec<i64>) = ends.unzip();
    let shape = [1, firsts.len()];
    let firsts = graph.int64s(&shape, &firsts, "first codes");
    let lasts = graph.int64s(&shape, &lasts, "last codes");
    let from = graph.node("GreaterOrEqual", &[codes, &firsts], "from the first code");
    let up_to = graph.node("LessOrEqual", &[codes, &lasts], "up to the last code");
    let is_level = graph.node("And", &[&from, &up_to], "is the level");
    graph.cast(&is_level, DataType::Double, "levels")
}

/// Scales features, and rounds them to f32.
fn scaled(graph: &mut Graph, pipeline: &Pipeline, features: &str) -> String {
    let scale = pipeline.scale;
    let mut scaled = features.to_owned();
    if scale.shift.iter().any(|shift| *shift != 0.0) {
        let shift = graph.row(&scale.shift, "input_scale.shift");
        scaled = graph.node("Sub", &[&scaled, &shift], "shifted");
    }
    if scale.factor.iter().any(|factor| *factor != 1.0) {
        let factor = graph.row(&scale.factor, "input_scale.factor");
        scaled = graph.node("Mul", &[&scaled, &factor], "scaled");
    }
    graph.cast(&scaled, DataType::Float, "inputs")
}
