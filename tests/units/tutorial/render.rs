//! Columns of the page.

use unicode_width::UnicodeWidthStr;
use wgrad::tutorial::{
    figures,
    render::{LABEL, head},
    text::Lang,
};

#[test]
fn both_languages_keep_the_columns() {
    for lang in [Lang::En, Lang::Zh] {
        let words = lang.words();
        for figure in &figures::ALL {
            let label = words.label(figure.symbol);
            assert!(label.width() <= LABEL, "{label}");
        }
        assert!(head(words).width() <= 80);
    }
}
