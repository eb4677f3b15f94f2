//! Tables: CSV, TSV and their relatives, with a header line.

use super::target::{self, Label};
use super::{DataError, Dataset, Form, ReadOptions, Schema, Task};
use std::collections::HashMap;

/// A table's cells, a column at a time.
struct Table<'a> {
    /// What errors call the file.
    file: &'a str,
    columns: Vec<Column>,
    /// Line of each row.
    lines: Vec<u64>,
}

/// What is kept of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Input,
    Target,
    Ignored,
}

struct Column {
    name: String,
    role: Role,
    /// NaN where a cell is missing or not a number.
    values: Vec<f32>,
    /// Targets only: the cell's text, as an index into `texts`.
    labels: Vec<u32>,
    texts: Vec<String>,
    known: HashMap<String, u32>,
    missing: usize,
    words: usize,
    /// The first cell that is not a finite number: line and text.
    bad: Option<(u64, String)>,
}

impl Column {
    fn new(name: String, role: Role) -> Column {
        Column {
            name,
            role,
            values: Vec::new(),
            labels: Vec::new(),
            texts: Vec::new(),
            known: HashMap::new(),
            missing: 0,
            words: 0,
            bad: None,
        }
    }

    fn push(&mut self, cell: &str, line: u64) {
        let value = match is_missing(cell) {
            true => {
                self.missing += 1;
                f32::NAN
            }
            false => self.number(cell, line),
        };
        self.values.push(value);
        if self.role == Role::Target {
            let next = self.texts.len() as u32;
            let label = match self.known.get(cell) {
                Some(label) => *label,
                None => {
                    self.known.insert(cell.to_owned(), next);
                    self.texts.push(cell.to_owned());
                    next
                }
            };
            self.labels.push(label);
        }
    }

    fn number(&mut self, cell: &str, line: u64) -> f32 {
        let parsed = cell.parse::<f64>().ok();
        let value = parsed.map_or(f32::NAN, |v| v as f32);
        if parsed.is_none() {
            self.words += 1;
        }
        if !value.is_finite() {
            self.bad.get_or_insert_with(|| (line, cell.to_owned()));
            return f32::NAN;
        }
        value
    }

    /// More words than numbers.
    fn is_text(&self) -> bool {
        2 * self.words > self.values.len() - self.missing
    }

    fn is_constant(&self, kept: &[usize]) -> bool {
        let first = kept.first().map(|&row| self.values[row]);
        kept.iter().all(|&row| Some(self.values[row]) == first)
    }

    /// 0, 1, 2, ... or 1, 2, 3, ...
    fn counts_rows(&self, kept: &[usize]) -> bool {
        let first = kept.first().map_or(f32::NAN, |&row| self.values[row]);
        let from_here = |(i, &row): (usize, &usize)| self.values[row] == first + i as f32;
        kept.len() > 2 && (first == 0.0 || first == 1.0) && kept.iter().enumerate().all(from_here)
    }

    fn is_missing(&self, row: usize) -> bool {
        match self.role {
            Role::Target => is_missing(&self.texts[self.labels[row] as usize]),
            _ => self.values[row].is_nan(),
        }
    }
}

fn is_missing(cell: &str) -> bool {
    let names = ["", "na", "n/a", "nan", "null", "?", "-"];
    names.iter().any(|name| cell.eq_ignore_ascii_case(name))
}

