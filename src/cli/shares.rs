//! `--val` and `--test`: the share of rows for validation and for the test, or a file with them.

use crate::cli::flags::set;
use clap::Args;
use std::path::Path;
use wgrad::config::DataConfig;
use wgrad::dataset::SplitOptions;

/// Which rows are for validation and for the test.
#[derive(Args, Clone, Debug)]
pub(crate) struct ShareFlags {
    /// Share of the rows for validation, or a file with rows for it [default: 0.1]
    #[arg(long, value_name = "SHARE|FILE", allow_negative_numbers = true, value_parser = part)]
    val: Option<Part>,
    /// Share of the rows for the final test, or a file with rows for it [default: 0.2; 0 with sweep --folds; IDX files
    /// bring their own]
    #[arg(long, value_name = "SHARE|FILE", allow_negative_numbers = true, value_parser = part)]
    test: Option<Part>,
}

/// Rows for validation or for the test.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    /// A share of all rows.
    Share(f64),
    /// The rows of a file.
    File(String),
}

/// Parses a share or the name of a file. A number is a share.
fn part(text: &str) -> Result<Part, String> {
    if let Ok(share) = text.parse() {
        return Ok(Part::Share(share));
    }
    let is_number = text.starts_with(|c: char| c.is_ascii_digit())
        && text
            .chars()
            .all(|c| c.is_ascii_digit() || ",.%/ +-".contains(c));
    // The reader reports a file that cannot be asked about.
    if !is_number || Path::new(text).try_exists().unwrap_or(true) {
        return Ok(Part::File(text.to_owned()));
    }
    let meant = meant(text).map_or(String::new(), |share| format!("; did you mean {share}?"));
    Err(format!(
        "expected a share of the rows, as in 0.2, or a file with rows{meant}"
    ))
}

/// Returns the share that `20%`, `1/5` or `0,2` mean.
fn meant(text: &str) -> Option<f64> {
    let share = match (text.strip_suffix('%'), text.split_once('/')) {
        (Some(percent), _) => percent.trim().replace(',', ".").parse::<f64>().ok()? / 100.0,
        (None, Some((part, whole))) => {
            part.trim().parse::<f64>().ok()? / whole.trim().parse::<f64>().ok()?
        }
        (None, None) => text.replace(',', ".").parse().ok()?,
    };
    (0.0..1.0).contains(&share).then_some(share)
}

impl Part {
    /// Overrides a share and a file.
    fn set(&self, share: &mut f64, file: &mut Option<String>) {
        match self {
            Part::Share(typed) => (*share, *file) = (*typed, None),
            Part::File(typed) => *file = Some(typed.clone()),
        }
    }
}

impl ShareFlags {
    /// Overrides `data` with the flags.
    pub(crate) fn set(&self, data: &mut DataConfig) {
        if let Some(val) = &self.val {
            val.set(&mut data.val, &mut data.val_file);
        }
        if let Some(test) = &self.test {
            test.set(&mut data.test, &mut data.test_file);
        }
    }

    /// Returns the share for the test that was typed.
    pub(crate) fn test_share(&self) -> Option<f64> {
        match self.test {
            Some(Part::Share(share)) => Some(share),
            _ => None,
        }
    }

    /// Returns how rows are split for a cross-validation: without a test, unless its share was typed.
    pub(crate) fn fold_options(&self, options: SplitOptions) -> SplitOptions {
        let mut test = 0.0;
        set(&mut test, self.test_share());
        SplitOptions { test, ..options }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shares_names_are_files_and_mistyped_shares_are_refused() {
        assert_eq!(part("0.25"), Ok(Part::Share(0.25)));
        assert_eq!(part("-1"), Ok(Part::Share(-1.0)));
        for file in ["te.csv", "./0.2", "2024-01.csv", "-"] {
            assert_eq!(part(file), Ok(Part::File(file.to_owned())));
        }
        for (typed, cure) in [
            ("0,1", "; did you mean 0.1?"),
            ("20%", "; did you mean 0.2?"),
            ("1/5", "; did you mean 0.2?"),
            ("1,5", "a file with rows"),
            ("1/0", "a file with rows"),
        ] {
            let error = part(typed).unwrap_err();
            assert!(error.ends_with(cure), "{typed}: {error}");
        }
    }
}
