//! Scales images.

/// Scales pixels (height, width, channels) to another height and width. Each new pixel is a mean of those around its
/// place, weighted by a triangle as wide as the pixels are apart: what Pillow calls bilinear.
pub(super) fn resize(
    pixels: &[u8],
    [height, width]: [usize; 2],
    channels: usize,
    [new_height, new_width]: [usize; 2],
) -> Vec<u8> {
    let across = weights(width, new_width);
    let mut wide = vec![0.0; height * new_width * channels];
    for row in 0..height {
        for (column, (start, shares)) in across.iter().enumerate() {
            for channel in 0..channels {
                let pixel = |n: usize| pixels[(row * width + start + n) * channels + channel];
                let terms = shares.iter().enumerate();
                let sum: f32 = terms.map(|(n, share)| share * f32::from(pixel(n))).sum();
                wide[(row * new_width + column) * channels + channel] = sum;
            }
        }
    }
    let stride = new_width * channels;
    let mut scaled = Vec::with_capacity(new_height * stride);
    for (start, shares) in weights(height, new_height) {
        for at in 0..stride {
            let terms = shares.iter().enumerate();
            let sum: f32 = terms
                .map(|(n, share)| share * wide[(start + n) * stride + at])
                .sum();
            scaled.push(sum.round().clamp(0.0, 255.0) as u8);
        }
    }
    scaled
}

/// Returns, for each of `new` pixels in a row, the first of `old` that it is made of, and the share of each.
fn weights(old: usize, new: usize) -> Vec<(usize, Vec<f32>)> {
    let step = old as f32 / new as f32;
    let reach = step.max(1.0);
    let of = |pixel: usize| {
        let centre = (pixel as f32 + 0.5) * step - 0.5;
        let start = (centre - reach).ceil().max(0.0) as usize;
        let end = ((centre + reach).floor().max(0.0) as usize).min(old - 1);
        let start = start.min(end);
        let share = |at: usize| (1.0 - (at as f32 - centre).abs() / reach).max(0.0);
        let shares: Vec<f32> = (start..=end).map(share).collect();
        let sum: f32 = shares.iter().sum();
        match sum > 0.0 {
            true => (start, shares.iter().map(|share| share / sum).collect()),
            false => (start, vec![1.0]),
        }
    };
    (0..new).map(of).collect()
}
