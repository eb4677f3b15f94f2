//! The texts of the tutorial in English and in Chinese: one file per language, with the same [`Words`].

mod en;
mod walk;
mod walk_en;
mod walk_zh;
mod words;
mod zh;

pub use walk::WalkWords;
pub use words::Words;

use super::figures::Heading;

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
    /// Every language.
    pub const ALL: [Lang; 2] = [Lang::En, Lang::Zh];

    /// Returns the language of a locale such as `zh_CN.UTF-8`; English for any other.
    pub fn of_locale(locale: &str) -> Lang {
        let language = locale.split(['_', '-', '.', '@']).next();
        match language.map(str::to_lowercase).as_deref() {
            Some("zh") => Lang::Zh,
            _ => Lang::En,
        }
    }

    /// Returns all texts in the language.
    pub fn words(self) -> &'static Words {
        match self {
            Lang::En => &en::WORDS,
            Lang::Zh => &zh::WORDS,
        }
    }

    /// Returns the texts of the walk in the language.
    pub fn walk(self) -> &'static WalkWords {
        match self {
            Lang::En => &walk_en::WORDS,
            Lang::Zh => &walk_zh::WORDS,
        }
    }
}

/// Returns the formulas of a part, the same in all languages.
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

/// Returns the kernels that compute the figures of a part.
pub fn kernels(heading: Heading) -> &'static [&'static str] {
    match heading {
        Heading::Forward => &["forward"],
        Heading::TotalError => &["squared_error"],
        Heading::OutputLayer => &["squared_error", "input_gradient", "weight_gradient", "sgd"],
        Heading::HiddenLayer => &["input_gradient", "weight_gradient", "sgd"],
        Heading::Closing => &[],
    }
}
