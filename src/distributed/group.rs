//! A group of ranks, as the thread that trains sees it: sums, messages to all, and time limits.

use super::{Link, Tag, reduce::all_reduce};
use crate::Error;
use crate::text::counted;
use crate::threads::locked;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, sleep, yield_now};
use std::time::{Duration, Instant};

/// Time without a sign of life after which a rank is lost.
pub const LIMIT: Duration = Duration::from_secs(8);
/// Time between two signs of life.
const LIFE: Duration = Duration::from_secs(1);
/// Time that a rank waits for another one after a signal: what starts the ranks kills them a second after it, if one has ended.
const GRACE: Duration = Duration::from_millis(400);
/// Time in which the others hear why a rank fails.
const FAREWELL: Duration = Duration::from_secs(2);
/// How often a thread that waits looks again without a pause: a message between processes of a host takes microseconds.
const SPINS: usize = 200;
const PAUSE: Duration = Duration::from_micros(50);
/// How often a thread looks whether there is something else to do.
const POLL: Duration = Duration::from_millis(50);

/// What the thread of the link is to do.
enum Job {
    Sum(Vec<f32>),
    Gather(Vec<u8>),
    Fail(String),
    Close,
}

enum Done {
    Sum(Vec<f32>),
    Gather(Vec<Vec<u8>>),
    Nothing,
}

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
                let now = vec![Instant::now(); link.count()];
                let driver = Driver {
                    link,
                    heard: now,
                    lived: None,
                    looked: begun,
                    awake: of_thread,
                    begun,
                };
                driver.work(&orders, &results);
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

    /// Tells the other ranks why this one ends.
    pub fn fail(&self, why: &str) {
        if self.order(Job::Fail(why.to_owned())).is_ok() {
            drop(locked(&self.done).recv_timeout(FAREWELL + POLL));
        }
    }

    /// Waits for the other ranks, and leaves the group.
    ///
    /// # Errors
    /// Returns an error if a rank has failed, or the link is broken.
    pub fn close(self) -> Result<(), Error> {
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
        loop {
            match done.recv_timeout(POLL) {
                Ok(done) => return done.map_err(Error::Ranks),
                Err(RecvTimeoutError::Disconnected) => return Err(lost_thread()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let awake = Duration::from_millis(self.awake.load(Ordering::Relaxed));
            if self.begun.elapsed().saturating_sub(awake) > LIMIT {
                return Err(Error::Ranks(format!(
                    "a message between ranks did not end within {} s: one was killed or stopped, or its connection is lost",
                    LIMIT.as_secs()
                )));
            }
            if stop.is_some_and(|flag| flag.load(Ordering::Relaxed))
                && stopped.get_or_insert_with(Instant::now).elapsed() > GRACE
            {
                return Err(Error::Ranks(
                    "a signal ended the run while another rank was at work".to_owned(),
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

/// Drives a link.
struct Driver<L> {
    link: L,
    /// When each rank was last heard of.
    heard: Vec<Instant>,
    /// When this rank last sent a sign of life.
    lived: Option<Instant>,
    /// When it last looked for those of the others.
    looked: Instant,
    awake: Arc<AtomicU64>,
    begun: Instant,
}

impl<L: Link> Driver<L> {
    fn work(mut self, orders: &Receiver<Job>, results: &Sender<Result<Done, String>>) {
        loop {
            // What is being sent needs this thread.
            let time = if self.link.is_idle() { POLL } else { PAUSE };
            let result = match orders.recv_timeout(time) {
                Err(RecvTimeoutError::Disconnected) => return,
                // What another rank says meanwhile is the answer to the next job.
                Err(RecvTimeoutError::Timeout) => match self.look_around() {
                    Ok(()) => continue,
                    Err(why) => Err(why),
                },
                Ok(Job::Sum(values)) => self.sum(values),
                Ok(Job::Gather(bytes)) => self.gather(bytes),
                Ok(Job::Fail(why)) => self.fail(&why),
                Ok(Job::Close) => {
                    self.link.close();
                    Ok(Done::Nothing)
                }
            };
            let failed = result.is_err();
            if results.send(result).is_err() {
                return;
            }
            if failed {
                // The others may still want to hear why.
                while let Ok(job) = orders.recv() {
                    let answer = match job {
                        Job::Fail(why) => self.fail(&why),
                        _ => Err("a rank has ended".to_owned()),
                    };
                    drop(results.send(answer));
                }
                return;
            }
        }
    }

    fn others(&self) -> impl Iterator<Item = usize> + use<L> {
        let rank = self.link.rank();
        (0..self.link.count()).filter(move |other| *other != rank)
    }

    /// Sends and receives signs of life, if it is time to.
    fn look_around(&mut self) -> Result<(), String> {
        let now = Instant::now();
        if now - self.looked < POLL {
            return Ok(());
        }
        self.looked = now;
        let awake = now.duration_since(self.begun).as_millis() as u64;
        self.awake.store(awake, Ordering::Relaxed);
        if self.lived.is_none_or(|lived| now - lived >= LIFE) {
            self.lived = Some(now);
            for other in self.others() {
                self.send(other, Tag::Life, Vec::new())?;
            }
        }
        for other in self.others() {
            let mut alive = false;
            while self.receive(other, Tag::Life)?.is_some() {
                alive = true;
            }
            if let Some(why) = self.receive(other, Tag::Failure)? {
                return Err(format!("rank {other}: {}", String::from_utf8_lossy(&why)));
            }
            if alive {
                self.heard[other] = now;
            }
            if now.saturating_duration_since(self.heard[other]) > LIMIT {
                return Err(format!(
                    "rank {other} gave no sign of life for {} s: it was killed or stopped, or its connection is lost",
                    LIMIT.as_secs()
                ));
            }
        }
        Ok(())
    }

    fn send(&mut self, to: usize, tag: Tag, message: Vec<u8>) -> Result<(), String> {
        let sent = self.link.send(to, tag, message);
        sent.map_err(|why| format!("no message reaches rank {to}: {why}"))
    }

    fn receive(&mut self, from: usize, tag: Tag) -> Result<Option<Vec<u8>>, String> {
        let received = self.link.receive(from, tag);
        received.map_err(|why| format!("no message comes from rank {from}: {why}"))
    }

    /// Waits for the next message of a rank.
    fn message(&mut self, from: usize) -> Result<Vec<u8>, String> {
        let mut looks = 0;
        loop {
            if let Some(message) = self.receive(from, Tag::Data)? {
                return Ok(message);
            }
            looks += 1;
            match looks < SPINS {
                true => yield_now(),
                false => sleep(PAUSE),
            }
            self.look_around()?;
        }
    }

    fn sum(&mut self, mut values: Vec<f32>) -> Result<Done, String> {
        let place = [self.link.rank(), self.link.count()];
        all_reduce(&mut values, place, |peer, part, expected| {
            self.send(peer, Tag::Data, bytemuck::cast_slice(part).to_vec())?;
            let received: Vec<f32> = bytemuck::pod_collect_to_vec(&self.message(peer)?);
            match received.len() == expected {
                true => Ok(received),
                false => Err(format!(
                    "rank {peer} sent {}; expected {expected}: start all ranks with one command",
                    counted(received.len(), "number")
                )),
            }
        })?;
        Ok(Done::Sum(values))
    }

    fn gather(&mut self, bytes: Vec<u8>) -> Result<Done, String> {
        for other in self.others() {
            self.send(other, Tag::Data, bytes.clone())?;
        }
        let mut all = Vec::new();
        for other in self.others() {
            all.push(self.message(other)?);
        }
        all.insert(self.link.rank(), bytes);
        Ok(Done::Gather(all))
    }

    fn fail(&mut self, why: &str) -> Result<Done, String> {
        for other in self.others() {
            self.send(other, Tag::Failure, why.as_bytes().to_vec())?;
        }
        let start = Instant::now();
        while !self.link.is_idle() && start.elapsed() < FAREWELL {
            sleep(PAUSE);
        }
        Ok(Done::Nothing)
    }
}
