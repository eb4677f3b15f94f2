//! `--shard auto`: which of several processes this one is, as the program says that started them.

use wgrad::sweep::Shard;

/// A program that starts many processes, and how its variables are read.
struct Launcher {
    name: &'static str,
    /// Reads the number of this process, from 0, and how many there are, if that is known; `None` if the program did not start
    /// it.
    read: fn(Variables) -> Option<Result<Place, String>>,
}

/// The value of an environment variable, by its name.
type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The number of a process, from 0, and how many there are.
type Place = (usize, Option<usize>);

/// Jobs of many tasks, in each of which processes may be started by one of [`INNER`].
const OUTER: [Launcher; 2] = [
    Launcher {
        name: "Slurm array",
        read: slurm_array,
    },
    Launcher {
        name: "Kubernetes",
        read: |var| counted(var, "JOB_COMPLETION_INDEX", 0),
    },
];

const INNER: [Launcher; 5] = [
    Launcher {
        name: "GNU parallel",
        read: |var| counted(var, "PARALLEL_SEQ", 1),
    },
    Launcher {
        name: "HyperQueue",
        read: |var| counted(var, "HQ_TASK_ID", 0),
    },
    Launcher {
        name: "Open MPI",
        read: |var| ranked(var, "OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"),
    },
    Launcher {
        name: "MPI",
        read: |var| ranked(var, "PMI_RANK", "PMI_SIZE"),
    },
    Launcher {
        name: "srun",
        read: |var| ranked(var, "SLURM_PROCID", "SLURM_STEP_NUM_TASKS"),
    },
];

/// Returns the shard of this process. `count` is the number of shards, for programs that do not say it.
///
/// # Errors
/// Returns an error if no program is known, or it does not say how many shards there are.
pub(super) fn shard(var: Variables, count: Option<usize>) -> Result<Shard, String> {
    let first = |launchers: &[Launcher]| -> Result<Option<(&'static str, Place)>, String> {
        let mut found = launchers
            .iter()
            .filter_map(|launcher| Some((launcher.name, (launcher.read)(var)?)));
        found
            .next()
            .map(|(name, place)| Ok((name, place?)))
            .transpose()
    };
    let outer = match (number(var, "SLURM_ARRAY_TASK_ID"), count) {
        // Numbers of tasks from 0, whichever were submitted.
        (Some(id), Some(_)) => Some(("Slurm array", (id?, None))),
        _ => first(&OUTER)?,
    };
    match (outer, first(&INNER)?) {
        (None, None) => Err(
            "--shard auto: no variables of Slurm, Open MPI, MPI, HyperQueue, Kubernetes or GNU parallel; use --shard I/N"
                .to_owned(),
        ),
        (Some(one), None) | (None, Some(one)) => of_one(one, count),
        // A step of one process is no further division.
        (Some(one), Some((_, (0, Some(1))))) => of_one(one, count),
        (Some((_, (outer, Some(outers)))), Some((_, (inner, Some(inners))))) => {
            let all = outers * inners;
            match count {
                Some(count) if count != all => Err(format!(
                    "--shard auto/{count}: there are {outers} tasks of {inners} processes each, {all} shards; use --shard auto"
                )),
                _ => Ok(Shard { index: outer * inners + inner, count: all }),
            }
        }
        (Some((outer, _)), Some((inner, _))) => Err(format!(
            "--shard auto: this is a process of {inner} in a task of {outer}, and they do not say how many there are; use --shard I/N"
        )),
    }
}

/// Returns the shard of a process that one program started.
fn of_one((name, (index, known)): (&str, Place), count: Option<usize>) -> Result<Shard, String> {
    let Some(count) = count.or(known) else {
        return Err(format!(
            "--shard auto: {name} says that this is number {index}, counted from 0, and not how many there are; use --shard auto/N"
        ));
    };
    if let Some(known) = known.filter(|known| *known != count) {
        return Err(format!(
            "--shard auto/{count}: {name} has started {known} processes; use --shard auto"
        ));
    }
    match index < count {
        true => Ok(Shard { index, count }),
        false => Err(format!(
            "--shard auto/{count}: {name} says that this is number {index}, counted from 0; expected at most {}",
            count - 1
        )),
    }
}

fn number(var: Variables, name: &str) -> Option<Result<usize, String>> {
    let text = var(name)?;
    let number = text.trim().parse();
    Some(number.map_err(|_| format!("--shard auto: {name}={text}: expected a whole number")))
}

/// Reads a number that begins with `first`; nothing says how many there are.
fn counted(var: Variables, name: &str, first: usize) -> Option<Result<Place, String>> {
    let number = number(var, name)?;
    Some(number.and_then(|number| {
        let index = number.checked_sub(first);
        let index = index
            .ok_or_else(|| format!("--shard auto: {name}={number}: expected {first} or more"))?;
        Ok((index, None))
    }))
}

/// Reads a number from 0, and how many there are.
fn ranked(var: Variables, rank: &str, size: &str) -> Option<Result<Place, String>> {
    let (rank, size) = (number(var, rank)?, number(var, size)?);
    Some(rank.and_then(|rank| Ok((rank, Some(size?)))))
}

