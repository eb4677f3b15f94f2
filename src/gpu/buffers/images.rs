//! Images of buffers ([`Variant::images`](crate::kernels::variant::Variant)): when they are copied from these.
//!
//! All kernels write buffers; some store what they write in images too (`Imaged::written`). An image is copied from its buffer
//! where a call reads what an earlier call of the step wrote to the buffer alone, and once a run what was written since
//! the last one. The images of brought rows are copied behind what brings them, for several steps at once.

use crate::kernels::buffer::{Buffer, Slice};
use std::collections::HashMap;

/// Texels of an image's row (`image.wgsl`, `IMAGE_WIDTH`).
pub const WIDTH: usize = 1024;
/// Elements of a texel.
pub const TEXEL: usize = 4;

/// Bytes of an image's row.
const ROW: u32 = (WIDTH * TEXEL * 4) as u32;

/// The images of a session.
#[derive(Default)]
pub(super) struct Images {
    /// By the elements of a layer, and how many layers there are, one a seat (`gpu/seats.rs`).
    images: HashMap<(Buffer, [usize; 2]), Image>,
    /// What is in buffers but not in their images.
    stale: Vec<Slice>,
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

/// All that a buffer has.
fn everything(buffer: Buffer) -> Slice {
    buffer.tensors(0..usize::MAX)
}

impl Images {
    /// A view of a layer of the image of `buffer`, which has so many layers of `len` elements each.
    pub(super) fn view(
        &mut self,
        device: &wgpu::Device,
        buffer: Buffer,
        [len, layers]: [usize; 2],
        layer: usize,
    ) -> wgpu::TextureView {
        let image = self
            .images
            .entry((buffer, [len, layers]))
            .or_insert_with(|| {
                let texels = len.div_ceil(TEXEL);
                let size = wgpu::Extent3d {
                    width: WIDTH as u32,
                    height: texels.div_ceil(WIDTH).max(1) as u32,
                    depth_or_array_layers: layers as u32,
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
                self.stale.push(everything(buffer));
                Image { texture, texels }
            });
        image.texture.create_view(&wgpu::TextureViewDescriptor {
            dimension: Some(wgpu::TextureViewDimension::D2),
            base_array_layer: layer as u32,
            array_layer_count: Some(1),
            ..Default::default()
        })
    }

    /// Notes that all of `buffer` was written.
    pub(super) fn written(&mut self, buffer: Buffer) {
        self.note(&[everything(buffer)]);
    }

    /// Notes what was written to buffers and not to their images.
    pub(super) fn note(&mut self, stale: &[Slice]) {
        for slice in stale {
            if self
                .images
                .keys()
                .any(|(buffer, _)| *buffer == slice.buffer)
            {
                note(&mut self.stale, slice);
            }
        }
    }

    /// Those of the buffers `read` whose images are not what they are; from now on they are.
    pub(super) fn take_stale(&mut self, read: &[Slice]) -> Vec<Buffer> {
        let stale = read.iter().filter(|image| take(&mut self.stale, image));
        stale.map(|image| image.buffer).collect()
    }

    /// Copies `source` from byte `first` on to a layer of the image of `buffer` that has such layers.
    pub(super) fn copy(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        buffer: Buffer,
        source: &wgpu::Buffer,
        first: u64,
        (layers, layer): ([usize; 2], usize),
    ) {
        let image = &self.images[&(buffer, layers)];
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
            (to.origin.y, to.origin.z) = (row as u32, layer as u32);
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

/// What a phase's call, or a block of them, does.
#[derive(Debug, Default)]
pub(super) struct Access {
    /// What it writes.
    pub(super) writes: Vec<Slice>,
    /// What it reads as images.
    pub(super) images: Vec<Slice>,
    /// Of what it writes, what it stores in the images too.
    pub(super) stores: Vec<Slice>,
}

impl Access {
    /// What it writes to buffers alone.
    fn to_buffers(&self) -> impl Iterator<Item = &Slice> {
        let writes = self.writes.iter();
        writes.filter(|slice| !self.stores.contains(slice))
    }
}

/// When a phase's images are copied.
pub(super) struct Timing {
    /// What the phase reads as images: copied once a run, if it was written since.
    pub(super) read: Vec<Slice>,
    /// Before each call, in every step: what an earlier call wrote to the buffer alone.
    pub(super) before_call: Vec<Vec<Buffer>>,
    /// What is in buffers but not in images at the end of a step, brought rows left out.
    pub(super) stale: Vec<Slice>,
}

impl Timing {
    /// The timing of a phase's calls.
    pub(super) fn new(calls: &[Access]) -> Timing {
        let written = calls.iter().flat_map(Access::to_buffers);
        let (mut before_call, mut stale) = (Vec::new(), Vec::new());
        // A step begins with whatever the one before can have left.
        written.for_each(|slice| note(&mut stale, slice));
        for call in calls {
            let mut copied = Vec::new();
            for image in &call.images {
                if take(&mut stale, image) {
                    copied.push(image.buffer);
                }
            }
            before_call.push(copied);
            stale.retain(|old| !call.stores.contains(old));
            call.to_buffers().for_each(|slice| note(&mut stale, slice));
        }
        let read = calls.iter().flat_map(|call| call.images.clone());
        Timing {
            read: read.collect(),
            before_call,
            stale,
        }
    }
}

fn note(stale: &mut Vec<Slice>, slice: &Slice) {
    if !stale.contains(slice) {
        stale.push(slice.clone());
    }
}

/// Whether some of an image is in `stale`, from which its buffer is taken then.
fn take(stale: &mut Vec<Slice>, image: &Slice) -> bool {
    let is_stale = stale.iter().any(|slice| slice.overlaps(image));
    if is_stale {
        stale.retain(|slice| slice.buffer != image.buffer);
    }
    is_stale
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(writes: &[&Slice], images: &[&Slice], stores: &[&Slice]) -> Access {
        let owned = |slices: &[&Slice]| slices.iter().copied().cloned().collect();
        Access {
            writes: owned(writes),
            images: owned(images),
            stores: owned(stores),
        }
    }

    #[test]
    fn an_image_is_copied_where_what_is_read_of_it_was_written_to_the_buffer_alone() {
        let w = |tensor| Buffer::Parameters.tensor(tensor);
        let (x, out): (Slice, Slice) = (Buffer::Out(0).into(), Buffer::Out(1).into());
        let timing = Timing::new(&[
            call(&[&out], &[&x, &w(0)], &[]),
            call(&[&w(2)], &[&w(2), &out], &[]),
            call(&[&w(0)], &[&w(0)], &[]),
        ]);
        let copies = [
            vec![Buffer::Parameters], // as the step before left them
            vec![Buffer::Out(1)],     // the weights are as they were
            vec![],                   // the second call wrote another tensor
        ];
        assert_eq!(timing.before_call, copies);
        assert_eq!(timing.stale, [w(2), w(0)]);
    }

    #[test]
    fn what_kernels_store_in_images_is_not_copied() {
        let [weight, bias] = [0, 1].map(|tensor| Buffer::Parameters.tensor(tensor));
        let (out, delta): (Slice, Slice) = (Buffer::Out(1).into(), Buffer::Delta(0).into());
        let timing = Timing::new(&[
            call(&[&out], &[&weight], &[&out]),
            call(&[&delta], &[], &[]),
            call(&[&weight, &bias], &[&out, &delta, &weight], &[&weight]),
        ]);
        let copies = [vec![], vec![], vec![Buffer::Delta(0)]];
        assert_eq!(timing.before_call, copies);
        let left = std::slice::from_ref(&bias);
        assert_eq!(timing.stale, left, "which no image is read of");
        let both = Buffer::Parameters.tensors(0..2);
        let timing = Timing::new(&[
            call(&[&weight, &bias], &[], &[&weight]),
            call(&[], &[&both], &[]),
        ]);
        assert_eq!(timing.before_call[1], [Buffer::Parameters]);
        assert!(timing.stale.is_empty());
    }

    #[test]
    fn what_the_last_step_left_is_copied_too() {
        let (a, b, d): (Slice, Slice, Slice) = (
            Buffer::Out(1).tensor(0),
            Buffer::Out(1).tensor(1),
            Buffer::Out(1).tensor(2),
        );
        let timing = Timing::new(&[
            call(&[], &[&d], &[]),
            call(&[&a], &[], &[]),
            call(&[], &[&b], &[]),
            call(&[&d], &[], &[]),
            call(&[], &[&a], &[]),
            call(&[&b], &[], &[]),
        ]);
        let out = vec![Buffer::Out(1)];
        assert_eq!(
            timing.before_call[0], out,
            "the fourth call of the step before wrote it"
        );
        assert_eq!(timing.before_call[4], out);
    }

    #[test]
    fn a_run_begins_with_copies_of_what_was_written_since() {
        let [first, second] = [0, 1].map(|tensor| Buffer::Parameters.tensor(tensor));
        let timing = Timing::new(&[call(&[&second], &[&first], &[])]);
        assert_eq!(timing.before_call, [vec![]]);
        let mut stale = vec![everything(Buffer::Parameters)];
        assert!(take(&mut stale, &timing.read[0]));
        stale.extend(timing.stale);
        assert!(
            !take(&mut stale, &first),
            "a tensor beside one that is written"
        );
        assert!(take(&mut stale, &second));
    }
}
