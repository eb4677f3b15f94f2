//! Adapters: which there are, which one to use and why, and everything of wgpu that is not a plan (limits, errors, a
//! device that is lost, waiting).

use crate::Error;
use crate::kernel::Capabilities;
use crate::plan::{Plan, Session, cpu, gpu};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

/// What the user asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Request {
    /// Whatever should be fastest for the job.
    #[default]
    Auto,
    /// The CPU device.
    Cpu,
    /// The best adapter, a software one if there is no other.
    Gpu,
    /// The adapter whose name contains this.
    Name(String),
}

impl From<&str> for Request {
    fn from(text: &str) -> Request {
        match text.to_lowercase().as_str() {
            "auto" => Request::Auto,
            "cpu" => Request::Cpu,
            "gpu" => Request::Gpu,
            _ => Request::Name(text.to_owned()),
        }
    }
}

/// A device to run on.
#[derive(Clone)]
pub enum Device {
    /// The CPU device.
    Cpu,
    /// An opened adapter.
    Gpu(Arc<Gpu>),
}

/// A device, and why it is this one.
pub struct Choice {
    /// The device.
    pub device: Device,
    /// The reason, for people.
    pub reason: String,
}

impl Device {
    /// Its name: the adapter's, or the CPU device's.
    pub fn name(&self) -> String {
        match self {
            Device::Cpu => format!("cpu ({} threads)", crate::plan::cpu::threads()),
            Device::Gpu(gpu) => gpu.info.name.clone(),
        }
    }

    /// Loads `plan`, for a data set of `data` rows.
    pub fn load(&self, plan: &Plan, data: usize) -> Result<Box<dyn Session<f32>>, Error> {
        Ok(match self {
            Device::Cpu => Box::new(cpu::Session::new(plan, data, 0)),
            Device::Gpu(gpu) => Box::new(gpu::Session::new(gpu.clone(), plan, data)?),
        })
    }

    /// Bytes that one buffer may have.
    pub fn largest_buffer(&self) -> u64 {
        match self {
            Device::Cpu => u64::MAX,
            Device::Gpu(gpu) => gpu.largest_buffer(),
        }
    }

    /// `cpu`, or the adapter's backend: `vulkan`, `metal`, `dx12`, `gl`.
    pub fn backend(&self) -> String {
        match self {
            Device::Cpu => "cpu".to_owned(),
            Device::Gpu(gpu) => gpu.info.backend.to_string(),
        }
    }
}

/// What to type when there is no adapter.
pub const NO_ADAPTER_CURE: &str = "install your GPU's Vulkan driver, or Mesa's software one (Debian and Ubuntu: apt-get install mesa-vulkan-drivers), or use --device cpu";

/// The backends that `name` means; all of the build's without a name.
pub fn backends(name: Option<&str>) -> Result<wgpu::Backends, Error> {
    let built = wgpu::Instance::enabled_backend_features();
    let asked = match name.map(str::to_lowercase).as_deref() {
        None => return Ok(built),
        Some("vulkan") => wgpu::Backends::VULKAN,
        Some("metal") => wgpu::Backends::METAL,
        Some("dx12") => wgpu::Backends::DX12,
        Some("gl") => wgpu::Backends::GL,
        Some(other) => {
            return Err(Error::Config(format!(
                "--backend {other}: expected vulkan, metal, dx12 or gl"
            )));
        }
    };
    if built.contains(asked) {
        return Ok(asked);
    }
    let cure = match asked {
        wgpu::Backends::GL => "; build with --features gles",
        _ => " and cannot be on this system",
    };
    let name = name.unwrap_or_default();
    Err(Error::Config(format!(
        "--backend {name}: not in this build{cure}"
    )))
}

/// The adapters there are, hardware before software.
pub fn adapters(backends: wgpu::Backends) -> Vec<wgpu::Adapter> {
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = backends;
    let instance = wgpu::Instance::new(descriptor);
    let mut found = pollster::block_on(instance.enumerate_adapters(backends));
    found.sort_by_key(|adapter| rank(&adapter.get_info()));
    found
}

