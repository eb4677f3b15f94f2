//! Durations: `46:32`, `25:58:11`, `00:34.9`, `14h 8m`.

/// The units of a duration, the longest first, with their seconds.
const UNITS: [(&[&str], f64); 4] = [
    (&["d", "day", "days"], 86_400.0),
    (&["h", "hr", "hrs", "hour", "hours"], 3600.0),
    (&["m", "min", "mins", "minute", "minutes"], 60.0),
    (&["s", "sec", "secs", "second", "seconds"], 1.0),
];

/// Returns the seconds of a duration: minutes and seconds, or hours, minutes and seconds; or numbers with units.
pub(super) fn duration(text: &str) -> Option<f64> {
    match text.contains(':') {
        true => of_colons(text),
        false => of_units(text).map(|(seconds, _)| seconds),
    }
}

/// Whether texts are durations, of which some can be nothing else. Returns whether these are more than a mistake might
/// make: `24:10` among times of day may be one.
pub(super) fn are_durations<'t>(texts: impl Iterator<Item = &'t str> + Clone) -> Option<bool> {
    if !texts.clone().all(|text| duration(text).is_some()) {
        return None;
    }
    let colons = texts.clone().filter(|text| text.contains(':'));
    let mut units = texts.clone().filter(|text| !text.contains(':'));
    // A number with one unit is a number.
    let has_two = |text: &str| of_units(text).is_some_and(|(_, units)| units > 1);
    match (colons.clone().next(), units.clone().next()) {
        (None, _) => units.any(has_two).then_some(true),
        (Some(_), Some(_)) => None,
        (Some(_), None) => {
            let mut odd = colons
                .clone()
                .filter(|text| is_no_time_of_day(text))
                .peekable();
            odd.peek()?;
            let is_clear = |text: &str| text.contains('.') || text.matches(':').count() > 1;
            // 60:40 is a ratio.
            (!colons.clone().all(is_ratio)).then(|| odd.any(is_clear))
        }
    }
}

fn of_colons(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let parts: Vec<&str> = whole.split(':').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let all = parts.iter().chain([&fraction]).all(is_number);
    let of_two = |part: &&str| part.len() == 2 && **part < *"60";
    if !all
        || !(2..=3).contains(&parts.len())
        || parts[0].len() > 4
        || !parts[1..].iter().all(of_two)
    {
        return None;
    }
    let number = |part: &&str| part.parse::<f64>().ok();
    let whole = parts
        .iter()
        .try_fold(0.0, |sum, part| Some(60.0 * sum + number(part)?))?;
    Some(whole + format!("0.{fraction}").parse::<f64>().ok()?)
}

/// Returns the seconds, and the number of units.
fn of_units(text: &str) -> Option<(f64, usize)> {
    let (mut rest, mut seconds, mut count) = (text, 0.0, 0);
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let number = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, behind) = rest.split_at(number);
        let behind = behind.trim_start();
        let end = behind
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(behind.len());
        let unit = behind[..end].to_ascii_lowercase();
        let (_, of_unit) = units.find(|(names, _)| names.contains(&unit.as_str()))?;
        seconds += number.parse::<f64>().ok()? * of_unit;
        count += 1;
        rest = behind[end..].trim_start_matches([' ', ',']);
    }
    (count > 0).then_some((seconds, count))
}

/// Whether a duration with colons is longer than a day has hours, or has a fraction behind minutes and seconds.
fn is_no_time_of_day(text: &str) -> bool {
    let first = text
        .split(':')
        .next()
        .and_then(|part| part.parse::<u32>().ok());
    first.is_some_and(|first| first > 23) || text.contains('.') && text.matches(':').count() == 1
}

fn is_ratio(text: &str) -> bool {
    let parts = text
        .split_once(':')
        .map(|(a, b)| (a.parse::<u32>(), b.parse::<u32>()));
    matches!(parts, Some((Ok(a), Ok(b))) if a + b == 100)
}
