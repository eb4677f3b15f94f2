//! The languages of the article.

use clap::ValueEnum;
use wgrad::tutorial::{figures, text::Lang};

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