/// The CPU device, and every adapter that can be opened.
pub fn all() -> Vec<Device> {
    let adapters = adapters(wgpu::Instance::enabled_backend_features());
    let opened = adapters
        .iter()
        .filter_map(|adapter| Gpu::open(adapter).ok());
    let opened = opened.map(|gpu| Device::Gpu(Arc::new(gpu)));
    [Device::Cpu].into_iter().chain(opened).collect()
}

fn rank(info: &wgpu::AdapterInfo) -> u8 {
    match info.device_type {
        wgpu::DeviceType::DiscreteGpu => 0,
        wgpu::DeviceType::IntegratedGpu | wgpu::DeviceType::VirtualGpu => 1,
        wgpu::DeviceType::Cpu => 2,
        wgpu::DeviceType::Other => 3,
    }
}

/// Whether an adapter computes on the CPU.
pub fn is_software(info: &wgpu::AdapterInfo) -> bool {
    rank(info) >= 2
}

/// Multiply-adds a step below which a GPU's launches cost more than the CPU's arithmetic: a static guess, until the
/// machine is calibrated.
const SMALL_STEP: usize = 1_000_000;

/// Chooses a device for steps of `multiply_adds`.
pub fn choose(
    request: &Request,
    backend: Option<&str>,
    multiply_adds: usize,
) -> Result<Choice, Error> {
    if *request == Request::Cpu {
        return Ok(cpu("asked for".to_owned()));
    }
    let adapters = adapters(backends(backend)?);
    match request {
        Request::Name(name) if name.trim().is_empty() => Err(Error::Config(
            "--device: expected auto, cpu, gpu, or a part of an adapter's name".to_owned(),
        )),
        Request::Auto => choose_automatically(adapters, multiply_adds),
        Request::Name(name) => by_name(adapters, name),
        _ => match adapters.into_iter().next() {
            None => Err(Error::Adapter(format!(
                "no GPU adapter found: {NO_ADAPTER_CURE}"
            ))),
            Some(best) => open(&best, "asked for: the best adapter there is".to_owned()),
        },
    }
}

fn choose_automatically(
    adapters: Vec<wgpu::Adapter>,
    multiply_adds: usize,
) -> Result<Choice, Error> {
    let Some(best) = adapters.first() else {
        return Ok(cpu(format!(
            "no GPU adapter found; to use one, {}",
            NO_ADAPTER_CURE.replace(", or use --device cpu", "")
        )));
    };
    let info = best.get_info();
    if is_software(&info) {
        return Ok(cpu(format!(
            "the only adapter, {}, computes on the CPU too; --device gpu uses it",
            info.name
        )));
    }
    if multiply_adds < SMALL_STEP {
        return Ok(cpu(format!(
            "a step of {multiply_adds} multiply-adds is too small to pay for launches on {}; --device gpu uses it",
            info.name
        )));
    }
    open(best, "the fastest adapter there is".to_owned())
}

fn by_name(adapters: Vec<wgpu::Adapter>, name: &str) -> Result<Choice, Error> {
    let names: Vec<String> = adapters.iter().map(|a| a.get_info().name).collect();
    let wanted = name.to_lowercase();
    match names
        .iter()
        .position(|n| n.to_lowercase().contains(&wanted))
    {
        Some(found) => open(&adapters[found], format!("its name contains {name:?}")),
        None if names.is_empty() => Err(Error::Adapter(format!(
            "no adapter {name:?}, and no other: {NO_ADAPTER_CURE}"
        ))),
        None => Err(Error::Adapter(format!(
            "no adapter {name:?}; there are: {}; or use --device cpu",
            names.join(", ")
        ))),
    }
}

fn cpu(reason: String) -> Choice {
    Choice {
        device: Device::Cpu,
        reason,
    }
}

fn open(adapter: &wgpu::Adapter, reason: String) -> Result<Choice, Error> {
    let device = Device::Gpu(Arc::new(Gpu::open(adapter)?));
    Ok(Choice { device, reason })
}

/// An opened adapter.
pub struct Gpu {
    /// What the adapter says of itself.
    pub info: wgpu::AdapterInfo,
    /// The wgpu device.
    pub device: wgpu::Device,
    /// Its queue.
    pub queue: wgpu::Queue,
    faults: Faults,
}

