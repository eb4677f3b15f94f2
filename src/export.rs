//! Models for other programs: as ONNX, as C or Rust source, as JSON, and as NumPy arrays.
//!
//! [`pipeline`] describes what a model does with a row. [`onnx`] and [`source`] spell it in their languages.
//! [`json`] and [`npz`] hold the model as it is in its file.

pub mod json;
pub mod npz;
pub mod onnx;
pub mod pipeline;
pub mod source;
