//! Tests of errors: the subject, what was expected, what was found, the remedy, and the exit code.

use crate::rig::{folder, line_table, read, wgrad, with_cpu, write};
use std::process::Command;

#[test]
fn values_that_are_no_numbers_are_told_what_was_expected() {
    let dir = folder();
    for (flag, value, expected) in [
        ("--epochs", "-1", "expected a whole number"),
        ("--epochs", "99999999999999999999", "expected a smaller"),
        ("--lr", "abc", "expected a number"),
        ("--hidden", "64,", "as in 128,64, or 0"),
    ] {
        let run = wgrad(dir.path(), &["train", "digits", flag, value]);
        run.fails(2, &[flag, value, expected]);
    }
}

#[test]
#[cfg(not(feature = "mpi"))]
fn a_program_without_mpi_says_how_to_get_it() {
    let dir = folder();
    let cure = "build it with: cargo install --path . --features mpi";
    for command in ["train iris --out run", "bench"] {
        let words = command.split(' ').chain(["--distributed", "mpi"]);
        let words: Vec<&str> = words.collect();
        wgrad(dir.path(), &words).fails(3, &["--distributed mpi", cure]);
    }
    assert!(!dir.path().join("run").exists());
}

#[test]
fn files_of_another_kind_are_told_what_was_expected() {
    let dir = folder();
    let digits = [
        "train", "digits", "--epochs", "1", "--hidden", "8-4", "--out", "run",
    ];
    wgrad(dir.path(), &with_cpu(&digits)).ok();
    let refused = |args: &[&str], parts: &[&str]| {
        let run = wgrad(dir.path(), args).fails(3, parts);
        // A file may be one line of thousands of characters: it must not be quoted whole.
        assert!(run.err.len() < 500, "{}", run.err);
    };
    refused(
        &["train", "--config", "run"],
        &["run", "did you mean", "config.toml"],
    );
    refused(
        &["train", "--config", "none.toml"],
        &["none.toml", "expected"],
    );
    write(
        dir.path(),
        "long.json",
        format!("{{\"a\":{}}}", "1".repeat(5000)),
    );
    refused(
        &["train", "--config", "long.json"],
        &["long.json:1", "not TOML"],
    );
    let model = std::fs::read(dir.path().join("run/model.safetensors")).unwrap();
    write(dir.path(), "cut.safetensors", &model[..model.len() / 2]);
    refused(
        &["eval", "cut.safetensors", "digits"],
        &["cut.safetensors", "not a whole"],
    );
    refused(
        &[
            "bench",
            "--layers",
            "784-128-10",
            "--batch",
            "1",
            "--networks",
            "100000",
            "--device",
            "cpu",
        ],
        &["nothing was measured", "--networks"],
    );
}

#[test]
fn bad_data_is_named_with_file_line_and_column() {
    let dir = folder();
    let cases: [(&str, &str, &[&str]); 8] = [
        ("empty.csv", "", &["empty.csv", "empty"]),
        ("header.csv", "a,b\n", &["header.csv"]),
        (
            "ragged.csv",
            "a,b,y\n1,2,0\n3,4\n5,6,1\n",
            &["ragged.csv:3", "3 columns", "2"],
        ),
        (
            "word.csv",
            "a,b,y\n1,2,0\n3,x,1\n5,6,1\n7,8,0\n9,1,0\n",
            &["word.csv:3", "b", "x"],
        ),
        (
            "infinite.csv",
            "a,b,y\n1,2,0\n3,inf,1\n5,6,1\n",
            &["infinite.csv:3", "b"],
        ),
        (
            "huge.csv",
            "a,b,y\n1,2,0\n3,1e300,1\n5,6,1\n",
            &["huge.csv:3", "b"],
        ),
        (
            "one.csv",
            "a,b,y\n1,2,same\n3,4,same\n5,6,same\n",
            &["one.csv", "y", "class"],
        ),
        (
            "nameless.csv",
            "1,2,3\n4,5,6\n",
            &["nameless.csv", "header"],
        ),
    ];
    for (name, text, parts) in cases {
        write(dir.path(), name, text);
        wgrad(dir.path(), &with_cpu(&["train", name])).fails(3, parts);
    }
    wgrad(dir.path(), &with_cpu(&["train", "nothing.csv"])).fails(3, &["nothing.csv"]);
    wgrad(dir.path(), &with_cpu(&["train", "digit"])).fails(3, &["digits"]);
    write(dir.path(), "ok.csv", line_table(",", "\n"));
    wgrad(
        dir.path(),
        &with_cpu(&["train", "ok.csv", "--target", "yy"]),
    )
    .fails(3, &["yy", "y"]);
    assert!(
        !dir.path().join("runs").exists(),
        "a run that never began leaves no folder"
    );
}

