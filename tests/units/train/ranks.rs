//! Networks that several ranks train together; here each rank is a thread.

mod bad_link;

use bad_link::Bad;
use std::sync::Arc;
use std::thread::scope;
use std::time::{Duration, Instant};
use wgrad::config::{ConfigFile, Origin};
use wgrad::dataset::{ReadOptions, read};
use wgrad::device::{self, Device};
use wgrad::distributed::{Group, LIMIT, Link, links};
use wgrad::train::checkpoint::{Checkpoints, Identity};
use wgrad::train::{Progress, TrainJob};
use wgrad::{Config, Error, Model};

/// Settings of a run: lines of a config.toml.
const USUAL: &str = "run.epochs = 3\nrun.batch_size = 50\noptimizer.kind = \"adam\"";

fn config(device: &Device, lines: &str) -> Config {
    let device = match device {
        Device::Cpu => "cpu".to_owned(),
        Device::Gpu(gpu) => gpu.info.name.clone(),
    };
    let text = format!("{lines}\nrun.device = {device:?}\nnetwork.hidden = [9, 5]\n");
    Config::parse(&text, "test").unwrap()
}

/// What a rank does to its links, jobs and steps.
#[derive(Clone, Default)]
struct Behaviour {
    /// Ends the run after so many chunks, if the rank is the last one.
    stop_after: Option<usize>,
    /// Where the first rank keeps checkpoints, and whether it goes on from one.
    checkpoints: Option<(std::path::PathBuf, bool)>,
}

/// Trains on a data set as one of several ranks, and returns its model and what it was told of the loss of validation rows.
fn rank(
    group: Arc<Group>,
    config: &Config,
    source: &str,
    how: &Behaviour,
) -> Result<(Model, Vec<u64>), Error> {
    let data = read(source, &ReadOptions::default(), 0)?;
    let origin = Origin::new(&ConfigFile::default(), config);
    let mut job = TrainJob::new(config.clone(), &data, &origin, &mut |_| ())?;
    let (first, last) = (group.rank() == 0, group.rank() + 1 == group.count());
    job.distribute(group)?;
    if let Some((folder, resumes)) = how.checkpoints.as_ref().filter(|_| first) {
        let identity: Identity = job.identity();
        let mut checkpoints = Checkpoints::new(folder, Duration::ZERO, &identity);
        if *resumes {
            checkpoints.resume(&identity)?.unwrap();
        }
        job.checkpoints = Some(checkpoints);
    }
    let run = job.network(0);
    let mut trainer = run.trainer()?;
    let mut chunks = 0;
    let stop_after = how.stop_after.filter(|_| last);
    let mut watcher = |_: Progress| {
        chunks += 1;
        stop_after.is_none_or(|most| chunks < most)
    };
    let trained = run.train(&mut trainer, &mut watcher)?;
    let losses = trained.test.map(|test| test.loss.to_bits());
    let model = job.model(&mut trainer, Some(trained.ending))?;
    Ok((model, losses.into_iter().collect()))
}

/// Trains on so many ranks. Returns the result of each.
fn ranks<L: Link + Send + 'static>(
    links: Vec<L>,
    config: &Config,
    source: &str,
    how: &Behaviour,
) -> Vec<Result<(Model, Vec<u64>), Error>> {
    scope(|scope| {
        let threads = links.into_iter().map(|link| {
            scope.spawn(move || {
                let group = Arc::new(Group::join(move || Ok(link))?);
                let ended = rank(group.clone(), config, source, how);
                match &ended {
                    Ok(_) => Arc::into_inner(group).unwrap().close()?,
                    Err(why) => group.fail(&why.to_string()),
                }
                ended
            })
        });
        let threads: Vec<_> = threads.collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    })
}

/// Trains on so many ranks, all of which have the same model. Returns its bytes.
fn bytes(count: usize, config: &Config, source: &str, how: &Behaviour) -> Vec<u8> {
    let all = ranks(links(count), config, source, how);
    let all: Vec<_> = all.into_iter().map(Result::unwrap).collect();
    let first = all[0].0.to_bytes().unwrap();
    for (model, losses) in &all {
        assert!(model.to_bytes().unwrap() == first);
        assert_eq!(losses, &all[0].1);
    }
    first
}

#[test]
fn the_model_does_not_depend_on_the_number_of_ranks() {
    let settings = [
        ("digits", USUAL),
        (
            "digits",
            "run.epochs = 2\nrun.batch_size = 129\noptimizer.kind = \"sgd\"\noptimizer.momentum = 0.9\noptimizer.clip_norm = 0.5",
        ),
        (
            "digits",
            "run.epochs = 2\nrun.batch_size = 64\nnetwork.dropout = 0.2\nrun.memory_limit = 1",
        ),
        (
            "iris",
            "run.recipe = \"tabular\"\nrun.max_steps = 300\nrun.refit = true",
        ),
        (
            "spirals",
            "run.epochs = 5\nrun.batch_size = 1000\nnetwork.activation = \"gelu\"\noptimizer.kind = \"sgd\"",
        ),
    ];
    for device in device::all() {
        // Each rank compiles the shaders, on one thread with some drivers.
        let (settings, counts) = match &device {
            Device::Cpu => (&settings[..], &[2, 4, 8][..]),
            Device::Gpu(_) => (&settings[..1], &[2][..]),
        };
        for (source, lines) in settings {
            let config = config(&device, lines);
            let of = |count| bytes(count, &config, source, &Behaviour::default());
            let one = of(1);
            for &count in counts {
                assert!(
                    of(count) == one,
                    "{lines} on {count} ranks, {}",
                    device.name()
                );
            }
        }
    }
}

