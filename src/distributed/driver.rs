//! The thread of a rank that drives its link: it sends and receives messages, adds, and watches for signs of life.

use super::{Link, Tag, reduce::all_reduce};
use crate::text::counted;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::thread::{sleep, yield_now};
use std::time::{Duration, Instant};

/// Time without a sign of life after which a rank is lost.
pub const LIMIT: Duration = Duration::from_secs(8);
/// Time between two signs of life.
const LIFE: Duration = Duration::from_secs(1);
/// Time in which the others hear why a rank fails.
pub(super) const FAREWELL: Duration = Duration::from_secs(2);
/// How often a thread that waits looks again without a pause: a message between processes of a host takes microseconds.
const SPINS: usize = 200;
const PAUSE: Duration = Duration::from_micros(50);
/// How often a thread looks whether there is something else to do.
pub(super) const POLL: Duration = Duration::from_millis(50);

/// What the thread of the link is to do.
pub(super) enum Job {
    Sum(Vec<f32>),
    Gather(Vec<u8>),
    Fail(String),
    Close,
}

/// The result.
pub(super) enum Done {
    Sum(Vec<f32>),
    Gather(Vec<Vec<u8>>),
    Nothing,
}

/// Drives a link.
pub(super) struct Driver<L> {
    link: L,
    /// When each rank was last heard of.
    heard: Vec<Instant>,
    /// When this rank last sent a sign of life.
    lived: Option<Instant>,
    /// When it last looked for those of the others.
    looked: Instant,
    /// Whether the first rank has said why it ends.
    first_has_ended: bool,
    awake: Arc<AtomicU64>,
    begun: Instant,
}

impl<L: Link> Driver<L> {
    /// Returns the driver of `link`. It stores in `awake` when it last ran, in milliseconds since `begun`.
    pub(super) fn new(link: L, awake: Arc<AtomicU64>, begun: Instant) -> Driver<L> {
        Driver {
            heard: vec![Instant::now(); link.count()],
            link,
            lived: None,
            looked: begun,
            first_has_ended: false,
            awake,
            begun,
        }
    }

    /// Runs the jobs in `orders` until the group closes, fails or is dropped.
    pub(super) fn work(mut self, orders: &Receiver<Job>, results: &Sender<Result<Done, String>>) {
        loop {
            // What is being sent needs this thread.
            let time = if self.link.is_idle() { POLL } else { PAUSE };
            let order = orders.recv_timeout(time);
            // What another rank says meanwhile is the answer to the next job.
            let around = self.look_around();
            let result = match (order, around) {
                (Err(RecvTimeoutError::Disconnected), _) => return,
                (Err(RecvTimeoutError::Timeout), Ok(())) => continue,
                (Ok(Job::Fail(why)), _) => self.fail(&why),
                (_, Err(why)) => Err(why),
                (Ok(Job::Sum(values)), _) => self.sum(values),
                (Ok(Job::Gather(bytes)), _) => self.gather(bytes),
                (Ok(Job::Close), _) => {
                    self.link.close();
                    // A link that is closed takes no more calls.
                    return drop(results.send(Ok(Done::Nothing)));
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
                self.first_has_ended |= other == 0;
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
                self.heard[from] = Instant::now();
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
        // What started the ranks kills all when one has ended. The first one is to say first why.
        let first = self.link.rank() == 0;
        while !first && !self.first_has_ended && start.elapsed() < LIMIT {
            self.first_has_ended |= self.receive(0, Tag::Failure)?.is_some();
            sleep(PAUSE);
        }
        Ok(Done::Nothing)
    }
}
