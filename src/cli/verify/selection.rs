//! `--only`: selects what to verify.

use wgrad::device::Device;
use wgrad::plan::Family;
use wgrad::verify::{CPU_WAYS, Finding, KERNELS, Place, Watch, families};
use wgrad::{Error, verify};

const FAMILIES: [Family; 3] = [Family::Device, Family::Lane, Family::Workgroup];

/// A kernel or a family.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum VerifyPart {
    Kernel(usize),
    Family(Family),
}

impl VerifyPart {
    pub(super) fn all() -> impl Iterator<Item = VerifyPart> {
        let kernels = (0..KERNELS.len()).map(VerifyPart::Kernel);
        kernels.chain(FAMILIES.map(VerifyPart::Family))
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            VerifyPart::Kernel(k) => KERNELS[k].0.name,
            VerifyPart::Family(family) => family.name(),
        }
    }

    /// Returns the kernel's variants, or the family's execution modes: on adapters, or on the CPU device.
    pub(super) fn variants(self, on_cpu: bool) -> Vec<&'static str> {
        match self {
            VerifyPart::Kernel(_) if on_cpu => CPU_WAYS.into(),
            VerifyPart::Kernel(k) => KERNELS[k].0.variants.iter().map(|v| v.name).collect(),
            VerifyPart::Family(family) => families::ways(family, on_cpu),
        }
    }

    pub(super) fn verify(self, device: &Device, watch: &mut Watch) -> Finding {
        match (self, device) {
            (VerifyPart::Kernel(k), Device::Gpu(gpu)) => verify::kernel(gpu, KERNELS[k], watch),
            (VerifyPart::Kernel(k), Device::Cpu) => verify::kernel_on_cpu(KERNELS[k], watch),
            (VerifyPart::Family(family), _) => families::family(device, family, watch),
        }
    }
}

