//! A population on executors that train one or a few networks at a time. Each worker thread has a session. It takes the
//! next networks from a queue, trains them, and stores their results.

use crate::Error;
use crate::kernels::{Buffer, Step};
use crate::math::Real;
use crate::plan::{
    Extent, Family, Layout, Member, Phase, Plan, Population, PopulationWatch, Session,
    layout::{check_written, not_kept},
};
use crate::threads::{locked, on_threads};
use std::marker::PhantomData;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Time that a thread works before it checks whether to continue.
const CHUNK: Duration = Duration::from_millis(50);

/// Networks, and sessions that train [`Real::NETWORKS`] of them at a time.
pub(crate) struct WorkerPool<T, S> {
    sessions: Vec<S>,
    family: Family,
    /// The buffers that each network has of its own.
    kept: Vec<Buffer>,
    extents: Vec<usize>,
    networks: Vec<Network>,
    number: PhantomData<T>,
}

#[derive(Clone)]
struct Network {
    member: Member,
    /// The values of each of the pool's `kept` buffers.
    values: Vec<Vec<f32>>,
    diverged: bool,
}

impl<T: Real, S: Session<T>> WorkerPool<T, S> {
    pub(crate) fn new(
        sessions: Vec<S>,
        family: Family,
        plan: &Plan,
        members: &[Member],
    ) -> WorkerPool<T, S> {
        let own = |(name, extent): &(Buffer, Extent)| match name {
            Buffer::Parameters | Buffer::Moment(_) | Buffer::Error | Buffer::Hits => {
                Some((*name, Layout::of(extent, plan.widest(), 0, 1).dense_len()))
            }
            _ => None,
        };
        let (kept, extents): (Vec<Buffer>, Vec<usize>) =
            plan.buffers.iter().filter_map(own).unzip();
        let values: Vec<Vec<f32>> = extents.iter().map(|len| vec![0.0; *len]).collect();
        let network = |member: &Member| Network {
            member: *member,
            values: values.clone(),
            diverged: false,
        };
        WorkerPool {
            sessions,
            family,
            kept,
            extents,
            networks: members.iter().map(network).collect(),
            number: PhantomData,
        }
    }

    fn index(&self, buffer: Buffer) -> Result<usize, Error> {
        let found = self.kept.iter().position(|kept| *kept == buffer);
        found.ok_or_else(|| not_kept("a population", buffer))
    }

    /// Groups the networks into blocks that a session can train together: of one fold, and without diverged networks.
    fn blocks(&self) -> Vec<Vec<usize>> {
        let mut order: Vec<usize> = (0..self.networks.len()).collect();
        order.retain(|n| !self.networks[*n].diverged);
        order.sort_by_key(|n| self.networks[*n].member.fold);
        order
            .chunk_by(|a, b| self.networks[*a].member.fold == self.networks[*b].member.fold)
            .flat_map(|fold| fold.chunks(T::NETWORKS))
            .map(<[usize]>::to_vec)
            .collect()
    }
}

/// The state of a run that the threads share.
struct Run<'a> {
    phase: Phase,
    schedules: &'a [Vec<Step>],
    watch: &'a PopulationWatch<'a>,
    kept: &'a [Buffer],
    /// Total number of steps of all blocks, and the number that is done.
    steps: usize,
    done: AtomicUsize,
    stop: AtomicBool,
}

