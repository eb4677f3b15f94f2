//! Tests of `wgrad report`, and of the pages that other commands write with `--report`.

mod missing;
mod page;

use crate::rig::{folder, wgrad, with_cpu, write};
use page::{Page, read};
use std::path::Path;

const PENGUINS: &[u8] = include_bytes!("../data/penguins.csv");

/// Runs a command on the CPU device, and asserts that it succeeds.
#[track_caller]
fn done(dir: &Path, line: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    wgrad(dir, &with_cpu(&words)).ok();
}

#[track_caller]
fn report(dir: &Path, line: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    wgrad(dir, &words).ok();
}

#[test]
fn the_page_of_a_run_stands_alone_and_has_every_part() {
    let dir = folder();
    write(dir.path(), "penguins.csv", PENGUINS);
    done(dir.path(), "train digits --epochs 2 --report --out d");
    done(
        dir.path(),
        "train penguins.csv --target species --epochs 3 --report --out p",
    );
    for run in ["d", "p"] {
        let page = read(&dir.path().join(run).join("report.html"));
        assert!(
            page.text.len() < 1_000_000,
            "{run}: {} bytes",
            page.text.len()
        );
        let sections = [
            "training",
            "test",
            "calibration",
            "mistakes",
            "importance",
            "columns",
            "network",
            "origin",
        ];
        assert_eq!(page.sections(), sections);
        for part in [
            "Loss by epoch",
            "kept",
            "Confusion matrix",
            "95 % interval",
            "weights",
        ] {
            assert!(page.text.contains(part), "{run}: no {part:?}");
        }
    }
    let page = read(&dir.path().join("d/report.html"));
    assert!(page.text.contains("train digits --epochs 2 --report"));
    // The built-in digits are a table, whose mistakes are pictures too.
    let alt = page.text.matches("alt=\"Test row of line ").count();
    assert!(alt > 5 && page.text.matches("data:image/png;base64,").count() == alt);
    let page = read(&dir.path().join("p/report.html"));
    for column in [
        "bill_length_mm",
        "island",
        "category: Biscoe, Dream, Torgersen",
        "NA counts as a level here",
        "in 2 bins; 3 inputs",
        ">softmax<",
        "as long as asked for",
    ] {
        assert!(page.text.contains(column), "no {column:?}");
    }
}

#[test]
fn a_model_that_was_trained_anew_on_more_rows_says_so() {
    let dir = folder();
    write(dir.path(), "penguins.csv", PENGUINS);
    done(
        dir.path(),
        "train penguins.csv --target species --patience 3 --lr 0.02 --report --out p",
    );
    let shown = wgrad(dir.path(), &["show", "p", "--json"]).ok().out;
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(shown["end"]["refit"], true, "{shown}");
    let rows = &shown["about"]["data"]["rows"];
    let rows = rows["train"].as_u64().unwrap() + rows["validation"].as_u64().unwrap();
    let page = read(&dir.path().join("p/report.html"));
    for part in [
        format!("hardly improved any more; then trained anew on all {rows} training"),
        format!("was then trained anew that far, on all {rows} training"),
    ] {
        assert!(page.text.contains(&part), "no {part:?}");
    }
}

/// The numbers of the page are those of the log and of `wgrad eval`.
#[test]
fn the_figures_of_the_page_are_those_of_other_commands() {
    let dir = folder();
    write(dir.path(), "penguins.csv", PENGUINS);
    done(
        dir.path(),
        "train penguins.csv --target island --epochs 5 --report --out p",
    );
    let shown = wgrad(dir.path(), &["show", "p", "--json"]).ok().out;
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let page = read(&dir.path().join("p/report.html"));
    let accuracy = shown["end"]["test_accuracy"].as_f64().unwrap();
    assert!(
        page.text.contains(&format!(">{accuracy:.4}<")),
        "{accuracy}"
    );
    let list = std::fs::read_to_string(dir.path().join("p/test.csv")).unwrap();
    let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = list.lines().skip(1).map(cells).collect();
    let wrong: Vec<&Vec<String>> = rows.iter().filter(|row| row[1] != row[2]).collect();
    let right = rows.len() - wrong.len();
    assert!(
        page.text
            .contains(&format!("<b>{right} of {}</b>", rows.len()))
    );
    let surest = wrong.iter().max_by(|a, b| {
        let [a, b] = [a, b].map(|row| row[3].parse::<f64>().unwrap());
        a.total_cmp(&b)
    });
    let surest = surest.expect("an island is not told by a bill");
    let cell = format!("<th class=\"number\" scope=\"row\">{}</th>", surest[0]);
    let first = page.text.split("The surest mistakes, with").nth(2).unwrap();
    assert!(
        first.split("</tr>").nth(1).unwrap().contains(&cell),
        "{first}"
    );
}

#[test]
fn names_that_others_chose_are_words_on_the_page() {
    let dir = folder();
    let columns = [
        "</style><script>alert(1)</script>",
        "#\u{202e}\"onload=x",
        "kind&amp;",
    ];
    let classes = ["<img src=x onerror=alert(1)>", "\">\n<svg onload=x>"];
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut table = columns.map(quoted).join(",") + "\n";
    for i in 0..90 {
        let class = quoted(classes[usize::from(i % 3 == 0)]);
        table += &format!("{},<b>{},{class}\n", i * 7 % 50, i % 4);
    }
    write(dir.path(), "<i>.csv", table);
    let words = [
        "train", "<i>.csv", "--target", columns[2], "--epochs", "2", "--report", "--out", "<m>",
    ];
    wgrad(dir.path(), &with_cpu(&words)).ok();
    let page = read(&dir.path().join("<m>/report.html"));
    for part in [
        "<script",
        "<img src=x",
        "<svg onload",
        "<b>0",
        "<i>",
        "<m>",
        "\u{202e}",
    ] {
        assert!(!page.text.contains(part), "{part}");
    }
    for part in [
        "&lt;img src=x onerror=alert(1)&gt;",
        "&lt;/style&gt;&lt;script&gt;",
        "kind&amp;amp;",
        ">#\\u{202e}&quot;onload=x</th>",
    ] {
        assert!(page.text.contains(part), "no {part}");
    }
}

