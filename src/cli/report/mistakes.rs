//! The worst mistakes of a model: the rows, as pictures where they are some.

mod picture;

use super::data::Data;
use super::material::Material;
use super::test_rows::{Answers, Classes, TestRows, Values};
use crate::cli::html::{Heading, absent, headings, name, table_of};
use maud::{Markup, html};
use picture::{Picture, picture};
use wgrad::dataset::{ColumnValues, DURATION, Inputs, MISSING};
use wgrad::text::{clipped, short};
use wgrad::train::metrics::regression;

/// Maximum number of mistakes in a table, and of pictures.
const MOST: usize = 20;
const MOST_PICTURES: usize = 24;
/// Maximum number of columns beside a mistake.
const MOST_COLUMNS: usize = 6;
/// Maximum number of letters of a cell.
const LONGEST: usize = 40;

/// Returns the section; `None` without test rows.
pub(super) fn mistakes(material: &Material) -> Option<Markup> {
    let test = material.test.as_ref().ok()?;
    Some(match &test.answers {
        Answers::Classes(classes) => of_classes(material, test, classes),
        Answers::Values(all) => of_values(material, test, all),
    })
}

fn of_classes(material: &Material, test: &TestRows, classes: &Classes) -> Markup {
    let mut worst = classes.mistakes();
    let all = worst.len();
    if all == 0 {
        return html! { p { "There are none: every test row is classified correctly." } };
    }
    worst.sort_by(|a, b| classes.probabilities[*b].total_cmp(&classes.probabilities[*a]));
    let pictures = pictures(material, &worst);
    html! {
        p {
            "The mistakes that the model was surest of, of " (all) ", with the probability that it gave its answer: look for
            wrong labels, and for rows that are unlike the others."
        }
        @if let Ok(pictures) = &pictures {
            ul.pictures {
                @for (row, picture) in pictures { (shown(test, classes, material, *row, picture)) }
            }
        } @else {
            @if let Err(Some(why)) = &pictures { (absent(why)) }
            (listed(material, test, classes, &worst))
        }
    }
}

/// Returns the pictures of some rows.
///
/// # Errors
/// Says why there are none, if rows are images; nothing if they are not.
fn pictures(material: &Material, rows: &[usize]) -> Result<Vec<(usize, Picture)>, Option<String>> {
    let data = match &material.data {
        Ok(data) => data,
        Err(why) => {
            let model = material.model.as_ref().ok();
            let is_table =
                model.is_none_or(|model| model.schema.form == wgrad::dataset::Form::Table);
            return Err((!is_table).then(|| format!("The images cannot be shown: {why}")));
        }
    };
    let rows = rows.iter().take(MOST_PICTURES);
    let all = rows.map(|row| Some((*row, picture(data, *row)?)));
    all.collect::<Option<Vec<_>>>().ok_or(None)
}

fn shown(
    test: &TestRows,
    classes: &Classes,
    material: &Material,
    row: usize,
    picture: &Picture,
) -> Markup {
    let [truth, told] = [classes.truth[row], classes.predicted[row]]
        .map(|class| name(&classes.names[class as usize], LONGEST));
    let place = format!("{} {}", test.numbered, test.numbers[row]);
    let file = material
        .data
        .as_ref()
        .ok()
        .and_then(|data| data.files.get(row));
    let probability = classes.probabilities[row];
    html! {
        li {
            img src=(picture.address) width=(picture.size[0]) height=(picture.size[1])
                alt={"Test row of " (place) ": " (truth) ", taken for " (told)};
            span.wrong { (told) } " (" (format!("{probability:.3}")) ")" br;
            "truth: " b { (truth) } br;
            span.soft { (file.map_or(place, |file| name(tail(file), 60))) }
        }
    }
}

/// Returns the last two parts of a path.
fn tail(file: &str) -> &str {
    let mut cuts = file.rmatch_indices(['/', '\\']).map(|(at, _)| at + 1);
    cuts.nth(1).map_or(file, |at| &file[at..])
}

fn listed(material: &Material, test: &TestRows, classes: &Classes, worst: &[usize]) -> Markup {
    let columns = columns(material);
    let numbered = format!("#{}", test.numbered);
    let mut heading = headings(&[&numbered, "true", "predicted", "#probability"]);
    heading.extend(columns.headings());
    let row = |row: &usize| {
        let [truth, told] = [classes.truth[*row], classes.predicted[*row]]
            .map(|class| clipped(&classes.names[class as usize], LONGEST).into_owned());
        let probability = format!("{:.4}", classes.probabilities[*row]);
        let mut cells = vec![test.numbers[*row].to_string(), truth, told, probability];
        cells.extend(columns.cells(*row));
        cells
    };
    let rows: Vec<Vec<String>> = worst.iter().take(MOST).map(row).collect();
    table_of(&columns.about("The surest mistakes"), &heading, &rows)
}

