//! From a table to a data set for a model, which says what its columns hold.

use super::convert::{interleaved, numbers, values};
use super::fault::bad_number;
use super::kind::Reading;
use super::marks::Marks;
use super::names::find;
use super::number::{self, NumberMarks, NumberReading, Numbers};
use super::time;
use super::unlike::{bad_time, other_unit, warnings};
use crate::dataset::cells::{CellColumn, Cells};
use crate::dataset::encoder::ColumnEncoder;
use crate::dataset::error::{DataError, DataErrorKind as Kind, listed, quoted};
use crate::dataset::inputs::{InputColumn, Inputs};
use crate::dataset::options::ReadOptions;
use crate::dataset::types::{Dataset, KeptColumn, Schema, Targets};
use crate::text::{counted, from_cell};

/// Turns a table into a data set for a model. Finds columns by name, and targets if they are all there.
pub(in crate::dataset) fn for_model(
    mut cells: Cells,
    schema: &Schema,
    options: &ReadOptions,
) -> Result<Dataset, DataError> {
    schema.check_columns().map_err(|why| {
        let message = format!("{}: the model cannot read it: {why}", cells.file());
        DataError::new(Kind::Model, message)
    })?;
    let of_model = schema.encoder.iter().flat_map(|encoder| &encoder.marks);
    let marks = Marks::new(options.missing.iter().chain(of_model));
    let columns = places(&cells, schema)?;
    require_rows(&cells)?;
    let mut notes = std::mem::take(&mut cells.notes);
    let mut targets = target_places(&cells, schema, &marks);
    if targets.is_none() && !schema.target_names.is_empty() {
        let names = listed(&schema.target_names);
        notes.push(format!("no target {names}: rows only to predict"));
    }
    if let Some(found) = &targets {
        notes.extend(drop_without_target(&mut cells, found, schema, &marks));
        if cells.rows() == 0 {
            targets = None;
        }
    }
    let kept = kept(&cells, options)?;
    let readings = columns
        .iter()
        .enumerate()
        .map(|(i, &c)| reading(&cells, c, schema, i, &marks, options));
    let readings = readings.collect::<Result<Vec<_>, _>>()?;
    let learned = match &targets {
        None => None,
        Some(targets) => Some(matched(&cells, targets, schema, &marks, options)?),
    };
    let rows = cells.rows();
    let lines = cells.lines();
    let name = cells.name;
    let mut all: Vec<Option<CellColumn>> = cells.columns.into_iter().map(Some).collect();
    let input = |(c, reading): (&usize, &Reading)| {
        let column = all[*c]
            .take()
            .expect("a model's columns have distinct names");
        InputColumn {
            name: column.name.clone(),
            unit: reading.unit(),
            values: values(column, reading, &marks),
        }
    };
    let of_columns: Vec<InputColumn> = columns.iter().zip(&readings).map(input).collect();
    notes.extend(filled(&of_columns));
    let encoder = schema.encoder.as_ref();
    let warnings = encoder.map_or(Vec::new(), |encoder| warnings(encoder, &of_columns));
    Ok(Dataset {
        name,
        rows,
        columns: schema.columns.clone(),
        inputs: Inputs::Columns(of_columns),
        target_names: schema.target_names.clone(),
        targets: learned,
        lines,
        kept,
        notes,
        warnings,
        ..Dataset::default()
    })
}

fn require_rows(cells: &Cells) -> Result<(), DataError> {
    match cells.rows() {
        0 => {
            let message = format!("{}: a header and no rows below it", cells.file());
            Err(DataError::new(Kind::Shape, message))
        }
        _ => Ok(()),
    }
}

/// Returns a note on missing cells.
fn filled(columns: &[InputColumn]) -> Option<String> {
    let missing = |column: &InputColumn| {
        let rows = 0..column.values.len();
        rows.filter(|row| column.values.is_missing(*row)).count()
    };
    let told = columns.iter().map(|column| (missing(column), &column.name));
    let told = told.filter(|(missing, _)| *missing > 0);
    let told: Vec<String> = told
        .map(|(missing, name)| format!("{name} ({missing})"))
        .collect();
    (!told.is_empty()).then(|| format!("missing cells filled in: {}", listed(&told)))
}

/// Finds the model's columns.
fn places(cells: &Cells, schema: &Schema) -> Result<Vec<usize>, DataError> {
    let place = |name: &String| cells.columns.iter().position(|column| column.name == *name);
    let absent = schema.columns.iter().filter(|name| place(name).is_none());
    let absent: Vec<&String> = absent.collect();
    if absent.is_empty() {
        return Ok(schema.columns.iter().filter_map(place).collect());
    }
    let there: Vec<&str> = cells
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .chain(cells.left_out.iter().map(String::as_str))
        .collect();
    Err(DataError::new(
        Kind::Model,
        format!(
            "{}: no column {}; the model takes {} by name ({}), found {} ({}); rename or add what is missing",
            cells.file(),
            listed(&absent),
            counted(schema.columns.len(), "column"),
            listed(&schema.columns),
            there.len(),
            listed(&there)
        ),
    ))
}

/// Finds the targets, if they are all there and not empty.
fn target_places(cells: &Cells, schema: &Schema, marks: &Marks) -> Option<Vec<usize>> {
    let place = |name: &String| cells.columns.iter().position(|column| column.name == *name);
    let places: Option<Vec<usize>> = schema.target_names.iter().map(place).collect();
    let places = places.filter(|places| !places.is_empty())?;
    let has_values = |c: &usize| {
        let column = &cells.columns[*c];
        (0..column.len()).any(|row| !is_missing(column, schema, marks, row))
    };
    places.iter().any(has_values).then_some(places)
}

