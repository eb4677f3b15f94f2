//! What the arrays of an archive are, by their names.

/// The arrays of an archive.
pub(in crate::dataset) struct Arrays {
    /// The sets, in the order training, validation, test.
    pub(in crate::dataset) sets: Vec<ArraySet>,
    /// Arrays that are neither inputs nor targets.
    pub(in crate::dataset) unused: Vec<usize>,
}

/// The arrays of a set, as numbers of arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dataset) struct ArraySet {
    pub(in crate::dataset) purpose: Purpose,
    pub(in crate::dataset) inputs: usize,
    pub(in crate::dataset) targets: Option<usize>,
}

/// What a set is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::dataset) enum Purpose {
    /// The only set.
    All,
    Train,
    Val,
    Test,
}

const INPUTS: [&str; 7] = [
    "x", "data", "features", "images", "image", "inputs", "input",
];
const TARGETS: [&str; 7] = [
    "y", "labels", "label", "targets", "target", "classes", "class",
];
const SETS: [(&str, Purpose); 9] = [
    ("train", Purpose::Train),
    ("training", Purpose::Train),
    ("val", Purpose::Val),
    ("valid", Purpose::Val),
    ("validation", Purpose::Val),
    ("dev", Purpose::Val),
    ("test", Purpose::Test),
    ("testing", Purpose::Test),
    ("all", Purpose::All),
];
const PURPOSES: [Purpose; 4] = [Purpose::All, Purpose::Train, Purpose::Val, Purpose::Test];

impl Arrays {
    /// Finds inputs and targets among arrays with these names.
    ///
    /// # Errors
    /// Says what is missing, or there twice.
    pub(super) fn of(names: &[&str]) -> Result<Arrays, String> {
        let mut found = [[None; 2]; PURPOSES.len()];
        let mut unused = Vec::new();
        for (number, name) in names.iter().enumerate() {
            let Some((purpose, is_target)) = role(name, names) else {
                unused.push(number);
                continue;
            };
            let slot = &mut found[purpose as usize][usize::from(is_target)];
            if let Some(other) = slot.replace(number) {
                let what = ["inputs", "targets"][usize::from(is_target)];
                return Err(format!("two arrays of {what}, {} and {name}", names[other]));
            }
        }
        let mut sets = Vec::new();
        for (purpose, [inputs, targets]) in PURPOSES.into_iter().zip(found) {
            match (inputs, targets) {
                (None, None) => {}
                (Some(inputs), targets) => sets.push(ArraySet {
                    purpose,
                    inputs,
                    targets,
                }),
                (None, Some(targets)) => {
                    return Err(format!("targets ({}) without inputs", names[targets]));
                }
            }
        }
        match sets.is_empty() {
            true => Err("no array of inputs".to_owned()),
            false => Ok(Arrays { sets, unused }),
        }
    }

    /// Returns the set for a model to predict: the test set, or else the first.
    pub(in crate::dataset) fn for_model(&self) -> Option<ArraySet> {
        let is_test = |set: &&ArraySet| set.purpose == Purpose::Test;
        self.sets
            .iter()
            .find(is_test)
            .or(self.sets.first())
            .copied()
    }
}

/// Returns what an array is for, and whether it holds targets.
fn role(name: &str, names: &[&str]) -> Option<(Purpose, bool)> {
    // What `numpy.savez` calls arrays without a name.
    match (names.len(), name) {
        (1, _) => return Some((Purpose::All, false)),
        (2, "arr_0") => return Some((Purpose::All, false)),
        (2, "arr_1") => return Some((Purpose::All, true)),
        _ => {}
    }
    let lower = name.to_ascii_lowercase();
    let (mut purpose, mut is_target) = (None, None);
    for word in lower.split(['_', '-', '.', '/']) {
        let set = SETS.iter().find(|(set, _)| *set == word).map(|(_, of)| *of);
        let role = match (INPUTS.contains(&word), TARGETS.contains(&word)) {
            (true, _) => Some(false),
            (_, true) => Some(true),
            _ => None,
        };
        match (set, role) {
            (Some(set), _) if purpose.is_none() => purpose = Some(set),
            (_, Some(role)) if is_target.is_none() => is_target = Some(role),
            _ => return None,
        }
    }
    Some((purpose.unwrap_or(Purpose::All), is_target?))
}
