//! An opened adapter: its limits, its faults, waiting for its work, and compiling modules on it.

use crate::Error;
use crate::gpu::Precision;
use crate::gpu::adapter::{
    adapters::{capabilities, is_software},
    clock::Clock,
    limits::lacking,
    panics::guarded,
    timings::Autotune,
};
use crate::kernels::{Capabilities, Switches};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Advice after a fault.
pub const RUN_AGAIN: &str = "; run again, on another device if it stays";
/// Advice for an adapter that cannot be used.
pub const TRY_ANOTHER: &str = "; try another `device`, or `device = cpu`";

/// How hardware adapters add the sums over the rows of a batch. The CPU device and software adapters always add in
/// order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Sums {
    /// Row by row, in order.
    InOrder,
    /// In slices of rows, where a GPU would otherwise be idle. Repeated runs have the same bits, but these differ from
    /// the bits of sums in order.
    #[default]
    Split,
}

impl Sums {
    /// Every way to add.
    pub const ALL: [Sums; 2] = [Sums::InOrder, Sums::Split];
}

/// An opened adapter.
#[derive(Clone)]
pub struct Gpu {
    /// The adapter's own description.
    pub info: wgpu::AdapterInfo,
    /// The wgpu device.
    pub(super) device: wgpu::Device,
    /// Its queue.
    pub(super) queue: wgpu::Queue,
    /// The adapter, kept so that it can be opened again.
    pub(crate) adapter: wgpu::Adapter,
    /// The size of the cooperative matrices that the adapter was opened for.
    cooperative: Option<u32>,
    /// The enabled fast paths.
    switches: Switches,
    /// How sessions on this adapter add.
    pub sums: Sums,
    /// Timings for the choice of variants, or none if only the table of sizes chooses.
    #[doc(hidden)] // internal, like the clock
    pub tuning: Option<Arc<Mutex<Autotune>>>,
    /// The adapter's own clock, if [`Gpu::with_clock`] asked for one and the adapter supports it.
    #[doc(hidden)]
    pub clock: Option<Arc<Clock>>,
    faults: Faults,
    /// Whether a reference to the failed device was leaked.
    is_leaked: Arc<AtomicBool>,
}

/// The first fault of a device. A device does not recover from a fault.
#[derive(Clone, Default)]
struct Faults(Arc<Mutex<Option<String>>>);

