//! Tables, with what is wrong or unusual in them.

use super::{Input, input, plain, rows};

pub(super) fn all() -> Vec<Input> {
    [
        headers(),
        cells(),
        missing(),
        columns(),
        targets(),
        leaks(),
        names(),
    ]
    .concat()
}

fn headers() -> Vec<Input> {
    let nameless = rows("5.1,3.5,0", 30, |n| format!("{n}.5,{n}.25,{}", n % 2));
    let fraction = rows("size,1.5,kind", 30, |n| {
        let size = ["small", "large"][n % 2];
        format!("{size},{size},{}", ["red", "blue"][n % 3 % 2])
    });
    let latin = rows("a,b,y", 30, |n| {
        format!("{n}.5,{},{}", n % 9, ["caf#", "bar"][n % 2])
    });
    let latin = latin.into_iter().map(|c| if c == b'#' { 0xe9 } else { c });
    // Behind the rows from which wgrad tells how a table is written.
    let comment = rows("a,b,y", 12_000, |n| match n {
        11_000 => "# the second day".to_owned(),
        _ => format!("{n}.5,{},{}", n % 9, n % 2),
    });
    vec![
        input("train t.csv", nameless, &["--no-header", "--header"]),
        input("train t.csv", fraction, &["--no-header"]),
        input(
            "train t.csv --encoding utf-8",
            latin.collect(),
            &["--encoding windows-1252"],
        ),
        input("train t.csv", comment, &["--comment '#'"]),
    ]
}

fn cells() -> Vec<Input> {
    let table = |name: &str, word: &str| {
        rows(&format!("a,{name},y"), 60, |n| match n % 25 {
            7 => format!("{n}.5,{word},{}", n % 2),
            _ => format!("{n}.5,{n}.25,{}", n % 2),
        })
    };
    let once = rows("a,b,y", 60, |n| match n {
        7 => format!("{n}.5,oops,{}", n % 2),
        _ => format!("{n}.5,{n}.25,{}", n % 2),
    });
    let infinite = rows("a,b,y", 40, |n| match n {
        7 => "1.5,inf,0".to_owned(),
        _ => format!("{n}.5,{n}.25,{}", n % 2),
    });
    let thousands = rows("a;b;y", 40, |n| {
        let a = if n % 3 == 0 { "1.212" } else { "554" };
        format!("{a};{n};{}", n % 2)
    });
    let commas = rows("a;b;y", 40, |n| {
        format!("{},{:03};{n};{}", n % 9 + 1, n * 7, n % 2)
    });
    let dates = rows("d,b,y", 12, |n| {
        format!("{:02}/{:02}/2024,{n},{}", n % 12 + 1, n % 7 + 1, n % 2)
    });
    vec![
        input(
            "train t.csv",
            table("b", "oops"),
            &["--missing oops", "--categories b", "--drop b"],
        ),
        input(
            "train t.csv",
            table("my col", "not known"),
            &[
                "--missing 'not known'",
                "--categories 'my col'",
                "--drop 'my col'",
            ],
        ),
        input(
            "train t.csv",
            table("\"c,d\"", "it's"),
            &[r"--missing 'it'\''s'", "--categories c,d", "--drop c,d"],
        ),
        input("train t.csv", table("-x", "--"), &[]),
        input(
            "train t.csv",
            table("-x", "-oops"),
            &["--missing -oops", "--categories -x", "--drop -x"],
        ),
        input(
            "train 'my table.csv' --drop a",
            table("b", "$(no)"),
            &["--missing '$(no)'", "--drop a,b"],
        ),
        input("train t.csv", once, &["--categories b", "--drop b"]),
        input("train t.csv", infinite, &["--drop b"]),
        input("train t.csv", thousands, &["--decimal .", "--decimal ,"]),
        input("train t.csv", commas, &["--decimal .", "--decimal ,"]),
        input("train t.csv", dates, &["--categories d", "--drop d"]),
    ]
}

fn missing() -> Vec<Input> {
    let gaps = || {
        rows("a,b,y", 40, |n| match n % 2 {
            0 => format!(",{n}.5,{}", n % 3),
            _ => format!("{n}.5,,{}", n % 3),
        })
    };
    let mostly = || {
        rows("a,b,y", 40, |n| {
            let a = if n % 5 == 0 { "1.5" } else { "" };
            format!("{a},{n}.5,{}", n % 2)
        })
    };
    let codes = rows("a,b,y", 60, |n| match n % 8 {
        0 => format!("-200,{n}.5,{}", n % 2),
        _ => format!("{n}.5,{n}.25,{}", n % 2),
    });
    vec![
        input(
            "train t.csv --missing-rows drop",
            gaps(),
            &["--drop a", "--missing-rows fill"],
        ),
        input(
            "train t.csv --skip-missing",
            gaps(),
            &["--drop a", "--missing-rows fill"],
        ),
        input(
            "train t.csv --missing-rows refuse",
            gaps(),
            &["--drop a", "--missing-rows fill", "--missing-rows drop"],
        ),
        input("train t.csv --missing-rows drop", mostly(), &["--drop a"]),
        input("train t.csv", mostly(), &["--drop a"]),
        input("train t.csv", codes, &["--missing -200"]),
    ]
}

