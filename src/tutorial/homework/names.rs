//! Names of inputs and neurons: a file's own, or i1, h1 and o1 and so on.

use super::table::Table;
use crate::Error;
use crate::tutorial::network::{Network, numbered};

/// Longest name.
const LONGEST: usize = 8;

/// Gives names to the inputs and neurons of `network`.
pub(super) fn set(network: &mut Network, top: &Table, layers: &[Table]) -> Result<(), Error> {
    let inputs = network.rows[0].input.len();
    let given = top.names("inputs", inputs)?;
    network.inputs = given.unwrap_or_else(|| numbered('i', 1, inputs));
    let mut taken = network.inputs.clone();
    check(&network.inputs, &[], top, "inputs")?;
    let (mut hidden, last) = (0, layers.len() - 1);
    for (l, table) in layers.iter().enumerate() {
        let count = network.layers[l].biases.len();
        let own = || match l == last {
            true => numbered('o', 1, count),
            false => numbered('h', hidden + 1, count),
        };
        let names = table.names("neurons", count)?.unwrap_or_else(own);
        hidden += count;
        check(&names, &taken, table, "neurons")?;
        taken.extend(names.iter().cloned());
        network.layers[l].neurons = names;
    }
    Ok(())
}

/// Checks that names are short words, each used once, and none of those that other quantities have.
fn check(names: &[String], taken: &[String], table: &Table, key: &str) -> Result<(), Error> {
    for (n, name) in names.iter().enumerate() {
        let is_word = name.len() <= LONGEST
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric());
        let rest = name.strip_prefix(['w', 'b']);
        let is_parameter = rest.is_some_and(|rest| rest.parse::<usize>().is_ok());
        let why = if !is_word {
            format!(
                "a name of a letter and up to {} letters or digits",
                LONGEST - 1
            )
        } else if is_parameter || name == "E" || name == "total" {
            "a name other than those of weights (w1), biases (b1) and errors (E, total)".to_owned()
        } else if names[..n].contains(name) || taken.contains(name) {
            "a name that no other input or neuron has".to_owned()
        } else {
            continue;
        };
        return Err(table.fault(
            key,
            format!("expected {why}, found {name:?}; choose another"),
        ));
    }
    Ok(())
}
