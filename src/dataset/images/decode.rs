//! Decodes PNG and JPEG files.

use std::io::Cursor;
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// An image: pixels (height, width, channels).
pub(super) struct Image {
    pub(super) height: usize,
    pub(super) width: usize,
    /// 1 for grey, 3 for red, green and blue.
    pub(super) channels: usize,
    pub(super) pixels: Vec<u8>,
    /// Whether some pixels were transparent.
    pub(super) is_transparent: bool,
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";
/// The most pixels of an image.
const MOST_PIXELS: usize = 1 << 26;
/// The most bytes that a decoder of PNG takes beside the pixels.
const PNG_BYTES: usize = 64 << 20;

/// Checks whether a file begins as an image does.
pub(in crate::dataset) fn is_image(head: &[u8]) -> bool {
    head.starts_with(PNG) || head.starts_with(JPEG)
}

/// Decodes an image.
///
/// # Errors
/// Says what is wrong with the file.
pub(super) fn decode(bytes: &[u8]) -> Result<Image, String> {
    let image = match bytes {
        _ if bytes.starts_with(PNG) => png(bytes),
        _ if bytes.starts_with(JPEG) => jpeg(bytes),
        [] => return Err("empty, expected a PNG or JPEG image".to_owned()),
        _ => {
            return Err(
                "not a PNG or JPEG image, whatever its name says; convert it, or leave it out"
                    .to_owned(),
            );
        }
    };
    image.map(grey_if_without_colour)
}

fn png(bytes: &[u8]) -> Result<Image, String> {
    let damaged = |why: png::DecodingError| format!("a damaged PNG image ({why}); replace it");
    let limits = png::Limits { bytes: PNG_BYTES };
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let (width, height) = decoder.read_header_info().map_err(damaged)?.size();
    require_size(height as usize, width as usize)?;
    let mut reader = decoder.read_info().map_err(damaged)?;
    let size = reader.output_buffer_size();
    let size = size.filter(|size| *size <= 4 * MOST_PIXELS);
    let mut pixels = vec![0; size.ok_or_else(too_large)?];
    let info = reader.next_frame(&mut pixels).map_err(damaged)?;
    // A file that is cut off behind the pixels was not downloaded whole.
    reader.finish().map_err(damaged)?;
    pixels.truncate(info.buffer_size());
    let (channels, has_alpha) = match info.color_type {
        png::ColorType::Grayscale => (1, false),
        png::ColorType::GrayscaleAlpha => (1, true),
        png::ColorType::Rgb => (3, false),
        png::ColorType::Rgba => (3, true),
        png::ColorType::Indexed => {
            return Err("a PNG image without its palette; replace it".to_owned());
        }
    };
    let (pixels, is_transparent) = match has_alpha {
        true => onto_white(&pixels, channels),
        false => (pixels, false),
    };
    Ok(Image {
        height: info.height as usize,
        width: info.width as usize,
        channels,
        pixels,
        is_transparent,
    })
}

fn jpeg(bytes: &[u8]) -> Result<Image, String> {
    let damaged = |why: &dyn std::fmt::Debug| {
        let why = format!("{why:?}");
        let why: String = why.chars().take(120).collect();
        format!("a damaged JPEG image ({}); replace it", why.trim())
    };
    let options = DecoderOptions::default().set_strict_mode(true);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(|why| damaged(&why))?;
    let info = decoder.info().ok_or_else(|| damaged(&"no header"))?;
    let (height, width) = (usize::from(info.height), usize::from(info.width));
    require_size(height, width)?;
    let (channels, space) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (1, ColorSpace::Luma),
        _ => (3, ColorSpace::RGB),
    };
    decoder.set_options(options.jpeg_set_out_colorspace(space));
    let pixels = decoder.decode().map_err(|why| damaged(&why))?;
    if pixels.len() != height * width * channels {
        return Err(damaged(&"not all pixels are there"));
    }
    Ok(Image {
        height,
        width,
        channels,
        pixels,
        is_transparent: false,
    })
}

fn require_size(height: usize, width: usize) -> Result<(), String> {
    match height.checked_mul(width) {
        Some(0) => Err("an image without pixels; leave it out".to_owned()),
        Some(..=MOST_PIXELS) => Ok(()),
        _ => Err(too_large()),
    }
}

fn too_large() -> String {
    format!(
        "an image of more than {} million pixels; scale it, or leave it out",
        MOST_PIXELS / 1_000_000
    )
}

/// Shows pixels with opacities on white. Returns whether some are transparent.
fn onto_white(pixels: &[u8], channels: usize) -> (Vec<u8>, bool) {
    let mut shown = Vec::with_capacity(pixels.len() / (channels + 1) * channels);
    let mut is_transparent = false;
    for pixel in pixels.chunks_exact(channels + 1) {
        let alpha = u32::from(pixel[channels]);
        is_transparent |= alpha < 255;
        let blend =
            |value: &u8| ((u32::from(*value) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        shown.extend(pixel[..channels].iter().map(blend));
    }
    (shown, is_transparent)
}

/// Makes an image of three channels grey if they are equal in each pixel.
fn grey_if_without_colour(mut image: Image) -> Image {
    let is_grey = |pixel: &[u8]| pixel[0] == pixel[1] && pixel[1] == pixel[2];
    if image.channels == 3 && image.pixels.chunks_exact(3).all(is_grey) {
        image.pixels = image.pixels.into_iter().step_by(3).collect();
        image.channels = 1;
    }
    image
}

impl Image {
    /// Converts to this number of channels: grey as the eye sees it (Rec. 601), or grey in each channel.
    pub(super) fn with_channels(mut self, channels: usize) -> Image {
        self.pixels = match (self.channels, channels) {
            (1, 3) => self.pixels.iter().flat_map(|grey| [*grey; 3]).collect(),
            (3, 1) => {
                let light = |pixel: &[u8]| {
                    let [red, green, blue] = [0, 1, 2].map(|c| u32::from(pixel[c]));
                    ((299 * red + 587 * green + 114 * blue + 500) / 1000) as u8
                };
                self.pixels.chunks_exact(3).map(light).collect()
            }
            _ => return self,
        };
        self.channels = channels;
        self
    }
}