fn is_missing(column: &CellColumn, schema: &Schema, marks: &Marks, row: usize) -> bool {
    let text = column.text(row);
    let is_class = schema.classes.iter().any(|class| *class == text);
    let usual = schema.classes.is_empty() || !is_class;
    marks.has_cell(column, row)
        || usual && column.text_number(row).is_some() && marks.has_among_numbers(&text)
}

/// Leaves rows without a target out. Returns a note.
fn drop_without_target(
    cells: &mut Cells,
    targets: &[usize],
    schema: &Schema,
    marks: &Marks,
) -> Option<String> {
    let has = |row: &usize| {
        let mut columns = targets.iter().map(|&c| &cells.columns[c]);
        columns.all(|column| !is_missing(column, schema, marks, *row))
    };
    let keep: Vec<bool> = (0..cells.rows()).map(|row| has(&row)).collect();
    let lost = keep.iter().filter(|keep| !**keep).count();
    if lost == 0 {
        return None;
    }
    cells.retain(&keep);
    Some(format!(
        "{} without a target left out",
        counted(lost, "row")
    ))
}

/// Copies the columns that the options keep.
fn kept(cells: &Cells, options: &ReadOptions) -> Result<Vec<KeptColumn>, DataError> {
    let places = match &options.keep[..] {
        [all] if all == "all" => (0..cells.columns.len()).collect(),
        asked => find(cells, "keep", asked)?,
    };
    let copied = |c: usize| {
        let column = &cells.columns[c];
        KeptColumn {
            name: column.name.clone(),
            cells: (0..column.len())
                .map(|row| column.text(row).into_owned())
                .collect(),
        }
    };
    Ok(places.into_iter().map(copied).collect())
}

/// Returns how the model reads its `i`th column.
fn reading(
    cells: &Cells,
    c: usize,
    schema: &Schema,
    i: usize,
    marks: &Marks,
    options: &ReadOptions,
) -> Result<Reading, DataError> {
    let column = &cells.columns[c];
    let encoder = schema.encoder.as_ref().map(|encoder| &encoder.columns[i]);
    match encoder {
        Some(ColumnEncoder::Flag { .. }) => Ok(Reading::Levels { is_flag: true }),
        Some(ColumnEncoder::Category { .. }) => Ok(Reading::Levels { is_flag: false }),
        Some(ColumnEncoder::Time { format, .. }) => match time::read_as(column, marks, format) {
            Ok(reading) => Ok(Reading::Times(reading)),
            Err(row) => Err(bad_time(cells, column, format, row)),
        },
        None | Some(ColumnEncoder::Number { .. }) => {
            let unit = match encoder {
                Some(ColumnEncoder::Number { unit, .. }) => unit,
                _ => "",
            };
            let reading = as_numbers(cells, column, marks, options)?;
            match reading.fits_unit(unit) {
                true => Ok(Reading::Numbers(reading)),
                false => Err(other_unit(cells, column, unit)),
            }
        }
    }
}

/// Reads a column as numbers, which the model takes it for.
fn as_numbers(
    cells: &Cells,
    column: &CellColumn,
    marks: &Marks,
    options: &ReadOptions,
) -> Result<NumberReading, DataError> {
    let fail = |place: String, why: &str| {
        let message = format!("{place}: column {}: {why}", column.name);
        Err(DataError::new(Kind::Cell, message))
    };
    let of = NumberMarks::new(cells, options.dialect.decimal);
    match number::read(column, marks, of) {
        Numbers::All(reading) => Ok(reading),
        Numbers::Missing => Ok(NumberReading {
            texts: vec![f64::NAN; column.texts()],
            ..NumberReading::default()
        }),
        Numbers::Twofold(why) | Numbers::OtherMark(why) => fail(cells.file().to_owned(), &why),
        Numbers::Some { numbers, words } => {
            let fault = bad_number(column, numbers, &words);
            let place = cells.place(fault.row.unwrap_or(0));
            fail(place.to_string(), &fault.why)
        }
    }
}

/// Converts the targets to the classes or values of a model.
fn matched(
    cells: &Cells,
    targets: &[usize],
    schema: &Schema,
    marks: &Marks,
    options: &ReadOptions,
) -> Result<Targets, DataError> {
    let ([target], false) = (targets, schema.classes.is_empty()) else {
        let columns = targets.iter().map(|&c| {
            let column = &cells.columns[c];
            let reading = as_numbers(cells, column, marks, options)?;
            Ok(numbers(column.clone(), &reading, marks))
        });
        let columns = columns.collect::<Result<Vec<_>, DataError>>()?;
        return Ok(Targets::Values {
            values: interleaved(columns),
        });
    };
    let column = &cells.columns[*target];
    let mut labels = Vec::with_capacity(column.len());
    for row in 0..column.len() {
        let cell = column.text(row);
        let text = from_cell(&cell);
        let known = |name: &str| schema.classes.iter().position(|class| class == name);
        // Models of older versions have lost the zeros in front.
        let older = || known(&text.parse::<i64>().ok()?.to_string());
        match known(&text).or_else(older) {
            Some(label) => labels.push(label as u32),
            None => return Err(unknown_class(cells, column, row, schema)),
        }
    }
    Ok(Targets::Classes {
        labels,
        names: schema.classes.clone(),
    })
}

fn unknown_class(cells: &Cells, column: &CellColumn, row: usize, schema: &Schema) -> DataError {
    let place = cells.place(row);
    let message = format!(
        "{place}: {} is {}, a class that the model does not know; it knows {}; correct the cell, or train on data that has this class",
        column.name,
        quoted(&column.text(row)),
        listed(&schema.classes)
    );
    DataError::new(Kind::Model, message)
}
