//! Tests of the page that `wgrad tutorial --page` writes, without a browser. tests/page/browser.js opens it in one.

use crate::ensure;
use libtest_mimic::Failed;
use naga::valid::{Capabilities, ValidationFlags, Validator};
use serde_json::Value;
use wgrad::device::Device;
use wgrad::plan::Order;
use wgrad::tutorial;
use wgrad::tutorial::network::Network;
use wgrad::tutorial::page::{Machine, Page};
use wgrad::tutorial::run::Run;
use wgrad::tutorial::{Report, Settings, article, homework, text::Lang};

/// Three layers, two rows, trained biases.
const HOMEWORK: &str = "
learning_rate = 0.1
rounds = 20
train_bias = true
[[rows]]
input = [0.5, -0.2, 0.1]
target = [0.3, -0.1]
[[rows]]
input = [0.1, 0.4, -0.3]
target = [0.2, 0.7]
[[layers]]
activation = 'tanh'
weights = [[0.1, 0.2, 0.3], [0.4, -0.5, 0.6]]
bias = [0.1, -0.1]
[[layers]]
activation = 'relu'
weights = [[0.3, 0.2], [0.1, -0.2], [0.7, 0.6]]
bias = [0.2, 0.1, 0.3]
[[layers]]
activation = 'identity'
weights = [[0.1, 0.2, -0.3], [0.3, 0.1, 0.2]]
bias = [0.0, 0.05]
";

fn page(network: &Network, report: Option<&Report>, lang: Lang) -> Result<String, Failed> {
    let run = Run::exact(network)?;
    let page = Page {
        network,
        run: &run,
        report,
        machine: Machine {
            adapter: "An <adapter> & \"its\" </script>".to_owned(),
            backend: "vulkan".to_owned(),
        },
    };
    Ok(page.html(lang)?)
}

fn article_page(lang: Lang) -> Result<String, Failed> {
    let settings = Settings {
        rounds: 100,
        ..Settings::default()
    };
    let report = tutorial::run(&Device::Cpu, &settings)?;
    let network = article::network(Order::Simultaneous, false, 100);
    page(&network, Some(&report), lang)
}

fn homework_page() -> Result<String, Failed> {
    let network = homework::parse("homework.toml", HOMEWORK)?;
    page(&network, None, Lang::En)
}

/// Returns the text of the first element that `start` opens and `end` closes.
fn between<'a>(html: &'a str, start: &str, end: &str) -> Result<&'a str, Failed> {
    let (_, rest) = html
        .split_once(start)
        .ok_or_else(|| format!("no {start}"))?;
    let (inner, _) = rest.split_once(end).ok_or_else(|| format!("no {end}"))?;
    Ok(inner)
}

/// Returns the data of a page, and the rest of it.
fn parts(html: &str) -> Result<(Value, String), Failed> {
    let json = between(html, "id=\"data\">", "</script>")?;
    Ok((serde_json::from_str(json)?, html.replace(json, "")))
}

pub(crate) fn one_file() -> Result<(), Failed> {
    for html in [
        article_page(Lang::En)?,
        article_page(Lang::Zh)?,
        homework_page()?,
    ] {
        ensure(html.len() < 1_000_000, || html.len().to_string())?;
        let (_, rest) = parts(&html)?;
        for outside in ["http:", "https:", "src=", "@import", "import "] {
            ensure(!rest.contains(outside), || outside.to_owned())?;
        }
        let links = rest.matches("href=").count();
        ensure(links == rest.matches("href=\"data:,\"").count(), || {
            "a link leads out of the page".to_owned()
        })?;
        // Types in the script's comments have a space behind their braces.
        let blanks = rest.split("{{").skip(1);
        let mut unfilled = blanks.filter(|text| text.starts_with(char::is_alphabetic));
        ensure(unfilled.next().is_none(), || {
            "a part of the page is not filled in".to_owned()
        })?;
        let urls = rest.matches("url(").count();
        ensure(urls == rest.matches("url(#").count(), || {
            "a style or drawing needs another file".to_owned()
        })?;
        ensure(rest.matches("</script>").count() == 2, || {
            "a text ends a script".to_owned()
        })?;
    }
    Ok(())
}

