//! Makes a training run one of several ranks.

use super::{CPU, TrainJob, set_device};
use crate::Error;
use crate::device::choice::one_of_its_kind;
use crate::distributed::Group;
use crate::plan::Order;
use crate::text::counted;
use crate::train::Slices;
use std::sync::Arc;

impl TrainJob<'_> {
    /// Trains together with the other ranks of `group`, which have the same settings and rows. From then on this process keeps
    /// only its slices of the rows for the device. Returns a warning if the devices of the ranks differ.
    ///
    /// # Errors
    /// Returns an error if a setting needs one process, the ranks differ, or there are more of them than slices.
    pub fn distribute(&mut self, group: Arc<Group>) -> Result<Option<String>, Error> {
        let run = &self.config.run;
        let one = match () {
            () if run.ensemble > 1 => Some("`ensemble`: its networks need no several ranks"),
            () if run.order == Order::Sequential => {
                Some("`order`: sequential updates a layer before the gradient is whole")
            }
            () => None,
        };
        if let Some(why) = one {
            return Err(Error::Config(format!(
                "{why}; leave it out, or `distributed`"
            )));
        }
        // Ranks on one host take its adapters in turn.
        let device = one_of_its_kind(self.choice.device.clone(), group.number_on_host()?)?;
        let device = device.adding(self.config.run.sums);
        self.choice.device = device.computing(self.config.run.precision)?;
        let checksum = self.prepared.checksum();
        // The devices may differ.
        let mut config = self.config.clone();
        set_device(&mut config, CPU, None);
        let mut hasher = crc32fast::Hasher::new_with_initial(checksum);
        hasher.update(config.to_toml().as_bytes());
        let all = group.gather(hasher.finalize().to_le_bytes().into())?;
        if let Some(other) = all.iter().position(|rank| *rank != all[0]) {
            return Err(Error::Config(format!(
                "rank {other} has other rows or settings than rank 0; start all with one command, and give each the same file"
            )));
        }
        let (all, batch) = (&mut self.prepared, self.training.batch_size);
        let place = [group.rank(), group.count()];
        let slices = Slices::new([all.train, all.val, all.test], batch, place);
        let slices = slices.map_err(|slices| {
            let wanted = Slices::batch_for(group.count());
            let wanted = wanted.filter(|wanted| *wanted <= all.train.count);
            let larger = wanted.map_or(String::new(), |wanted| {
                format!(", or use batches of {}", counted(wanted, "row"))
            });
            Error::Config(format!(
                "{}, and the rows of a step are cut into {}, one or more for each rank: start {slices}{larger}",
                counted(group.count(), "rank"),
                counted(slices, "slice")
            ))
        })?;
        all.keep(slices);
        // The clock of the first rank counts.
        self.deadline = self.deadline.filter(|_| group.rank() == 0);
        let device = self.choice.device.kind().into_bytes();
        let devices = group.gather(device)?;
        let differs = devices.iter().position(|device| *device != devices[0]);
        let warning = differs.map(|rank| {
            let [first, other] = [0, rank].map(|rank| String::from_utf8_lossy(&devices[rank]));
            format!(
                "rank {rank} trains on {other}, and rank 0 on {first}: the model's last bits depend on the ranks; give all the same `device`"
            )
        });
        (self.checksum, self.group) = (Some(checksum), Some(group));
        Ok(warning)
    }
}
