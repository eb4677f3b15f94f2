//! What a group of processes needs of the library that carries its messages.

use std::io::Result;

/// The kinds of messages. Those of one kind arrive in the order in which they were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Tag {
    /// Part of a sum, or of what the ranks tell each other.
    Data = 1,
    /// A sign of life.
    Life = 2,
    /// Why a rank ends.
    Failure = 3,
}

/// Carries messages between processes. One thread drives it.
pub trait Link {
    /// Returns the number of this process, from 0.
    fn rank(&self) -> usize;
    /// Returns the number of processes.
    fn count(&self) -> usize;
    /// Returns the name of the host of this process.
    fn host(&self) -> String {
        String::new()
    }
    /// Begins to send a message, and returns at once.
    ///
    /// # Errors
    /// Returns an error if the link is broken.
    fn send(&mut self, to: usize, tag: Tag, message: Vec<u8>) -> Result<()>;
    /// Returns the next message from a process, if one has arrived. Drives what is being sent.
    ///
    /// # Errors
    /// Returns an error if the link is broken.
    fn receive(&mut self, from: usize, tag: Tag) -> Result<Option<Vec<u8>>>;
    /// Returns whether all messages have left.
    fn is_idle(&mut self) -> bool;
    /// Closes the link, when all processes do.
    fn close(&mut self);
}