impl Run<'_> {
    /// Trains some networks of one fold on `session`.
    fn block<T: Real>(
        &self,
        session: &mut dyn Session<T>,
        networks: &mut [&mut Network],
    ) -> Result<(), Error> {
        // The lanes beyond the last network repeat it.
        let lanes = || (0..T::NETWORKS).map(|lane| &*networks[lane.min(networks.len() - 1)]);
        let rates: Vec<f32> = lanes().map(|network| network.member.rate).collect();
        session.begin(&rates)?;
        let mut each = vec![0.0; T::NETWORKS];
        for (b, buffer) in self.kept.iter().enumerate() {
            let lanes: Vec<&[f32]> = lanes().map(|network| &network.values[b][..]).collect();
            let value = |k: usize| {
                let own = each.iter_mut().zip(&lanes);
                own.for_each(|(value, lane)| *value = lane[k]);
                T::of_each(&each)
            };
            let values: Vec<T> = (0..lanes[0].len()).map(value).collect();
            session.write(*buffer, &values)?;
        }
        self.steps(session, &self.schedules[networks[0].member.fold])?;
        let stopped = session.diverged()?.is_some();
        for (b, buffer) in self.kept.iter().enumerate() {
            let values = session.read(*buffer)?;
            for (lane, network) in networks.iter_mut().enumerate() {
                let own = values.iter().map(|value| value.of_network(lane));
                network.values[b].clear();
                network.values[b].extend(own);
            }
        }
        for network in networks {
            let mut values = network.values.iter().flatten();
            network.diverged |= stopped || values.any(|value| !value.is_finite());
        }
        Ok(())
    }

    fn steps<T: Real>(&self, session: &mut dyn Session<T>, steps: &[Step]) -> Result<(), Error> {
        let most = session.steps_at_once(self.phase);
        let taken: Vec<Step> = steps.iter().copied().filter(|s| s.rows > 0).collect();
        let (mut rest, mut count) = (&taken[..], 1);
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(count.min(rest.len()));
            let start = Instant::now();
            session.run(self.phase, chunk)?;
            if start.elapsed() * 2 < CHUNK {
                count = (2 * count).min(most);
            }
            rest = after;
            let done = self.done.fetch_add(chunk.len(), Ordering::Relaxed) + chunk.len();
            if self.stop.load(Ordering::Relaxed) || !(self.watch)(done as f64 / self.steps as f64) {
                self.stop.store(true, Ordering::Relaxed);
                return Err(Error::Interrupted);
            }
        }
        Ok(())
    }
}

impl<T: Real, S: Session<T> + Send> Population for WorkerPool<T, S> {
    fn write(&mut self, buffer: Buffer, values: &[f32]) -> Result<(), Error> {
        if matches!(buffer, Buffer::DataInputs | Buffer::DataTargets) {
            let same = |value: &f32| T::of(f64::from(*value));
            let values: Vec<T> = values.iter().map(same).collect();
            return self
                .sessions
                .iter_mut()
                .try_for_each(|session| session.write(buffer, &values));
        }
        let b = self.index(buffer)?;
        let expected = self.extents[b] * self.networks.len();
        check_written(buffer, expected, values.len())?;
        let each = values.chunks_exact(self.extents[b].max(1));
        for (network, values) in self.networks.iter_mut().zip(each) {
            network.values[b].copy_from_slice(values);
        }
        Ok(())
    }

    fn read(&mut self, buffer: Buffer) -> Result<Vec<f32>, Error> {
        let b = self.index(buffer)?;
        let values = self.networks.iter().flat_map(|n| n.values[b].iter());
        Ok(values.copied().collect())
    }

    fn read_one(&mut self, buffer: Buffer, network: usize, len: usize) -> Result<Vec<f32>, Error> {
        let b = self.index(buffer)?;
        Ok(self.networks[network].values[b][..len].to_vec())
    }

    fn run(
        &mut self,
        phase: Phase,
        schedules: &[Vec<Step>],
        watch: &PopulationWatch,
    ) -> Result<(), Error> {
        let blocks = self.blocks();
        let run = Run {
            phase,
            schedules,
            watch,
            kept: &self.kept,
            steps: blocks.len() * schedules.first().map_or(0, Vec::len),
            done: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
        };
        let mut networks: Vec<Option<&mut Network>> = self.networks.iter_mut().map(Some).collect();
        let mut take = |block: Vec<usize>| -> Vec<&mut Network> {
            block
                .into_iter()
                .filter_map(|n| networks[n].take())
                .collect()
        };
        let queue: Vec<Vec<&mut Network>> = blocks.into_iter().map(&mut take).collect();
        let queue = Mutex::new(queue.into_iter());
        let next = || locked(&queue).next();
        let work = |session: &mut S| -> Result<(), Error> {
            while let Some(mut block) = next() {
                run.block(session, &mut block)?;
            }
            Ok(())
        };
        let sessions: Vec<_> = self.sessions.iter_mut().map(Mutex::new).collect();
        let ends: Vec<_> = sessions.iter().map(|_| Mutex::new(Ok(()))).collect();
        on_threads(sessions.len(), |number, _| {
            *locked(&ends[number]) = work(&mut locked(&sessions[number]));
        });
        ends.into_iter()
            .try_for_each(|end| end.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    fn diverged(&mut self) -> Result<Vec<bool>, Error> {
        Ok(self.networks.iter().map(|n| n.diverged).collect())
    }

    fn keep(&mut self, networks: &[usize]) -> Result<(), Error> {
        let kept = networks.iter().map(|n| self.networks[*n].clone());
        self.networks = kept.collect();
        Ok(())
    }

    fn family(&self) -> Family {
        self.family
    }
}
