//! HTML: text that is escaped, in both languages, and templates.

/// Escapes text for HTML, for attributes too.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A text in English and in Chinese. The style sheet shows the one that is asked for.
pub(super) fn both(texts: &[impl AsRef<str>; 2]) -> String {
    let [en, zh] = texts.each_ref().map(|text| escape(text.as_ref()));
    match en == zh {
        true => en,
        false => format!("<span lang=\"en\">{en}</span><span lang=\"zh\">{zh}</span>"),
    }
}

/// Escapes JSON so that no text in it ends the script element that it stands in.
pub(super) fn in_script(json: &str) -> String {
    json.replace('<', "\\u003c")
}

/// Fills in the names in double braces, once each, so that braces in the values stay as they are.
pub(super) fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut pieces = template.split("{{");
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").unwrap_or((piece, ""));
        let value = values.iter().find(|(key, _)| *key == name);
        text.push_str(value.map_or("", |(_, value)| value));
        text.push_str(rest);
    }
    text
}

/// A number with the digits that the article prints, as `format.js` has it.
pub(super) fn digits(value: f64) -> String {
    let size = value.abs();
    let text = match size {
        0.0 => return "0".to_owned(),
        _ if !value.is_finite() => return value.to_string(),
        _ if !(1e-6..1e9).contains(&size) => {
            let text = format!("{value:.5e}");
            let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
            let sign = if power.starts_with('-') { "" } else { "+" };
            return minus(&format!("{digits}e{sign}{power}"));
        }
        _ if size >= 1e-3 => format!("{value:.9}"),
        // Six digits that count.
        _ => {
            let decimals = 5 - size.log10().floor() as i32;
            format!("{value:.*}", decimals.max(0) as usize)
        }
    };
    minus(text.trim_end_matches('0').trim_end_matches('.'))
}

fn minus(text: &str) -> String {
    text.replace('-', "−")
}

/// A name with its index below the line, as `format.js` has it.
pub(super) fn symbol(name: &str) -> String {
    let (name, plus) = match name.strip_suffix('+') {
        Some(name) => (name, "<sup>+</sup>"),
        None => (name, ""),
    };
    let digits = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let head = &name[..name.len() - digits.len()];
    let is_index = |c: char| c.is_ascii_digit() || c == '_';
    match digits.chars().all(is_index) && !digits.is_empty() && !head.is_empty() {
        true => format!("<i>{head}</i><sub>{digits}</sub>{plus}"),
        false => format!("<i>{}</i>{plus}", escape(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_the_article_prints() {
        for (value, text) in [
            (0.3775, "0.3775"),
            (0.593_269_992_107_187_2, "0.593269992"),
            (0.000_438_567_734_474_346_74, "0.000438568"),
            (-0.019_049_118_258_278_1, "−0.019049118"),
            (2.0, "2"),
            (0.0, "0"),
            (1.5e-8, "1.50000e−8"),
            (1.5e12, "1.50000e+12"),
        ] {
            assert_eq!(digits(value), text);
        }
    }

    #[test]
    fn braces_of_values_are_no_names() {
        let values = [("a", "{{b}}".to_owned()), ("b", "x".to_owned())];
        assert_eq!(fill("<{{a}}|{{b}}|{{c}}>", &values), "<{{b}}|x|>");
    }

    #[test]
    fn names_and_json_cannot_leave_their_place() {
        assert_eq!(
            escape("<a href=\"'&\">"),
            "&lt;a href=&quot;&#39;&amp;&quot;&gt;"
        );
        assert_eq!(
            in_script("{\"a\":\"</script>\"}"),
            "{\"a\":\"\\u003c/script>\"}"
        );
        assert_eq!(symbol("w5+"), "<i>w</i><sub>5</sub><sup>+</sup>");
        assert_eq!(symbol("<b>"), "<i>&lt;b&gt;</i>");
    }
}
