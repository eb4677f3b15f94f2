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
        return match one.ambiguous {
            true => words.few_digits[0].to_owned(),
            false => String::new(),
        };
    }
    let several = one.slips.len() + usize::from(one.other.is_some()) > 1;
    let several = several.then(|| words.one_of.to_owned());
    let several = several.or(one.ambiguous.then(|| words.few_digits[1].to_owned()));
    let slips = one.slips.iter().map(|(slip, _)| said_of(one, *slip, lang));
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
        Slip::Rounded(number) | Slip::OtherRound(number) => {
            text.replace("{n}", &number.to_string())
        }
        _ => text.to_owned(),
    }
}

/// Says what the slip of a claim is; of another round, how to claim it.
fn said_of(one: &Judged, slip: Slip, lang: Lang) -> String {
    let (said, words) = (said(slip, lang), lang.walk());
    let round = match slip {
        Slip::OtherRound(round) => round,
        Slip::RoundEarlier if !one.claim.has_round => one.claim.round - 1,
        _ => return said,
    };
    let named = format!("{}@{round}", one.claim.name);
    let how = words.name_round.replace("{name}", &named);
    format!("{said}{}{how}", lang.words().gap)
}
