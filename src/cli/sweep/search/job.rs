//! What a search tries, and on what.

use crate::cli::sweep::args::{self, Sweep};
use crate::cli::train::read;
use crate::cli::unused_settings;
use wgrad::Error;
use wgrad::config::{Config, Origin, Recipe};
use wgrad::dataset::Dataset;
use wgrad::sweep::search::{Candidate, candidates};
use wgrad::train::TrainJob;

/// What a search tries.
pub(super) struct SearchJob {
    pub(super) data: Dataset,
    /// What all settings share.
    pub(super) config: Config,
    pub(super) origin: Origin,
    pub(super) candidates: Vec<Candidate>,
    /// What tells this search from others.
    pub(super) identity: u32,
}

impl SearchJob {
    /// Reads the data, and draws the settings.
    ///
    /// # Errors
    /// Returns an error if the data cannot be read, or settings do not fit it or each other.
    pub(super) fn new(args: &Sweep, count: usize) -> Result<SearchJob, Error> {
        let (config, origin) = args.config(Recipe::Tabular)?;
        let data = read(&args.to_read(&config), &origin, args.quiet)?;
        let (mut config, origin) = args.config(Recipe::of(data.form))?;
        unused_settings::tell_force(args.force, args.out.as_deref());
        unused_settings::tell(&origin, unused_settings::optimizer(&config));
        unused_settings::tell(&origin, unused_settings::data(&config, &data));
        unused_settings::tell(&origin, unused_settings::loss(&config, &data));
        unused_settings::tell(&origin, unused_settings::device(&config, &origin));
        config.data.fold = None;
        args::settle_batch(&mut config, &data);
        let all = candidates(&config, &args.ranges(&config, &origin)?, count);
        let rows = TrainJob::new(config.clone(), &data, &origin, &mut |_| ())?;
        let mut shared = config.clone();
        // Where it runs is no part of what it is.
        shared.run = Config::default().run;
        let rest = (
            &all,
            shared,
            config.run.seed,
            config.run.epochs,
            config.run.max_steps,
        );
        let what = format!("{rest:?} {:08x}", rows.prepared.checksum());
        Ok(SearchJob {
            identity: crc32fast::hash(what.as_bytes()),
            candidates: all,
            data,
            config,
            origin,
        })
    }
}