#[test]
fn a_table_with_text_and_missing_values_is_learned_from_as_it_is() {
    let dir = folder();
    let mut text = String::from("kind,size,colour,weight\n");
    for i in 0..40 {
        let (kind, weight) = (["cat", "dog"][i % 2], [4.0, 20.0][i % 2] + i as f64 / 40.0);
        let weight = if i % 10 == 3 {
            "NA".to_owned()
        } else {
            weight.to_string()
        };
        text += &format!("{kind},{},{},{weight}\n", i % 7, ["red", "blue"][i % 2]);
    }
    write(dir.path(), "pets.csv", text);
    let train = [
        "train", "pets.csv", "--target", "kind", "--json", "--epochs", "200",
    ];
    for flags in [
        &[][..],
        &["--missing-rows", "drop", "--drop", "colour"],
        &["--skip-missing"],
    ] {
        let end = wgrad(dir.path(), &with_cpu(&[&train[..], flags].concat()))
            .ok()
            .json("end");
        assert_eq!(end[0]["test_accuracy"], 1.0, "{flags:?}");
    }
    let refused = [&train[..], &["--missing-rows", "refuse"]].concat();
    let parts = [
        "pets.csv:5",
        "weight",
        "--missing-rows fill",
        "--drop weight",
    ];
    wgrad(dir.path(), &with_cpu(&refused)).fails(3, &parts);
}

#[test]
fn bad_settings_are_named_with_what_is_expected() {
    let dir = folder();
    let train = |args: &[&str]| wgrad(dir.path(), &with_cpu(&[&["train", "iris"], args].concat()));
    train(&["--activation", "rellu"]).fails(2, &["rellu", "relu"]);
    train(&["--lr", "0"]).fails(3, &["--lr", "above 0"]);
    train(&["--hidden", "8,0"]).fails(3, &["--hidden"]);
    train(&["--batch-size", "0"]).fails(3, &["--batch-size"]);
    train(&["--epochs", "0"]).fails(3, &["--epochs"]);
    train(&["--memory-limit", "0"]).fails(3, &["--memory-limit", "at least 1"]);
    train(&["--test", "1.5"]).fails(3, &["test"]);
    train(&["--task", "regress"]).fails(3, &["species"]);
    write(dir.path(), "bad.toml", "[optimizer]\nlearning_rat = 1\n");
    train(&["--config", "bad.toml"]).fails(3, &["bad.toml", "learning_rate"]);
    train(&["--config", "none.toml"]).fails(3, &["none.toml"]);
    write(dir.path(), "many.toml", "[run]\nepochs = \"many\"\n");
    train(&["--config", "many.toml"]).fails(3, &["many.toml:2: epochs in [run]: ", "whole number"]);
    wgrad(dir.path(), &["train"]).fails(3, &["digits"]);
    wgrad(dir.path(), &["trian"]).fails(2, &["train"]);
}

#[test]
fn a_model_that_does_not_fit_the_data_is_refused_with_both_shapes() {
    let dir = folder();
    wgrad(
        dir.path(),
        &with_cpu(&["train", "iris", "--epochs", "1", "--out", "m"]),
    )
    .ok();
    wgrad(dir.path(), &with_cpu(&["predict", "m", "digits"])).fails(3, &["sepal_length"]);
    write(
        dir.path(),
        "label.csv",
        "sepal_length,sepal_width,petal_length,petal_width,species\n5.1,3.5,1.4,0.2,rose\n",
    );
    wgrad(dir.path(), &with_cpu(&["eval", "m", "label.csv"])).fails(3, &["rose", "setosa"]);
    write(dir.path(), "not.safetensors", "hello");
    wgrad(
        dir.path(),
        &with_cpu(&["predict", "not.safetensors", "iris"]),
    )
    .fails(3, &["not.safetensors"]);
    wgrad(dir.path(), &with_cpu(&["predict", "gone", "iris"])).fails(3, &["gone"]);
}

