//! Copies of buffers that kernels read as images ([`Variant::images`](crate::kernel::Variant)): when they are made anew.
//!
//! A buffer stays what the kernels write; its image is copied from it where a call reads what an earlier call of the
//! step wrote, and, for buffers that no call of the phase writes, once a run if they were written since.

use super::{Buffer, Slice};
use std::collections::{HashMap, HashSet};

/// Texels of an image's row (`image.wgsl`, `IMAGE_WIDTH`).
pub const WIDTH: usize = 1024;
/// Elements of a texel.
pub const TEXEL: usize = 4;

/// Bytes of an image's row.
const ROW: u32 = (WIDTH * TEXEL * 4) as u32;

/// The images of a session.
#[derive(Default)]
pub(super) struct Images {
    images: HashMap<Buffer, Image>,
    /// Those that are not what their buffers are.
    stale: HashSet<Buffer>,
}

struct Image {
    texture: wgpu::Texture,
    texels: usize,
}

/// Elements of the longest buffer that can have an image on `device`.
pub(super) fn longest(device: &wgpu::Device) -> usize {
    let most = device.limits().max_texture_dimension_2d as usize;
    if most < WIDTH {
        return 0;
    }
    most * WIDTH * TEXEL
}

impl Images {
    /// A view of the image of `buffer`, which has `len` elements, a multiple of a texel's.
    pub(super) fn view(
        &mut self,
        device: &wgpu::Device,
        buffer: Buffer,
        len: usize,
    ) -> wgpu::TextureView {
        let image = self.images.entry(buffer).or_insert_with(|| {
            let texels = len.div_ceil(TEXEL);
            let size = wgpu::Extent3d {
                width: WIDTH as u32,
                height: texels.div_ceil(WIDTH).max(1) as u32,
                depth_or_array_layers: 1,
            };
            let texture = device.create_texture(&wgpu::TextureDescriptor {
                label: Some(&format!("{buffer:?}")),
                size,
                mip_level_count: 1,
                sample_count: 1,
                dimension: wgpu::TextureDimension::D2,
                format: wgpu::TextureFormat::Rgba32Float,
                usage: wgpu::TextureUsages::STORAGE_BINDING | wgpu::TextureUsages::COPY_DST,
                view_formats: &[],
            });
            self.stale.insert(buffer);
            Image { texture, texels }
        });
        image.texture.create_view(&Default::default())
    }

    /// Notes that `buffer` was written.
    pub(super) fn written(&mut self, buffer: Buffer) {
        if self.images.contains_key(&buffer) {
            self.stale.insert(buffer);
        }
    }

    /// Takes those of `buffers` whose images are not what they are.
    pub(super) fn take_stale(&mut self, buffers: &HashSet<Buffer>) -> Vec<Buffer> {
        let stale = |buffer: &&Buffer| self.stale.remove(*buffer);
        buffers.iter().filter(stale).copied().collect()
    }

    /// Copies `source`, which is `buffer` from byte `first` on, to its image.
    pub(super) fn copy(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        buffer: Buffer,
        source: &wgpu::Buffer,
        first: u64,
    ) {
        let image = &self.images[&buffer];
        let whole_rows = image.texels / WIDTH;
        let mut part = |row: usize, width: usize, height: usize| {
            if width == 0 || height == 0 {
                return;
            }
            let from = wgpu::TexelCopyBufferInfo {
                buffer: source,
                layout: wgpu::TexelCopyBufferLayout {
                    offset: first + row as u64 * u64::from(ROW),
                    bytes_per_row: Some(ROW),
                    rows_per_image: None,
                },
            };
            let mut to = image.texture.as_image_copy();
            to.origin.y = row as u32;
            let size = wgpu::Extent3d {
                width: width as u32,
                height: height as u32,
                depth_or_array_layers: 1,
            };
            encoder.copy_buffer_to_texture(from, to, size);
        };
        part(0, WIDTH, whole_rows);
        part(whole_rows, image.texels % WIDTH, 1);
    }
}

/// What a phase's call, or a block of them, writes, and what it reads as images.
#[derive(Debug, Default)]
pub(super) struct Access {
    pub(super) writes: Vec<Slice>,
    pub(super) images: Vec<Slice>,
}

/// When a phase's images are made.
pub(super) struct Timing {
    /// Before each call, in every step.
    pub(super) before_call: Vec<Vec<Buffer>>,
    /// Once a run, if they were written since: no call of the phase writes them.
    pub(super) once: HashSet<Buffer>,
    /// What the phase writes.
    pub(super) written: HashSet<Buffer>,
}

impl Timing {
    /// The timing of a phase's calls.
    pub(super) fn new(calls: &[Access]) -> Timing {
        let written = calls.iter().flat_map(|call| &call.writes);
        let read = calls.iter().flat_map(|call| &call.images);
        let buffers = |slice: &Slice| slice.buffer;
        let written: HashSet<Buffer> = written.map(buffers).collect();
        // What is not in the images: at the beginning, whatever is in a buffer that the phase writes.
        let mut stale: Vec<&Slice> = read
            .clone()
            .filter(|s| written.contains(&s.buffer))
            .collect();
        let read: HashSet<Buffer> = read.map(buffers).collect();
        let mut before_call = Vec::new();
        for call in calls {
            let mut copied = Vec::new();
            for image in &call.images {
                if stale.iter().any(|slice| slice.overlaps(image)) {
                    stale.retain(|slice| slice.buffer != image.buffer);
                    copied.push(image.buffer);
                }
            }
            before_call.push(copied);
            stale.extend(&call.writes);
        }
        Timing {
            before_call,
            once: read.difference(&written).copied().collect(),
            written,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_made_where_what_is_read_of_it_was_written() {
        let w = |tensor| Buffer::Parameters.tensor(tensor);
        let (x, out): (Slice, Slice) = (Buffer::Out(0).into(), Buffer::Out(1).into());
        let call = |writes: &Slice, images: &[&Slice]| Access {
            writes: vec![writes.clone()],
            images: images.iter().copied().cloned().collect(),
        };
        let timing = Timing::new(&[
            call(&out, &[&x, &w(0)]),
            call(&w(2), &[&w(2), &out]),
            call(&w(0), &[&w(0)]),
        ]);
        let copies = [
            vec![Buffer::Parameters],
            vec![Buffer::Out(1)], // the weights are as they were
            vec![],               // the second call wrote another tensor
        ];
        assert_eq!(timing.before_call, copies);
        assert_eq!(timing.once, HashSet::from([Buffer::Out(0)]));
    }

    #[test]
    fn a_tensor_beside_one_that_is_written_has_an_image_too() {
        let [first, second] = [0, 1].map(|tensor| Buffer::Parameters.tensor(tensor));
        let call = Access {
            writes: vec![second],
            images: vec![first],
        };
        let timing = Timing::new(&[call]);
        assert_eq!(timing.before_call, [vec![Buffer::Parameters]]);
        assert!(timing.once.is_empty());
    }
}
