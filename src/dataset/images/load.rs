//! Loads many images on several threads, and brings them to one form.

use super::decode::{Image, decode};
use super::resize::resize;
use crate::dataset::error::{DataError, DataErrorKind as Kind};
use crate::dataset::mismatch::{not_a_table, of_another_size};
use crate::dataset::{Form, Schema, memory};
use crate::text::counted;
use crate::threads::{locked, on_threads, threads};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The form that images are brought to.
#[derive(Clone, Copy)]
pub(super) enum Wanted {
    /// This height and width, or the one that all have.
    ToLearn(Option<[usize; 2]>),
    /// What a model takes.
    Model { size: [usize; 2], channels: usize },
}

/// Images of one form.
pub(super) struct Loaded {
    pub(super) form: Form,
    pub(super) pixels: Vec<u8>,
    pub(super) notes: Vec<String>,
}

/// Copies of the pixels that training holds at a time, in bytes per pixel.
const COPIES: u64 = 10;

impl Wanted {
    pub(super) fn for_model(source: &str, schema: &Schema) -> Result<Wanted, DataError> {
        match schema.form {
            Form::Table => Err(not_a_table(source, schema)),
            Form::Images {
                height,
                width,
                channels: channels @ (1 | 3),
            } => Ok(Wanted::Model {
                size: [height, width],
                channels,
            }),
            Form::Images { height, width, .. } => {
                let form = Form::Images {
                    height,
                    width,
                    channels: 3,
                };
                Err(of_another_size(source, form, schema))
            }
        }
    }

    fn size(self) -> Option<[usize; 2]> {
        match self {
            Wanted::ToLearn(size) => size,
            Wanted::Model { size, .. } => Some(size),
        }
    }
}

/// A decoded image, with what was done to it.
struct Done {
    image: Image,
    path: PathBuf,
    is_scaled: bool,
}

/// Loads `count` images; `open` returns the path and the bytes of one.
pub(super) fn load(
    count: usize,
    wanted: Wanted,
    open: impl Fn(usize) -> Result<(PathBuf, Vec<u8>), DataError> + Sync,
) -> Result<Loaded, DataError> {
    let slots: Mutex<Vec<Option<Result<Done, DataError>>>> = Mutex::new(Vec::new());
    locked(&slots).resize_with(count, || None);
    let (limit, taken) = (memory::free() / COPIES, AtomicU64::new(0));
    // The first failure is reported, however many threads there are.
    let failed = AtomicUsize::new(usize::MAX);
    on_threads(threads().min(count), |member, members| {
        for n in (member..count).step_by(members) {
            if n > failed.load(Ordering::Relaxed) {
                return;
            }
            let mut done = one(n, wanted, &open);
            if let Ok(done) = &mut done {
                let bytes = done.image.pixels.len() as u64;
                if taken.fetch_add(bytes, Ordering::Relaxed) + bytes > limit {
                    failed.store(0, Ordering::Relaxed);
                    return;
                }
            }
            if done.is_err() {
                failed.fetch_min(n, Ordering::Relaxed);
            }
            locked(&slots)[n] = Some(done);
        }
    });
    if taken.into_inner() > limit {
        let what = counted(count, "image");
        return Err(memory::too_large(
            &what,
            limit,
            "scale them: `size = 32,32`, or take fewer of them",
        ));
    }
    let slots = std::mem::take(&mut *locked(&slots));
    let images = slots
        .into_iter()
        .flatten()
        .collect::<Result<Vec<Done>, _>>()?;
    joined(images, wanted)
}

/// Decodes an image, and scales it.
fn one(
    n: usize,
    wanted: Wanted,
    open: &impl Fn(usize) -> Result<(PathBuf, Vec<u8>), DataError>,
) -> Result<Done, DataError> {
    let (path, bytes) = open(n)?;
    let mut image = decode(&bytes).map_err(|why| {
        let message = format!("{}: {why}", path.display());
        DataError::new(Kind::Format, message)
    })?;
    let size = [image.height, image.width];
    let is_scaled = wanted.size().is_some_and(|wanted| wanted != size);
    if let (true, Some(new)) = (is_scaled, wanted.size()) {
        image.pixels = resize(&image.pixels, size, image.channels, new);
        [image.height, image.width] = new;
    }
    Ok(Done {
        image,
        path,
        is_scaled,
    })
}

/// Joins images of one size: all grey, or all with three channels.
fn joined(images: Vec<Done>, wanted: Wanted) -> Result<Loaded, DataError> {
    let Some(first) = images.first() else {
        return Err(DataError::new(Kind::Shape, "no images"));
    };
    let [height, width] = [first.image.height, first.image.width];
    let is_other = |done: &&Done| [done.image.height, done.image.width] != [height, width];
    if let Some(other) = images.iter().find(is_other) {
        let message = format!(
            "{}: an image of {} x {}, and {} is of {height} x {width} (height x width); scale all to one size: `size = {width},{height}`",
            other.path.display(),
            other.image.height,
            other.image.width,
            first.path.display()
        );
        return Err(DataError::new(Kind::Shape, message));
    }
    let colourful = images
        .iter()
        .filter(|done| done.image.channels == 3)
        .count();
    let channels = match wanted {
        Wanted::Model { channels, .. } => channels,
        Wanted::ToLearn(_) if colourful > 0 => 3,
        Wanted::ToLearn(_) => 1,
    };
    let form = Form::Images {
        height,
        width,
        channels,
    };
    let count = images.len();
    let scaled = images.iter().filter(|done| done.is_scaled).count();
    let transparent = images
        .iter()
        .filter(|done| done.image.is_transparent)
        .count();
    let mut notes = Vec::new();
    if let (1.., Wanted::Model { .. }) = (scaled, wanted) {
        notes.push(format!(
            "{scaled} of {} scaled to {height} x {width}, which the model takes",
            counted(count, "image")
        ));
    }
    if channels == 1 && colourful > 0 {
        notes.push(format!(
            "{colourful} of {} in colour, made grey for the model",
            counted(count, "image")
        ));
    }
    if channels == 3 && colourful < count {
        notes.push(format!(
            "{} of {} grey, with three equal channels beside those in colour",
            count - colourful,
            counted(count, "image")
        ));
    }
    if transparent > 0 {
        notes.push(format!(
            "{transparent} of {} transparent, shown on white",
            counted(count, "image")
        ));
    }
    let mut pixels = Vec::with_capacity(count * height * width * channels);
    for done in images {
        pixels.extend_from_slice(&done.image.with_channels(channels).pixels);
    }
    Ok(Loaded {
        form,
        pixels,
        notes,
    })
}
