//! Tests of successful commands.

use crate::rig::{folder, line_table, wgrad, with_cpu, write};

#[test]
fn digits_train_to_a_good_accuracy_with_the_defaults() {
    let dir = folder();
    let run = wgrad(dir.path(), &with_cpu(&["train", "digits", "--json"])).ok();
    let end = &run.json("end")[0];
    assert!(end["test_accuracy"].as_f64().unwrap() >= 0.965, "{end}");
    assert!(run.json("epoch").len() > 10);
    for key in [
        "reason",
        "epochs",
        "test_loss",
        "elapsed_s",
        "device",
        "family",
        "model",
    ] {
        assert!(!end[key].is_null(), "{key}: {end}");
    }
    for key in [
        "epoch",
        "step",
        "train_loss",
        "val_loss",
        "val_accuracy",
        "samples_per_s",
        "elapsed_s",
    ] {
        assert!(!run.json("epoch")[0][key].is_null(), "{key}");
    }
}

#[test]
fn a_run_says_its_device_and_reason_and_what_to_type_next() {
    let dir = folder();
    let run = wgrad(dir.path(), &["train", "iris", "--epochs", "2"]).ok();
    assert!(run.err.contains("device "), "{}", run.err);
    assert!(run.err.contains("epoch 2/2"), "{}", run.err);
    assert!(
        run.out.contains("wgrad predict runs/iris-1 iris"),
        "{}",
        run.out
    );
    for file in ["model.safetensors", "config.toml", "metrics.jsonl"] {
        assert!(dir.path().join("runs/iris-1").join(file).exists(), "{file}");
    }
}

#[test]
fn one_of_a_thing_is_said_in_the_singular() {
    let dir = folder();
    let rows = "a,y\n1,0.5\n2,1.5\n3,2.5\n";
    write(dir.path(), "short.csv", rows);
    let train = ["train", "short.csv", "--hidden", "0", "--epochs", "1"];
    let run = wgrad(
        dir.path(),
        &with_cpu(&[&train[..], &["--out", "m"]].concat()),
    )
    .ok();
    for line in ["short: 1 input, ", "(2 parameters), 1 epoch in batches"] {
        assert!(run.err.contains(line), "{line}: {}", run.err);
    }
    write(dir.path(), "row.csv", "a,y\n1,0.5\n");
    let eval = wgrad(dir.path(), &with_cpu(&["eval", "m", "row.csv"])).ok();
    assert!(eval.out.contains("(1 row)"), "{}", eval.out);
    let sweep = ["sweep", "iris", "--seeds", "1", "--epochs", "1"];
    let run = wgrad(dir.path(), &with_cpu(&sweep)).ok();
    assert!(run.out.contains("\n1 network in "), "{}", run.out);
    let tutorial = ["tutorial", "--rounds", "1", "--lang", "en", "--quiet"];
    let run = wgrad(dir.path(), &with_cpu(&tutorial)).ok();
    assert!(run.out.contains("1 round, simultaneous"), "{}", run.out);
    assert!(!run.out.contains("1 rounds"), "{}", run.out);
}

#[test]
fn losses_beyond_four_decimals_are_written_with_an_exponent() {
    let dir = folder();
    write(dir.path(), "line.csv", line_table(",", "\n"));
    let line = ["line.csv", "--drop", "id", "--hidden", "0"];
    let sgd = "--optimizer sgd --batch-size 10 --epochs 20 --init auto";
    let sgd: Vec<&str> = sgd.split(' ').collect();
    let run = |command: &str, lr: &str| {
        let args = [&[command], &line[..], &sgd, &["--lr", lr]].concat();
        wgrad(dir.path(), &with_cpu(&args)).ok()
    };
    let small = run("train", "0.1").err;
    let last = small.lines().last().unwrap_or_default();
    let losses = last.matches("e-1").count();
    assert_eq!(losses, 2, "training and validation: {last}");
    let args = [&["train"], &line[..], &sgd, &["--lr", "1.5"]].concat();
    let large = wgrad(dir.path(), &with_cpu(&args))
        .fails(5, &["diverged"])
        .err;
    let second = large.lines().find(|line| line.starts_with("epoch  2/20"));
    let second = second.unwrap_or_default();
    assert!(second.contains("e8  val "), "{second}");
    let sweep = run("sweep", "0.1");
    assert!(sweep.out.contains("test loss"), "{}", sweep.out);
    let row = sweep.out.lines().nth(1).unwrap_or_default();
    assert!(row.contains("e-") && row.contains(" ± "), "{row}");
}

#[test]
fn folders_count_up_and_are_not_overwritten_without_force() {
    let dir = folder();
    let train = ["train", "xor", "--epochs", "2"];
    wgrad(dir.path(), &with_cpu(&train)).ok();
    wgrad(dir.path(), &with_cpu(&train)).ok();
    assert!(dir.path().join("runs/xor-2/model.safetensors").exists());
    let named = [&train[..], &["--out", "here"]].concat();
    wgrad(dir.path(), &with_cpu(&named)).ok();
    wgrad(dir.path(), &with_cpu(&named)).fails(3, &["here", "--force"]);
    wgrad(dir.path(), &with_cpu(&[&named[..], &["--force"]].concat())).ok();
}

