//! Precision, recall and F1 of each class as a table.

use wgrad::text::clipped;
use wgrad::train::metrics::ClassScores;

/// Maximum number of classes in the table.
const MOST: usize = 20;
/// Maximum number of characters of a name.
const LONGEST_NAME: usize = 36;

/// Formats a line per class, or the classes with the lowest F1 of many, and the averages.
pub(super) fn lines(classes: &[String], scores: &ClassScores) -> Vec<String> {
    let mut shown: Vec<usize> = (0..classes.len()).collect();
    if shown.len() > MOST {
        let f1 = |class: &usize| scores.classes[*class].f1;
        shown.retain(|class| scores.classes[*class].rows > 0);
        shown.sort_by(|a, b| f1(a).total_cmp(&f1(b)));
        shown.truncate(MOST);
    }
    let length = |class: &usize| classes[*class].chars().count();
    let longest = shown.iter().map(length).max().unwrap_or(0);
    let name = longest.clamp("weighted mean".len(), LONGEST_NAME);
    let line = |class: &str, cells: [f64; 3], rows: &str| {
        let cells: String = cells.iter().map(|v| format!("  {v:>9.4}")).collect();
        format!("{:<name$}{cells}  {rows:>9}", clipped(class, name))
            .trim_end()
            .to_owned()
    };
    let mut lines = vec![
        String::new(),
        format!(
            "{:<name$}  precision     recall         F1       rows",
            "class"
        ),
    ];
    for class in &shown {
        let score = &scores.classes[*class];
        let cells = [score.precision, score.recall, score.f1];
        lines.push(line(&classes[*class], cells, &score.rows.to_string()));
    }
    if shown.len() < classes.len() {
        let (count, all) = (shown.len(), classes.len());
        lines.push(format!(
            "({count} of {all} classes, those with the lowest F1; --json lists all)"
        ));
    }
    for (what, average) in [
        ("mean", scores.macro_average),
        ("weighted mean", scores.weighted_average),
    ] {
        let cells = [average.precision, average.recall, average.f1];
        lines.push(line(what, cells, ""));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_fits_80_columns_and_has_a_line_per_class_and_two_means() {
        let classes: Vec<String> = ["no", &"very ".repeat(20)].map(str::to_owned).into();
        let lines = lines(&classes, &ClassScores::new(&[0, 0, 0, 1], &[0, 0, 1, 1], 2));
        assert_eq!(lines.len(), 6);
        assert!(lines.iter().all(|line| line.chars().count() <= 80));
        let cells: Vec<&str> = lines[2].split_whitespace().collect();
        assert_eq!(cells, ["no", "0.6667", "1.0000", "0.8000", "2"]);
        let cells: Vec<&str> = lines[4].split_whitespace().collect();
        assert_eq!(cells, ["mean", "0.8333", "0.7500", "0.7333"]);
    }

    #[test]
    fn of_many_classes_those_with_the_lowest_f1_are_shown() {
        let classes: Vec<String> = (0..30).map(|class| class.to_string()).collect();
        let truth: Vec<u32> = (0..30).collect();
        let predicted: Vec<u32> = (0..30)
            .map(|class| if class == 29 { 28 } else { class })
            .collect();
        let lines = lines(&classes, &ClassScores::new(&predicted, &truth, 30));
        assert!(lines[2].starts_with("29 "), "{}", lines[2]);
        assert!(lines[3].starts_with("28 "), "{}", lines[3]);
        assert_eq!(lines.len(), 2 + 20 + 1 + 2);
        assert!(lines[22].starts_with("(20 of 30 classes"), "{}", lines[22]);
    }
}
