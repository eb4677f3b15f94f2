//! From which batch size on an adapter is faster than the CPU device.

use wgrad::bench::Row;
use wgrad::plan::Family;

/// What is known of a network on an adapter.
pub(super) struct Crossover {
    pub(super) layers: String,
    pub(super) networks: usize,
    adapter: String,
    /// The batch size from which on the adapter is faster; `None` if the CPU device is at the largest one.
    pub(super) from: Option<usize>,
    /// Families that `train` does not take, with the batch sizes at which they are faster than both.
    won: Vec<(Family, Vec<usize>)>,
}

/// Compares each adapter with the CPU device, for each network.
pub(super) fn crossovers(rows: &[Row]) -> Vec<Crossover> {
    let mut found: Vec<Crossover> = Vec::new();
    for row in rows.iter().filter(|r| r.device == "gpu") {
        let is_seen = |own: &Crossover| own.layers == row.layers && own.adapter == row.adapter;
        if !found.iter().any(is_seen) {
            found.extend(crossover(rows, row));
        }
    }
    found
}

/// Compares the adapter of a row with the CPU device, for the row's network. `None` if no batch size was measured on both.
fn crossover(rows: &[Row], row: &Row) -> Option<Crossover> {
    let time = |device: &str, family: &dyn Fn(Family) -> bool, batch| {
        let fits = |r: &&Row| {
            r.layers == row.layers
                && r.batch == batch
                && r.device == device
                && (device == "cpu" || r.adapter == row.adapter)
                && family(r.family)
        };
        let times = rows.iter().filter(fits).map(|r| r.us_per_step);
        times.min_by(f64::total_cmp)
    };
    // For one network, compare only the family that `train` uses: lanes and workgroups serve tutorial and sweeps.
    let taken = |family| row.networks > 1 || family == Family::Device;
    let best = |device, batch| time(device, &taken, batch);
    let wins = |&batch: &usize| {
        let (gpu, cpu) = (best("gpu", batch), best("cpu", batch));
        matches!((gpu, cpu), (Some(gpu), Some(cpu)) if gpu < cpu)
    };
    // An interrupted benchmark may have measured a batch size on one of them only.
    let mut batches: Vec<usize> = rows.iter().map(|r| r.batch).collect();
    batches.sort_unstable();
    batches.dedup();
    batches.retain(|&b| {
        ["cpu", "gpu"]
            .iter()
            .all(|device| best(device, b).is_some())
    });
    if batches.is_empty() {
        return None;
    }
    let others = [Family::Lane, Family::Workgroup]
        .into_iter()
        .filter(|f| !taken(*f));
    let won = others.filter_map(|family| {
        let wins = |batch: &&usize| {
            let own = time("gpu", &|f| f == family, **batch);
            let all = ["cpu", "gpu"].map(|device| best(device, **batch));
            own.is_some_and(|own| all.iter().flatten().all(|time| own < *time))
        };
        let batches: Vec<usize> = batches.iter().filter(wins).copied().collect();
        (!batches.is_empty()).then_some((family, batches))
    });
    Some(Crossover {
        layers: row.layers.clone(),
        networks: row.networks,
        adapter: row.adapter.clone(),
        from: batches.iter().rev().take_while(|b| wins(b)).last().copied(),
        won: won.collect(),
    })
}

impl Crossover {
    /// Says which device is faster.
    pub(super) fn sentence(&self) -> String {
        let (layers, adapter) = (&self.layers, &self.adapter);
        let sentence = match self.from {
            Some(batch) => format!(
                "{layers}: {adapter} is faster than the CPU device from a batch of {batch} on"
            ),
            None => format!(
                "{layers}: the CPU device is faster than {adapter} at the largest batch measured"
            ),
        };
        let won = self.won.iter().map(|(family, batches)| {
            let batches: Vec<String> = batches.iter().map(usize::to_string).collect();
            let (name, batches) = (family.name(), batches.join(", "));
            format!("; its {name} family, which the tutorial and sweeps take, is faster than both at a batch of {batches}")
        });
        sentence + &won.collect::<String>()
    }

    /// Says it in short, at its place in a chart.
    pub(super) fn note(&self) -> Option<(f64, String)> {
        let adapter = self.adapter.split(' ').next().unwrap_or_default();
        let from = self.from?;
        Some((from as f64, format!("{adapter} faster from {from}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wgrad::gpu::Precision;

    fn sentences(rows: &[Row]) -> Vec<String> {
        crossovers(rows).iter().map(Crossover::sentence).collect()
    }

    fn row(device: &'static str, family: Family, batch: usize, us_per_step: f64) -> Row {
        Row {
            layers: "2-2-2".to_owned(),
            batch,
            networks: 1,
            device,
            adapter: device.to_owned(),
            family,
            precision: Precision::F32,
            us_per_step,
            device_us_per_step: None,
            samples_per_s: 0.0,
            gflops: 0.0,
            share: 0.0,
        }
    }

    #[test]
    fn only_batches_that_were_measured_on_both_are_compared() {
        let cpu = [1, 32, 128].map(|batch| row("cpu", Family::Device, batch, 5.0));
        let gpu = [(1, 9.0), (32, 2.0)].map(|(batch, us)| row("gpu", Family::Device, batch, us));
        let from = |rows: &[Row]| sentences(&[&cpu[..], rows].concat());
        let wins = "2-2-2: gpu is faster than the CPU device from a batch of 32 on";
        assert_eq!(from(&gpu), [wins]);
        assert_eq!(from(&[row("gpu", Family::Device, 256, 1.0)]), [""; 0]);
    }

    #[test]
    fn a_family_that_wins_is_named_though_train_does_not_take_it() {
        let row = |device, family, us_per_step| row(device, family, 1, us_per_step);
        let mut rows = vec![
            row("cpu", Family::Device, 1.0),
            row("gpu", Family::Device, 9.0),
        ];
        let cpu = "2-2-2: the CPU device is faster than gpu at the largest batch measured";
        assert_eq!(sentences(&rows), [cpu]);
        rows.push(row("gpu", Family::Lane, 2.0));
        assert_eq!(sentences(&rows), [cpu]);
        rows.push(row("gpu", Family::Lane, 0.1));
        let lane = "; its lane family, which the tutorial and sweeps take, is faster than both at a batch of 1";
        assert_eq!(sentences(&rows), [format!("{cpu}{lane}")]);
    }
}
