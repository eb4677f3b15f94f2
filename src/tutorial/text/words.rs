//! The texts that each language provides.

use crate::tutorial::figures::{Heading, Verdict};

/// The sentences of a language. Names in braces are placeholders for values.
#[derive(Debug)]
pub struct Words {
    /// The article's title.
    pub title: &'static str,
    /// The article's author, and the purpose of this page.
    pub subtitle: &'static str,
    /// The first heading, without printed figures.
    pub overview: &'static str,
    /// Explains networks, and the tables.
    pub overview_text: &'static [&'static str],
    /// The columns: name, meaning.
    pub columns: [(&'static str, &'static str); 4],
    /// The column headers: figure, printed, exact, computed, verdict.
    pub heads: [&'static str; 5],
    /// `bias`, `target`, `learning rate`.
    pub setup: [&'static str; 3],
    /// The verdicts, in the order of [`Verdict::ALL`]: name, meaning.
    pub verdicts: [(&'static str, &'static str); 4],
    /// Heading and explanation of each part, in the order of [`Heading::ALL`].
    pub parts: [(&'static str, &'static str); 5],
    /// Precedes the names of a part's kernels.
    pub kernels: &'static str,
    /// Labels for symbols with words: symbol, label.
    pub labels: &'static [(&'static str, &'static str)],
    /// Notes on misprints: symbol, note with `{right}`.
    pub misprints: &'static [(&'static str, &'static str)],
    /// Note on other misprints, with `{right}`.
    pub misprint: &'static str,
    /// Note on a figure of sequential updates, with `{sequential}`.
    pub sequential: &'static str,
    /// Further notes, on editions and on slips in formulas: symbol, note.
    pub remarks: &'static [(&'static str, &'static str)],
    /// Note on a figure that exceeds its error bound.
    pub mismatch: &'static str,
    /// Note after the hidden layer if the rounds update sequentially, with `{w1}`.
    pub in_place: &'static str,
    /// The last heading.
    pub outcome: &'static str,
    /// Number of rounds `{n}`: singular and plural.
    pub rounds: [&'static str; 2],
    /// Describes the run, with `{rounds}`, `{order}` and `{biases}`.
    pub run: &'static str,
    /// Names of the orders: simultaneous, sequential.
    pub orders: [&'static str; 2],
    /// Descriptions of the biases: frozen, trained.
    pub biases: [&'static str; 2],
    /// Note if the run differs from the article's.
    pub other_run: &'static str,
    /// Column headers of the outcome's table: total error, out_o1, out_o2.
    pub outcome_heads: [&'static str; 3],
    /// Rows of the outcome's table: after one round, after `{rounds}` rounds, the exact values of these, the targets.
    pub outcome_rows: [&'static str; 4],
    /// Heading of `mix_up`.
    pub mix_up_head: &'static str,
    /// Two sentences on the article's mistake. `{t1}` `{t2}` `{t3}` `{t4}` are the closing figures of its text.
    pub mix_up: &'static str,
    /// Note if f32 is too coarse for so many rounds.
    pub stands_still: &'static str,
    /// Counts of the verdicts, with `{figures}` and a placeholder for each verdict's key.
    pub tally: &'static str,
    /// Error of the first round, with `{distance}` and `{symbol}`.
    pub closeness: &'static str,
    /// Message for a run that diverged, with `{round}`.
    pub diverged: &'static str,
    /// Precedes the device's name; separates its name, its backend and the reason for it.
    pub device: [&'static str; 2],
    /// Separator between sentences.
    pub gap: &'static str,
    /// Reasons for the device: requested, the best adapter, no adapter (followed by the cause).
    pub reasons: [&'static str; 3],
}

impl Words {
    /// Returns the label of a symbol.
    pub fn label(&self, symbol: &'static str) -> &'static str {
        find(self.labels, symbol).unwrap_or(symbol)
    }

    /// Returns the note on a misprint whose correct value is `right`.
    pub fn misprint(&self, symbol: &str, right: &str) -> String {
        let note = find(self.misprints, symbol).unwrap_or(self.misprint);
        note.replace("{right}", right)
    }

    /// Returns the remark on a symbol.
    pub fn remark(&self, symbol: &str) -> Option<&'static str> {
        find(self.remarks, symbol)
    }

    /// Returns the name of a verdict.
    pub fn verdict(&self, verdict: Verdict) -> &'static str {
        self.verdicts[verdict as usize].0
    }

    /// Returns heading and explanation of a part.
    pub fn part(&self, heading: Heading) -> (&'static str, &'static str) {
        self.parts[heading as usize]
    }
}

fn find(pairs: &'static [(&'static str, &'static str)], symbol: &str) -> Option<&'static str> {
    let found = pairs.iter().find(|(name, _)| *name == symbol);
    found.map(|(_, text)| *text)
}
