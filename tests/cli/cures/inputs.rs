//! Inputs that make the program print each kind of refusal, note and warning, small ones.

mod tables;

use super::printed::{Flags, quoted_words};

/// A command on files of its own.
#[derive(Clone)]
pub(super) struct Input {
    /// The arguments, as a shell reads them.
    pub(super) args: &'static str,
    pub(super) files: Vec<(&'static str, Vec<u8>)>,
    /// A command that goes before.
    pub(super) before: &'static str,
    /// Cures that must be printed, so that no message loses them.
    pub(super) cures: &'static [&'static str],
    /// What else must be printed: cures that cannot be run here.
    pub(super) says: &'static [&'static str],
}

impl Input {
    pub(super) fn file(&self, name: &str) -> Option<&[u8]> {
        let found = self.files.iter().find(|(known, _)| *known == name)?;
        Some(&found.1)
    }

    /// Returns the arguments, with a short training on the CPU.
    pub(super) fn command(&self) -> String {
        let mut command = self.args.to_owned();
        if self.args.starts_with("train") || self.args.starts_with("sweep") {
            let flags = [
                ("--epochs", "--max-steps", "1"),
                ("--device", "--device", "cpu"),
            ];
            for (flag, instead, usual) in flags {
                if !self.args.contains(flag) && !self.args.contains(instead) {
                    command += &format!(" {flag} {usual}");
                }
            }
        }
        command
    }

    /// Returns the command that looks at the data, if the arguments fit it.
    pub(super) fn as_inspect(&self, flags: &Flags) -> Option<String> {
        let rest = self.args.strip_prefix("train ")?;
        let words = quoted_words(rest);
        let fits =
            |word: &String| !word.starts_with("--") || flags.takes_value("inspect", word).is_some();
        words.iter().all(fits).then(|| format!("inspect {rest}"))
    }
}

/// Returns a table of `count` rows.
fn rows(header: &str, count: usize, row: impl Fn(usize) -> String) -> Vec<u8> {
    let rows: Vec<String> = (0..count).map(row).collect();
    format!("{header}\n{}\n", rows.join("\n")).into_bytes()
}

