//! Messages over MPI, between the processes that `mpirun` or `srun` has started.

use super::{Group, Link, Tag};
use crate::Error;
use ::mpi::Threading;
use ::mpi::environment::Universe;
use ::mpi::point_to_point::MatchedReceiveVec;
use ::mpi::request::{Request, StaticScope};
use ::mpi::topology::SimpleCommunicator;
use ::mpi::traits::{Communicator, Destination, Source};
use std::io::Result;

/// Joins the processes that were started together.
///
/// # Errors
/// Returns an error if MPI cannot be started, or the number of processes is no power of two.
pub fn join() -> std::result::Result<Group, Error> {
    Group::join(MpiLink::open)
}

/// The link of a process of MPI's world.
struct MpiLink {
    /// `None` after the end.
    universe: Option<Universe>,
    world: SimpleCommunicator,
    /// What has not left yet.
    sends: Vec<Request<'static, [u8]>>,
}

impl MpiLink {
    fn open() -> std::result::Result<MpiLink, Error> {
        // Funneled: this thread alone calls MPI.
        let opened = ::mpi::initialize_with_threading(Threading::Funneled);
        let (universe, _) =
            opened.ok_or_else(|| Error::Ranks("MPI was started before".to_owned()))?;
        Ok(MpiLink {
            world: universe.world(),
            universe: Some(universe),
            sends: Vec::new(),
        })
    }

    /// Looks which messages have left, and frees them.
    #[allow(
        unsafe_code,
        reason = "an audited exception: a message has to live until MPI has sent it"
    )]
    fn drive(&mut self) {
        for request in std::mem::take(&mut self.sends) {
            match request.test_with_data() {
                Err(request) => self.sends.push(request),
                // Safety: it was leaked in `send`, and MPI no longer reads it.
                Ok((_, sent)) => {
                    drop(unsafe { Box::from_raw(std::ptr::from_ref(sent).cast_mut()) })
                }
            }
        }
    }
}

impl Link for MpiLink {
    fn rank(&self) -> usize {
        self.world.rank() as usize
    }

    fn count(&self) -> usize {
        self.world.size() as usize
    }

    fn host(&self) -> String {
        ::mpi::environment::processor_name().unwrap_or_default()
    }

    fn send(&mut self, to: usize, tag: Tag, message: Vec<u8>) -> Result<()> {
        if i32::try_from(message.len()).is_err() {
            return Err(std::io::Error::other(format!(
                "it has {} bytes, and MPI takes {}",
                message.len(),
                i32::MAX
            )));
        }
        let message: &'static [u8] = Box::leak(message.into_boxed_slice());
        let peer = self.world.process_at_rank(to as i32);
        let sent = peer.immediate_send_with_tag(StaticScope, message, tag as i32);
        self.sends.push(sent);
        Ok(())
    }

    fn receive(&mut self, from: usize, tag: Tag) -> Result<Option<Vec<u8>>> {
        self.drive();
        let peer = self.world.process_at_rank(from as i32);
        let found = peer.immediate_matched_probe_with_tag(tag as i32);
        Ok(found.map(|message| message.matched_receive_vec::<u8>().0))
    }

    fn is_idle(&mut self) -> bool {
        self.drive();
        self.sends.is_empty()
    }

    fn close(&mut self) {
        while !self.is_idle() {
            std::thread::yield_now();
        }
        // MPI's end waits for that of the others.
        self.universe = None;
    }
}

impl Drop for MpiLink {
    fn drop(&mut self) {
        // After a failure there is nobody to wait for.
        std::mem::take(&mut self.sends)
            .into_iter()
            .for_each(std::mem::forget);
        std::mem::forget(self.universe.take());
    }
}
