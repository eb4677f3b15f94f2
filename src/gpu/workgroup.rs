//! The *workgroup* family: one network in the memory of each workgroup.

pub mod chunk;
pub mod session;
