//! The confusion matrix as text, or the most frequent mistakes.

use wgrad::text::{clipped, counted};
use wgrad::train::metrics::{confusion as counts, worst_pairs};

/// Maximum number of classes in a confusion matrix: of 1,000 it has a million numbers.
pub(super) const MOST_CLASSES: usize = 1000;
/// Number of mistakes that are listed instead.
const MOST_PAIRS: usize = 10;
/// Width of a line.
const WIDTH: usize = 80;
/// Maximum number of characters of the name of a row.
const LONGEST_NAME: usize = 20;

/// Formats the confusion matrix: one row per true class, one column per predicted class. For more than `most` classes,
/// lists the most frequent mistakes.
pub(crate) fn confusion(
    classes: &[String],
    predicted: &[u32],
    truth: &[u32],
    most: usize,
) -> Vec<String> {
    match classes.len() <= most {
        true => matrix(classes, &counts(predicted, truth, classes.len())),
        false => mistakes(classes, predicted, truth),
    }
}

/// Formats a matrix that fits a line, unless its numbers are too long. Longer names are cut.
fn matrix(classes: &[String], counts: &[Vec<usize>]) -> Vec<String> {
    let length = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
    let longest = length(&mut classes.iter().map(|class| class.chars().count()));
    let digits = length(&mut counts.iter().flatten().map(|count| count.to_string().len()));
    let name = longest.clamp(4, LONGEST_NAME);
    let room = ((WIDTH - name) / classes.len().max(1)).saturating_sub(1);
    let cell = longest.clamp(5, 12).min(room).max(digits);
    let header: String = classes
        .iter()
        .map(|class| format!(" {:>cell$}", clipped(class, cell)))
        .collect();
    let mut lines = vec![
        String::new(),
        format!("{:>name$} predicted", ""),
        format!("{:<name$}{header}", "true"),
    ];
    for (class, row) in classes.iter().zip(counts) {
        let cells: String = row.iter().map(|count| format!(" {count:>cell$}")).collect();
        lines.push(format!("{:<name$}{cells}", clipped(class, name)));
    }
    lines
}

/// Formats the most frequent mistakes.
fn mistakes(classes: &[String], predicted: &[u32], truth: &[u32]) -> Vec<String> {
    let pairs = worst_pairs(predicted, truth, MOST_PAIRS);
    let what = counted(classes.len(), "class");
    if pairs.is_empty() {
        return vec![format!("no mistakes among {what}")];
    }
    let name = |class: u32| clipped(&classes[class as usize], 30);
    let mut lines = vec![
        String::new(),
        format!("the most frequent mistakes among {what}, true -> predicted: rows"),
    ];
    lines.extend(pairs.iter().map(|(truth, predicted, count)| {
        format!("  {} -> {}: {count}", name(*truth), name(*predicted))
    }));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(count: usize, length: usize) -> Vec<String> {
        (0..count)
            .map(|class| format!("{class:0>length$}"))
            .collect()
    }

    #[test]
    fn a_matrix_of_ten_classes_fits_a_line_whatever_the_names() {
        let labels: Vec<u32> = (0..10).collect();
        for length in [1, 5, 40] {
            let lines = confusion(&names(10, length), &labels, &labels, 10);
            assert_eq!(lines.len(), 13);
            for line in lines {
                assert!(line.chars().count() <= WIDTH, "{line}");
            }
        }
    }

    #[test]
    fn counts_stand_in_the_row_of_the_truth_and_the_column_of_the_prediction() {
        let classes = ["cat", "dog"].map(str::to_owned);
        let lines = confusion(&classes, &[0, 1, 1, 1], &[0, 0, 0, 1], 10);
        let expected = [
            "",
            "     predicted",
            "true   cat   dog",
            "cat      1     2",
            "dog      0     1",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn of_more_classes_the_most_frequent_mistakes_are_listed() {
        let lines = confusion(&names(11, 1), &[3, 3, 2, 1], &[2, 2, 1, 1], 10);
        assert_eq!(lines[2..], ["  2 -> 3: 2", "  1 -> 2: 1"]);
        let none = confusion(&names(11, 1), &[3], &[3], 10);
        assert_eq!(none, ["no mistakes among 11 classes"]);
    }
}
