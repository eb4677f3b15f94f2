//! The JSON schema of configuration files, for editors and other programs.

use super::Config;
use super::docs::{describe, describe_block, is_of_older_files};
use super::keys::KEYS;
use super::kinds::Kind;
use super::run::Recipe;
use serde_json::{Map, Value, json};

/// Returns the JSON schema of configuration files, made from the table of keys.
pub fn schema() -> Value {
    let plain = Recipe::ALL.map(|recipe| {
        let config = recipe.config();
        serde_json::to_value(config).expect("a configuration is plain data")
    });
    let block = |(name, keys): &(&str, &[(&str, Kind)])| {
        let keys = keys.iter().map(|(key, kind)| {
            let default = default(name, key, *kind, &plain);
            ((*key).to_owned(), key_schema(name, key, *kind, default))
        });
        let block = object(&describe_block(name), keys.collect());
        ((*name).to_owned(), block)
    };
    let mut all = object(
        "The configuration of a training run of wgrad.",
        KEYS.iter().map(block).collect(),
    );
    all["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    all["title"] = json!("wgrad config.toml");
    all
}

fn object(description: &str, properties: Map<String, Value>) -> Value {
    json!({
        "description": description,
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

fn key_schema(block: &str, key: &str, kind: Kind, default: Option<Value>) -> Value {
    let mut schema = of_kind(kind);
    let description = describe(block, key);
    if is_of_older_files(&description) {
        schema["deprecated"] = json!(true);
    }
    schema["description"] = json!(description);
    if let Some(default) = default {
        schema["default"] = default;
    }
    schema
}

fn of_kind(kind: Kind) -> Value {
    let list = |of: Kind| json!({"type": "array", "items": of_kind(of)});
    match kind {
        Kind::Text => json!({"type": "string"}),
        Kind::Texts => list(Kind::Text),
        Kind::Count => json!({"type": "integer", "minimum": 0}),
        Kind::Counts => list(Kind::Count),
        Kind::Number => json!({"type": "number"}),
        Kind::Switch => json!({"type": "boolean"}),
        Kind::OneOf(names) => json!({"enum": names()}),
    }
}

/// Returns the default of a key, if it has one that is the same in each recipe. `plain` are the configurations of the
/// recipes, which leave out some keys that are at their defaults.
fn default(block: &str, key: &str, kind: Kind, plain: &[Value]) -> Option<Value> {
    let mut values = plain.iter().map(|config| config[block].get(key));
    let first = values.next()?;
    if first.is_some() {
        return first
            .filter(|_| values.all(|value| value == first))
            .cloned();
    }
    let candidates: &[Value] = match kind {
        Kind::Switch => &[json!(false), json!(true)],
        Kind::Number => &[json!(0.0)],
        Kind::Texts => &[json!([])],
        _ => &[],
    };
    let changes_nothing = |value: &&Value| {
        let text = format!("[{block}]\n{key} = {value}\n");
        Config::parse(&text, "").is_ok_and(|config| config == Config::default())
    };
    let mut candidates = candidates.iter();
    candidates.find(changes_nothing).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_has_every_key_with_kind_description_and_default() {
        let schema = schema();
        for (block, keys) in KEYS {
            let found = &schema["properties"][block];
            assert_eq!(found["additionalProperties"], false);
            for (key, _) in keys {
                let key = &found["properties"][key];
                assert!(key["type"].is_string() || key["enum"].is_array(), "{key}");
                assert!(key["description"].is_string(), "{key}");
            }
        }
        let key = |block: &str, key: &str| schema["properties"][block]["properties"][key].clone();
        assert_eq!(key("optimizer", "beta1")["default"], 0.9);
        assert_eq!(key("network", "dropout")["default"], 0.0);
        assert_eq!(key("data", "shuffle")["default"], true);
        assert_eq!(key("data", "features")["default"], json!([]));
        assert_eq!(key("data", "skip_missing")["deprecated"], true);
        // It depends on the recipe, or on the data.
        for (block, name) in [("network", "hidden"), ("run", "epochs"), ("data", "header")] {
            assert!(key(block, name).get("default").is_none(), "{name}");
        }
    }
}
