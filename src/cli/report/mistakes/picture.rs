//! A row as a picture: a PNG inside the page.

use crate::cli::report::data::Data;
use wgrad::dataset::{Form, Inputs, is_fixed};

/// A picture.
pub(super) struct Picture {
    /// Its address: the file itself, in base64.
    pub(super) address: String,
    /// Width and height in pixels.
    pub(super) size: [usize; 2],
}

/// The largest width or height in pixels: larger images are made smaller.
const MOST: usize = 56;
/// The built-in digits are a table of 8 x 8 pixels from 0 to 16, white on black.
const DIGITS: &str = "digits";
const OF_DIGITS: [usize; 2] = [8, 8];

/// Returns the picture of a test row, if it is one.
pub(super) fn picture(data: &Data, row: usize) -> Option<Picture> {
    let (size, channels, pixels) = pixels(data, row)?;
    let (size, pixels) = smaller(size, channels, &pixels);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size[0] as u32, size[1] as u32);
    encoder.set_color(match channels {
        1 => png::ColorType::Grayscale,
        _ => png::ColorType::Rgb,
    });
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels).ok()?;
    writer.finish().ok()?;
    Some(Picture {
        address: format!("data:image/png;base64,{}", base64(&bytes)),
        size,
    })
}

/// Returns width and height, channels and pixels of a row.
fn pixels(data: &Data, row: usize) -> Option<([usize; 2], usize, Vec<u8>)> {
    match (data.test.form, &data.test.inputs) {
        (
            Form::Images {
                height,
                width,
                channels: channels @ (1 | 3),
            },
            Inputs::Pixels(values),
        ) => {
            let each = height * width * channels;
            let own = values.get(row * each..(row + 1) * each)?;
            Some(([width, height], channels, own.to_vec()))
        }
        (Form::Table, inputs) if data.source == DIGITS && is_fixed(DIGITS) => {
            let each = OF_DIGITS[0] * OF_DIGITS[1];
            let values: Vec<f64> = match inputs {
                Inputs::Numbers(values) => values.get(row * each..(row + 1) * each)?.to_vec(),
                Inputs::Columns(columns) if columns.len() == each => {
                    let number = |column: &wgrad::dataset::InputColumn| match &column.values {
                        wgrad::dataset::ColumnValues::Numbers(values) => values.get(row).copied(),
                        _ => None,
                    };
                    columns.iter().map(number).collect::<Option<_>>()?
                }
                _ => return None,
            };
            let pixels = values.iter().map(|value| (value * 255.0 / 16.0) as u8);
            Some((OF_DIGITS, 1, pixels.collect()))
        }
        _ => None,
    }
}

/// Returns the image with at most so many pixels per side: each is the mean of those that it stands for.
fn smaller(size: [usize; 2], channels: usize, pixels: &[u8]) -> ([usize; 2], Vec<u8>) {
    let [width, height] = size;
    let step = width.max(height).div_ceil(MOST).max(1);
    if step == 1 {
        return (size, pixels.to_vec());
    }
    let out = size.map(|side| side.div_ceil(step));
    let mut small = Vec::with_capacity(out[0] * out[1] * channels);
    for y in 0..out[1] {
        for x in 0..out[0] {
            for channel in 0..channels {
                let (mut sum, mut count) = (0usize, 0usize);
                for v in y * step..((y + 1) * step).min(height) {
                    for u in x * step..((x + 1) * step).min(width) {
                        sum += usize::from(pixels[(v * width + u) * channels + channel]);
                        count += 1;
                    }
                }
                small.push((sum / count.max(1)) as u8);
            }
        }
    }
    (out, small)
}

/// Encodes bytes as RFC 4648 has it.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |k: usize| u32::from(chunk.get(k).copied().unwrap_or(0));
        let all = byte(0) << 16 | byte(1) << 8 | byte(2);
        for k in 0..4 {
            text.push(match k <= chunk.len() {
                true => char::from(LETTERS[(all >> (18 - 6 * k) & 63) as usize]),
                false => '=',
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648, 10.
    #[test]
    fn base64_is_that_of_its_standard() {
        for (text, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), expected);
        }
        assert_eq!(base64(&[255, 239]), "/+8=");
    }

    #[test]
    fn large_images_are_made_smaller_by_means() {
        let pixels: Vec<u8> = (0..100 * 100)
            .map(|k| if k % 2 == 0 { 0 } else { 200 })
            .collect();
        let (size, small) = smaller([100, 100], 1, &pixels);
        assert_eq!((size, small.len()), ([50, 50], 2500));
        assert!(small.iter().all(|pixel| *pixel == 100));
        assert_eq!(
            smaller([2, 1], 3, &[1, 2, 3, 4, 5, 6]).1,
            [1, 2, 3, 4, 5, 6]
        );
    }
}
