//! CSV, TSV and their relatives, with a header line.

use super::table::{Column, Role, Table, listed};
use super::target::{self, Label};
use super::{DataError, Dataset, ReadOptions, Schema, Task};

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

/// The header line, and the rest still to be read.
struct Header<'a> {
    file: &'a str,
    names: Vec<String>,
    bytes: &'a [u8],
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
            bytes,
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
            let line = line_of(self.bytes, &record);
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

/// The line of a record; its position may be that of blank lines before it.
fn line_of(bytes: &[u8], record: &::csv::ByteRecord) -> u64 {
    let Some(position) = record.position() else {
        return 0;
    };
    let from_here = bytes.iter().skip(position.byte() as usize);
    let blank = from_here.take_while(|b| matches!(b, b'\n' | b'\r'));
    position.line() + blank.filter(|b| **b == b'\n').count() as u64
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
