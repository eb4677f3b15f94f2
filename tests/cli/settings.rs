//! Tests of settings from files and flags: the origin in errors, and warnings about settings without effect.

use crate::rig::{folder, wgrad, with_cpu, write};

#[test]
fn a_value_that_comes_from_a_configuration_is_named_with_the_files_line() {
    let dir = folder();
    let cases: [(&str, i32, &[&str]); 7] = [
        (
            "[run]\nbatch_size = 0",
            3,
            &["batch_size = 0 in [run]: expected at least 1"],
        ),
        (
            "[optimizer]\nbeta1 = 1",
            3,
            &["beta1 = 1.0 in [optimizer]: expected"],
        ),
        (
            "[data]\nval = 1.5",
            3,
            &["val = 1.5 in [data]: expected a share"],
        ),
        (
            "[data]\ntarget = [\"specie\"]",
            3,
            &["iris: ", "specie", "did you mean"],
        ),
        ("[run]\ndevice = \"voodoo\"", 4, &["voodoo", "--device cpu"]),
        (
            "[network]\nhidden = [99999999]",
            3,
            &["parameters", "smaller layers"],
        ),
        (
            "[data]\nsource = \"nix.csv\"",
            3,
            &["nix.csv: no such file"],
        ),
    ];
    for (text, code, parts) in cases {
        write(dir.path(), "a.toml", text);
        for command in ["train", "sweep"] {
            let mut args = vec![command, "--config", "a.toml"];
            args.extend(Some("iris").filter(|_| !text.contains("source")));
            let parts = [&["wgrad: a.toml:2: "], parts].concat();
            wgrad(dir.path(), &args).fails(code, &parts);
        }
    }
    // The error about a flag does not blame the file.
    write(
        dir.path(),
        "a.toml",
        "[run]\nbatch_size = 0\n[data]\nsource = \"nix.csv\"\n",
    );
    let typed = [
        "train",
        "iris",
        "--config",
        "a.toml",
        "--batch-size",
        "8",
        "--epochs",
    ];
    wgrad(dir.path(), &with_cpu(&[&typed[..], &["0"]].concat()))
        .fails(3, &["wgrad: --epochs 0: expected at least 1"]);
    wgrad(dir.path(), &with_cpu(&[&typed[..], &["1"]].concat())).ok();
}

#[test]
fn biases_may_have_a_learning_rate_of_their_own() {
    let dir = folder();
    let train = |out: &str, more: &[&str]| {
        let train = [
            "train", "iris", "--epochs", "2", "--hidden", "4", "--out", out,
        ];
        wgrad(dir.path(), &with_cpu(&[&train[..], more].concat()))
    };
    let bytes = |out: &str| std::fs::read(dir.path().join(out).join("model.safetensors")).unwrap();
    train("plain", &[]).ok();
    train("one", &["--bias-rate", "1"]).ok();
    train("slow", &["--bias-rate", "0.1"]).ok();
    assert!(bytes("one") == bytes("plain") && bytes("slow") != bytes("plain"));
    let again = ["train", "--config", "slow/config.toml", "--out", "again"];
    wgrad(dir.path(), &again).ok();
    assert!(bytes("again") == bytes("slow"));
    for factor in ["0", "-1", "1e-60"] {
        let refused = ["--bias-rate", ": expected a number above 0"];
        train("none", &["--bias-rate", factor]).fails(3, &refused);
    }
    write(dir.path(), "frozen.toml", "[network]\ntrain_bias = false");
    let frozen = ["--config", "frozen.toml", "--bias-rate", "0.5"];
    let run = train("frozen", &frozen).ok();
    let warning = "--bias-rate 0.5 has no effect with train_bias = false";
    assert!(run.err.contains(warning), "{}", run.err);
}

#[test]
fn a_schedule_is_of_something_that_is_not_zero() {
    let dir = folder();
    let flags = |command: &str, flags: &str| {
        let line = format!("{command} iris --epochs 2 --hidden 4 {flags}");
        let words: Vec<&str> = line.split_whitespace().collect();
        wgrad(dir.path(), &with_cpu(&words))
    };
    for command in ["train", "sweep --seeds 2"] {
        for (vain, message) in [
            (
                "--dropout-schedule cosine",
                "--dropout-schedule without --dropout, which is 0; add --dropout 0.1, or leave it out",
            ),
            (
                "--weight-decay-schedule step --recipe plain",
                "--weight-decay-schedule without --weight-decay, which is 0; add --weight-decay 0.01",
            ),
            (
                "--weight-decay-schedule plateau",
                "--weight-decay-schedule plateau: expected constant, step",
            ),
            (
                "--dropout 0.1 --dropout-schedule plateau",
                "--dropout-schedule plateau: expected constant, step",
            ),
        ] {
            flags(command, vain).fails(3, &[message]);
        }
    }
    write(
        dir.path(),
        "vain.toml",
        "[run]\nepochs = 2\n[network]\ndropout_schedule = \"cosine\"",
    );
    wgrad(
        dir.path(),
        &with_cpu(&["train", "iris", "--config", "vain.toml"]),
    )
    .fails(3, &["vain.toml:4: --dropout-schedule without --dropout"]);
    // Some of the networks of a list have it.
    flags(
        "sweep --seeds 2",
        "--dropout 0,0.1 --dropout-schedule cosine",
    )
    .ok();
}

