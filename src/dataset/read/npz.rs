//! NumPy archives, `.npz`: a zip file of arrays. `x` and `y` are inputs and targets, `x_train`, `x_test` and the like
//! those of a set.

mod roles;

pub(in crate::dataset) use roles::{ArraySet, Arrays, Purpose};

use super::formats;
use super::npy::{Array, Header};
use super::sink::Sink;
use crate::dataset::cells::{Cells, Use};
use crate::dataset::error::{DataError, DataErrorKind as Kind, quoted};
use crate::dataset::input::{Input, InputOrigin};
use crate::text::counted;
use std::io::{BufReader, Cursor, Read};
use zip::ZipArchive;
use zip::result::ZipError;

/// The share of the free memory for the file itself.
const SHARE: u64 = 4;
/// The most files in an archive.
const MOST_MEMBERS: usize = 10_000;

/// A file of arrays.
pub(in crate::dataset) struct Archive {
    pub(in crate::dataset) origin: InputOrigin,
    zip: ZipArchive<Cursor<Vec<u8>>>,
    members: Vec<Member>,
}

/// An array in the file.
struct Member {
    /// Its number in the file.
    index: usize,
    name: String,
    /// The header, or why it is not readable.
    header: Result<Header, DataError>,
}

impl Archive {
    /// Reads the whole file, and the headers of its arrays.
    ///
    /// # Errors
    /// Returns an error that names the format of a zip file without arrays.
    pub(in crate::dataset) fn open(mut input: Input) -> Result<Archive, DataError> {
        let bytes = input.whole(SHARE)?;
        let origin = input.origin;
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|why| damaged(&origin, &why))?;
        let names: Vec<String> = zip
            .file_names_raw()
            .take(MOST_MEMBERS + 1)
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect();
        if names.len() > MOST_MEMBERS || !names.iter().any(|name| name.ends_with(".npy")) {
            return Err(formats::zip(&origin.file, &names));
        }
        let mut archive = Archive {
            origin,
            zip,
            members: Vec::new(),
        };
        for index in 0..archive.zip.len() {
            let (name, header) = archive.header(index)?;
            if let Some(name) = name.strip_suffix(".npy") {
                archive.members.push(Member {
                    index,
                    name: name.to_owned(),
                    header,
                });
            }
        }
        Ok(archive)
    }

    /// Returns the name of a file, and the header of its array.
    fn header(&mut self, index: usize) -> Result<(String, Result<Header, DataError>), DataError> {
        let origin = &self.origin;
        let file = self
            .zip
            .by_index(index)
            .map_err(|why| damaged(origin, &why))?;
        let name = String::from_utf8_lossy(file.name_raw()).into_owned();
        let part = origin.part(&name);
        let header = Array::open(&part, file).map(|array| array.header);
        Ok((name, header))
    }

    /// Returns the arrays of each set.
    pub(in crate::dataset) fn arrays(&self) -> Result<Arrays, DataError> {
        let names: Vec<&str> = self.members.iter().map(|member| &member.name[..]).collect();
        Arrays::of(&names).map_err(|why| {
            let shape = |member: &Member| match &member.header {
                Ok(header) => format!("{} {}", member.name, header.shape_text()),
                Err(_) => member.name.clone(),
            };
            let shown: Vec<String> = self.members.iter().take(8).map(shape).collect();
            let message = format!(
                "{}: {why}; the arrays are {}; save it with these names: numpy.savez(\"data.npz\", x=inputs, y=targets)",
                self.origin.file,
                shown.join(", ")
            );
            DataError::new(Kind::Column, message)
        })
    }

    /// Returns the header of an array.
    pub(in crate::dataset) fn header_of(&self, member: usize) -> Result<&Header, DataError> {
        self.members[member].header.as_ref().map_err(Clone::clone)
    }

    /// Whether the inputs are images: arrays of three or more dimensions.
    pub(in crate::dataset) fn has_images(&self) -> bool {
        let Ok(arrays) = self.arrays() else {
            return false;
        };
        let headers = arrays.sets.iter().map(|set| self.header_of(set.inputs));
        headers.flatten().any(|header| header.shape.len() > 2)
    }

    /// Opens an array, and calls `read` with it.
    pub(in crate::dataset) fn with<T>(
        &mut self,
        member: usize,
        read: impl FnOnce(&mut Array<'_, BufReader<&mut dyn Read>>) -> Result<T, DataError>,
    ) -> Result<T, DataError> {
        let member = &self.members[member];
        let part = self.origin.part(&format!("{}.npy", member.name));
        let file = self.zip.by_index(member.index);
        let mut file = file.map_err(|why| damaged(&self.origin, &why))?;
        let stream = BufReader::with_capacity(1 << 16, &mut file as &mut dyn Read);
        let mut array = Array::open(&part, stream).map_err(|why| unpacking(&part, why))?;
        let value = read(&mut array).map_err(|why| unpacking(&part, why))?;
        array.require_end().map_err(|why| unpacking(&part, why))?;
        Ok(value)
    }

    /// Returns the note on the arrays that are not used.
    pub(in crate::dataset) fn unused(&self, arrays: &Arrays) -> Option<String> {
        let names: Vec<String> = arrays
            .unused
            .iter()
            .map(|member| quoted(&self.members[*member].name))
            .collect();
        (!names.is_empty()).then(|| {
            format!(
                "{} not used: {}",
                counted(names.len(), "array"),
                names.join(", ")
            )
        })
    }
}

