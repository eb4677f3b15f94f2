//! The test rows of a run, with their predictions, as `test.csv` lists them.

use wgrad::text::from_cell;

/// Rows with their truth and what was predicted.
pub(super) struct TestRows {
    /// What the rows are numbered by: `line` or `row`.
    pub(super) numbered: String,
    /// The number of each row.
    pub(super) numbers: Vec<u64>,
    pub(super) answers: Answers,
}

/// What was predicted.
pub(super) enum Answers {
    Classes(Classes),
    Values(Vec<Values>),
}

/// Predicted classes: numbers of `names`.
pub(super) struct Classes {
    pub(super) target: String,
    pub(super) names: Vec<String>,
    pub(super) truth: Vec<u32>,
    pub(super) predicted: Vec<u32>,
    /// The probability of the predicted class.
    pub(super) probabilities: Vec<f64>,
}

/// Predicted values of a target.
pub(super) struct Values {
    pub(super) target: String,
    pub(super) truth: Vec<f64>,
    pub(super) predicted: Vec<f64>,
}

impl Classes {
    /// Returns the rows that are classified wrongly.
    pub(super) fn mistakes(&self) -> Vec<usize> {
        let rows = 0..self.truth.len();
        rows.filter(|row| self.truth[*row] != self.predicted[*row])
            .collect()
    }
}

impl TestRows {
    /// Parses the list. `classes` are those that the model knows; without a model they are empty.
    ///
    /// # Errors
    /// Returns a message if no run wrote the list.
    pub(super) fn parse(text: &str, classes: &[String]) -> Result<TestRows, String> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().map_err(|why| why.to_string())?.clone();
        let header: Vec<String> = header.iter().map(|c| from_cell(c).into_owned()).collect();
        let mut columns = vec![Vec::new(); header.len()];
        for record in reader.records() {
            let record = record.map_err(|why| why.to_string())?;
            for (column, cell) in columns.iter_mut().zip(&record) {
                column.push(from_cell(cell).into_owned());
            }
        }
        let expected = || {
            let found = header.join(", ");
            format!("expected the columns line, true_..., predicted_...; found {found}")
        };
        let target = |c: usize| {
            let name = header.get(c)?.strip_prefix("true_")?;
            (header.get(c + 1)?.strip_prefix("predicted_")? == name).then(|| name.to_owned())
        };
        let first = target(1).ok_or_else(expected)?;
        let has_probability = header.len() == 4 && header[3] == "probability";
        let numbers = numbers(&columns[0])?;
        let answers = match has_probability {
            true => Answers::Classes(Classes::new(first, &columns, classes)?),
            false => {
                let of = |c: usize| {
                    Ok(Values {
                        target: target(c).ok_or_else(expected)?,
                        truth: self::numbers(&columns[c])?,
                        predicted: self::numbers(&columns[c + 1])?,
                    })
                };
                let all: Result<_, String> = (1..header.len()).step_by(2).map(of).collect();
                Answers::Values(all?)
            }
        };
        Ok(TestRows {
            numbered: header[0].clone(),
            numbers,
            answers,
        })
    }
}

impl Classes {
    fn new(target: String, columns: &[Vec<String>], known: &[String]) -> Result<Classes, String> {
        let mut names = known.to_vec();
        if names.is_empty() {
            names = [&columns[1][..], &columns[2]].concat();
            names.sort();
            names.dedup();
        }
        let number = |cell: &String| {
            let place = names.iter().position(|name| name == cell);
            let place = place.map(|place| place as u32);
            place.ok_or_else(|| format!("the model does not know the class {cell:?}"))
        };
        let labels =
            |c: usize| -> Result<Vec<u32>, String> { columns[c].iter().map(number).collect() };
        let [truth, predicted] = [labels(1)?, labels(2)?];
        Ok(Classes {
            target,
            truth,
            predicted,
            probabilities: numbers(&columns[3])?,
            names,
        })
    }
}

/// Parses cells that are numbers.
fn numbers<T: std::str::FromStr>(cells: &[String]) -> Result<Vec<T>, String> {
    let number = |cell: &String| {
        let parsed = cell.parse();
        parsed.map_err(|_| format!("expected a number, found {cell:?}"))
    };
    cells.iter().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_those_of_the_model_and_values_are_numbers() {
        let list = "line,true_x,predicted_x,probability\n3,b,a,0.75\n9,a,a,1\n";
        let known = ["b", "a"].map(str::to_owned);
        let rows = TestRows::parse(list, &known).unwrap();
        assert_eq!(
            (rows.numbered.as_str(), &rows.numbers[..]),
            ("line", &[3, 9][..])
        );
        let Answers::Classes(classes) = rows.answers else {
            panic!("classes");
        };
        assert_eq!(
            (&classes.truth[..], &classes.predicted[..]),
            (&[0, 1][..], &[1, 1][..])
        );
        assert_eq!(classes.mistakes(), [0]);
        let list = "row,true_y,predicted_y,true_z,predicted_z\n1,2.5,NaN,3,4\n";
        let Answers::Values(all) = TestRows::parse(list, &[]).unwrap().answers else {
            panic!("values");
        };
        assert_eq!(all.len(), 2);
        assert!(all[0].predicted[0].is_nan());
    }

    #[test]
    fn other_lists_are_refused() {
        for (list, part) in [
            ("", "expected the columns"),
            ("a,b\n1,2\n", "found a, b"),
            (
                "line,true_x,predicted_x,probability\n1,c,a,0.5\n",
                "class \"c\"",
            ),
            ("line,true_x,predicted_x\n1,c,0.5\n", "found \"c\""),
            ("line,true_x,predicted_x\n1,2\n", "fields"),
        ] {
            let found = TestRows::parse(list, &["a".to_owned()]).err();
            let found = found.unwrap_or_else(|| panic!("{list}"));
            assert!(found.contains(part), "{found}");
        }
    }
}
