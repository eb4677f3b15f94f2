//! What the tutorial says, in English and in Chinese: one file a language, the same [`Words`] in each.

mod en;
mod zh;

use super::figures::{Heading, Verdict};

/// A language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

impl Lang {
    /// The language of a locale such as `zh_CN.UTF-8`; English for any other.
    pub fn of_locale(locale: &str) -> Lang {
        let language = locale.split(['_', '-', '.', '@']).next();
        match language.map(str::to_lowercase).as_deref() {
            Some("zh") => Lang::Zh,
            _ => Lang::En,
        }
    }

    /// Everything that is said in it.
    pub fn words(self) -> &'static Words {
        match self {
            Lang::En => &en::WORDS,
            Lang::Zh => &zh::WORDS,
        }
    }
}

/// The sentences of a language. Words in braces stand for values.
#[derive(Debug)]
pub struct Words {
    /// The article's title.
    pub title: &'static str,
    /// Whose article it is, and what this page does with it.
    pub subtitle: &'static str,
    /// The first heading, which prints no figure.
    pub overview: &'static str,
    /// What a network is, and what the tables show.
    pub overview_text: &'static [&'static str],
    /// What each column holds: name, meaning.
    pub columns: [(&'static str, &'static str); 4],
    /// The columns' own heads: figure, printed, reference, computed, verdict.
    pub heads: [&'static str; 5],
    /// `bias`, `target`, `learning rate`.
    pub setup: [&'static str; 3],
    /// What each verdict means, in the order of [`Verdict::ALL`]: name, meaning.
    pub verdicts: [(&'static str, &'static str); 4],
    /// Heading and explanation of each part, in the order of [`Heading::ALL`].
    pub parts: [(&'static str, &'static str); 5],
    /// Before the names of the kernels of a part.
    pub kernels: &'static str,
    /// Labels for the symbols that contain words: symbol, label.
    pub labels: &'static [(&'static str, &'static str)],
    /// Notes on misprints: symbol, note with `{right}`.
    pub misprints: &'static [(&'static str, &'static str)],
    /// Any other misprint, with `{right}`.
    pub misprint: &'static str,
    /// A figure of sequential updates, with `{sequential}`.
    pub sequential: &'static str,
    /// Further notes: symbol, note.
    pub remarks: &'static [(&'static str, &'static str)],
    /// A figure off its bound.
    pub mismatch: &'static str,
    /// Behind the hidden layer when the rounds update sequentially, with `{w1}`.
    pub in_place: &'static str,
    /// The last heading.
    pub outcome: &'static str,
    /// So many rounds, `{n}`: one, and any other number.
    pub rounds: [&'static str; 2],
    /// What was run, with `{rounds}`, `{order}` and `{biases}`.
    pub run: &'static str,
    /// The orders: simultaneous, sequential.
    pub orders: [&'static str; 2],
    /// The biases: frozen, trained.
    pub biases: [&'static str; 2],
    /// When the run is not the article's.
    pub other_run: &'static str,
    /// Total error, out_o1, out_o2: heads of the outcome's table.
    pub outcome_heads: [&'static str; 3],
    /// Rows of the outcome's table: after one round, after `{rounds}` rounds, the reference of those, the targets.
    pub outcome_rows: [&'static str; 4],
    /// Heading of the two sentences.
    pub mix_up_head: &'static str,
    /// The two sentences on what the article mixed up; `{t1}` `{t2}` `{t3}` `{t4}` are the text's closing figures.
    pub mix_up: &'static str,
    /// When f32 is too coarse for so many rounds.
    pub stands_still: &'static str,
    /// How the verdicts are distributed, with `{figures}` and a count for each verdict's key.
    pub tally: &'static str,
    /// How close the worked round is, with `{distance}` and `{symbol}`.
    pub closeness: &'static str,
    /// A run that left the finite numbers, with `{round}`.
    pub diverged: &'static str,
    /// Before the device's name, and between its name, its backend and the reason for it.
    pub device: [&'static str; 2],
    /// What stands between two sentences.
    pub gap: &'static str,
    /// Reasons for the device: asked for, the best adapter, no adapter (followed by why).
    pub reasons: [&'static str; 3],
}

impl Words {
    /// What a symbol is called.
    pub fn label(&self, symbol: &'static str) -> &'static str {
        find(self.labels, symbol).unwrap_or(symbol)
    }

    /// The note on a misprint that should be `right`.
    pub fn misprint(&self, symbol: &str, right: &str) -> String {
        let note = find(self.misprints, symbol).unwrap_or(self.misprint);
        note.replace("{right}", right)
    }

    /// A remark on a symbol.
    pub fn remark(&self, symbol: &str) -> Option<&'static str> {
        find(self.remarks, symbol)
    }

    /// The name of a verdict.
    pub fn verdict(&self, verdict: Verdict) -> &'static str {
        self.verdicts[verdict as usize].0
    }

    /// Heading and explanation of a part.
    pub fn part(&self, heading: Heading) -> (&'static str, &'static str) {
        self.parts[heading as usize]
    }
}

fn find(pairs: &'static [(&'static str, &'static str)], symbol: &str) -> Option<&'static str> {
    let found = pairs.iter().find(|(name, _)| *name == symbol);
    found.map(|(_, text)| *text)
}

/// The formulas of a part, the same in every language.
pub fn formulas(heading: Heading) -> &'static [&'static str] {
    match heading {
        Heading::Forward => &[
            "net_h1 = w1 * i1 + w2 * i2 + b1",
            "       = 0.15 * 0.05 + 0.20 * 0.10 + 0.35",
            "out_h1 = 1 / (1 + e^-net_h1)",
        ],
        Heading::TotalError => &[
            "E_o1    = (target_o1 - out_o1)^2 / 2",
            "E_total = E_o1 + E_o2",
        ],
        Heading::OutputLayer => &[
            "dE_total/dw5 = dE_total/dout_o1 * dout_o1/dnet_o1   * dnet_o1/dw5",
            "             = (out_o1 - 0.01)  * out_o1 (1-out_o1) * out_h1",
            "w5+          = w5 - 0.5 * dE_total/dw5",
        ],
        Heading::HiddenLayer => &[
            "dE_o1/dout_h1    = dE_o1/dnet_o1 * w5",
            "dE_total/dout_h1 = dE_o1/dout_h1 + dE_o2/dout_h1",
            "dE_total/dw1     = dE_total/dout_h1 * dout_h1/dnet_h1 * i1",
            "w1+              = w1 - 0.5 * dE_total/dw1",
        ],
        Heading::Closing => &[],
    }
}

/// The kernels that compute a part's figures.
pub fn kernels(heading: Heading) -> &'static [&'static str] {
    match heading {
        Heading::Forward => &["forward"],
        Heading::TotalError => &["squared_error"],
        Heading::OutputLayer => &["squared_error", "input_gradient", "weight_gradient", "sgd"],
        Heading::HiddenLayer => &["input_gradient", "weight_gradient", "sgd"],
        Heading::Closing => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tutorial::figures;
    use clap::ValueEnum;

    #[test]
    fn the_language_comes_from_the_locale() {
        for chinese in ["zh", "zh_CN.UTF-8", "zh-TW", "ZH_HK", "zh.utf8"] {
            assert_eq!(Lang::of_locale(chinese), Lang::Zh, "{chinese}");
        }
        for english in ["", "C", "POSIX", "en_US.UTF-8", "de_DE", "zha_CN"] {
            assert_eq!(Lang::of_locale(english), Lang::En, "{english}");
        }
    }

    #[test]
    fn labels_and_notes_name_figures_of_the_table_in_both_languages() {
        let known = |symbol: &str| figures::ALL.iter().any(|f| f.symbol == symbol);
        for words in Lang::value_variants().iter().map(|lang| lang.words()) {
            let pairs = [words.labels, words.misprints, words.remarks].concat();
            for (symbol, _) in pairs {
                assert!(known(symbol), "{symbol}");
            }
        }
        let wordy = figures::ALL.iter().filter(|f| f.symbol.contains(' '));
        for figure in wordy {
            assert_ne!(Lang::Zh.words().label(figure.symbol), figure.symbol);
        }
    }
}
