//! The command line through the binary, on the CPU device: what a user types, sees and gets.

use std::path::Path;
use std::process::{Command, Output};

struct Run {
    code: i32,
    out: String,
    err: String,
}

/// Runs `wgrad` in `dir`.
fn wgrad(dir: &Path, args: &[&str]) -> Run {
    let output = Command::new(env!("CARGO_BIN_EXE_wgrad"))
        .args(args)
        .current_dir(dir)
        .output()
        .expect("the binary runs");
    read(output)
}

fn read(output: Output) -> Run {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Run {
        code: output.status.code().expect("ended by itself"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

impl Run {
    #[track_caller]
    fn ok(self) -> Run {
        assert_eq!(self.code, 0, "stdout: {}\nstderr: {}", self.out, self.err);
        self
    }

    /// Ended with `code`, with every one of `parts` in its message.
    #[track_caller]
    fn fails(self, code: i32, parts: &[&str]) -> Run {
        let err = &self.err;
        assert_eq!(self.code, code, "{err}");
        for part in parts {
            assert!(err.contains(part), "no {part:?} in: {err}");
        }
        assert!(!err.contains("panicked"), "{err}");
        self
    }

    /// The JSON lines of a type.
    fn json(&self, kind: &str) -> Vec<serde_json::Value> {
        let lines = self
            .out
            .lines()
            .map(|line| serde_json::from_str(line).expect("a JSON line"));
        lines
            .filter(|v: &serde_json::Value| v["type"] == kind)
            .collect()
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn write(dir: &Path, name: &str, text: impl AsRef<[u8]>) {
    std::fs::write(dir.join(name), text).expect("a file is written");
}

const CPU: [&str; 2] = ["--device", "cpu"];

fn with_cpu<'a>(args: &[&'a str]) -> Vec<&'a str> {
    [args, &CPU].concat()
}

/// A table whose target is 3 a - 2 b + 1, and columns of every awkward kind.
fn line_table(separator: &str, end: &str) -> String {
    let mut text = ["id", "a", "b", "same", "y"].join(separator) + end;
    for i in 0..120 {
        let (a, b) = ((i * 37 % 101) as f64 / 10.0, (i * 53 % 97) as f64 / 10.0);
        let y = 3.0 * a - 2.0 * b + 1.0;
        let cells = [
            i.to_string(),
            a.to_string(),
            b.to_string(),
            "7".to_owned(),
            y.to_string(),
        ];
        text += &(cells.join(separator) + end);
    }
    text
}

#[test]
fn digits_train_to_a_good_accuracy_with_the_defaults() {
    let dir = folder();
    let run = wgrad(dir.path(), &with_cpu(&["train", "digits", "--json"])).ok();
    let end = &run.json("end")[0];
    assert!(end["test_accuracy"].as_f64().unwrap() >= 0.965, "{end}");
    assert_eq!(run.json("epoch").len(), 30);
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
fn a_straight_line_is_learned_by_a_linear_model_in_the_datas_own_units() {
    let dir = folder();
    write(dir.path(), "line.csv", line_table(",", "\n"));
    let train = [
        "train", "line.csv", "--drop", "id", "--hidden", "0", "--lr", "0.05", "--epochs", "100",
        "--json", "--out", "line",
    ];
    let run = wgrad(dir.path(), &with_cpu(&train)).ok();
    let values = &run.json("end")[0]["test_values"];
    assert!(values[0]["rmse"].as_f64().unwrap() < 0.05, "{values}");
    assert!(values[0]["r2"].as_f64().unwrap() > 0.999, "{values}");
    let notes = run.json("run")[0]["notes"].to_string();
    assert!(
        notes.contains("same"),
        "the constant column is named: {notes}"
    );
    write(
        dir.path(),
        "new.csv",
        "b,extra,same,a\n1.0,x,7,2.0\n0.5,y,7,4.0\n",
    );
    let predicted = wgrad(dir.path(), &with_cpu(&["predict", "line", "new.csv"])).ok();
    let lines: Vec<&str> = predicted.out.lines().collect();
    assert_eq!(lines[0], "y");
    let values: Vec<f64> = lines[1..].iter().map(|l| l.parse().unwrap()).collect();
    assert!(
        (values[0] - 5.0).abs() < 0.2 && (values[1] - 12.0).abs() < 0.2,
        "{values:?}"
    );
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
fn predictions_do_not_depend_on_the_order_of_columns_or_on_the_target() {
    let dir = folder();
    wgrad(dir.path(), &with_cpu(&["train", "iris", "--out", "m"])).ok();
    let rows = "sepal_length,sepal_width,petal_length,petal_width,species\n5.1,3.5,1.4,0.2,setosa\n6.3,3.3,6.0,2.5,virginica\n";
    let turned =
        "petal_width,petal_length,sepal_width,sepal_length\n0.2,1.4,3.5,5.1\n2.5,6.0,3.3,6.3\n";
    write(dir.path(), "rows.csv", rows);
    write(dir.path(), "turned.csv", turned);
    let predict = |name: &str| {
        wgrad(
            dir.path(),
            &with_cpu(&["predict", "m", name, "--probabilities"]),
        )
        .ok()
        .out
    };
    let predicted = predict("rows.csv");
    assert_eq!(predicted, predict("turned.csv"));
    assert!(
        predicted.starts_with("species,p(setosa),p(versicolor),p(virginica)\nsetosa,"),
        "{predicted}"
    );
    let evaluated = wgrad(dir.path(), &with_cpu(&["eval", "m", "rows.csv", "--json"])).ok();
    assert!(
        evaluated.out.contains("\"accuracy\":1.0"),
        "{}",
        evaluated.out
    );
    wgrad(dir.path(), &with_cpu(&["eval", "m", "turned.csv"])).fails(3, &["species"]);
}

#[test]
fn rows_come_from_stdin_too() {
    use std::io::Write;
    let dir = folder();
    wgrad(
        dir.path(),
        &with_cpu(&["train", "iris", "--epochs", "5", "--out", "m"]),
    )
    .ok();
    let mut child = Command::new(env!("CARGO_BIN_EXE_wgrad"))
        .args(["predict", "m", "-", "--device", "cpu", "--json"])
        .current_dir(dir.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let rows = b"sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n";
    child.stdin.take().unwrap().write_all(rows).unwrap();
    let run = read(child.wait_with_output().unwrap()).ok();
    assert_eq!(run.out.trim(), "{\"species\":\"setosa\"}");
}

#[test]
fn bad_data_is_named_with_file_line_and_column() {
    let dir = folder();
    let cases: [(&str, &str, &[&str]); 9] = [
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
        ("twice.csv", "a,a,y\n1,2,0\n3,4,1\n", &["twice.csv", "a"]),
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
fn text_and_missing_values_are_named_with_the_flags_that_leave_them_out() {
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
    let parts = ["colour", "--drop", "--skip-missing"];
    wgrad(
        dir.path(),
        &with_cpu(&["train", "pets.csv", "--target", "kind"]),
    )
    .fails(3, &parts);
    let train = [
        "train",
        "pets.csv",
        "--target",
        "kind",
        "--drop",
        "colour",
        "--skip-missing",
        "--json",
    ];
    let end = wgrad(dir.path(), &with_cpu(&train)).ok().json("end");
    assert_eq!(end[0]["test_accuracy"], 1.0);
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
    train(&["--test", "1.5"]).fails(3, &["test"]);
    train(&["--task", "regress"]).fails(3, &["species"]);
    write(dir.path(), "bad.toml", "[optimizer]\nlearning_rat = 1\n");
    train(&["--config", "bad.toml"]).fails(3, &["bad.toml", "learning_rate"]);
    train(&["--config", "none.toml"]).fails(3, &["none.toml"]);
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
fn a_batch_may_be_larger_than_the_data_and_an_epoch_may_end_short() {
    let dir = folder();
    for batch in ["1", "7", "100000"] {
        let train = ["train", "iris", "--epochs", "2", "--batch-size", batch];
        wgrad(dir.path(), &with_cpu(&train)).ok();
    }
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

#[cfg(target_os = "linux")]
#[test]
fn a_machine_without_a_driver_is_told_what_to_install_and_trains_on_the_cpu() {
    let dir = folder();
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_wgrad"))
            .args(args)
            .current_dir(dir.path())
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

#[cfg(unix)]
#[test]
fn an_interrupted_run_keeps_its_model_and_ends_with_130() {
    let dir = folder();
    let child = Command::new(env!("CARGO_BIN_EXE_wgrad"))
        .args([
            "train", "digits", "--epochs", "100000", "--device", "cpu", "--out", "m",
        ])
        .current_dir(dir.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(std::time::Duration::from_secs(2));
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let run = read(child.wait_with_output().unwrap());
    assert_eq!(run.code, 130);
    assert!(run.out.contains("interrupted in epoch"), "{}", run.out);
    wgrad(dir.path(), &with_cpu(&["eval", "m", "digits"])).ok();
}
