//! The vector instructions that the CPU device uses: the widest that the CPU has, or those that `WGRAD_SIMD` names.
//!
//! The bits do not depend on them, so one machine tests all that it has.

use std::sync::OnceLock;

/// The environment variable.
const VARIABLE: &str = "WGRAD_SIMD";

/// Vector instructions, from the widest to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// AVX-512 on x86-64: 32 registers of 16 numbers.
    Avx512,
    /// AVX2 and FMA on x86-64: 16 registers of 8 numbers.
    Avx2,
    /// NEON on ARM: 32 registers of 4 numbers.
    Neon,
    /// Plain loops, which the compiler vectorises for any CPU of the architecture.
    Plain,
}

impl Width {
    /// Its name in `WGRAD_SIMD`.
    pub fn name(self) -> &'static str {
        match self {
            Width::Avx512 => "avx512",
            Width::Avx2 => "avx2",
            Width::Neon => "neon",
            Width::Plain => "plain",
        }
    }

    /// Returns what this CPU has, the widest first.
    pub fn available() -> Vec<Width> {
        let mut all = vec![Width::Avx512, Width::Avx2, Width::Neon, Width::Plain];
        all.retain(|width| width.is_available());
        all
    }

    fn is_available(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        return match self {
            Width::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && Width::Avx2.is_available()
            }
            Width::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            Width::Neon => false,
            Width::Plain => true,
        };
        #[cfg(not(target_arch = "x86_64"))]
        return self == Width::Plain || (self == Width::Neon && cfg!(target_arch = "aarch64"));
    }

    /// Returns the instructions that this process uses: those of the environment, or the widest.
    ///
    /// # Errors
    /// If `WGRAD_SIMD` names instructions that do not exist, or that this CPU does not have.
    pub fn of_environment() -> Result<Width, String> {
        static FOUND: OnceLock<Result<Width, String>> = OnceLock::new();
        let find = || match std::env::var_os(VARIABLE) {
            None => Ok(Width::available()[0]),
            Some(name) => Width::named(&name.to_string_lossy()),
        };
        FOUND.get_or_init(find).clone()
    }

    /// Returns the available instructions of this name.
    ///
    /// # Errors
    /// If there are none.
    pub fn named(name: &str) -> Result<Width, String> {
        let available = Width::available();
        let found = available.iter().find(|width| width.name() == name);
        found.copied().ok_or_else(|| {
            let names: Vec<_> = available.iter().map(|width| width.name()).collect();
            format!(
                "{VARIABLE}: expected one of {} on this CPU, found {name:?}",
                names.join(", ")
            )
        })
    }

    /// Returns the instructions that this process uses. An error in the environment is one of loading a plan, so that here
    /// it means the widest.
    #[inline]
    pub(crate) fn current() -> Width {
        static CURRENT: OnceLock<Width> = OnceLock::new();
        *CURRENT.get_or_init(|| Width::of_environment().unwrap_or(Width::available()[0]))
    }
}