fn columns() -> Vec<Input> {
    let people = || {
        rows("id,name,a,y", 40, |n| {
            format!("{},n{n},{}.5,{}", n + 1, n * 7 % 11, n % 2)
        })
    };
    let text = rows("note,a,y", 40, |n| {
        format!("the quick brown fox jumps over {n} dogs,{n}.5,{}", n % 2)
    });
    let repeated = rows("note,a,y", 60, |n| {
        format!(
            "the quick brown fox jumps over {} dogs,{n}.5,{}",
            n % 30,
            n % 2
        )
    });
    let names = rows("name,y", 40, |n| format!("n{n},{}", n % 2));
    let two = rows("name,id number,y", 40, |n| format!("n{n},x{n},{}", n % 2));
    vec![
        input(
            "train t.csv",
            people(),
            &["--numbers id", "--categories name"],
        ),
        input("train t.csv --categories name", people(), &["--numbers id"]),
        input("train t.csv", text, &["--categories note"]),
        input("train t.csv", repeated, &["--categories note"]),
        input("train t.csv", names, &["--features name"]),
        input("train t.csv", two, &["--features 'name,id number'"]),
    ]
}

fn targets() -> Vec<Input> {
    let words = || {
        rows("a,y", 60, |n| match n {
            7 => "1.5,oops".to_owned(),
            _ => format!("{n}.5,{}", n * 7 % 31),
        })
    };
    let tall = || {
        rows("a,y", 60, |n| match n {
            7 => "1.5,tall".to_owned(),
            _ => format!("{n}.5,{n}.25"),
        })
    };
    let texts = || rows("a,y", 10_500, |n| format!("{n}.5,user {n}"));
    let values = || rows("a,y", 60, |n| format!("{n}.5,{}.25", n * 7 % 59));
    let whole = rows("a,y", 60, |n| format!("{n}.5,{}", n * 7 % 30));
    let several = rows("a,b,c", 40, |n| format!("{n}.5,{},{}", n % 3, n % 2));
    let many = rows("a,y", 12_000, |n| format!("{n}.5,{n}"));
    let single = rows("a,b,name", 40, |n| format!("{n}.5,{},n{n}", n % 2));
    let twofold = rows("b;y", 40, |n| {
        format!("{};{}", n * 7 % 40, ["1.212", "554"][n % 2])
    });
    vec![
        input("train t.csv", words(), &["--task classify"]),
        input("train t.csv --task regress", words(), &["--task classify"]),
        input("train t.csv", tall(), &[]),
        input("train t.csv --task classify", tall(), &[]),
        input("train t.csv", texts(), &[]),
        input("train t.csv --task regress", texts(), &[]),
        input("train t.csv --task classify", values(), &["--task regress"]),
        input("train t.csv --task classify", many, &["--task regress"]),
        input("train t.csv", whole, &["--task classify"]),
        input("train t.csv", plain(), &["--task regress"]),
        input(
            "train t.csv --target b,c --task classify",
            several,
            &["--task regress"],
        ),
        input("train t.csv", single, &["--drop name"]),
        input("train t.csv", twofold, &["--decimal .", "--decimal ,"]),
        input(
            "train t.csv --loss cross-entropy",
            values(),
            &["--loss mse"],
        ),
    ]
}

fn leaks() -> Vec<Input> {
    let mixed = |n: usize| n * n * 31 % 97;
    let copy = || {
        rows("rank,a b,c,d,kind", 90, |n| {
            let class = mixed(n) % 3;
            format!(
                "{class},{class},{},{},{}",
                n % 7,
                n % 11,
                ["x", "y", "z"][class]
            )
        })
    };
    let sum = rows("casual,members,a,count", 90, |n| {
        let [one, other] = [mixed(n), n * 53 % 89];
        format!("{one},{other},{},{}", n % 7, one + other)
    });
    let unit = rows("inches,a,cm", 90, |n| {
        let inches = mixed(n) as f64 / 8.0;
        format!("{inches},{},{}", n % 7, 2.54 * inches)
    });
    let launch = rows("a,b,launch", 30, |n| format!("{},{},{n}", mixed(n), n % 7));
    let index = rows(",a,y", 40, |n| {
        format!("{},{},{}", n * 17 % 40, mixed(n), n % 2)
    });
    let codes = rows("t,a,y", 80, |n| {
        let letter = if n % 4 == 0 { "PC" } else { "" };
        format!("{letter}{},{},{}", 9000 + n * 11, mixed(n), n % 2)
    });
    let limits = rows("a,b,y", 60, |n| match n % 9 {
        4 => format!("<0.05,{n}.25,{}", n % 2),
        _ => format!("{n}.5,{n}.25,{}", n % 2),
    });
    vec![
        input("train t.csv", copy(), &["--drop 'rank,a b'"]),
        input("train t.csv --drop c", copy(), &["--drop 'c,rank,a b'"]),
        input("train t.csv", sum, &["--drop casual,members"]),
        input("train t.csv", unit, &["--drop inches"]),
        input("train t.csv", launch, &["--drop launch"]),
        input("train t.csv", index, &["--numbers column1"]),
        input("train t.csv", codes, &["--categories t"]),
        input("train t.csv", limits, &["--missing '<0.05'", "--drop a"]),
    ]
}

fn names() -> Vec<Input> {
    let table = || {
        rows("weight,height,kind", 40, |n| {
            format!("{n}.5,{},{}", n * 7 % 11, n % 2)
        })
    };
    let unknown = |args, right| input(args, table(), right);
    vec![
        unknown("train t.csv --target knd", &["kind"]),
        unknown("train t.csv --drop wieght", &["weight"]),
        unknown("train t.csv --features wieght", &["weight"]),
        unknown("train t.csv --numbers wieght", &["weight"]),
        unknown("train t.csv --categories heigth", &["height"]),
        unknown("train t.csv --split-by heigth", &["height"]),
        unknown("train t.csv --val 0,1", &["0.1"]),
        unknown("train t.csv --test 20%", &["0.2"]),
        unknown("train t.cvs", &["t.csv"]),
        unknown("train digts", &["digits"]),
    ]
    .into_iter()
    .map(|mut input| {
        if input.files.is_empty() {
            input.files.push(("t.csv", table()));
        }
        input
    })
    .collect()
}
