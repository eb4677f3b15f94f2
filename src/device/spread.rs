//! A population on several devices, a part of the networks on each.

use crate::Error;
use crate::kernels::{Buffer, Step};
use crate::plan::{Family, Phase, Population, PopulationWatch};
use crate::threads::locked;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Networks on several devices. It behaves as one population.
pub(super) struct Spread {
    parts: Vec<Part>,
}

/// The networks on one device.
pub(super) struct Part {
    pub(super) population: Box<dyn Population>,
    /// The place of each network among all.
    pub(super) places: Vec<usize>,
}

impl Spread {
    /// Joins at least one part.
    pub(super) fn new(parts: Vec<Part>) -> Spread {
        Spread { parts }
    }

    fn len(&self) -> usize {
        self.parts.iter().map(|part| part.places.len()).sum()
    }
}

impl Population for Spread {
    fn write(&mut self, buffer: Buffer, values: &[f32]) -> Result<(), Error> {
        if matches!(buffer, Buffer::DataInputs | Buffer::DataTargets) {
            let mut parts = self.parts.iter_mut();
            return parts.try_for_each(|part| part.population.write(buffer, values));
        }
        let each = values.len() / self.len().max(1);
        self.parts.iter_mut().try_for_each(|part| {
            let own = part.places.iter();
            let own = own.flat_map(|place| &values[place * each..][..each]);
            let own: Vec<f32> = own.copied().collect();
            part.population.write(buffer, &own)
        })
    }

    fn read(&mut self, buffer: Buffer) -> Result<Vec<f32>, Error> {
        let mut all: Vec<Vec<f32>> = vec![Vec::new(); self.len()];
        for part in &mut self.parts {
            let values = part.population.read(buffer)?;
            let each = (values.len() / part.places.len().max(1)).max(1);
            for (place, own) in part.places.iter().zip(values.chunks_exact(each)) {
                all[*place] = own.to_vec();
            }
        }
        Ok(all.concat())
    }

    fn read_one(&mut self, buffer: Buffer, network: usize, len: usize) -> Result<Vec<f32>, Error> {
        for part in &mut self.parts {
            if let Some(own) = part.places.iter().position(|place| *place == network) {
                return part.population.read_one(buffer, own, len);
            }
        }
        Err(Error::Config(format!("network {network} is not loaded")))
    }

    fn run(
        &mut self,
        phase: Phase,
        schedules: &[Vec<Step>],
        watch: &PopulationWatch,
    ) -> Result<(), Error> {
        let networks = self.len() as f64;
        let done = Mutex::new(vec![0.0; self.parts.len()]);
        let stop = AtomicBool::new(false);
        let own = |number: usize, part: &mut Part| {
            let share = part.places.len() as f64 / networks;
            let told = |own: f64| {
                let mut done = locked(&done);
                done[number] = own * share;
                watch(done.iter().sum()) && !stop.load(Ordering::Relaxed)
            };
            let ended = part.population.run(phase, schedules, &told);
            if ended.is_err() {
                stop.store(true, Ordering::Relaxed);
            }
            ended
        };
        let with_networks = self.parts.iter_mut().enumerate();
        let with_networks = with_networks.filter(|(_, part)| !part.places.is_empty());
        let ends: Vec<Result<(), Error>> = std::thread::scope(|scope| {
            let own = &own;
            let threads: Vec<_> = with_networks
                .map(|(number, part)| scope.spawn(move || own(number, part)))
                .collect();
            let ends = threads.into_iter().map(|thread| thread.join());
            ends.map(|end| end.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        // A part that was stopped because another failed is only interrupted.
        let is_cause = |end: &Result<(), Error>| !matches!(end, Ok(()) | Err(Error::Interrupted));
        match ends.iter().position(is_cause) {
            Some(cause) => ends.into_iter().nth(cause).unwrap_or(Ok(())),
            None => ends.into_iter().collect(),
        }
    }

    fn diverged(&mut self) -> Result<Vec<bool>, Error> {
        let mut all = vec![false; self.len()];
        for part in &mut self.parts {
            for (place, own) in part.places.iter().zip(part.population.diverged()?) {
                all[*place] = own;
            }
        }
        Ok(all)
    }

    fn keep(&mut self, networks: &[usize]) -> Result<(), Error> {
        for part in &mut self.parts {
            let stays = networks.iter().enumerate().filter_map(|(new, old)| {
                let own = part.places.iter().position(|place| place == old)?;
                Some((own, new))
            });
            let (own, places): (Vec<usize>, Vec<usize>) = stays.unzip();
            part.population.keep(&own)?;
            part.places = places;
        }
        Ok(())
    }

    fn family(&self) -> Family {
        self.parts[0].population.family()
    }
}