#[test]
fn what_has_no_effect_is_said_where_it_was_typed_or_written() {
    let dir = folder();
    let vain = |args: &[&str]| {
        let run = wgrad(dir.path(), &with_cpu(&[args, &["--epochs", "1"]].concat())).ok();
        let warnings = run.err.lines().filter(|line| line.contains("no effect"));
        warnings.map(str::to_owned).collect::<Vec<_>>()
    };
    write(
        dir.path(),
        "sgd.toml",
        "[optimizer]\nkind = \"sgd\"\nmomentum = 0.5\nbeta1 = 0.5\n",
    );
    write(
        dir.path(),
        "rest.toml",
        "[data]\nval = 0.3\ntest = 0.1\n[run]\nmemory_limit = 9\n",
    );
    for command in ["train", "sweep"] {
        let iris = [command, "iris"];
        assert_eq!(vain(&iris), [""; 0]);
        let [told] = &vain(&[&iris[..], &["--momentum", "0.9"]].concat())[..] else {
            panic!("one warning");
        };
        let start = "warning: --momentum 0.9 has no effect with adam";
        assert!(
            told.starts_with(start) && told.contains("--optimizer sgd"),
            "{told}"
        );
        let file = [&iris[..], &["--config", "sgd.toml"]].concat();
        let told = vain(&file);
        assert!(told[0].starts_with("warning: sgd.toml:4: beta1 = 0.5 in [optimizer] has"));
        assert_eq!(told.len(), 1, "momentum is sgd's: {told:?}");
        let told = vain(&[&file[..], &["--optimizer", "adam"]].concat());
        assert!(
            told[0].starts_with("warning: sgd.toml:3: momentum = 0.5"),
            "{told:?}"
        );
        let linear = [
            "--hidden",
            "0",
            "--activation",
            "sigmoid",
            "--backend",
            "vulkan",
            "--force",
        ];
        let told = vain(&[&iris[..], &linear].concat()).join("\n");
        for flag in ["--activation sigmoid", "--backend vulkan", "--force"] {
            assert!(
                told.contains(&format!("{flag} has no effect")),
                "{flag}: {told}"
            );
        }
    }
    let rest = ["--config", "rest.toml"];
    assert_eq!(vain(&[&["train", "iris"], &rest[..]].concat()), [""; 0]);
    let told = vain(&[&["sweep", "iris", "--folds", "3"], &rest[..]].concat()).join("\n");
    for line in [2, 3, 5] {
        assert!(
            told.contains(&format!("rest.toml:{line}: ")),
            "{line}: {told}"
        );
    }
}

#[test]
fn images_with_a_test_set_of_their_own_have_no_use_for_columns_and_shares() {
    let dir = folder();
    std::fs::create_dir(dir.path().join("images")).unwrap();
    for (set, count) in [("train", 12u8), ("t10k", 4)] {
        let pixels = (0..4 * count).map(|i| i * 5);
        let images: Vec<u8> = [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 2, 0, 0, 0, 2].into();
        let images: Vec<u8> = images.into_iter().chain(pixels).collect();
        let labels: Vec<u8> = [0, 0, 8, 1, 0, 0, 0, count].into();
        let labels: Vec<u8> = labels
            .into_iter()
            .chain((0..count).map(|i| i % 2))
            .collect();
        write(
            dir.path(),
            &format!("images/{set}-images-idx3-ubyte"),
            images,
        );
        write(
            dir.path(),
            &format!("images/{set}-labels-idx1-ubyte"),
            labels,
        );
    }
    let plain = ["train", "images", "--epochs", "1"];
    let run = wgrad(dir.path(), &with_cpu(&plain)).ok();
    assert!(!run.err.contains("no effect"), "{}", run.err);
    let flags = [
        "--target",
        "y",
        "--drop",
        "id,name",
        "--test",
        "0.3",
        "--skip-missing",
    ];
    let run = wgrad(dir.path(), &with_cpu(&[&plain[..], &flags].concat())).ok();
    for given in [
        "--target y",
        "--drop id,name",
        "--test 0.3",
        "--missing-rows drop",
    ] {
        let told = format!("warning: {given} has no effect on ");
        assert!(run.err.contains(&told), "{told}: {}", run.err);
    }
}