/// Reads a table to learn from.
pub(super) fn read(
    name: &str,
    file: &str,
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<Dataset, DataError> {
    let header = Header::read(file, bytes, options.delimiter)?;
    let targets = header.targets(&options.target)?;
    for dropped in &options.drop {
        header.find(dropped, "--drop")?;
        if targets.contains(dropped) {
            return Err(DataError(format!(
                "{file}: {dropped} is the target and in --drop; choose another --target"
            )));
        }
    }
    let table = header.table(|column| match column {
        c if targets.iter().any(|t| t == c) => Role::Target,
        c if options.drop.iter().any(|d| d == c) => Role::Ignored,
        _ => Role::Input,
    })?;
    let kept = table.usable_rows(options.skip_missing)?;
    let mut data = table.dataset(name, &kept, &[]);
    if data.columns.is_empty() {
        return Err(DataError(format!(
            "{file}: no column is left to learn from"
        )));
    }
    if kept.len() < table.lines.len() {
        let left = table.lines.len() - kept.len();
        data.notes
            .push(format!("{left} rows with missing values left out"));
    }
    data.notes.extend(table.remarks(&kept));
    let columns: Vec<Vec<Label>> = targets
        .iter()
        .map(|target| table.labels(target, &kept))
        .collect();
    target::decide(&mut data, file, &targets, &columns, options.task)?;
    Ok(data)
}

/// Reads a table for a model.
pub(super) fn read_for(
    name: &str,
    file: &str,
    bytes: &[u8],
    schema: &Schema,
    options: &ReadOptions,
) -> Result<Dataset, DataError> {
    let header = Header::read(file, bytes, options.delimiter)?;
    let absent: Vec<&str> = schema
        .columns
        .iter()
        .map(String::as_str)
        .filter(|c| !header.names.iter().any(|n| n == c))
        .collect();
    if !absent.is_empty() {
        return Err(DataError(format!(
            "{file}: no column {}; the model takes {} columns by name ({}), found {} ({})",
            listed(&absent),
            schema.columns.len(),
            listed(&schema.columns),
            header.names.len(),
            listed(&header.names)
        )));
    }
    let with_targets = schema.target_names.iter().all(|t| header.names.contains(t));
    let table = header.table(|column| match column {
        c if schema.columns.iter().any(|name| name == c) => Role::Input,
        c if with_targets && schema.target_names.iter().any(|t| t == c) => Role::Target,
        _ => Role::Ignored,
    })?;
    let kept = table.usable_rows(options.skip_missing)?;
    let mut data = table.dataset(name, &kept, &schema.columns);
    data.target_names.clone_from(&schema.target_names);
    if with_targets {
        let names = schema.target_names.iter();
        let columns: Vec<Vec<Label>> = names.map(|t| table.labels(t, &kept)).collect();
        let task = match schema.classes.is_empty() {
            true => Task::Regress,
            false => Task::Classify,
        };
        let lines: Vec<u64> = kept.iter().map(|&row| table.lines[row]).collect();
        data.targets = Some(target::read_as(file, &columns, &lines, schema, task)?);
    }
    Ok(data)
}

/// A few names, and how many more.
fn listed<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<&str> = names.iter().take(8).map(AsRef::as_ref).collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{}, ... and {more} more", shown.join(", ")),
    }
}

/// The header line, and the rest still to be read.
struct Header<'a> {
    file: &'a str,
    names: Vec<String>,
    records: ::csv::Reader<&'a [u8]>,
}

