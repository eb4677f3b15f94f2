//! The description of each key: the documentation of its field. It is read in the source of the structs, so that there
//! is one text of each.

/// The source of the struct of each block.
const SOURCES: [(&str, &str, &str); 5] = [
    ("data", "DataConfig", include_str!("data.rs")),
    ("network", "NetworkConfig", include_str!("../config.rs")),
    ("loss", "LossConfig", include_str!("../config.rs")),
    ("optimizer", "OptimizerConfig", include_str!("../config.rs")),
    ("run", "RunConfig", include_str!("run.rs")),
];

/// What the description of a key begins with that only older files have.
const OLDER: &str = "In older files";

/// Returns the fields of the struct of a block, each with its documentation as one line.
fn fields(block: &str) -> Vec<(&'static str, String)> {
    let found = SOURCES.iter().find(|(known, ..)| *known == block);
    found.map_or(Vec::new(), |(_, name, source)| fields_of(name, source))
}

/// Returns the documented fields of a struct in `source`.
fn fields_of(name: &str, source: &'static str) -> Vec<(&'static str, String)> {
    let start = format!("pub struct {name} {{");
    let lines = source.lines().skip_while(|line| *line != start).skip(1);
    let (mut fields, mut doc) = (Vec::new(), Vec::new());
    for line in lines.map(str::trim).take_while(|line| *line != "}") {
        if let Some(text) = line.strip_prefix("///") {
            doc.push(text.trim());
        } else if line.starts_with("pub") {
            let field = line.split(": ").next().unwrap_or_default();
            let name = field.rsplit(' ').next().unwrap_or_default();
            fields.push((name, std::mem::take(&mut doc).join(" ")));
        }
    }
    fields
}

/// Returns the description of a key; empty if it has none.
pub(super) fn describe(block: &str, key: &str) -> String {
    let mut fields = fields(block).into_iter();
    let found = fields.find(|(name, _)| *name == key);
    found.map(|(_, doc)| doc).unwrap_or_default()
}

/// Returns the description of a block.
pub(super) fn describe_block(block: &str) -> String {
    let fields = fields_of("Config", include_str!("../config.rs"));
    let found = fields.into_iter().find(|(name, _)| *name == block);
    found.map(|(_, doc)| doc).unwrap_or_default()
}

/// Returns whether only older files have a key with this description.
pub(super) fn is_of_older_files(description: &str) -> bool {
    description.starts_with(OLDER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::keys::KEYS;

    #[test]
    fn every_key_has_a_description_and_every_field_is_a_key() {
        for (block, keys) in KEYS {
            assert!(describe_block(block).len() > 5, "[{block}]");
            for (key, _) in keys {
                assert!(describe(block, key).len() > 5, "{key} in [{block}]");
            }
            for (field, _) in fields(block) {
                assert!(keys.iter().any(|(key, _)| *key == field), "{field}");
            }
        }
    }

    #[test]
    fn a_description_is_one_line() {
        let width = describe("network", "hidden");
        assert_eq!(
            width,
            "Widths of the hidden layers; empty for a linear model."
        );
        let refit = describe("run", "refit");
        assert!(refit.starts_with("Whether to train anew on") && !refit.contains("///"));
        assert!(is_of_older_files(&describe("data", "skip_missing")));
    }
}