#[test]
fn the_same_command_twice_gives_the_same_bytes() {
    let dir = folder();
    for out in ["a", "b"] {
        wgrad(
            dir.path(),
            &with_cpu(&["train", "iris", "--epochs", "5", "--out", out]),
        )
        .ok();
    }
    let model = |out: &str| std::fs::read(dir.path().join(out).join("model.safetensors")).unwrap();
    assert!(model("a") == model("b"));
    wgrad(
        dir.path(),
        &with_cpu(&[
            "train", "iris", "--epochs", "5", "--out", "c", "--seed", "1",
        ]),
    )
    .ok();
    assert!(model("a") != model("c"));
}

#[test]
fn the_resolved_configuration_repeats_the_run() {
    let dir = folder();
    let typed = [
        "train",
        "iris",
        "--hidden",
        "8,8",
        "--activation",
        "tanh",
        "--optimizer",
        "sgd",
        "--lr",
        "0.05",
        "--momentum",
        "0.9",
        "--epochs",
        "3",
        "--out",
        "a",
    ];
    wgrad(dir.path(), &with_cpu(&typed)).ok();
    wgrad(
        dir.path(),
        &["train", "--config", "a/config.toml", "--out", "b"],
    )
    .ok();
    let read = |name: &str| std::fs::read(dir.path().join(name)).unwrap();
    assert!(read("a/model.safetensors") == read("b/model.safetensors"));
    assert!(read("a/config.toml") == read("b/config.toml"));
    let flags_win = [
        "train",
        "--config",
        "a/config.toml",
        "--epochs",
        "1",
        "--json",
        "--out",
        "c",
    ];
    assert_eq!(wgrad(dir.path(), &flags_win).ok().json("epoch").len(), 1);
}

#[test]
fn byte_order_marks_crlf_and_semicolons_make_no_difference() {
    let dir = folder();
    let train = |name: &str, text: String| {
        write(dir.path(), name, text);
        let out = format!("out-{name}");
        let args = [
            "train", name, "--drop", "id", "--epochs", "3", "--out", &out,
        ];
        wgrad(dir.path(), &with_cpu(&args)).ok();
        std::fs::read(dir.path().join(out).join("model.safetensors")).unwrap()
    };
    let plain = train("plain.csv", line_table(",", "\n"));
    assert!(plain == train("mark.csv", format!("\u{feff}{}", line_table(",", "\n"))));
    assert!(plain == train("crlf.csv", line_table(",", "\r\n")));
    assert!(plain == train("semicolon.csv", line_table(";", "\n")));
    assert!(plain == train("tab.tsv", line_table("\t", "\n")));
}

#[test]
fn a_batch_may_be_larger_than_the_data_and_an_epoch_may_end_short() {
    let dir = folder();
    for batch in ["1", "7", "105"] {
        let train = ["train", "iris", "--epochs", "2", "--batch-size", batch];
        let run = wgrad(dir.path(), &with_cpu(&train)).ok();
        assert!(!run.err.contains("more than there are"), "{}", run.err);
    }
    let train = ["train", "iris", "--epochs", "2", "--batch-size", "100000"];
    let run = wgrad(dir.path(), &with_cpu(&train)).ok();
    assert!(run.err.contains("in batches of 105,"), "{}", run.err);
    let note = "--batch-size 100000: larger than the training set; every batch has all 105 rows";
    assert!(run.err.contains(note), "{}", run.err);
    let again = ["train", "--config", "runs/iris-4/config.toml", "--quiet"];
    let again = wgrad(dir.path(), &again).ok();
    assert!(!again.err.contains("batch"), "{}", again.err);
    let model = |run: &str| std::fs::read(dir.path().join(run).join("model.safetensors")).unwrap();
    assert!(model("runs/iris-4") == model("runs/iris-5"));
    assert!(
        model("runs/iris-3") == model("runs/iris-4"),
        "all rows a step"
    );
    let sweep = [
        "sweep", "iris", "--folds", "5", "--epochs", "1", "--seeds", "1",
    ];
    let run = wgrad(dir.path(), &with_cpu(&[&sweep[..], &train[4..]].concat())).ok();
    assert!(run.err.contains("at most 120 rows"), "{}", run.err);
    let run = wgrad(dir.path(), &with_cpu(&["train", "xor", "--epochs", "1"])).ok();
    assert!(run.err.contains("in batches of 4,"), "{}", run.err);
    assert!(!run.err.contains("--batch-size"), "{}", run.err);
}

#[test]
fn the_library_fits_the_model_that_the_program_trains() {
    let dir = folder();
    let train = ["train", "iris", "--seed", "7", "--out", "m"];
    wgrad(dir.path(), &with_cpu(&train)).ok();
    let trained = std::fs::read(dir.path().join("m/model.safetensors")).unwrap();
    let data = wgrad::Dataset::read("iris").unwrap();
    let fit = wgrad::Config::default().device("cpu").seed(7).fit(&data);
    assert!(fit.unwrap().model.to_bytes().unwrap() == trained);
}