#[test]
fn a_step_over_all_rows_is_that_of_one_process() {
    let lines = "run.epochs = 4\nrun.batch_size = 5000\noptimizer.kind = \"sgd\"\noptimizer.learning_rate = 0.5";
    let config = config(&Device::Cpu, lines);
    let data = read("digits", &ReadOptions::default(), 0).unwrap();
    let one = config.fit(&data).unwrap().model;
    let many = ranks(links(4), &config, "digits", &Behaviour::default());
    let many = many.into_iter().next().unwrap().unwrap().0;
    let [one, many] = [one, many].map(|model| model.mlp.parameters);
    let furthest = one
        .iter()
        .zip(&many)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    assert!(furthest < 1e-6, "{furthest}");
    assert_ne!(one, many, "the rows are added in another order");
}

#[test]
fn an_interrupted_run_goes_on_with_any_number_of_ranks() {
    let config = config(
        &Device::Cpu,
        "run.epochs = 6\nrun.batch_size = 40\nrun.keep = \"best\"",
    );
    let whole = bytes(1, &config, "digits", &Behaviour::default());
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().to_owned();
    let how = |stop_after, resumes| Behaviour {
        stop_after,
        checkpoints: Some((at.clone(), resumes)),
    };
    // The last rank wants to stop, and all do.
    bytes(4, &config, "digits", &how(Some(3), false));
    bytes(1, &config, "digits", &how(Some(2), true));
    let end = bytes(8, &config, "digits", &how(None, true));
    assert!(end == whole);
}

#[test]
fn ranks_that_cannot_train_together_are_told_why() {
    let told = |count, lines: &str, source: &str| {
        let config = config(&Device::Cpu, lines);
        let all = ranks(links(count), &config, source, &Behaviour::default());
        all.into_iter()
            .map(|one| one.map(drop).unwrap_err().to_string())
            .next()
            .unwrap()
    };
    assert_eq!(
        told(3, USUAL, "iris"),
        "3 ranks; sums need a power of two: start 2 or 4"
    );
    assert_eq!(
        told(16, USUAL, "iris"),
        "16 ranks, and the rows of a step are cut into 8 slices, one or more for each rank: start 8"
    );
    let why = told(2, "run.order = \"sequential\"", "iris");
    assert!(why.starts_with("`order`: sequential"), "{why}");
    let why = told(2, "run.ensemble = 3", "iris");
    assert!(why.starts_with("`ensemble`: "), "{why}");
    // Each rank with settings of its own.
    let ended: Vec<_> = scope(|scope| {
        let threads = links(2).into_iter().enumerate().map(|(n, link)| {
            scope.spawn(move || {
                let lines = format!("run.epochs = {}", n + 1);
                let group = Arc::new(Group::join(move || Ok(link)).unwrap());
                rank(
                    group,
                    &config(&Device::Cpu, &lines),
                    "iris",
                    &Behaviour::default(),
                )
            })
        });
        let threads: Vec<_> = threads.collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    for one in ended {
        let why = one.map(drop).unwrap_err().to_string();
        assert!(
            why.starts_with("rank 1 has other rows or settings than rank 0"),
            "{why}"
        );
    }
}

/// Trains on two ranks, the second of which sends `left` messages.
fn over(left: usize, breaks: bool) -> Vec<Result<(Model, Vec<u64>), Error>> {
    let bad = links(2).into_iter().map(|link| {
        let left = if link.rank() == 0 { usize::MAX } else { left };
        Bad::new(link, left, breaks)
    });
    let config = config(&Device::Cpu, USUAL);
    ranks(bad.collect(), &config, "digits", &Behaviour::default())
}

#[test]
fn late_messages_change_nothing() {
    let config = config(&Device::Cpu, USUAL);
    let expected = bytes(1, &config, "digits", &Behaviour::default());
    for one in over(usize::MAX, false) {
        assert!(one.unwrap().0.to_bytes().unwrap() == expected);
    }
}

#[test]
fn a_broken_link_ends_both_ranks() {
    let ended = over(100, true);
    let [first, second] = [0, 1].map(|n| match &ended[n] {
        Err(Error::Ranks(why)) => why.clone(),
        other => panic!("{:?}", other.as_ref().map(drop)),
    });
    assert!(second.contains("the cable is out"), "{second}");
    // Of the other it hears no more.
    assert!(
        first.contains("rank 1 gave no sign of life for 8 s"),
        "{first}"
    );
}

#[test]
fn a_rank_that_falls_silent_is_lost() {
    let start = Instant::now();
    let ended = over(150, false);
    let took = start.elapsed();
    assert!(
        took > LIMIT && took < LIMIT + Duration::from_secs(4),
        "{took:?}"
    );
    for one in ended {
        let Err(Error::Ranks(why)) = one else {
            panic!("expected an error");
        };
        assert!(
            why.contains("no sign of life") || why.starts_with("rank 0: "),
            "{why}"
        );
    }
}
