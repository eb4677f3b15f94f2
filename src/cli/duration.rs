//! Times on the command line.

use std::time::Duration;

/// Parses a time: `90`, `90s`, `5m` or `1h`.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    let units = [("h", 3600.0), ("min", 60.0), ("m", 60.0), ("s", 1.0)];
    let text = text.trim();
    let found = units.iter().find_map(|(unit, seconds)| {
        text.strip_suffix(unit)
            .map(|number| (number.trim(), *seconds))
    });
    let (number, seconds) = found.unwrap_or((text, 1.0));
    let time = number.parse::<f64>().ok().map(|number| number * seconds);
    let time = time.filter(|time| *time > 0.0 && *time <= 1e8);
    time.map(Duration::from_secs_f64)
        .ok_or_else(|| "expected a time, as in 90s, 5m or 1h".to_owned())
}