/// Reads a table: the columns x1, x2, ... and y, or y1, y2, ...
///
/// For a model (`is_known`), reads only the test set, or the only set.
pub(in crate::dataset) fn cells(mut archive: Archive, is_known: bool) -> Result<Cells, DataError> {
    let mut sink = Sink::default();
    push(&mut archive, &mut sink, is_known)?;
    sink.finish(&archive.origin)
}

/// Pushes the rows of the sets.
pub(super) fn push(
    archive: &mut Archive,
    sink: &mut Sink,
    is_known: bool,
) -> Result<(), DataError> {
    let arrays = archive.arrays()?;
    let note = archive.unused(&arrays);
    let sets = match is_known {
        true => arrays.for_model().into_iter().collect(),
        false => arrays.sets,
    };
    for set in sets {
        let width = |member: usize| archive.width(member);
        let (inputs, rows) = width(set.inputs)?;
        let targets = set.targets.map(width).transpose()?;
        if let Some((_, labels)) = targets.filter(|(_, count)| *count != rows) {
            return Err(archive.unequal(rows, labels));
        }
        let targets = targets.map_or(0, |(targets, _)| targets);
        let mut names: Vec<String> = (1..=inputs).map(|c| format!("x{c}")).collect();
        match targets {
            1 => names.push("y".to_owned()),
            _ => names.extend((1..=targets).map(|c| format!("y{c}"))),
        }
        sink.begin(&archive.origin, &names)?;
        if let Some(part) = sink.cells().and_then(|cells| cells.parts.last_mut()) {
            part.purpose = match set.purpose {
                Purpose::All | Purpose::Train => Use::Train,
                Purpose::Val => Use::Val,
                Purpose::Test => Use::Test,
            };
        }
        archive.push_array(set.inputs, sink, 0, inputs)?;
        if let Some(member) = set.targets {
            archive.push_array(member, sink, inputs, targets)?;
        }
        for row in 0..rows {
            sink.end_row(row + 1)?;
        }
    }
    if let Some(cells) = sink.cells() {
        cells.notes.extend(note);
    }
    Ok(())
}

impl Archive {
    /// Returns the numbers of columns and rows of an array.
    fn width(&self, member: usize) -> Result<(usize, u64), DataError> {
        let header = self.header_of(member)?.clone();
        let part = self.origin.part(&self.members[member].name);
        let width = super::npy::table_width(&part, &header)?;
        Ok((width, header.rows()))
    }

    fn push_array(
        &mut self,
        member: usize,
        sink: &mut Sink,
        first: usize,
        width: usize,
    ) -> Result<(), DataError> {
        self.with(member, |array| array.push_all(sink, first, width))
    }

    /// Returns the error for inputs and targets of unequal number.
    pub(in crate::dataset) fn unequal(&self, inputs: u64, targets: u64) -> DataError {
        let message = format!(
            "{}: {inputs} rows of inputs and {targets} targets; expected one target a row",
            self.origin.file
        );
        DataError::new(Kind::Shape, message)
    }
}

fn damaged(origin: &InputOrigin, why: &ZipError) -> DataError {
    let message = match why {
        ZipError::UnsupportedArchive(why) => format!(
            "{}: a zip file with {why}; save it with numpy.savez or numpy.savez_compressed",
            origin.file
        ),
        _ => format!(
            "{}: a damaged zip file ({why}); download or save it again",
            origin.file
        ),
    };
    DataError::new(Kind::Format, message)
}

/// Returns the error for an array that is not unpacked.
fn unpacking(part: &InputOrigin, why: DataError) -> DataError {
    match why.kind {
        Kind::Unreadable => {
            let message = format!("{}: damaged; download or save the file again", part.file);
            DataError::new(Kind::Format, message)
        }
        _ => why,
    }
}