/// Lists the names of all parts.
fn names() -> String {
    VerifyPart::all()
        .map(VerifyPart::name)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Returns the help text of `--only`.
pub(super) fn help() -> String {
    format!(
        "Kernels and families, separated by commas: {}. Each may have a variant, and a case number from a report: sgd:plain:17 [default: all]",
        names()
    )
}

/// One item of `--only`: `sgd`, `sgd:plain`, `sgd:plain:17`.
#[derive(Clone, Debug, PartialEq)]
struct Item {
    typed: String,
    part: VerifyPart,
    variant: Option<&'static str>,
    number: Option<usize>,
}

impl Item {
    fn read(typed: &str) -> Result<Item, Error> {
        let mut pieces = typed.split(':').map(str::trim);
        let name = pieces.next().unwrap_or_default();
        let part = VerifyPart::all().find(|part| part.name() == name);
        let Some(part) = part else {
            let what = format!("--only {typed}: expected one of {}", names());
            return Err(Error::Config(what));
        };
        let variant = pieces.next().map(|typed_variant| {
            let all = [false, true].map(|on_cpu| part.variants(on_cpu)).concat();
            let found = all.iter().find(|variant| **variant == typed_variant);
            found.copied().ok_or_else(|| {
                let all = all.join(", ");
                Error::Config(format!("--only {typed}: expected a variant of {all}"))
            })
        });
        let number = pieces.next().map(|number| {
            number.parse().map_err(|_| {
                let what = "expected the number of a case";
                Error::Config(format!("--only {typed}: {what}, found {number:?}"))
            })
        });
        match pieces.next() {
            None => Ok(Item {
                typed: typed.to_owned(),
                part,
                variant: variant.transpose()?,
                number: number.transpose()?,
            }),
            Some(_) => Err(Error::Config(format!(
                "--only {typed}: expected NAME, NAME:VARIANT or NAME:VARIANT:CASE"
            ))),
        }
    }

    fn has(&self, part: VerifyPart, at: Place) -> bool {
        self.part == part
            && self.variant.is_none_or(|variant| variant == at.variant)
            && self.number.is_none_or(|number| number == at.number)
    }
}

/// The selection; empty selects everything.
#[derive(Debug)]
pub(super) struct Selection(Vec<Item>);

/// A case that ran.
pub(super) type Ran = (VerifyPart, Place);

impl Selection {
    pub(super) fn read(typed: &[String]) -> Result<Selection, Error> {
        let typed = typed.iter().map(|item| item.trim());
        let typed: Vec<&str> = typed.filter(|item| !item.is_empty()).collect();
        if typed.contains(&"all") {
            return Ok(Selection(Vec::new()));
        }
        let items = typed.into_iter().map(Item::read);
        items.collect::<Result<_, _>>().map(Selection)
    }

    /// Returns whether a case was selected by its number.
    pub(super) fn names(&self, part: VerifyPart, at: Place) -> bool {
        let mut items = self.0.iter();
        items.any(|item| item.number.is_some() && item.has(part, at))
    }

    /// Returns the selected parts, each once.
    pub(super) fn parts(&self) -> impl Iterator<Item = VerifyPart> {
        let is_selected = |part| self.0.is_empty() || self.0.iter().any(|item| item.part == part);
        VerifyPart::all().filter(move |part| is_selected(*part))
    }

    /// # Errors
    /// Returns an error if no case of an item has run.
    pub(super) fn check(&self, ran: &[Ran]) -> Result<(), Error> {
        let unused = |item: &&Item| !ran.iter().any(|(part, at)| item.has(*part, *at));
        match self.0.iter().find(unused) {
            None => Ok(()),
            Some(Item { typed, .. }) => Err(Error::Config(format!(
                "--only {typed}: expected a case that an adapter here can run, found none"
            ))),
        }
    }

    pub(super) fn has(&self, part: VerifyPart, at: Place) -> bool {
        self.0.is_empty() || self.0.iter().any(|item| item.has(part, at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &[&str]) -> Result<Selection, String> {
        let typed: Vec<String> = typed.iter().map(|item| (*item).to_owned()).collect();
        Selection::read(&typed).map_err(|why| why.to_string())
    }

    fn names(selection: &Selection) -> Vec<&'static str> {
        selection.parts().map(VerifyPart::name).collect()
    }

    #[test]
    fn what_is_typed_selects_each_part_once_and_nothing_selects_all() {
        for all in [&[][..], &["", " "], &["sgd", "all"]] {
            let all = read(all).unwrap();
            assert_eq!(names(&all).len(), KERNELS.len() + FAMILIES.len());
        }
        let some = read(&["lane", " sgd", "sgd", "sgd:plain"]).unwrap();
        assert_eq!(names(&some), ["sgd", "lane"]);
    }

    #[test]
    fn a_variant_and_a_case_can_be_named() {
        let some = read(&["sgd:plain:17", "forward:registers"]).unwrap();
        let [forward, sgd] = some.parts().collect::<Vec<_>>()[..] else {
            panic!("two parts");
        };
        let at = |variant, number| Place {
            variant,
            number,
            quick: false,
        };
        assert!(some.has(sgd, at("plain", 17)));
        assert!(!some.has(sgd, at("plain", 16)));
        assert!(!some.has(sgd, at("registers", 17)));
        assert!(some.has(forward, at("registers", 0)));
        assert!(!some.has(forward, at("plain", 17)));
        let [one, both] = [1, 2]
            .map(|len| [(sgd, at("plain", 17)), (forward, at("registers", 3))][..len].to_vec());
        assert!(some.check(&both).is_ok());
        let why = some.check(&one).unwrap_err().to_string();
        assert!(why.starts_with("--only forward:registers: "), "{why}");
    }

    #[test]
    fn what_is_not_there_is_told_with_what_is() {
        for (typed, part) in [
            ("sdg", "one of gather, forward"),
            ("sgd:tile", "a variant of plain"),
            ("device:tile", "a variant of calls, blocks, chosen"),
            ("sgd:plain:x", "the number of a case, found \"x\""),
            ("sgd:plain:1:2", "NAME:VARIANT:CASE"),
        ] {
            let why = read(&[typed]).unwrap_err();
            assert!(why.contains(typed) && why.contains(part), "{why}");
        }
    }
}
