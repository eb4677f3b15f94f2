//! A Vulkan loader that fails on purpose: hands every call on to the real loader, and makes one of them fail instead.
//! `tests/cli/device_faults.rs` compiles it to `libvulkan.so.1`.
//!
//! REAL_VULKAN   path of the real loader
//! FAIL_AT       number of the call that fails, from 1, counting calls that can fail
//! FAIL_WITH     its result, as in -4 (device lost); a device that is lost stays lost, and another one can be opened
//! FAIL_COUNT    file that gets the number of calls, if the process asks for it by FAIL_AT=0

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

type Address = *mut c_void;
type Find = unsafe extern "C" fn(Address, *const c_char) -> Address;

unsafe extern "C" {
    fn dlopen(name: *const c_char, flags: c_int) -> Address;
    fn dlsym(library: Address, name: *const c_char) -> Address;
}

const DEVICE_LOST: i32 = -4;
static CALLS: AtomicUsize = AtomicUsize::new(0);
static IS_LOST: AtomicBool = AtomicBool::new(false);
static INSTANCE: AtomicUsize = AtomicUsize::new(0);

fn number(name: &str) -> i64 {
    std::env::var(name).expect(name).parse().expect(name)
}

fn real() -> Find {
    static REAL: OnceLock<usize> = OnceLock::new();
    let find = *REAL.get_or_init(|| unsafe {
        let path = std::env::var("REAL_VULKAN").expect("REAL_VULKAN") + "\0";
        let library = dlopen(path.as_ptr().cast(), 2);
        assert!(!library.is_null(), "{path}");
        dlsym(library, c"vkGetInstanceProcAddr".as_ptr()) as usize
    });
    unsafe { std::mem::transmute::<usize, Find>(find) }
}

/// Returns the result of the call, if it fails.
fn failure(name: &str) -> Option<i32> {
    static PLAN: OnceLock<(usize, i32)> = OnceLock::new();
    let (at, with) = *PLAN.get_or_init(|| (number("FAIL_AT") as usize, number("FAIL_WITH") as i32));
    let call = CALLS.fetch_add(1, Relaxed) + 1;
    if at == 0 {
        let file = std::env::var("FAIL_COUNT").expect("FAIL_COUNT");
        std::fs::write(file, call.to_string()).expect("written");
    }
    if call == at {
        IS_LOST.store(with == DEVICE_LOST, Relaxed);
        return Some(with);
    }
    if name == "vkCreateDevice" {
        IS_LOST.store(false, Relaxed);
    }
    IS_LOST.load(Relaxed).then_some(DEVICE_LOST)
}

macro_rules! failing {
    ($($name:ident)*) => {
        $(mod $name {
            pub static REAL: super::AtomicUsize = super::AtomicUsize::new(0);
            // The calls have at most six arguments, which are integers and pointers.
            pub unsafe extern "C" fn call(a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> i32 {
                if let Some(result) = super::failure(stringify!($name)) {
                    return result;
                }
                type Call = unsafe extern "C" fn(usize, usize, usize, usize, usize, usize) -> i32;
                let real = unsafe { std::mem::transmute::<usize, Call>(REAL.load(super::Relaxed)) };
                unsafe { real(a, b, c, d, e, f) }
            }
        })*
        fn failing(name: &str) -> Option<(&'static AtomicUsize, Address)> {
            match name {
                $(stringify!($name) => Some((&$name::REAL, $name::call as Address)),)*
                _ => None,
            }
        }
    };
}

#[allow(non_snake_case)]
mod calls {
    use super::*;
    failing! {
        vkAllocateCommandBuffers vkAllocateDescriptorSets vkAllocateMemory vkBeginCommandBuffer vkBindBufferMemory
        vkCreateBuffer vkCreateCommandPool vkCreateComputePipelines vkCreateDescriptorPool vkCreateDescriptorSetLayout
        vkCreateDevice vkCreateFence vkCreateInstance vkCreatePipelineCache vkCreatePipelineLayout vkCreateQueryPool
        vkCreateSemaphore vkCreateShaderModule vkEndCommandBuffer vkEnumerateInstanceExtensionProperties
        vkEnumerateInstanceLayerProperties vkEnumeratePhysicalDevices vkGetSemaphoreCounterValue
        vkInvalidateMappedMemoryRanges vkFlushMappedMemoryRanges vkMapMemory vkQueueSubmit vkQueueWaitIdle
        vkDeviceWaitIdle vkResetCommandPool vkResetFences vkWaitForFences vkWaitSemaphores
    }
    pub fn replaced(name: &str, real: Address) -> Address {
        match failing(name) {
            Some((place, call)) if !real.is_null() => {
                place.store(real as usize, Relaxed);
                call
            }
            _ => real,
        }
    }
}

/// # Safety
/// As the function of this name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vkGetInstanceProcAddr(instance: Address, name: *const c_char) -> Address {
    let text = unsafe { CStr::from_ptr(name) }.to_string_lossy();
    match &*text {
        "vkGetInstanceProcAddr" => return vkGetInstanceProcAddr as Address,
        "vkGetDeviceProcAddr" => return vkGetDeviceProcAddr as Address,
        _ => {}
    }
    if !instance.is_null() {
        INSTANCE.store(instance as usize, Relaxed);
    }
    calls::replaced(&text, unsafe { real()(instance, name) })
}

/// # Safety
/// As the function of this name. The loader's functions of an instance serve all its devices.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn vkGetDeviceProcAddr(_: Address, name: *const c_char) -> Address {
    unsafe { vkGetInstanceProcAddr(INSTANCE.load(Relaxed) as Address, name) }
}
