//! stub
use super::pipeline::Pipeline;
use crate::Error;
/// stub
pub fn c(_: &Pipeline, _: &str) -> Result<Vec<u8>, Error> {
    Ok(Vec::new())
}
/// stub
pub fn rust(_: &Pipeline) -> Result<Vec<u8>, Error> {
    Ok(Vec::new())
}
