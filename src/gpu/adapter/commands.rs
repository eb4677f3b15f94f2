//! The wgpu calls that a failing driver can make fail. Where wgpu panics instead of returning an error, the panic becomes
//! a fault of the device, without the panic's own message.

use super::gpu::Gpu;
use super::panics::guarded;
use crate::Error;

impl Gpu {
    /// Calls `call`, unless the device has failed already.
    ///
    /// # Errors
    /// If the device has failed, before or in the call.
    pub(crate) fn guard<T>(&self, call: impl FnOnce() -> T) -> Result<T, Error> {
        self.check()?;
        guarded(call).map_err(|fault| self.fail(fault))
    }

    /// Creates a buffer of `size` bytes, which can be copied from and to.
    pub(crate) fn buffer(
        &self,
        label: &str,
        size: u64,
        usage: wgpu::BufferUsages,
    ) -> Result<wgpu::Buffer, Error> {
        let copied = wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST;
        self.guard(|| {
            self.device.create_buffer(&wgpu::BufferDescriptor {
                label: Some(label),
                size,
                usage: usage | copied,
                mapped_at_creation: false,
            })
        })
    }

    /// Overwrites a buffer from byte `first` on, before the next submission.
    pub(crate) fn write(
        &self,
        buffer: &wgpu::Buffer,
        first: u64,
        bytes: &[u8],
    ) -> Result<(), Error> {
        self.guard(|| self.queue.write_buffer(buffer, first, bytes))
    }

    /// Creates the pipeline of a module's entry point, with values for its overrides.
    pub(crate) fn pipeline(
        &self,
        label: &str,
        module: &wgpu::ShaderModule,
        entry: &str,
        constants: &[(&str, f64)],
    ) -> Result<wgpu::ComputePipeline, Error> {
        let descriptor = wgpu::ComputePipelineDescriptor {
            label: Some(label),
            layout: None,
            module,
            entry_point: Some(entry),
            compilation_options: wgpu::PipelineCompilationOptions {
                constants,
                // Shaders write workgroup memory before they read it.
                zero_initialize_workgroup_memory: false,
            },
            cache: None,
        };
        let pipeline = self.guard(|| self.device.create_compute_pipeline(&descriptor))?;
        self.check()?;
        Ok(pipeline)
    }

    /// Creates a bind group of group 0 of a pipeline.
    pub(crate) fn bind(
        &self,
        label: &str,
        pipeline: &wgpu::ComputePipeline,
        entries: &[wgpu::BindGroupEntry],
    ) -> Result<wgpu::BindGroup, Error> {
        self.guard(|| {
            self.device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some(label),
                layout: &pipeline.get_bind_group_layout(0),
                entries,
            })
        })
    }

    /// Records commands and submits them.
    pub(crate) fn submit(
        &self,
        record: impl FnOnce(&mut wgpu::CommandEncoder),
    ) -> Result<(), Error> {
        self.guard(|| {
            let mut encoder = self.device.create_command_encoder(&Default::default());
            record(&mut encoder);
            self.queue.submit([encoder.finish()]);
        })?;
        self.check()
    }
}
