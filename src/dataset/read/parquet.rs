//! Parquet files, with flat columns.

mod values;

use super::sink::Sink;
use crate::dataset::error::{DataError, DataErrorKind as Kind, quoted};
use crate::dataset::input::{Input, InputOrigin};
use ::parquet::column::reader::get_typed_column_reader;
use ::parquet::data_type as types;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use ::parquet::schema::types::ColumnDescriptor;
use bytes::Bytes;
use std::panic::{AssertUnwindSafe, catch_unwind};
use values::Meaning;

/// The share of the free memory for the file itself.
const SHARE: u64 = 4;
/// Rows that are read at a time.
const BATCH: usize = 8192;

/// Reads a table.
pub(super) fn read(mut input: Input, sink: &mut Sink) -> Result<(), DataError> {
    let bytes = Bytes::from(input.whole(SHARE)?);
    let origin = input.origin;
    // The crate panics on some damaged files.
    let read = catch_unwind(AssertUnwindSafe(|| read_bytes(&origin, bytes, sink)));
    read.unwrap_or_else(|_| {
        let message = format!(
            "{}: a damaged Parquet file; download or save it again",
            origin.file
        );
        Err(DataError::new(Kind::Format, message))
    })
}

fn read_bytes(origin: &InputOrigin, bytes: Bytes, sink: &mut Sink) -> Result<(), DataError> {
    let fail = |why: ParquetError| failed(origin, &why);
    let reader = SerializedFileReader::new(bytes).map_err(fail)?;
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let mut names = Vec::with_capacity(schema.num_columns());
    let mut meanings = Vec::with_capacity(schema.num_columns());
    for column in schema.columns() {
        let name = require_flat(origin, column)?;
        meanings.push(Meaning::of(column).map_err(|what| {
            let message = format!(
                "{}: the column {} holds {what}; leave it out, or save it as numbers or text",
                origin.file,
                quoted(&name)
            );
            DataError::new(Kind::Format, message)
        })?);
        names.push(name);
    }
    sink.begin(origin, &names)?;
    let mut row = 0;
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).map_err(fail)?;
        let mut columns = Vec::with_capacity(names.len());
        for (c, meaning) in meanings.iter().enumerate() {
            columns.push(Column::open(&*group, c, *meaning).map_err(fail)?);
        }
        loop {
            let count = read_batch(origin, &mut columns, sink)?;
            if count == 0 {
                break;
            }
            for _ in 0..count {
                row += 1;
                sink.end_row(row)?;
            }
        }
    }
    Ok(())
}

/// Reads some rows of each column. Returns their number.
fn read_batch(
    origin: &InputOrigin,
    columns: &mut [Column],
    sink: &mut Sink,
) -> Result<usize, DataError> {
    let mut rows = None;
    for (c, column) in columns.iter_mut().enumerate() {
        let count = column.push(sink, c).map_err(|why| failed(origin, &why))?;
        if *rows.get_or_insert(count) != count {
            let message = format!(
                "{}: a damaged Parquet file: its columns have unequal numbers of rows; download it again",
                origin.file
            );
            return Err(DataError::new(Kind::Format, message));
        }
    }
    Ok(rows.unwrap_or(0))
}

/// Returns the name of a column that holds one value a row.
fn require_flat(origin: &InputOrigin, column: &ColumnDescriptor) -> Result<String, DataError> {
    let parts = column.path().parts();
    if let ([name], 0) = (parts, column.max_rep_level()) {
        return Ok(name.clone());
    }
    let message = format!(
        "{}: the column {} holds lists or records, expected one value a row; leave it out, or give each of its values a column",
        origin.file,
        quoted(parts.first().map_or("", |name| name))
    );
    Err(DataError::new(Kind::Format, message))
}

fn failed(origin: &InputOrigin, why: &ParquetError) -> DataError {
    let why = why.to_string();
    let lower = why.to_lowercase();
    let codecs = ["zstd", "brotli", "lz4", "gzip", "lzo"];
    let codec = codecs.iter().find(|codec| lower.contains(**codec));
    let message = match codec
        .filter(|_| lower.contains("disabled feature") || lower.contains("not installed"))
    {
        Some(codec) => format!(
            "{}: a Parquet file that is packed with {codec}, expected snappy or none; save it anew: table.to_parquet(\"table.parquet\", compression=\"snappy\")",
            origin.file
        ),
        None => format!(
            "{}: a damaged Parquet file ({why}); download or save it again",
            origin.file
        ),
    };
    DataError::new(Kind::Format, message)
}

/// A column of a group of rows: its values are read in batches.
struct Column {
    meaning: Meaning,
    values: Values,
    /// Whether each cell of a batch has a value.
    levels: Vec<i16>,
    is_optional: bool,
}

/// Values of a physical type, with their reader.
macro_rules! values {
    ($($name:ident: $type:ident,)*) => {
        // The names are those of the crate's readers.
        #[allow(clippy::enum_variant_names)]
        enum Values {
            $($name(
                ::parquet::column::reader::ColumnReaderImpl<types::$type>,
                Vec<<types::$type as types::DataType>::T>,
            ),)*
        }

        impl Column {
            fn open(
                group: &dyn RowGroupReader,
                c: usize,
                meaning: Meaning,
            ) -> Result<Column, ParquetError> {
                use ::parquet::column::reader::ColumnReader;
                let levels = Vec::new();
                let is_optional = group.metadata().column(c).column_descr().max_def_level() > 0;
                let values = match group.get_column_reader(c)? {
                    $(reader @ ColumnReader::$name(_) => {
                        Values::$name(get_typed_column_reader(reader), Vec::new())
                    })*
                };
                Ok(Column { meaning, values, levels, is_optional })
            }

            /// Reads a batch into a column. Returns the number of rows.
            fn push(&mut self, sink: &mut Sink, c: usize) -> Result<usize, ParquetError> {
                self.levels.clear();
                let levels = self.is_optional.then_some(&mut self.levels);
                match &mut self.values {
                    $(Values::$name(reader, values) => {
                        values.clear();
                        let (rows, ..) = reader.read_records(BATCH, levels, None, values)?;
                        if let Some(column) = sink.column(c) {
                            let mut values = values.iter();
                            for row in 0..rows {
                                let is_there = !self.is_optional || self.levels.get(row) == Some(&1);
                                match is_there.then(|| values.next()).flatten() {
                                    Some(value) => self.meaning.push(value, column),
                                    None => column.push_text(""),
                                }
                            }
                        }
                        Ok(rows)
                    })*
                }
            }
        }
    };
}

values! {
    BoolColumnReader: BoolType,
    Int32ColumnReader: Int32Type,
    Int64ColumnReader: Int64Type,
    Int96ColumnReader: Int96Type,
    FloatColumnReader: FloatType,
    DoubleColumnReader: DoubleType,
    ByteArrayColumnReader: ByteArrayType,
    FixedLenByteArrayColumnReader: FixedLenByteArrayType,
}
