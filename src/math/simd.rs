//! CPU features beyond plain Rust: loops compiled for vector instructions, prefetches, and memory aligned to cache lines. No operation
//! is fused with another, so the bits stay the same.

#[cfg(target_arch = "x86_64")]
use crate::math::width::Width;
use std::ops::{Deref, DerefMut};

/// Runs `work`, compiled for AVX2 if this process uses it or AVX-512. `work` must be `#[inline(always)]`.
///
/// For loops over [`Lanes`](crate::math::Lanes) the compiler's choice for AVX-512 is often slower: it gathers one network
/// of 16 elements at a time. Where it pays, [`with_widest`] is used.
#[inline]
#[allow(
    unsafe_code,
    reason = "an audited exception: a function for some CPUs only"
)]
pub(crate) fn with_simd<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    if matches!(Width::current(), Width::Avx512 | Width::Avx2) {
        // Safety: the CPU has AVX2.
        return unsafe { with_avx2(work) };
    }
    work()
}

/// Runs `work`, compiled for the vector instructions that this process uses. `work` must be `#[inline(always)]`.
#[inline]
#[allow(
    unsafe_code,
    reason = "an audited exception: a function for some CPUs only"
)]
pub(crate) fn with_widest<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    if Width::current() == Width::Avx512 {
        // Safety: the CPU has AVX-512.
        return unsafe { with_avx512(work) };
    }
    with_simd(work)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx2")]
fn with_avx512<R>(work: impl FnOnce() -> R) -> R {
    work()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// Number of cache lines to prefetch. The CPU's own prefetcher continues after that many neighbours.
const LINES: usize = 4;

/// Prefetches `values` into the cache, without waiting for them.
#[inline]
pub(crate) fn prefetch<T>(values: &[T]) {
    for line in 0..LINES.min(size_of_val(values).div_ceil(64) + 1) {
        prefetch_line::<false, i8>(values.as_ptr().cast::<i8>().wrapping_add(64 * line));
    }
}

/// Prefetches the cache line of an address, which need not exist: into all caches, or (not `NEAR`) from the second on.
#[inline(always)]
#[allow(
    unsafe_code,
    reason = "an audited exception: an instruction that takes a raw pointer"
)]
pub(crate) fn prefetch_line<const NEAR: bool, T>(at: *const T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _MM_HINT_T1, _mm_prefetch};
        // Safety: it reads nothing, and an address that is not mapped is no fault.
        match NEAR {
            true => unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) },
            false => unsafe { _mm_prefetch::<_MM_HINT_T1>(at.cast()) },
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}

/// Numbers in memory that is aligned to a cache line, so that no vector load crosses two lines.
pub(crate) struct Aligned<T> {
    values: Vec<T>,
    first: usize,
    len: usize,
}

impl<T: Copy + Default> Aligned<T> {
    /// Allocates `len` zeros.
    pub(crate) fn new(len: usize) -> Aligned<T> {
        let slack = 64 / size_of::<T>().clamp(1, 64);
        let values = vec![T::default(); len + slack];
        let first = values.as_ptr().align_offset(64).min(slack);
        Aligned { values, first, len }
    }
}

impl<T> Deref for Aligned<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.values[self.first..][..self.len]
    }
}

impl<T> DerefMut for Aligned<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.values[self.first..][..self.len]
    }
}
