//! Vectors of f32: what tiles and copies need of AVX-512, AVX2 and NEON.

#[cfg(target_arch = "aarch64")]
use std::arch::aarch64::*;
#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::*;
use std::mem::MaybeUninit;

/// Maximum number of rows of a tile, of any vector.
pub(super) const MOST_ROWS: usize = 8;

/// A cache line, which has room for a register.
#[derive(Clone, Copy, Default)]
#[repr(C, align(64))]
pub(super) struct Line(pub(super) [f32; 16]);

/// Memory for 8 registers: columns of 8 numbers, one for each row of a tile.
pub(super) type Eights = MaybeUninit<[Line; MOST_ROWS]>;

/// A vector register of `f32`.
///
/// # Safety
/// Each function is for CPUs that have the instructions, and all but [`Vector::with`] are called within it. `load` and
/// `store` access `LANES` numbers, at any alignment.
pub(in crate::math::product) trait Vector: Copy {
    /// Numbers in a register.
    const LANES: usize;
    /// Maximum number of rows of a tile, up to [`MOST_ROWS`].
    const ROWS: usize;
    /// Maximum number of registers in a row of a tile, up to 4. The sums of a tile, a row of the right matrix and a factor
    /// fill the CPU's registers.
    const REGISTERS: usize;
    /// Maximum number of columns of a tile: a multiple of 8.
    const COLUMNS: usize = Self::LANES * Self::REGISTERS;

    /// Runs `work`, compiled for the instructions. `work` must be `#[inline(always)]`.
    unsafe fn with<R>(work: impl FnOnce() -> R) -> R;
    unsafe fn splat(value: f32) -> Self;
    unsafe fn load(from: *const f32) -> Self;
    unsafe fn store(to: *mut f32, a: Self);
    unsafe fn add(a: Self, b: Self) -> Self;
    unsafe fn subtract(a: Self, b: Self) -> Self;
    unsafe fn multiply(a: Self, b: Self) -> Self;
    /// Returns `a b + c`, rounded once.
    unsafe fn fused(a: Self, b: Self, c: Self) -> Self;
    /// Returns the larger of the bits of `a` and of the magnitude of `b`, lane by lane.
    unsafe fn larger(a: Self, b: Self) -> Self;
    /// Returns `a[0], b[0], a[1], b[1]` and so on, in two registers.
    unsafe fn interleaved(a: Self, b: Self) -> [Self; 2];
}

/// Turns 8 rows of [`Vector::LANES`] numbers into as many rows of 8, or the other way round.
///
/// A stage is a perfect shuffle of all numbers: it moves the highest bit of each position to the lowest place. After as
/// many stages as a row's number has bits, the column's number comes first.
///
/// # Safety
/// As for [`Vector`].
#[inline(always)]
pub(super) unsafe fn transposed<V: Vector>(
    mut rows: [V; MOST_ROWS],
    stages: u32,
) -> [V; MOST_ROWS] {
    for _ in 0..stages {
        let before = rows;
        for i in 0..4 {
            // Safety: the caller's promise.
            [rows[2 * i], rows[2 * i + 1]] = unsafe { V::interleaved(before[i], before[i + 4]) };
        }
    }
    rows
}

/// Implements [`Vector`] by instructions.
macro_rules! vector {
    (
        $vector:ty: $features:literal, $lanes:literal lanes, tiles of $rows:literal by $registers:literal;
        $($name:ident($($argument:ident: $of:ty),*) $(-> $result:ty)? = $body:expr;)*
    ) => {
        impl Vector for $vector {
            const LANES: usize = $lanes;
            const ROWS: usize = $rows;
            const REGISTERS: usize = $registers;

            #[target_feature(enable = $features)]
            unsafe fn with<R>(work: impl FnOnce() -> R) -> R {
                work()
            }
            $(#[inline(always)]
            unsafe fn $name($($argument: $of),*) $(-> $result)? {
                // Safety: the caller's promise.
                unsafe { $body }
            })*
        }
    };
}

#[cfg(target_arch = "x86_64")]
vector! {
    __m512: "avx512f,avx512dq,avx512vl,avx2,fma", 16 lanes, tiles of 8 by 3;
    splat(value: f32) -> Self = _mm512_set1_ps(value);
    load(from: *const f32) -> Self = _mm512_loadu_ps(from);
    store(to: *mut f32, a: Self) = _mm512_storeu_ps(to, a);
    add(a: Self, b: Self) -> Self = _mm512_add_ps(a, b);
    subtract(a: Self, b: Self) -> Self = _mm512_sub_ps(a, b);
    multiply(a: Self, b: Self) -> Self = _mm512_mul_ps(a, b);
    fused(a: Self, b: Self, c: Self) -> Self = _mm512_fmadd_ps(a, b, c);
    larger(a: Self, b: Self) -> Self = _mm512_castsi512_ps(_mm512_max_epu32(
        _mm512_castps_si512(a),
        _mm512_and_si512(_mm512_castps_si512(b), _mm512_set1_epi32(i32::MAX)),
    ));
    interleaved(a: Self, b: Self) -> [Self; 2] = {
        let low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
        let high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
        [_mm512_permutex2var_ps(a, low, b), _mm512_permutex2var_ps(a, high, b)]
    };
}

#[cfg(target_arch = "x86_64")]
vector! {
    __m256: "avx2,fma", 8 lanes, tiles of 6 by 2;
    splat(value: f32) -> Self = _mm256_set1_ps(value);
    load(from: *const f32) -> Self = _mm256_loadu_ps(from);
    store(to: *mut f32, a: Self) = _mm256_storeu_ps(to, a);
    add(a: Self, b: Self) -> Self = _mm256_add_ps(a, b);
    subtract(a: Self, b: Self) -> Self = _mm256_sub_ps(a, b);
    multiply(a: Self, b: Self) -> Self = _mm256_mul_ps(a, b);
    fused(a: Self, b: Self, c: Self) -> Self = _mm256_fmadd_ps(a, b, c);
    larger(a: Self, b: Self) -> Self = _mm256_castsi256_ps(_mm256_max_epu32(
        _mm256_castps_si256(a),
        _mm256_and_si256(_mm256_castps_si256(b), _mm256_set1_epi32(i32::MAX)),
    ));
    interleaved(a: Self, b: Self) -> [Self; 2] = {
        let (low, high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
        [_mm256_permute2f128_ps::<0x20>(low, high), _mm256_permute2f128_ps::<0x31>(low, high)]
    };
}

#[cfg(target_arch = "aarch64")]
vector! {
    float32x4_t: "neon", 4 lanes, tiles of 6 by 4;
    splat(value: f32) -> Self = vdupq_n_f32(value);
    load(from: *const f32) -> Self = vld1q_f32(from);
    store(to: *mut f32, a: Self) = vst1q_f32(to, a);
    add(a: Self, b: Self) -> Self = vaddq_f32(a, b);
    subtract(a: Self, b: Self) -> Self = vsubq_f32(a, b);
    multiply(a: Self, b: Self) -> Self = vmulq_f32(a, b);
    fused(a: Self, b: Self, c: Self) -> Self = vfmaq_f32(c, a, b);
    larger(a: Self, b: Self) -> Self = vreinterpretq_f32_u32(vmaxq_u32(
        vreinterpretq_u32_f32(a),
        vandq_u32(vreinterpretq_u32_f32(b), vdupq_n_u32(i32::MAX as u32)),
    ));
    interleaved(a: Self, b: Self) -> [Self; 2] = [vzip1q_f32(a, b), vzip2q_f32(a, b)];
}
