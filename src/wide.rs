//! Loops compiled for the CPU's wider vectors. No operation is fused with another, so the bits stay the same.

/// Runs `work`, compiled for AVX2 where the CPU has it. `work` must be `#[inline(always)]`.
#[inline]
#[allow(
    unsafe_code,
    reason = "an audited exception: a function for some CPUs only"
)]
pub(crate) fn wide<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // Safety: the CPU has AVX2.
        return unsafe { with_avx2(work) };
    }
    work()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2<R>(work: impl FnOnce() -> R) -> R {
    work()
}