/// Writes random images of 60 rows of two classes, as MNIST does.
fn images(dir: &Path) {
    for (part, rows) in [("train", 60u32), ("t10k", 40)] {
        let number = |value: u32| value.to_be_bytes();
        let mut pixels = [number(0x803), number(rows), number(70), number(64)].concat();
        pixels.extend((0..rows * 70 * 64).map(|k| (k.wrapping_mul(2_654_435_761) >> 24) as u8));
        let mut labels = [number(0x801), number(rows)].concat();
        labels.extend((0..rows).map(|k| (k / 3 % 2) as u8));
        write(dir, &format!("{part}-images-idx3-ubyte"), pixels);
        write(dir, &format!("{part}-labels-idx1-ubyte"), labels);
    }
}

#[test]
fn mistakes_of_images_are_pictures() {
    let dir = folder();
    std::fs::create_dir(dir.path().join("data")).unwrap();
    images(&dir.path().join("data"));
    done(
        dir.path(),
        "train data --epochs 2 --hidden 8 --report --out m",
    );
    let page = read(&dir.path().join("m/report.html"));
    assert!(page.text.len() < 1_000_000, "{} bytes", page.text.len());
    let pictures = page
        .text
        .matches("<img src=\"data:image/png;base64,")
        .count();
    assert!((1..=24).contains(&pictures), "{pictures}");
    // Larger images are made smaller.
    assert!(
        page.text.contains("width=\"32\" height=\"35\""),
        "no picture of 32 x 35"
    );
    assert!(
        !page.sections().contains(&"importance"),
        "images have no columns"
    );
}

#[test]
fn values_and_ensembles_have_pages() {
    let dir = folder();
    write(dir.path(), "penguins.csv", PENGUINS);
    done(
        dir.path(),
        "train penguins.csv --target body_mass_g,bill_depth_mm --ensemble 5 --epochs 3 --report --out m",
    );
    let page = read(&dir.path().join("m/report.html"));
    for part in [
        "Networks of the ensemble",
        "true body_mass_g",
        "predicted bill_depth_mm",
        "The largest errors",
        "validation rows, each network",
        "R² lost",
    ] {
        assert!(page.text.contains(part), "no {part:?}");
    }
    assert!(
        !page.sections().contains(&"calibration"),
        "values have no probabilities"
    );
}

#[test]
fn the_page_of_a_sweep_compares_its_settings() {
    let dir = folder();
    let grid = "sweep iris --hidden 4,8-4 --lr 0.01,0.1,1e9 --seeds 2 --folds 3 --epochs 2";
    done(
        dir.path(),
        &format!("{grid} --optimizer sgd --activation relu,tanh --report --out s"),
    );
    let page = read(&dir.path().join("s/report.html"));
    for part in [
        "All settings at once",
        "hidden layers",
        "8-4",
        "learning rate",
        "fold by fold",
        "--optimizer sgd --activation relu,tanh --report --out s",
        "in the first of 3 folds",
        "checksum of the rows",
    ] {
        assert!(page.text.contains(part), "no {part:?}");
    }
    let Page { text, .. } = &page;
    let lines = text.split("All settings at once").nth(2).unwrap();
    let lines = lines.split("</svg>").next().unwrap();
    let list = std::fs::read_to_string(dir.path().join("s/sweep.json")).unwrap();
    let list: serde_json::Value = serde_json::from_str(&list).unwrap();
    let ranked = list["ranked"].as_array().unwrap();
    let sound = ranked
        .iter()
        .filter(|own| own["accuracy"]["mean"].is_number());
    assert_eq!(lines.matches("<polyline").count(), sound.count(), "{lines}");
    done(
        dir.path(),
        "sweep iris --search 4 --hidden 4,8 --epochs 2 --report --out f",
    );
    let page = read(&dir.path().join("f/report.html"));
    for part in [
        "ranked by the mean loss",
        "batch size",
        "Confusion matrix",
        "--search 4 --hidden 4,8",
    ] {
        assert!(page.text.contains(part), "no {part:?}");
    }
}

#[test]
fn a_benchmark_has_a_page() {
    let dir = folder();
    let bench = "bench --layers 4-8-3,2-2-2 --batch 1,64 --quiet";
    done(dir.path(), &format!("{bench} --report b.html --json"));
    let page = read(&dir.path().join("b.html"));
    assert_eq!(page.sections(), ["speed", "peak", "figures"]);
    for part in [
        "4-8-3",
        "training speed (rows/s, log scale)",
        "share of the peak (%)",
        "us/step",
    ] {
        assert!(page.text.contains(part), "no {part:?}");
    }
    assert_eq!(
        page.text.matches("<svg class=\"chart\"").count(),
        4,
        "two charts of two networks"
    );
    let words: Vec<&str> = bench.split(' ').collect();
    let into = [&words[..], &["--report", "none/b.html"]].concat();
    wgrad(dir.path(), &with_cpu(&into)).fails(3, &["--report none/b.html"]);
}