impl Faults {
    fn note(&self, fault: String) {
        self.lock().get_or_insert(fault);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Gpu {
    /// Returns the maximum size in bytes of a buffer that a shader can bind.
    pub fn largest_buffer(&self) -> u64 {
        let limits = self.device.limits();
        limits
            .max_storage_buffer_binding_size
            .min(limits.max_buffer_size)
    }

    /// Returns the maximum size in bytes of a uniform buffer.
    pub fn uniform_bytes(&self) -> u64 {
        self.device.limits().max_uniform_buffer_binding_size
    }

    /// Creates a buffer of `words` words for a population. It can be copied from and to.
    pub(crate) fn words(
        &self,
        label: &str,
        words: usize,
        usage: wgpu::BufferUsages,
    ) -> Result<wgpu::Buffer, Error> {
        let size = (words.max(4) * 4) as u64;
        let most = self.largest_buffer();
        if size > most {
            return Err(Error::Adapter(format!(
                "{}: {label} need {} MiB in one buffer, the adapter allows {} MiB; train fewer at once, use a smaller data set, or `device = cpu`",
                self.info.name,
                size >> 20,
                most >> 20
            )));
        }
        self.buffer(label, size, usage)
    }

    /// Returns the adapter's capabilities, for the choice of variants.
    #[doc(hidden)] // for kernels
    pub fn capabilities(&self) -> Capabilities {
        Capabilities {
            cooperative: self.cooperative,
            switches: self.switches,
            ..capabilities(&self.info, self.device.features(), &self.device.limits())
        }
    }

    /// Opens an adapter with all its limits, and for mixed precision with its cooperative matrices, if it has any.
    ///
    /// # Errors
    /// If the adapter does not meet the requirements of every run, or the driver refuses.
    pub fn open(adapter: &wgpu::Adapter, precision: Precision) -> Result<Gpu, Error> {
        let (info, switches) = (adapter.get_info(), Switches::of_environment()?);
        if let Some(what) = lacking(&adapter.limits()) {
            return Err(Error::Adapter(format!(
                "{}: {what}{TRY_ANOTHER}",
                info.name
            )));
        }
        let (extensions, experimental_features, cooperative) = precision.extensions(adapter);
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("wgrad"),
            required_features: adapter.features() & (wgpu::Features::SUBGROUP | Clock::FEATURES)
                | extensions,
            experimental_features,
            required_limits: adapter.limits(),
            memory_hints: wgpu::MemoryHints::Performance,
            ..Default::default()
        };
        let open = || pollster::block_on(adapter.request_device(&descriptor));
        let opened = guarded(open).and_then(|opened| opened.map_err(|why| why.to_string()));
        let (device, queue) = opened.map_err(|why| {
            Error::Adapter(format!(
                "{}: cannot be opened ({why}){TRY_ANOTHER}",
                info.name
            ))
        })?;
        let faults = Faults::default();
        let (lost, refused) = (faults.clone(), faults.clone());
        device.set_device_lost_callback(move |reason, text| {
            if reason != wgpu::DeviceLostReason::Destroyed {
                lost.note(format!("the device was lost ({text})"));
            }
        });
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            refused.note(error.to_string());
        }));
        let tuning = (!is_software(&info) && switches.has("autotune"))
            .then(|| Arc::new(Mutex::new(Autotune::of_user())));
        Ok(Gpu {
            info,
            adapter: adapter.clone(),
            cooperative,
            device,
            queue,
            switches,
            sums: Sums::default(),
            tuning,
            clock: None,
            faults,
            is_leaked: Arc::default(),
        })
    }

    /// Opens the adapter again, with the same summation order and without the clock. A device stays unusable after a
    /// fault, so this is how to continue.
    ///
    /// # Errors
    /// If the driver refuses.
    pub fn again(&self) -> Result<Gpu, Error> {
        let precision = match self.cooperative {
            None => Precision::F32,
            Some(_) => Precision::Mixed,
        };
        let mut opened = Gpu::open(&self.adapter, precision)?;
        opened.sums = self.sums;
        opened.tuning = self.tuning.clone();
        Ok(opened)
    }

    /// Returns the adapter, opened again if it has failed.
    ///
    /// # Errors
    /// If the driver refuses.
    pub fn sound(self: &Arc<Gpu>) -> Result<Arc<Gpu>, Error> {
        match self.check() {
            Ok(()) => Ok(self.clone()),
            Err(_) => self.again().map(Arc::new), // the fault was reported when it happened
        }
    }

    /// Returns the same adapter with a clock of its own, if it supports one, for the sessions that are loaded onto it.
    ///
    /// # Errors
    /// If the device fails.
    pub fn with_clock(&self) -> Result<Gpu, Error> {
        let mut gpu = self.clone();
        gpu.clock = self.guard(|| Clock::of(&self.device))?.map(Arc::new);
        Ok(gpu)
    }

    /// Records commands, and times them while the clock runs.
    pub(crate) fn record(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        record: impl FnOnce(&mut wgpu::CommandEncoder),
    ) {
        match &self.clock {
            Some(clock) => clock.around(encoder, record),
            None => record(encoder),
        }
    }

    /// Returns the first fault since the device was opened, as an error.
    pub fn check(&self) -> Result<(), Error> {
        let fault = self.faults.lock().clone();
        fault.map_or(Ok(()), |fault| Err(self.fail(fault)))
    }

    /// Notes a fault. Returns the first one as an error.
    pub(super) fn fail(&self, fault: String) -> Error {
        self.faults.note(fault.clone());
        // Drivers crash when the queue of a failed device is dropped, so it is leaked.
        if !self.is_leaked.swap(true, Ordering::Relaxed) {
            std::mem::forget((self.device.clone(), self.queue.clone()));
        }
        let first = self.faults.lock().clone().unwrap_or(fault);
        Error::Device(format!("{}: {first}{RUN_AGAIN}", self.info.name))
    }

    /// Calls `make` for an object that a run can do without. Returns none if wgpu refuses to create it. Such a refusal does
    /// not count as a fault. A panic of wgpu, or a device that is lost, does.
    pub(crate) fn attempt<T>(
        &self,
        make: impl FnOnce() -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        use wgpu::ErrorFilter::{Internal, OutOfMemory, Validation};
        let first = self.device.push_error_scope(Validation);
        let second = self.device.push_error_scope(OutOfMemory);
        let third = self.device.push_error_scope(Internal);
        let made = make();
        let refusals = [third, second, first].map(|scope| pollster::block_on(scope.pop()));
        match refusals.iter().any(Option::is_some) {
            true => Ok(None),
            false => made.map(Some),
        }
    }

    /// Waits until all submitted work is done.
    pub fn wait(&self) -> Result<(), Error> {
        let poll = || self.device.poll(wgpu::PollType::wait_indefinitely());
        match self.guard(poll)? {
            Ok(_) => self.check(),
            Err(why) => Err(self.fail(why.to_string())),
        }
    }

    /// Compiles WGSL sources, joined into one module, without wgpu's bounds checks and loop counters.
    pub(crate) fn module(
        &self,
        sources: &[&str],
        label: &str,
    ) -> Result<wgpu::ShaderModule, Error> {
        let descriptor = wgpu::ShaderModuleDescriptor {
            label: Some(label),
            source: wgpu::ShaderSource::Wgsl(sources.concat().into()),
        };
        let module = self.guard(|| match std::env::var_os("WGRAD_CHECKED_SHADERS") {
            Some(_) => self.device.create_shader_module(descriptor),
            None => self.trusted_module(descriptor),
        })?;
        self.check()?;
        Ok(module)
    }

    /// Compiles a module without wgpu's loop counters, which cost 25 to 70 % on software adapters.
    ///
    /// Safety: every index in `shaders/` is below the length of the slice that the plan binds. Tests run each kernel
    /// with canaries around its slices, and once more with the checks, under `WGRAD_CHECKED_SHADERS`. Every loop is
    /// bounded by a size of the call or, in `shuffled`, by the length of a permutation's cycle.
    #[allow(
        unsafe_code,
        reason = "the one audited exception: trusted shader modules"
    )]
    fn trusted_module(&self, descriptor: wgpu::ShaderModuleDescriptor) -> wgpu::ShaderModule {
        let checks = wgpu::ShaderRuntimeChecks::unchecked();
        unsafe { self.device.create_shader_module_trusted(descriptor, checks) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_in_an_attempt_is_no_fault_of_the_device() -> Result<(), Error> {
        for device in crate::device::all() {
            let crate::device::Device::Gpu(gpu) = device else {
                continue;
            };
            let pipeline = |source: &str| {
                let module = gpu.module(&[source], "tried")?;
                let descriptor = wgpu::ComputePipelineDescriptor {
                    label: None,
                    layout: None,
                    module: &module,
                    entry_point: Some("run"),
                    compilation_options: Default::default(),
                    cache: None,
                };
                Ok(gpu.device.create_compute_pipeline(&descriptor))
            };
            let large = "@compute @workgroup_size(100000) fn run() {}";
            for refused in ["no module", large] {
                assert!(gpu.attempt(|| pipeline(refused))?.is_none());
                gpu.check()?;
            }
            let empty = "@compute @workgroup_size(1) fn run() {}";
            assert!(gpu.attempt(|| pipeline(empty))?.is_some());
            let own = gpu.attempt(|| Err::<(), _>(Error::Config("its own".to_owned())));
            assert!(own.is_err());
            pipeline("no module").unwrap_err();
        }
        Ok(())
    }
}