fn input(args: &'static str, file: Vec<u8>, cures: &'static [&'static str]) -> Input {
    let names = ["t.csv", "my table.csv", "t.xyz"];
    let name = names.into_iter().find(|name| args.contains(name));
    Input {
        args,
        files: name.map(|name| (name, file)).into_iter().collect(),
        before: "",
        cures,
        says: &[],
    }
}

/// Returns all inputs.
pub(super) fn all() -> Vec<Input> {
    [
        tables::all(),
        settings(),
        models(),
        starts(),
        images(),
        others(),
    ]
    .concat()
}

fn plain() -> Vec<u8> {
    rows("a,b,y", 40, |n| format!("{n}.5,{},{}", n * 7 % 11, n % 2))
}

fn settings() -> Vec<Input> {
    let noise = || {
        rows("a,y", 80, |n| {
            format!(
                "{},{}",
                n * 37 % 101,
                if n % 9 == 0 { "rare" } else { "often" }
            )
        })
    };
    let halves = rows("a,y", 200, |n| {
        let a = n * 37 % 101;
        format!("{a},{}", if a > 50 { "high" } else { "low" })
    });
    vec![
        input("train t.csv --size 3,2", plain(), &["--size 3,2"]),
        input(
            "train t.csv --momentum 0.9",
            plain(),
            &["--momentum 0.9", "--optimizer sgd"],
        ),
        input(
            "train t.csv --hidden 0 --activation sigmoid",
            plain(),
            &["--activation sigmoid"],
        ),
        input("train t.csv --backend gl", plain(), &["--backend gl"]),
        input("train t.csv", noise(), &[]),
        input("train t.csv --epochs 1", noise(), &["--epochs 10"]),
        input("train t.csv --refit --epochs 3", plain(), &["--refit"]),
        input(
            "train t.csv --max-steps 2 --lr 1e-9",
            noise(),
            &["--max-steps 6"],
        ),
        input("train t.csv --epochs 5", halves, &["--epochs 50"]),
        input(
            "sweep t.csv --seeds 1 --hidden 4 --epochs 1",
            noise(),
            &["--epochs 10"],
        ),
        input("train t.csv --device voodoo", plain(), &["--device cpu"]),
        input("train t.csv --device gpu", plain(), &["--device cpu"]),
        input(
            "train t.csv --precision mixed",
            plain(),
            &["--device gpu", "--precision f32"],
        ),
        input(
            "train t.csv --optimizer sgd --lr 1e30 --activation identity",
            rows("a,b,y", 40, |n| format!("{n}.5,{},{n}.25", n % 7)),
            &["--lr 0.01"],
        ),
        input("train t.csv --val 0.6 --test 0.6", plain(), &[]),
        input("train t.csv --no-shuffle --target a", plain(), &[]),
        input("sweep t.csv --folds 99", plain(), &[]),
        input("sweep t.csv --precision mixed", plain(), &[]),
        input("sweep t.csv --lr 0", plain(), &[]),
        input(
            "sweep t.csv --optimizer sgd --lr 1e30 --activation identity --hidden 4 --seeds 1",
            rows("a,b,y", 40, |n| format!("{n}.5,{},{n}.25", n % 7)),
            &["--lr 1.0e-2"],
        ),
        input("sweep t.csv --halving --seeds 1", plain(), &[]),
        input("train t.csv --force", plain(), &[]),
        input("train t.csv --encoding utf-9", plain(), &[]),
        input("train t.csv --backend glide --device auto", plain(), &[]),
        input("train t.csv --batch-size 500", plain(), &[]),
        input("train t.csv --out .", plain(), &[]),
        input("devices", Vec::new(), &[]),
        input("train t.csv --seeds 5", plain(), &[]),
        input("train t.csv --target y --drop y", plain(), &[]),
    ]
}

fn models() -> Vec<Input> {
    let numbers = || rows("a,b,y", 40, |n| format!("{n}.5,{},{n}.25", n % 7));
    let word = rows("a,b", 60, |n| match n % 25 {
        7 => format!("{n}.5,oops"),
        _ => format!("{n}.5,{n}.25"),
    });
    let nameless = rows("1.5,2.5", 30, |n| format!("{n}.5,{n}.25"));
    let before = "wgrad train train.csv --epochs 1 --device cpu --out m";
    let of_model = |args, rows: Vec<u8>, cures| {
        let mut input = input(args, rows, cures);
        input.files.push(("train.csv", numbers()));
        Input { before, ..input }
    };
    vec![
        of_model("predict m t.csv --keep bb", numbers(), &["b"]),
        of_model(
            "predict m t.csv --probabilities",
            numbers(),
            &["--probabilities"],
        ),
        of_model(
            "predict t.csv m",
            numbers(),
            &["MODEL and DATA the other way round"],
        ),
        of_model("predict m t.csv", word, &["--missing oops"]),
        of_model("predict m t.csv", nameless, &[]),
        of_model(
            "eval m t.csv",
            rows("a,b", 30, |n| format!("{n}.5,{n}.25")),
            &[],
        ),
        of_model("train t.csv --out m", numbers(), &["--force"]),
        of_model("train t.csv --config m", numbers(), &[]),
        input(
            "train 'my table.csv'",
            plain(),
            &[
                "wgrad predict 'runs/my table-1' 'my table.csv'",
                "wgrad eval 'runs/my table-1' NEW.csv",
            ],
        ),
        of_model(
            "train t.csv --val train.csv --test train.csv --no-shuffle",
            numbers(),
            &["--no-shuffle"],
        ),
        of_model(
            "train t.csv --test train.csv",
            numbers(),
            &["wgrad eval runs/t-1 train.csv"],
        ),
    ]
}

fn images() -> Vec<Input> {
    let png = |width: u32, height: u32, grey: u8| {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().expect("a PNG image");
        let pixels = vec![grey; (width * height) as usize];
        writer.write_image_data(&pixels).expect("a PNG image");
        drop(writer);
        bytes
    };
    let folder = |args, last: [u32; 2], cures| Input {
        args,
        files: vec![
            ("pets/cat/1.png", png(3, 2, 9)),
            ("pets/cat/2.png", png(3, 2, 7)),
            ("pets/cat/3.png", png(3, 2, 3)),
            ("pets/dog/1.png", png(3, 2, 200)),
            ("pets/dog/2.png", png(3, 2, 220)),
            ("pets/dog/3.png", png(last[0], last[1], 240)),
        ],
        before: "",
        cures,
        says: &[],
    };
    vec![
        folder("train pets", [5, 4], &["--size 3,2"]),
        folder(
            "train pets --target kind --drop a --missing-rows drop",
            [3, 2],
            &["--target kind", "--drop a", "--missing-rows drop"],
        ),
        folder("train pets --task regress", [3, 2], &["--task regress"]),
        folder("train pets --split-by a", [3, 2], &["--split-by a"]),
    ]
}

/// Formats that are named, with a cure that another program runs.
/// Returns weights and biases of a network 2-5-1, as PyTorch names them.
fn weights() -> Vec<u8> {
    let tensors = [
        ("0.weight", "[5,2]", 10),
        ("0.bias", "[5]", 5),
        ("2.weight", "[1,5]", 5),
        ("2.bias", "[1]", 1),
    ];
    let (mut header, mut at) = (Vec::new(), 0);
    for (name, shape, count) in tensors {
        let end = at + 4 * count;
        header.push(format!(
            "\"{name}\":{{\"dtype\":\"F32\",\"shape\":{shape},\"data_offsets\":[{at},{end}]}}"
        ));
        at = end;
    }
    let header = format!("{{{}}}", header.join(","));
    let length = (header.len() as u64).to_le_bytes();
    [&length[..], header.as_bytes(), &vec![0; at]].concat()
}

/// Returns training that starts from weights of other software.
fn starts() -> Vec<Input> {
    let table = rows("a,b,y", 400, |n| format!("{n}.5,{},{n}.25", n % 7));
    let args = "train t.csv --from w.safetensors";
    let mut with_bins = input(args, table, &["--bins 0"]);
    with_bins.files.push(("w.safetensors", weights()));
    let other = Input {
        args: "train t.csv --from w.safetensors --bins 0 --hidden 7",
        cures: &["--hidden 7"],
        ..with_bins.clone()
    };
    vec![with_bins, other]
}

fn others() -> Vec<Input> {
    let named = |bytes: &[u8], says| Input {
        says,
        ..input("train t.xyz", bytes.to_vec(), &[])
    };
    vec![
        named(b"ARROW1\0\0", &["pandas.read_feather(\"t.xyz\").to_csv("]),
        named(b"\x80\x04\x95\x10", &["numpy.savez("]),
        named(b"\x89HDF\r\n\x1a\n", &["h5py", "numpy.savez("]),
        named(b"SQLite format 3\0", &["sqlite3 -header -csv"]),
        named(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            &["save the sheet as CSV"],
        ),
        named(b"RDX3\nX", &["write.csv("]),
        named(b"\xfd7zXZ\0\0", &["unpack it"]),
        named(
            b"1 1:0.5 2:0.25\n0 1:1 3:2\n",
            &["load_svmlight_file(\"t.xyz\")"],
        ),
        named(
            b"version https://git-lfs.github.com/spec/v1\noid",
            &["git lfs pull"],
        ),
        named(b"@relation pets\n@data\n1,2\n", &["@data"]),
        named(b"\x89PNG\r\n\x1a\n", &["a folder"]),
    ]
}