impl<'a> Header<'a> {
    fn read(
        file: &'a str,
        bytes: &'a [u8],
        delimiter: Option<u8>,
    ) -> Result<Header<'a>, DataError> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut records = ::csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter.unwrap_or_else(|| likely_delimiter(bytes)))
            .from_reader(bytes);
        let mut record = ::csv::ByteRecord::new();
        let found = records.read_byte_record(&mut record);
        if !found.map_err(|why| DataError(format!("{file}: {why}")))? {
            return Err(DataError(format!(
                "{file}: empty; expected a header line with the names of the columns, and rows"
            )));
        }
        let cells = cells(file, 1, &record)?;
        if cells.iter().all(|cell| cell.parse::<f64>().is_ok()) {
            return Err(DataError(format!(
                "{file}:1: only numbers, expected a header with the names of the columns; add one as the first line"
            )));
        }
        let names: Vec<String> = cells
            .iter()
            .enumerate()
            .map(|(c, name)| match name.is_empty() {
                true => format!("column{}", c + 1),
                false => (*name).to_owned(),
            })
            .collect();
        if let Some(c) = (1..names.len()).find(|&c| names[..c].contains(&names[c])) {
            return Err(DataError(format!(
                "{file}:1: two columns are named {:?}; give each its own name",
                names[c]
            )));
        }
        Ok(Header {
            file,
            names,
            records,
        })
    }

    fn find(&self, name: &str, flag: &str) -> Result<(), DataError> {
        if self.names.iter().any(|n| n == name) {
            return Ok(());
        }
        let names = self.names.iter().map(String::as_str);
        let meant = crate::config::nearest(name, names)
            .map_or(String::new(), |m| format!("; did you mean {m:?}?"));
        Err(DataError(format!(
            "{}: {flag} {name}: no such column; there are {}{meant}",
            self.file,
            listed(&self.names)
        )))
    }

    /// The target columns: those asked for, or the last.
    fn targets(&self, asked: &[String]) -> Result<Vec<String>, DataError> {
        if self.names.len() < 2 {
            return Err(DataError(format!(
                "{}: one column, {:?}; expected inputs and a target, separated by commas, semicolons or tabs",
                self.file, self.names[0]
            )));
        }
        for name in asked {
            self.find(name, "--target")?;
        }
        Ok(match asked.is_empty() {
            true => self.names.last().cloned().into_iter().collect(),
            false => asked.to_vec(),
        })
    }

    /// Reads the rows.
    fn table(mut self, role: impl Fn(&str) -> Role) -> Result<Table<'a>, DataError> {
        let file = self.file;
        let columns = self.names.into_iter().map(|name| {
            let role = role(&name);
            Column::new(name, role)
        });
        let mut columns: Vec<Column> = columns.collect();
        let mut lines = Vec::new();
        let mut record = ::csv::ByteRecord::new();
        while self
            .records
            .read_byte_record(&mut record)
            .map_err(|why| DataError(format!("{file}: {why}")))?
        {
            let line = record.position().map_or(0, ::csv::Position::line);
            if record.len() != columns.len() {
                return Err(DataError(format!(
                    "{file}:{line}: expected {} columns, found {}",
                    columns.len(),
                    record.len()
                )));
            }
            for (column, cell) in columns.iter_mut().zip(&record) {
                if column.role != Role::Ignored {
                    column.push(text(file, line, cell)?, line);
                }
            }
            lines.push(line);
        }
        if lines.is_empty() {
            return Err(DataError(format!(
                "{file}: a header and no rows; expected at least one row"
            )));
        }
        Ok(Table {
            file,
            columns,
            lines,
        })
    }
}

fn cells<'r>(
    file: &str,
    line: u64,
    record: &'r ::csv::ByteRecord,
) -> Result<Vec<&'r str>, DataError> {
    record.iter().map(|cell| text(file, line, cell)).collect()
}

fn text<'r>(file: &str, line: u64, cell: &'r [u8]) -> Result<&'r str, DataError> {
    std::str::from_utf8(cell).map(str::trim).map_err(|_| {
        DataError(format!(
            "{file}:{line}: not UTF-8 text; save the table as CSV in UTF-8"
        ))
    })
}

/// The delimiter that stands most often in the first line, outside quotes.
fn likely_delimiter(bytes: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    for &byte in bytes.iter().take_while(|b| !matches!(b, b'\n' | b'\r')) {
        quoted ^= byte == b'"';
        for (delimiter, count) in &mut counts {
            *count += usize::from(byte == *delimiter && !quoted);
        }
    }
    let best = counts.iter().rev().max_by_key(|(_, count)| *count);
    best.map_or(b',', |(delimiter, _)| *delimiter)
}

