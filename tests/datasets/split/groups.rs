//! Rows of one group stay together.

use super::*;

/// Returns `sizes[g]` rows of group g, dealt out in turn so that no group is a run of rows.
fn grouped(sizes: &[usize]) -> Dataset {
    let mut left = sizes.to_vec();
    let mut groups = Vec::new();
    while left.iter().any(|&n| n > 0) {
        for (group, n) in left.iter_mut().enumerate().filter(|(_, n)| **n > 0) {
            groups.push(group as u32);
            *n -= 1;
        }
    }
    Dataset {
        groups: Some(groups.clone()),
        ..classes(&[groups.len()])
    }
}

/// Returns the groups of `rows`, each once, sorted.
fn groups_of(data: &Dataset, rows: &[u32]) -> Vec<u32> {
    let all = data.groups.as_ref().unwrap();
    let groups: std::collections::BTreeSet<u32> = rows.iter().map(|&r| all[r as usize]).collect();
    groups.into_iter().collect()
}

#[test]
fn no_group_is_in_two_sets_and_the_shares_are_nearly_met() {
    let data = grouped(&[7, 3, 5, 4, 6, 2, 5, 8, 3, 4, 5, 6, 7, 1, 4, 5, 6, 3, 5, 11]);
    for seed in 0..20 {
        let split = shared_out(&data, [0.1, 0.2], seed).unwrap();
        let sets = [&split.train, &split.val, &split.test];
        let groups = sets.map(|rows| groups_of(&data, rows));
        assert_eq!(groups.concat().len(), 20, "seed {seed}: {groups:?}");
        assert_eq!(sets.map(|rows| rows.len()).iter().sum::<usize>(), 100);
        assert!(
            (18..=22).contains(&split.test.len()),
            "{}",
            split.test.len()
        );
        assert!((8..=12).contains(&split.val.len()), "{}", split.val.len());
    }
    let of = |seed| shared_out(&data, [0.1, 0.2], seed).unwrap();
    assert_eq!(of(1), of(1));
    assert_ne!(of(1).test, of(2).test);
}

#[test]
fn of_large_groups_the_smallest_ones_are_for_test_and_validation() {
    let data = grouped(&[30, 40, 50]);
    let split = shared_out(&data, [0.1, 0.1], 0).unwrap();
    assert_eq!(groups_of(&data, &split.test), [0]);
    assert_eq!(groups_of(&data, &split.val), [1]);
    assert_eq!(groups_of(&data, &split.train), [2]);
    let two = grouped(&[30, 40]);
    let split = shared_out(&two, [0.1, 0.1], 0).unwrap();
    assert_eq!(
        (split.train.len(), split.val.len(), split.test.len()),
        (40, 0, 30)
    );
}

#[test]
fn one_group_cannot_be_split() {
    let data = grouped(&[30]);
    fails(&data, 0.1, 0.2, "`split_by` finds one group");
    assert_eq!(shared_out(&data, [0.0, 0.0], 0).unwrap().train.len(), 30);
}

#[test]
fn each_group_is_in_one_fold_and_the_folds_are_of_like_size() {
    let data = grouped(&[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    let splits = folds(&data, 3, &options(0.1, 0.0, 1)).unwrap();
    let mut all = Vec::new();
    for split in &splits {
        assert!((18..=19).contains(&split.val.len()), "{}", split.val.len());
        let (val, train) = (groups_of(&data, &split.val), groups_of(&data, &split.train));
        assert!(val.iter().all(|group| !train.contains(group)));
        all.extend(val);
    }
    assert_eq!(all.len(), 10);
    let error = folds(&data, 11, &options(0.0, 0.0, 1)).unwrap_err();
    assert!(
        error
            .message
            .contains("expected 2 to 10, as many as test has groups"),
        "{error}"
    );
}

#[test]
fn a_group_in_the_test_rows_of_another_file_is_refused() {
    let mut data = grouped(&[10, 10, 10]);
    data.test_from = Some(27);
    data.lines = (0..30).map(|row| 2 + row % 27).collect();
    fails(
        &data,
        0.1,
        0.2,
        "the group of line 2 is in another file's rows too",
    );
    data.groups = Some(
        (0..30)
            .map(|row| if row < 27 { row % 3 } else { 7 })
            .collect(),
    );
    let split = shared_out(&data, [0.1, 0.2], 0).unwrap();
    assert_eq!(split.test, [27, 28, 29]);
    assert_eq!(split.val.len(), 9);
}
