//! Tests of predictions for training rows, new rows and outliers.

use crate::rig::{folder, line_table, read, wgrad, with_cpu, write};
use std::process::Command;

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
fn outputs_that_are_not_finite_are_warned_of() {
    let dir = folder();
    let rows: String = (0..20).map(|i| format!("0.0{i},{i}.5\n")).collect();
    write(dir.path(), "narrow.csv", "x,y\n".to_owned() + &rows);
    let train = "train narrow.csv --hidden 0 --epochs 2 --out m";
    let train: Vec<&str> = train.split(' ').collect();
    wgrad(dir.path(), &with_cpu(&train)).ok();
    write(dir.path(), "far.csv", "x\n1\n3e38\n");
    let far = wgrad(dir.path(), &with_cpu(&["predict", "m", "far.csv"])).ok();
    assert!(
        far.err
            .contains("1 row with outputs that are not finite, the first is line 3"),
        "{}",
        far.err
    );
}

#[test]
fn differences_that_are_small_beside_the_numbers_are_learned_and_predicted() {
    let dir = folder();
    let row = |i| format!("{},{}\n", 1_700_000_000 + i, 1e9 + 1.75 * f64::from(i));
    let rows: String = (0..60).map(row).collect();
    write(dir.path(), "times.csv", "time,y\n".to_owned() + &rows);
    let train = "train times.csv --hidden 0 --optimizer sgd --lr 0.1 --epochs 200 --json --out m";
    let train: Vec<&str> = train.split(' ').collect();
    let run = wgrad(dir.path(), &with_cpu(&train)).ok();
    let values = &run.json("end")[0]["test_values"];
    assert!(values[0]["rmse"].as_f64().unwrap() < 1e-3, "{values}");
    assert!(values[0]["r2"].as_f64().unwrap() > 0.9999, "{values}");
    let predicted = wgrad(dir.path(), &with_cpu(&["predict", "m", "times.csv"])).ok();
    let last = predicted.out.lines().last().unwrap();
    let told: f64 = last.parse().unwrap();
    assert!((told - (1e9 + 1.75 * 59.0)).abs() < 1e-3, "{last}");
    let decimals = last.split_once('.').map_or(0, |(_, digits)| digits.len());
    assert!(decimals <= 7, "{last}: digits that an f32 does not tell");
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
    let refused = wgrad(dir.path(), &with_cpu(&["eval", "m", "turned.csv"]))
        .fails(3, &["no column species with values", "wgrad predict"]);
    assert_eq!(refused.err.lines().count(), 1, "{}", refused.err);
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
    assert_eq!(run.out.trim(), "{\"species\":\"setosa\",\"line\":2}");
}

#[test]
fn rows_far_from_those_it_was_trained_on_are_no_divergence() {
    let dir = folder();
    let mut lines: Vec<String> = vec!["a,b,y".to_owned()];
    lines.extend((0..60).map(|i| {
        let (a, b) = ((i * 37 % 101) as f64 / 10.0, (i * 53 % 97) as f64 / 10.0);
        format!("{a},{b},{}", 3.0 * a - 2.0 * b + 1.0)
    }));
    let train = |line: usize, out: &str| {
        let mut lines = lines.clone();
        lines[line] = format!("3e38,{}", &lines[line]);
        let cells: Vec<&str> = lines[line].split(',').collect();
        lines[line] = [cells[0], cells[2], cells[3]].join(",");
        write(dir.path(), "far.csv", lines.join("\n"));
        let train = "train far.csv --epochs 2 --hidden 4 --activation relu --seed 0 --json --out";
        let train: Vec<&str> = train.split(' ').chain([out]).collect();
        wgrad(dir.path(), &with_cpu(&train)).ok()
    };
    // Seed 0 puts the second row into the test set, and the eleventh into the validation set.
    let tested = train(2, "tested");
    assert!(
        tested.err.contains("the test rows' error is not finite"),
        "{}",
        tested.err
    );
    assert!(tested.json("end")[0]["test_loss"].is_null());
    assert!(tested.json("epoch")[1]["val_loss"].is_f64());
    let validated = train(11, "validated");
    assert!(validated.json("epoch")[1]["val_loss"].is_null());
    assert!(validated.json("end")[0]["test_loss"].is_f64());
    let eval = wgrad(dir.path(), &with_cpu(&["eval", "tested", "far.csv"])).ok();
    assert!(
        eval.err
            .contains("the model was trained on rows of this data"),
        "{}",
        eval.err
    );
    let swapped = wgrad(dir.path(), &with_cpu(&["predict", "far.csv", "tested"]));
    swapped.fails(3, &["far.csv", "the other way round"]);
}