impl Table<'_> {
    fn used(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|c| c.role != Role::Ignored)
    }

    /// The rows that can be used, or one error that names everything in the way.
    fn usable_rows(&self, skip_missing: bool) -> Result<Vec<usize>, DataError> {
        let inputs = || self.columns.iter().filter(|c| c.role == Role::Input);
        let text: Vec<&str> = inputs()
            .filter(|c| c.is_text())
            .map(|c| c.name.as_str())
            .collect();
        let numbers = inputs().filter(|c| !c.is_text());
        if let Some((column, (line, cell))) =
            numbers.clone().find_map(|c| c.bad.as_ref().map(|b| (c, b)))
        {
            return Err(self.bad_cell(column, *line, cell));
        }
        let targets = self.columns.iter().filter(|c| c.role == Role::Target);
        let checked: Vec<&Column> = numbers.chain(targets).collect();
        let is_whole = |row: &usize| !checked.iter().any(|c| c.is_missing(*row));
        let kept: Vec<usize> = (0..self.lines.len()).filter(is_whole).collect();
        let missing = self.lines.len() - kept.len();
        if text.is_empty() && (missing == 0 || skip_missing) {
            return match kept.is_empty() {
                false => Ok(kept),
                true => Err(DataError(format!(
                    "{}: every row has a missing value; leave the columns that have most of them out with --drop",
                    self.file
                ))),
            };
        }
        Err(self.in_the_way(&text, &checked, if skip_missing { 0 } else { missing }))
    }

    fn bad_cell(&self, column: &Column, line: u64, cell: &str) -> DataError {
        let (file, name) = (self.file, &column.name);
        let cure = match cell.parse::<f64>() {
            Ok(_) => "a number that f32 can hold; scale the column, or leave the row out",
            Err(_) if cell.replace(',', ".").parse::<f64>().is_ok() => {
                "a number with a decimal point, not a comma; replace the commas"
            }
            Err(_) => {
                "a number; correct the cell, or leave it empty and use --skip-missing, or leave the column out with --drop"
            }
        };
        DataError(format!(
            "{file}:{line}: column {name}: found {cell:?}, expected {cure}"
        ))
    }

    fn in_the_way(&self, text: &[&str], checked: &[&Column], missing: usize) -> DataError {
        let (mut problems, mut cures) = (Vec::new(), Vec::new());
        if !text.is_empty() {
            let plural = if text.len() == 1 { "column" } else { "columns" };
            problems.push(format!("{plural} with text: {}", listed(text)));
            cures.push(format!("the {plural} with --drop {}", text.join(",")));
        }
        if missing > 0 {
            let first = (0..self.lines.len())
                .find_map(|row| Some((row, checked.iter().find(|c| c.is_missing(row))?)));
            let first = first.map_or(String::new(), |(row, column)| {
                format!(" (the first: line {}, {})", self.lines[row], column.name)
            });
            let plural = if missing == 1 { "row" } else { "rows" };
            problems.push(format!("{missing} {plural} with missing values{first}"));
            cures.push(format!("the {plural} with --skip-missing"));
        }
        DataError(format!(
            "{}: {}; leave out {}",
            self.file,
            problems.join("; "),
            cures.join(" and ")
        ))
    }

    /// The inputs of the rows `kept`, columns in the order of `order` or, without one, of the file.
    fn dataset(&self, name: &str, kept: &[usize], order: &[String]) -> Dataset {
        let inputs = || self.columns.iter().filter(|c| c.role == Role::Input);
        let columns: Vec<&Column> = match order.is_empty() {
            true => inputs().collect(),
            false => order
                .iter()
                .filter_map(|o| inputs().find(|c| c.name == *o))
                .collect(),
        };
        let row = |&row: &usize| columns.iter().map(move |c| c.values[row]);
        Dataset {
            name: name.to_owned(),
            form: Form::Table,
            rows: kept.len(),
            columns: columns.iter().map(|c| c.name.clone()).collect(),
            inputs: kept.iter().flat_map(row).collect(),
            target_names: Vec::new(),
            targets: None,
            test_from: None,
            notes: Vec::new(),
        }
    }

    /// The cells of a target column.
    fn labels(&self, target: &str, kept: &[usize]) -> Vec<Label<'_>> {
        let column = self.used().find(|c| c.name == *target);
        let cells = column.into_iter().flat_map(|c| {
            kept.iter().map(|&row| Label {
                text: &c.texts[c.labels[row] as usize],
                value: c.values[row],
            })
        });
        cells.collect()
    }

    /// Remarks on columns that tell a network nothing.
    fn remarks(&self, kept: &[usize]) -> Vec<String> {
        let inputs = || self.columns.iter().filter(|c| c.role == Role::Input);
        let constant: Vec<&str> = inputs()
            .filter(|c| c.is_constant(kept))
            .map(|c| c.name.as_str())
            .collect();
        let mut remarks = Vec::new();
        if !constant.is_empty() {
            remarks.push(format!(
                "constant, and so without effect: {}",
                listed(&constant)
            ));
        }
        remarks.extend(inputs().filter(|c| c.counts_rows(kept)).map(|c| {
            let name = &c.name;
            format!("column {name} only counts the rows: leave it out with --drop {name}")
        }));
        remarks
    }
}