/// The first fault of a device: it stays.
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

/// What an adapter has, for the choice of variants.
pub fn capabilities(
    info: &wgpu::AdapterInfo,
    features: wgpu::Features,
    limits: &wgpu::Limits,
) -> Capabilities {
    let known = info.subgroup_min_size == info.subgroup_max_size;
    let subgroups = features.contains(wgpu::Features::SUBGROUP) && known;
    Capabilities {
        software: is_software(info),
        subgroup: subgroups.then_some(info.subgroup_min_size),
        workgroup_memory: limits.max_compute_workgroup_storage_size,
    }
}

impl Gpu {
    /// Bytes that one buffer may have and a shader may be given.
    pub fn largest_buffer(&self) -> u64 {
        let limits = self.device.limits();
        limits
            .max_storage_buffer_binding_size
            .min(limits.max_buffer_size)
    }

    /// What the adapter has, for the choice of variants.
    pub fn capabilities(&self) -> Capabilities {
        capabilities(&self.info, self.device.features(), &self.device.limits())
    }

    /// Opens an adapter with all its limits.
    pub fn open(adapter: &wgpu::Adapter) -> Result<Gpu, Error> {
        let info = adapter.get_info();
        let request = adapter.request_device(&wgpu::DeviceDescriptor {
            label: Some("wgrad"),
            required_features: adapter.features() & wgpu::Features::SUBGROUP,
            required_limits: adapter.limits(),
            memory_hints: wgpu::MemoryHints::Performance,
            ..Default::default()
        });
        let (device, queue) = pollster::block_on(request).map_err(|why| {
            Error::Adapter(format!(
                "{}: cannot be opened ({why}); try another --device, or --device cpu",
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
        Ok(Gpu {
            info,
            device,
            queue,
            faults,
        })
    }

    /// The first fault since the device was opened, as an error.
    pub fn check(&self) -> Result<(), Error> {
        match &*self.faults.lock() {
            None => Ok(()),
            Some(fault) => Err(Error::Device(format!(
                "{}: {fault}; run again, with --device cpu if it stays",
                self.info.name
            ))),
        }
    }

    /// Waits until everything submitted is done.
    pub fn wait(&self) -> Result<(), Error> {
        // On a lost device wgpu panics here instead of returning an error.
        let poll = || self.device.poll(wgpu::PollType::wait_indefinitely());
        match catch_unwind(AssertUnwindSafe(poll)) {
            Ok(Ok(_)) => {}
            Ok(Err(why)) => self.faults.note(why.to_string()),
            Err(_) => self.faults.note("the device was lost".to_owned()),
        }
        self.check()
    }

    /// Compiles WGSL sources, joined into one module, without wgpu's bounds checks and loop counters.
    pub fn module(&self, sources: &[&str], label: &str) -> Result<wgpu::ShaderModule, Error> {
        let descriptor = wgpu::ShaderModuleDescriptor {
            label: Some(label),
            source: wgpu::ShaderSource::Wgsl(sources.concat().into()),
        };
        let module = if std::env::var_os("WGRAD_CHECKED_SHADERS").is_some() {
            self.device.create_shader_module(descriptor)
        } else {
            self.trusted_module(descriptor)
        };
        self.check()?;
        Ok(module)
    }

    /// wgpu's loop counter costs 25 to 70 % on software adapters, so the modules go without.
    ///
    /// Safety: every index in `shaders/` is below the length of the slice that the plan binds (tests run each kernel
    /// with canaries around its slices, and once more with the checks, under `WGRAD_CHECKED_SHADERS`), and every loop
    /// is bounded by a size of the call or, in `shuffled`, by the length of a permutation's cycle.
    #[allow(
        unsafe_code,
        reason = "the one audited exception: trusted shader modules"
    )]
    fn trusted_module(&self, descriptor: wgpu::ShaderModuleDescriptor) -> wgpu::ShaderModule {
        let checks = wgpu::ShaderRuntimeChecks::unchecked();
        unsafe { self.device.create_shader_module_trusted(descriptor, checks) }
    }
}
