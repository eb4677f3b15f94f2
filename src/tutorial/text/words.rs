//! What has to be said in each language.

use crate::tutorial::figures::{Heading, Verdict};

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
