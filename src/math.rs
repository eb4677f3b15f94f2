//! CPU arithmetic: number types, matrix products, SIMD helpers and random numbers.

pub mod lanes;
pub mod matrix;
pub mod product;
pub mod random;
pub mod real;
pub mod simd;
pub mod width;

pub use lanes::{F32x16, F32x64, Lanes};
pub use matrix::{Matrix, Start};
pub use product::Product;
pub use random::{Random, Stream};
pub use real::Real;