fn of_values(material: &Material, test: &TestRows, all: &[Values]) -> Markup {
    // Errors of several targets compare in units of their root mean squares.
    let mut errors = Vec::new();
    for (target, own) in all.iter().enumerate() {
        let scale = regression(&own.predicted, &own.truth).rmse;
        for row in 0..own.truth.len() {
            let error = (own.predicted[row] - own.truth[row]).abs() / scale;
            errors.push((
                target,
                row,
                if error.is_nan() { f64::INFINITY } else { error },
            ));
        }
    }
    errors.sort_by(|a, b| b.2.total_cmp(&a.2));
    let columns = columns(material);
    let numbered = format!("#{}", test.numbered);
    let mut heading = headings(&[&numbered, "target", "#true", "#predicted", "#error"]);
    heading.extend(columns.headings());
    let rows: Vec<Vec<String>> = errors
        .iter()
        .take(MOST)
        .map(|(target, row, _)| {
            let own = &all[*target];
            let [truth, told] = [own.truth[*row], own.predicted[*row]];
            let mut cells = vec![test.numbers[*row].to_string(), own.target.clone()];
            cells.extend([truth, told, told - truth].map(short));
            cells.extend(columns.cells(*row));
            cells
        })
        .collect();
    html! {
        p {
            "The test rows whose predictions are furthest from the truth: look for wrong values, and for rows that are unlike
            the others."
        }
        (table_of(&columns.about("The largest errors"), &heading, &rows))
    }
}

/// The columns that are shown beside a mistake.
struct Columns<'a> {
    data: Option<&'a Data>,
    shown: Vec<usize>,
    by_importance: bool,
}

/// Returns the most important columns, or the first ones.
fn columns(material: &Material) -> Columns<'_> {
    let data = material.data.as_ref().ok();
    let all = data.map_or(&[][..], |data| &data.test.columns);
    let place = |name: &String| all.iter().position(|column| column == name);
    let ranked = material.importance.as_ref().ok();
    let shown: Vec<usize> = match ranked {
        Some(ranked) => ranked
            .columns
            .iter()
            .filter_map(|own| place(&own.column))
            .collect(),
        None => (0..all.len()).collect(),
    };
    Columns {
        data,
        shown: shown.into_iter().take(MOST_COLUMNS).collect(),
        by_importance: ranked.is_some() && all.len() > MOST_COLUMNS,
    }
}

impl Columns<'_> {
    fn headings(&self) -> impl Iterator<Item = Heading<'_>> {
        self.shown.iter().map(|c| Heading {
            name: self.data.map_or("", |data| &data.test.columns[*c]),
            is_number: false,
        })
    }

    fn cells(&self, row: usize) -> impl Iterator<Item = String> {
        let cell = move |c: &usize| self.data.map_or(String::new(), |data| cell(data, row, *c));
        self.shown.iter().map(cell)
    }

    fn about(&self, what: &str) -> String {
        match (self.by_importance, self.shown.is_empty()) {
            (true, false) => format!(
                "{what}, with the {} most important columns",
                self.shown.len()
            ),
            _ => what.to_owned(),
        }
    }
}

/// Returns a cell of the data.
fn cell(data: &Data, row: usize, column: usize) -> String {
    match &data.test.inputs {
        Inputs::Numbers(values) => short(values[row * data.test.columns.len() + column]),
        Inputs::Columns(columns) => match &columns[column].values {
            values if values.is_missing(row) => "missing".to_owned(),
            ColumnValues::Numbers(values) => short(values[row]),
            ColumnValues::Levels { codes, names, .. } if codes[row] != MISSING => {
                clipped(&names[codes[row] as usize], LONGEST).into_owned()
            }
            ColumnValues::Levels { .. } => "missing".to_owned(),
            ColumnValues::Times { values, format } if format == DURATION => short(values[row]),
            ColumnValues::Times { values, .. } => time(values[row]),
        },
        Inputs::Pixels(_) => String::new(),
    }
}

/// Formats seconds since 1970.
fn time(seconds: f64) -> String {
    let time = jiff::Timestamp::from_second(seconds as i64);
    time.map_or_else(
        |_| short(seconds),
        |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
    )
}