#[test]
fn training_that_diverges_says_at_which_step_in_which_layer_and_what_to_try() {
    let dir = folder();
    write(dir.path(), "line.csv", line_table(",", "\n"));
    let train = [
        "train",
        "line.csv",
        "--optimizer",
        "sgd",
        "--lr",
        "1e6",
        "--activation",
        "identity",
    ];
    wgrad(dir.path(), &with_cpu(&train)).fails(5, &["step", "layer", "--lr"]);
}

#[test]
fn an_unknown_adapter_is_refused_with_those_there_are() {
    let dir = folder();
    wgrad(dir.path(), &["train", "iris", "--device", "voodoo"])
        .fails(4, &["voodoo", "--device cpu"]);
    wgrad(
        dir.path(),
        &["train", "iris", "--device", "gpu", "--backend", "glide"],
    )
    .fails(3, &["glide", "vulkan"]);
}

#[test]
fn mixed_precision_is_refused_where_there_are_no_cooperative_matrices() {
    let dir = folder();
    let mixed = ["iris", "--precision", "mixed"];
    let on_cpu = ["--device", "cpu"];
    wgrad(dir.path(), &[&["train"], &mixed[..], &on_cpu].concat())
        .fails(4, &["CPU", "--device gpu", "--precision f32"]);
    wgrad(
        dir.path(),
        &["bench", "--device", "cpu", "--precision", "mixed"],
    )
    .fails(4, &["CPU", "--precision f32"]);
    let config = dir.path().join("mixed.toml");
    std::fs::write(&config, "[run]\nprecision = \"mixed\"\n").unwrap();
    wgrad(dir.path(), &["sweep", "iris", "--config", "mixed.toml"])
        .fails(3, &["mixed.toml:2: precision = ", "f32", "wgrad train"]);
    wgrad(dir.path(), &[&["sweep"], &mixed[..]].concat()).fails(
        3,
        &["--precision mixed: ", "f32", "wgrad train --precision"],
    );
    let f32 = [
        "--config",
        "mixed.toml",
        "--precision",
        "f32",
        "--epochs",
        "1",
    ];
    wgrad(
        dir.path(),
        &with_cpu(&[&["sweep", "iris"][..], &f32].concat()),
    )
    .ok();
}

#[test]
fn a_machine_without_a_driver_is_told_what_to_install_and_trains_on_the_cpu() {
    let dir = folder();
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_wgrad"))
            .args(args)
            .current_dir(dir.path())
            .env("WGRAD_CACHE_DIR", dir.path())
            .env("VK_DRIVER_FILES", "/nowhere.json")
            .env("VK_ICD_FILENAMES", "/nowhere.json")
            .output()
            .unwrap();
        read(output)
    };
    run(&["train", "iris", "--device", "gpu"]).fails(4, &["mesa-vulkan-drivers", "--device cpu"]);
    let auto = run(&["train", "iris", "--epochs", "1"]).ok();
    assert!(
        auto.err.contains("cpu") && auto.err.contains("no GPU adapter"),
        "{}",
        auto.err
    );
    assert!(run(&["devices"]).ok().out.contains("mesa-vulkan-drivers"));
}

#[test]
fn what_an_evaluation_finds_diverged_is_told_with_the_last_step() {
    let dir = folder();
    let huge =
        "train iris --optimizer sgd --lr 1e38 --activation relu --epochs 1 --val 0.1 --test 0";
    let run = |batch: &str| {
        let args: Vec<&str> = huge.split(' ').chain(["--batch-size", batch]).collect();
        wgrad(dir.path(), &with_cpu(&args))
    };
    run("135").fails(5, &["diverged after step 1 (epoch 1): the output of layer"]);
    run("40").fails(5, &["diverged at step 2 (epoch 1): the output of layer"]);
}

#[test]
fn a_flag_of_another_command_is_said_to_be_there() {
    let dir = folder();
    for (typed, parts) in [
        (
            &["sweep", "iris", "--sums=split"][..],
            &["wgrad train has --sums"][..],
        ),
        (
            &["train", "iris", "--folds", "5"],
            &["wgrad sweep has --folds"],
        ),
        (
            &["train", "iris", "--seeds", "5"],
            &["wgrad sweep has --seeds", "'--seed'"],
        ),
        (
            &["eval", "m", "iris", "--hidden", "5"],
            &["wgrad train or wgrad sweep has --hidden"],
        ),
    ] {
        wgrad(dir.path(), typed).fails(2, parts);
    }
    let nowhere = wgrad(dir.path(), &["sweep", "iris", "--nothing"]);
    nowhere.fails(2, &["unexpected argument '--nothing'"]);
}