pub(crate) fn names_are_escaped() -> Result<(), Failed> {
    let mut network = homework::parse("homework.toml", HOMEWORK)?;
    let hostile = "<img/onerror='x'>&\"</script>";
    network.inputs[0] = hostile.to_owned();
    network.layers[0].neurons[0] = hostile.to_owned();
    network.layers[2].weight_names[0][0] = hostile.to_owned();
    let html = page(&network, None, Lang::En)?;
    let (data, rest) = parts(&html)?;
    ensure(!rest.contains("<img") && !rest.contains("<adapter"), || {
        rest.clone()
    })?;
    ensure(rest.contains("&lt;img/onerror=&#39;x&#39;&gt;"), || {
        "the name is not in the page".to_owned()
    })?;
    ensure(data["network"]["inputs"][0] == hostile, || {
        data["network"].to_string()
    })?;
    ensure(data["machine"]["backend"] == "vulkan", || {
        data["machine"].to_string()
    })
}

pub(crate) fn content() -> Result<(), Failed> {
    let html = article_page(Lang::Zh)?;
    let (data, rest) = parts(&html)?;
    ensure(rest.contains("<html lang=\"zh\">"), || {
        "the page begins in the language that is asked for".to_owned()
    })?;
    let rows = rest.matches("<tr data-figure=").count()
        + rest.matches("<tr class=\"has-note\" data-figure=").count();
    let figures = data["figures"].as_array().map(Vec::len);
    let sources = data["shaders"]["article"]["figures"].as_array();
    ensure(
        (rows, figures, sources.map(Vec::len)) == (38, Some(38), Some(38)),
        || format!("{rows} {figures:?}"),
    )?;
    let pairs = data["figures"].as_array().into_iter().flatten();
    for (figure, source) in pairs.zip(sources.into_iter().flatten()) {
        ensure(figure["verdict"] == source["print"], || {
            format!("{figure} {source}")
        })?;
    }
    let numbers = between(&rest, "id=\"numbers-body\">", "</section>")?;
    for value in ["0.593269992", "0.082167041", "0.35891648", "−0.038098237"] {
        ensure(numbers.contains(value), || format!("{value} in {numbers}"))?;
    }
    let rounds: Vec<u64> = data["passes"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|pass| pass["round"].as_u64())
        .collect();
    ensure(rounds == [0, 1, 2, 5, 10, 20, 50, 100], || {
        format!("{rounds:?}")
    })
}

/// What WebGPU guarantees: storage buffers a stage, bytes of a uniform binding, alignment of offsets.
const STORAGE_BUFFERS: usize = 8;
const UNIFORM_BYTES: u64 = 65_536;
const OFFSETS: u64 = 256;

pub(crate) fn shaders() -> Result<(), Failed> {
    for html in [article_page(Lang::En)?, homework_page()?] {
        let (data, _) = parts(&html)?;
        let shaders = &data["shaders"];
        let article = &shaders["article"];
        let replays = [
            &shaders["round"],
            &shaders["rounds"],
            &article["round"],
            &article["rounds"],
        ];
        for replay in replays.into_iter().filter(|replay| !replay.is_null()) {
            check(replay)?;
        }
    }
    Ok(())
}

/// Checks that a browser can run a replay without any feature.
fn check(replay: &Value) -> Result<(), Failed> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let number = |value: &Value| value.as_u64().unwrap_or(u64::MAX);
    let buffers = list(&replay["buffers"]);
    let dispatches = list(&replay["dispatches"]);
    ensure(!dispatches.is_empty(), || replay.to_string())?;
    for module in list(&replay["modules"]) {
        let source = module["source"].as_str().unwrap_or_default();
        let parsed = naga::front::wgsl::parse_str(source)?;
        Validator::new(ValidationFlags::all(), Capabilities::empty())
            .subgroup_operations(naga::valid::SubgroupOperationSet::empty())
            .validate(&parsed)
            .map_err(|why| format!("{}: {why:?}", module["label"]))?;
        ensure(!source.contains("enable "), || module["label"].to_string())?;
    }
    for dispatch in dispatches {
        let name = &dispatch["label"];
        let bindings = list(&dispatch["bindings"]);
        let mut storage = 0;
        for binding in bindings {
            let buffer = &buffers[number(&binding["buffer"]) as usize];
            let [offset, size, bytes] =
                [&binding["offset"], &binding["size"], &buffer["bytes"]].map(number);
            ensure(
                offset.is_multiple_of(OFFSETS) && size > 0 && offset + size <= bytes,
                || format!("{name}: {binding} of {bytes}"),
            )?;
            let is_uniform = buffer["uniform"] == true && number(&binding["binding"]) == 0;
            ensure(!is_uniform || size <= UNIFORM_BYTES, || {
                format!("{name}: {binding}")
            })?;
            storage += usize::from(!is_uniform);
        }
        ensure(storage <= STORAGE_BUFFERS, || {
            format!("{name} binds {storage}")
        })?;
    }
    Ok(())
}
