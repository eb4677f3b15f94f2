//! The wgpu calls that a failing driver can make fail. wgpu panics in some of them instead of returning an error: here
//! a panic becomes a fault of the device, without the panic's own message.

use super::gpu::Gpu;
use crate::Error;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether this thread is in a guarded call.
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Calls `call`. A panic in it is silent, and returned as its message.
pub(super) fn guarded<T>(call: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = take_hook();
        set_hook(Box::new(move |panic| {
            if !IS_GUARDED.get() {
                usual(panic);
            }
        }));
    });
    let before = IS_GUARDED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(call));
    IS_GUARDED.set(before);
    done.map_err(|payload| {
        let text = payload.downcast_ref::<String>().map(String::as_str);
        let text = text.or(payload.downcast_ref::<&str>().copied());
        text.map_or("its driver failed".to_owned(), |text| {
            format!("its driver failed: {}", text.lines().next().unwrap_or(text))
        })
    })
}

impl Gpu {
    /// Calls `call`, unless the device has failed already.
    ///
    /// # Errors
    /// If the device has failed, before or in the call.
    pub(crate) fn guard<T>(&self, call: impl FnOnce() -> T) -> Result<T, Error> {
        self.check()?;
        guarded(call).or_else(|fault| Err(self.fail(fault)))
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
