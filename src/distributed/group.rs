//! A group of ranks, as the thread that trains sees it: sums, messages to all, and time limits.

use super::Link;
use super::driver::{Done, Driver, FAREWELL, Job, LIMIT, POLL};
use crate::Error;
use crate::text::counted;
use crate::threads::locked;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::Builder;
use std::time::{Duration, Instant};

/// Time that a rank waits for another one after a signal: what starts the ranks kills them a second after it, if one has ended.
const GRACE: Duration = Duration::from_millis(400);

/// The ranks that train a network together, seen from one of them.
pub struct Group {
    rank: usize,
    count: usize,
    host: String,
    jobs: Sender<Job>,
    done: Mutex<Receiver<Result<Done, String>>>,
    /// When the thread of the link was last awake, in milliseconds since the group began.
    awake: Arc<AtomicU64>,
    begun: Instant,
    stop: Mutex<Option<&'static AtomicBool>>,
}

/// A sum that is being computed.
#[must_use]
pub struct Pending<'a>(&'a Group);

impl Group {
    /// Joins the group behind the link that `open` returns. `open` is called on the thread that drives the link.
    ///
    /// # Errors
    /// Returns an error if the link cannot be opened, or the number of ranks is no power of two.
    pub fn join<L: Link>(
        open: impl FnOnce() -> Result<L, Error> + Send + 'static,
    ) -> Result<Group, Error> {
        let (jobs, orders) = channel();
        let (results, done) = channel();
        let (opened, sizes) = channel();
        let (awake, begun) = (Arc::new(AtomicU64::new(0)), Instant::now());
        let of_thread = awake.clone();
        let work = move || match open() {
            Err(why) => drop(opened.send(Err(why))),
            Ok(link) => {
                drop(opened.send(Ok((link.rank(), link.count(), link.host()))));
                Driver::new(link, of_thread, begun).work(&orders, &results);
            }
        };
        let thread = Builder::new().name("ranks".to_owned()).spawn(work);
        thread
            .map_err(|why| Error::Ranks(format!("no thread for the messages of ranks: {why}")))?;
        let sizes = sizes.recv().map_err(|_| lost_thread())?;
        let (rank, count, host) = sizes?;
        if !count.is_power_of_two() {
            let below = 1 << count.ilog2();
            return Err(Error::Config(format!(
                "{}; sums need a power of two: start {below} or {}",
                counted(count, "rank"),
                2 * below
            )));
        }
        Ok(Group {
            rank,
            count,
            host,
            jobs,
            done: Mutex::new(done),
            awake,
            begun,
            stop: Mutex::new(None),
        })
    }

    /// Returns the number of this rank, from 0.
    pub fn rank(&self) -> usize {
        self.rank
    }

    /// Returns the number of ranks.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Names a flag that is set when this process is to end. From then on it waits only briefly for other ranks.
    pub fn stop_on(&self, flag: &'static AtomicBool) {
        *locked(&self.stop) = Some(flag);
    }

    /// Forgets the flag: all ranks have agreed to end, and may take their time.
    pub fn agree_to_end(&self) {
        *locked(&self.stop) = None;
    }

    /// Begins to add `values` of all ranks.
    ///
    /// # Errors
    /// Returns an error if the link is broken.
    pub fn begin_sum(&self, values: Vec<f32>) -> Result<Pending<'_>, Error> {
        self.order(Job::Sum(values))?;
        Ok(Pending(self))
    }

    /// Returns the bytes of each rank.
    ///
    /// # Errors
    /// Returns an error if a rank has ended, or the link is broken.
    pub fn gather(&self, bytes: Vec<u8>) -> Result<Vec<Vec<u8>>, Error> {
        self.order(Job::Gather(bytes))?;
        match self.wait()? {
            Done::Gather(all) => Ok(all),
            Done::Sum(_) | Done::Nothing => Err(lost_thread()),
        }
    }

    /// Returns how many ranks of a lower number this host has.
    ///
    /// # Errors
    /// Returns an error if a rank has ended, or the link is broken.
    pub fn number_on_host(&self) -> Result<usize, Error> {
        let hosts = self.gather(self.host.clone().into_bytes())?;
        let lower = hosts.iter().take(self.rank);
        Ok(lower.filter(|host| **host == hosts[self.rank]).count())
    }

    /// Tells the other ranks why this one ends. All but the first one then wait for it to end, up to [`LIMIT`].
    pub fn fail(&self, why: &str) {
        if self.order(Job::Fail(why.to_owned())).is_ok() {
            drop(locked(&self.done).recv_timeout(LIMIT + FAREWELL));
        }
    }

    /// Waits for the other ranks, and leaves the group.
    ///
    /// # Errors
    /// Returns an error if a rank has failed, or the link is broken.
    pub fn close(self) -> Result<(), Error> {
        self.agree_to_end();
        self.gather(Vec::new())?;
        self.order(Job::Close)?;
        self.wait().map(drop)
    }

    fn order(&self, job: Job) -> Result<(), Error> {
        self.jobs.send(job).map_err(|_| lost_thread())
    }

    /// Waits for the result of the oldest job.
    fn wait(&self) -> Result<Done, Error> {
        let done = locked(&self.done);
        let stop = *locked(&self.stop);
        let mut stopped: Option<Instant> = None;
        let start = Instant::now();
        loop {
            match done.recv_timeout(POLL) {
                Ok(done) => return done.map_err(Error::Ranks),
                Err(RecvTimeoutError::Disconnected) => return Err(lost_thread()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let awake = Duration::from_millis(self.awake.load(Ordering::Relaxed));
            let asleep = self.begun.elapsed().saturating_sub(awake);
            if asleep.min(start.elapsed()) > LIMIT {
                return Err(Error::Ranks(format!(
                    "a message between ranks did not end within {} s: one was killed or stopped, or its connection is lost",
                    LIMIT.as_secs()
                )));
            }
            if stop.is_some_and(|flag| flag.load(Ordering::Relaxed))
                && stopped.get_or_insert_with(Instant::now).elapsed() > GRACE
            {
                return Err(Error::Ranks(
                    "a signal ended the run while it waited for another rank, which may have ended"
                        .to_owned(),
                ));
            }
        }
    }
}

impl Pending<'_> {
    /// Waits for the sum.
    ///
    /// # Errors
    /// Returns an error if a rank has ended, or the link is broken.
    pub fn wait(self) -> Result<Vec<f32>, Error> {
        match self.0.wait()? {
            Done::Sum(values) => Ok(values),
            Done::Gather(_) | Done::Nothing => Err(lost_thread()),
        }
    }
}

fn lost_thread() -> Error {
    Error::Ranks("the messages between ranks have ended".to_owned())
}