fn slurm_array(var: Variables) -> Option<Result<Place, String>> {
    let id = number(var, "SLURM_ARRAY_TASK_ID")?;
    let other = |name| number(var, name).transpose();
    Some(id.and_then(|id| {
        let (min, max) = (other("SLURM_ARRAY_TASK_MIN")?, other("SLURM_ARRAY_TASK_MAX")?);
        let (step, count) = (other("SLURM_ARRAY_TASK_STEP")?, other("SLURM_ARRAY_TASK_COUNT")?);
        let (Some(min), Some(max), Some(count)) = (min, max, count) else {
            return Ok((id, None));
        };
        let step = step.unwrap_or(1).max(1);
        // With gaps, as after some tasks were submitted again, the numbers say nothing of the shards.
        if max.saturating_sub(min) != step * (count.max(1) - 1) || id < min || (id - min) % step != 0 {
            return Err(format!(
                "--shard auto: the tasks of this Slurm array are {count} from {min} to {max}, with gaps; number them from 0 and use --shard auto/N"
            ));
        }
        Ok(((id - min) / step, Some(count)))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Variables, the number of shards that was typed, and what is expected.
    type Case<'a> = (&'a [(&'a str, &'a str)], Option<usize>, &'a str);

    fn found(variables: &[(&str, &str)], count: Option<usize>) -> Result<String, String> {
        let var = |name: &str| {
            let mut all = variables.iter();
            all.find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        };
        shard(&var, count).map(|shard| shard.to_string())
    }

    const ARRAY: [(&str, &str); 5] = [
        ("SLURM_ARRAY_TASK_ID", "7"),
        ("SLURM_ARRAY_TASK_MIN", "1"),
        ("SLURM_ARRAY_TASK_MAX", "10"),
        ("SLURM_ARRAY_TASK_STEP", "3"),
        ("SLURM_ARRAY_TASK_COUNT", "4"),
    ];

    #[test]
    fn each_engine_says_which_shard_a_process_is() {
        let cases: [Case; 9] = [
            (&ARRAY, None, "3/4"),
            (
                &[("OMPI_COMM_WORLD_RANK", "0"), ("OMPI_COMM_WORLD_SIZE", "2")],
                None,
                "1/2",
            ),
            (&[("PMI_RANK", "1"), ("PMI_SIZE", "2")], None, "2/2"),
            // Some of the tasks again.
            (&ARRAY, Some(10), "8/10"),
            (
                &[("SLURM_PROCID", "3"), ("SLURM_STEP_NUM_TASKS", "4")],
                None,
                "4/4",
            ),
            (&[("JOB_COMPLETION_INDEX", "15")], Some(16), "16/16"),
            (&[("HQ_TASK_ID", "2")], Some(16), "3/16"),
            (&[("PARALLEL_SEQ", "1")], Some(3), "1/3"),
            // Not in a step: the batch script of a job.
            (
                &[("SLURM_PROCID", "0"), ("JOB_COMPLETION_INDEX", "1")],
                Some(2),
                "2/2",
            ),
        ];
        for (variables, count, expected) in cases {
            assert_eq!(
                found(variables, count).as_deref(),
                Ok(expected),
                "{variables:?}"
            );
        }
    }

    #[test]
    fn processes_in_the_tasks_of_an_array_are_numbered_through() {
        let step = [("SLURM_PROCID", "1"), ("SLURM_STEP_NUM_TASKS", "2")];
        let all: Vec<_> = ARRAY.into_iter().chain(step).collect();
        assert_eq!(found(&all, None).as_deref(), Ok("6/8"));
        assert!(found(&all, Some(4)).unwrap_err().contains("--shard I/N"));
        let single = [("SLURM_PROCID", "0"), ("SLURM_STEP_NUM_TASKS", "1")];
        let all: Vec<_> = ARRAY.into_iter().chain(single).collect();
        assert_eq!(found(&all, None).as_deref(), Ok("3/4"));
        let parallel: Vec<_> = ARRAY.into_iter().chain([("PARALLEL_SEQ", "1")]).collect();
        assert!(found(&parallel, None).unwrap_err().contains("--shard I/N"));
    }

    #[test]
    fn what_does_not_say_the_shard_is_refused_with_a_cure() {
        let gaps = [
            ("SLURM_ARRAY_TASK_ID", "3"),
            ("SLURM_ARRAY_TASK_MIN", "3"),
            ("SLURM_ARRAY_TASK_MAX", "7"),
            ("SLURM_ARRAY_TASK_COUNT", "2"),
        ];
        let cases: [Case; 7] = [
            (&[], None, "--shard I/N"),
            (&[("JOB_COMPLETION_INDEX", "1")], None, "--shard auto/N"),
            (&[("HQ_TASK_ID", "16")], Some(16), "expected at most 15"),
            (&[("PARALLEL_SEQ", "0")], Some(2), "expected 1 or more"),
            (
                &[("JOB_COMPLETION_INDEX", "x")],
                Some(2),
                "expected a whole number",
            ),
            (&gaps, None, "number them from 0"),
            (
                &[("PMI_RANK", "1"), ("PMI_SIZE", "2")],
                Some(3),
                "has started 2",
            ),
        ];
        for (variables, count, part) in cases {
            let error = found(variables, count).unwrap_err();
            assert!(error.contains(part), "{variables:?}: {error}");
        }
    }
}
