//! Names of columns as identifiers, which C, C++ and Rust all allow.

use crate::export::pipeline::{Column, Pipeline};
use std::collections::HashSet;

/// The identifier of each column.
pub(super) struct Names(Vec<String>);

impl Names {
    /// Finds identifiers: lower-case letters, digits and single underscores, each different from the others.
    pub(super) fn of(pipeline: &Pipeline) -> Names {
        let mut taken = HashSet::new();
        let columns = pipeline.columns.iter().zip(1..);
        let names = columns.map(|(column, number)| {
            let name = identifier(&column.name, &format!("column_{number}"));
            let mut free = name.clone();
            let mut count = 1;
            while !taken.insert(free.clone()) {
                count += 1;
                free = format!("{name}_{count}");
            }
            free
        });
        Names(names.collect())
    }

    /// Returns the columns with their identifiers.
    pub(super) fn with<'n, 'c>(
        &'n self,
        columns: &'c [Column],
    ) -> impl Iterator<Item = (&'n str, &'c Column)> {
        self.0.iter().map(String::as_str).zip(columns)
    }
}

/// Returns what stands before the names in a C header.
pub(super) fn prefix(name: &str) -> String {
    let prefix = identifier(name, "model");
    prefix.trim_end_matches('_').to_owned()
}

fn identifier(name: &str, otherwise: &str) -> String {
    let mut found = String::new();
    for c in name.chars() {
        match c.is_ascii_alphanumeric() {
            true => found.push(c.to_ascii_lowercase()),
            // Two underscores are reserved in C++.
            false if !found.is_empty() && !found.ends_with('_') => found.push('_'),
            false => {}
        }
    }
    let found = found.trim_end_matches('_');
    match found.as_bytes().first() {
        None => otherwise.to_owned(),
        Some(b'0'..=b'9') => format!("{otherwise}_{found}"),
        Some(_) if RESERVED.split_whitespace().any(|word| word == found) => format!("{found}_"),
        Some(_) => found.to_owned(),
    }
}

/// Keywords of C, C++ and Rust, and words that common headers define as macros.
const RESERVED: &str = "
    alignas alignof and and_eq as asm assert async auto await become bitand bitor bool box break case
    catch char char16_t char32_t char8_t class co_await co_return co_yield compl complex concept const
    const_cast consteval constexpr constinit continue crate decltype default delete do double dyn
    dynamic_cast else enum errno explicit export extern false far final float fn for friend gen goto
    i386 if imaginary impl in inline int interface let linux long loop macro match mod move mut mutable
    namespace near new noexcept noreturn not not_eq nullptr operator or or_eq override priv private
    protected pub public ref register reinterpret_cast requires restrict return self short signed sizeof
    small static static_assert static_cast stderr stdin stdout struct super switch template this
    thread_local throw trait true try type typedef typeid typename typeof typeof_unqual union unix
    unsafe unsigned unsized use using virtual void volatile wchar_t where while xor xor_eq yield
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_identifiers() {
        for (name, expected) in [
            ("Bill Length (mm)", "bill_length_mm"),
            ("__init__", "init"),
            ("größe", "gr_e"),
            ("年齢", "column_3"),
            ("2nd", "column_3_2nd"),
            ("type", "type_"),
            ("Errno", "errno_"),
            ("a\nb", "a_b"),
            ("", "column_3"),
        ] {
            assert_eq!(identifier(name, "column_3"), expected, "{name}");
        }
    }
}
