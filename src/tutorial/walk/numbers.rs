//! The verdicts on a learner's own numbers.

use super::equation::number;
use super::view::Section;
use crate::tutorial::claims::{Judged, Slip, Verdict};
use crate::tutorial::columns::{lead, pad, wrap};
use crate::tutorial::text::Lang;
use unicode_width::UnicodeWidthStr;

/// Returns the verdicts on claims.
pub fn section(judged: &[Judged], lang: Lang) -> Section {
    let words = lang.walk();
    let [title, right, slip, wrong] = words.claims;
    let name = |one: &Judged| match one.claim.round {
        0 => format!("{}@0", one.claim.name),
        round => format!("{}@{round}", one.claim.name),
    };
    let names = judged.iter().map(|one| name(one).width());
    let width = names.max().unwrap_or(0) + 2;
    let typed = judged.iter().map(|one| one.claim.typed.width());
    let typed = typed.max().unwrap_or(0);
    let mut body = String::new();
    for one in judged {
        let verdict = match one.verdict {
            Verdict::Right => right,
            Verdict::Slip => slip,
            Verdict::Wrong => wrong,
        };
        let value = lead(&one.claim.typed, typed);
        body += &format!("  {}{value}  {verdict}\n", pad(&name(one), width));
        let text = explanation(one, lang);
        if !text.is_empty() {
            body += &wrap(&text, 6);
        }
    }
    Section {
        title: title.to_owned(),
        body,
    }
}

/// Says what made a number wrong, and what is right.
pub fn explanation(one: &Judged, lang: Lang) -> String {
    let words = lang.walk();
    if one.verdict == Verdict::Right {
        let is_old = !one.slips.is_empty();
        return if is_old {
            words.also_old.to_owned()
        } else {
            String::new()
        };
    }
    let several = one.slips.len() + usize::from(one.other.is_some()) > 1;
    let several = several.then(|| words.one_of.to_owned());
    let slips = one.slips.iter().map(|(slip, _)| said(*slip, lang));
    let slips = several.into_iter().chain(slips);
    let other = one
        .other
        .iter()
        .map(|name| words.other.replace("{name}", name));
    let right = words.right_is.replace("{right}", &number(one.right));
    let all: Vec<String> = slips.chain(other).chain([right]).collect();
    all.join(lang.words().gap)
}

/// Says what a slip is.
pub fn said(slip: Slip, lang: Lang) -> String {
    let key = slip.key();
    let found = lang.walk().slips.iter().find(|(known, _)| *known == key);
    let text = found.map_or("", |(_, text)| text);
    match slip {
        Slip::Rounded(decimals) => text.replace("{n}", &decimals.to_string()),
        _ => text.to_owned(),
    }
}
