//! Tests of `wgrad serve`: answers have the bytes of `predict --json`, and requests that are wrong are refused.

mod client;
mod limits;

use crate::rig::{folder, wgrad, with_cpu, write};
use client::{Server, head};
use std::fmt::Write;
use std::path::Path;

const PENGUINS: &str = include_str!("../data/penguins.csv");

/// Trains a small model into `m`.
fn train(dir: &Path, args: &str) {
    let words: Vec<&str> = args.split(' ').collect();
    wgrad(
        dir,
        &with_cpu(&[&["train", "--out", "m"], &words[..]].concat()),
    )
    .ok();
}

fn train_penguins(dir: &Path) {
    write(dir, "penguins.csv", PENGUINS);
    train(dir, "penguins.csv --epochs 3");
}

/// Returns the rows of a CSV without quotation marks as JSON objects. Cells without a value are null or left out, in
/// turn.
fn objects(csv: &str) -> Vec<String> {
    let mut lines = csv.lines().map(|line| line.split(','));
    let names: Vec<&str> = lines.next().expect("a header").collect();
    let object = |(row, cells): (usize, std::str::Split<char>)| {
        let mut object = serde_json::Map::new();
        for (name, cell) in names.iter().zip(cells) {
            let value = match cell.parse::<f64>() {
                Ok(number) => number.into(),
                Err(_) if cell == "NA" && row % 2 == 0 => continue,
                Err(_) if cell == "NA" => serde_json::Value::Null,
                Err(_) => cell.into(),
            };
            object.insert((*name).to_owned(), value);
        }
        serde_json::Value::Object(object).to_string()
    };
    lines.enumerate().map(object).collect()
}

/// Returns what `predict --json` prints for rows.
fn predicted(dir: &Path, rows: &[String], more: &[&str]) -> String {
    write(dir, "rows.jsonl", rows.join("\n") + "\n");
    let args = [&["predict", "m", "rows.jsonl", "--json", "--quiet"], more].concat();
    wgrad(dir, &with_cpu(&args)).ok().out
}

/// Returns requests in each form, with their answers.
fn requests(dir: &Path, rows: &[String], more: &[&str]) -> Vec<(String, String)> {
    let lines = predicted(dir, rows, more);
    let listed: Vec<&str> = lines.lines().collect();
    let array = format!("[{}]\n", listed.join(","));
    vec![
        (rows.join("\n"), lines.clone()),
        (format!("[{}]", rows.join(",\n")), array),
    ]
}

#[test]
fn a_thousand_requests_on_eight_connections_have_the_bytes_of_predict() {
    let dir = folder();
    train_penguins(dir.path());
    let rows = objects(PENGUINS);
    let parts = [1, 2, 7, 40, 300].map(|count| {
        let first = 3 * count % 40;
        requests(dir.path(), &rows[first..][..count], &["--probabilities"])
    });
    let requests: Vec<(String, String)> = parts.into_iter().flatten().collect();
    let server = Server::start(dir.path(), &["--probabilities"]);
    std::thread::scope(|scope| {
        for n in 0..8 {
            let (server, requests) = (&server, &requests);
            scope.spawn(move || {
                let mut client = server.connect();
                for k in 0..125 {
                    let (rows, expected) = &requests[(n + 3 * k) % requests.len()];
                    let reply = client.predict(rows);
                    assert_eq!(reply.status, 200, "{}", reply.body);
                    assert!(reply.body == *expected, "{} for {rows}", reply.body);
                }
            });
        }
    });
}

#[test]
fn an_ensemble_and_values_answer_as_predict_does() {
    for args in ["iris --ensemble 3 --max-steps 50", "t.csv --epochs 3"] {
        let dir = folder();
        let csv = crate::rig::line_table(",", "\n");
        write(dir.path(), "t.csv", &csv);
        train(dir.path(), args);
        let iris =
            "sepal_length,sepal_width,petal_length,petal_width\n5.1,3.5,1.4,0.2\n6,3,5,1.5\n";
        let rows = match args.starts_with("iris") {
            true => objects(iris),
            false => objects(&csv),
        };
        let server = Server::start(dir.path(), &[]);
        for (rows, expected) in requests(dir.path(), &rows, &[]) {
            assert_eq!(server.connect().predict(rows).body, expected);
        }
    }
}

#[test]
fn one_object_is_answered_by_one_and_lines_by_lines() {
    let dir = folder();
    train(dir.path(), "digits --epochs 1 --hidden 8");
    let mut row = String::from("{\"digit\":3,\"extra\":\"x\"");
    for pixel in 0..64 {
        let _ = write!(row, ",\"p{}{}\":{}", pixel / 8, pixel % 8, pixel % 17);
    }
    row += "}";
    let expected = predicted(dir.path(), &[row.clone()], &[]);
    let server = Server::start(dir.path(), &[]);
    let mut client = server.connect();
    let reply = client.predict(&row);
    assert_eq!((reply.status, &reply.body), (200, &expected));
    assert!(
        reply
            .head
            .contains(&"content-type: application/json".to_owned())
    );
    let lines = "content-type: application/x-ndjson";
    let with_kind = head(row.len()).replace("\r\n\r\n", &format!("\r\n{lines}\r\n\r\n"));
    client.send((with_kind + &row).as_bytes()).unwrap();
    let reply = client.receive();
    assert_eq!(reply.body, expected);
    assert!(reply.head.contains(&lines.to_owned()), "{reply:?}");
    assert_eq!(client.predict("[ ]\n").body, "[]\n");
    client.send((head(row.len()) + &row).as_bytes()).unwrap();
    client.finish();
    assert_eq!(client.receive().body, expected);
}

/// Returns an IDX file of images of 2 x 3 pixels.
fn idx_images(images: &[[u8; 6]]) -> Vec<u8> {
    let sizes = [images.len() as u32, 2, 3].map(u32::to_be_bytes).concat();
    [&[0, 0, 8, 3], &sizes[..], &images.concat()].concat()
}

#[test]
fn images_are_arrays_of_pixels_flat_or_nested() {
    let dir = folder();
    std::fs::create_dir(dir.path().join("set")).unwrap();
    let image = |n: u8| [n % 2 * 200, n, 0, 255 - n, n / 2, 9];
    let images: Vec<[u8; 6]> = (0..60).map(image).collect();
    let labels: Vec<u8> = (0..60).map(|n| n % 2).collect();
    let labels = [&[0, 0, 8, 1, 0, 0, 0, 60], &labels[..]].concat();
    write(
        dir.path(),
        "set/train-images-idx3-ubyte",
        idx_images(&images),
    );
    write(dir.path(), "set/train-labels-idx1-ubyte", labels);
    train(dir.path(), "set --epochs 2");
    write(
        dir.path(),
        "two-images-idx3-ubyte",
        idx_images(&images[..2]),
    );
    let predict = "predict m two-images-idx3-ubyte --json --quiet";
    let words: Vec<&str> = predict.split(' ').collect();
    let lines = wgrad(dir.path(), &with_cpu(&words)).ok().out;
    let array = format!("[{}]\n", lines.lines().collect::<Vec<_>>().join(","));
    let server = Server::start(dir.path(), &[]);
    let mut client = server.connect();
    let flat = images[..2].iter().map(|image| format!("{image:?}"));
    let flat: Vec<String> = flat.collect();
    let nested = images[..2]
        .iter()
        .map(|image| format!("[{:?},{:?}]", &image[..3], &image[3..]));
    let nested: Vec<String> = nested.collect();
    for rows in [flat, nested] {
        assert_eq!(client.predict(rows.join("\n")).body, lines);
        assert_eq!(client.predict(format!("[{}]", rows.join(","))).body, array);
    }
    for (body, part) in [
        (
            "[1,2,3]",
            "found an array of 3 numbers; expected rows of 2 x 3 pixels",
        ),
        ("[1,2,3,4,5,256]", "a pixel is 256"),
        (
            "[1,2,3,4,5,null]",
            "expected a number or an array of numbers",
        ),
        ("[1,2,3,4,5", "EOF"),
        ("{\"a\":1}", "expected rows of 2 x 3 pixels"),
    ] {
        client.predict(body).refused(400, &["request: ", part]);
    }
}

#[test]
fn bad_rows_are_refused_with_what_is_wrong_and_the_connection_goes_on() {
    let dir = folder();
    train_penguins(dir.path());
    let good = &objects(PENGUINS)[0];
    let server = Server::start(dir.path(), &[]);
    let mut client = server.connect();
    let deep = "[".repeat(100_000);
    let with = |from: &str, to: &str| good.replace(from, to);
    let island = "\"island\":\"Torgersen\"";
    for (body, parts) in [
        (String::new(), &["no rows", "expected JSON"][..]),
        (" \n".to_owned(), &["no rows"]),
        ("{".to_owned(), &["request:1: ", "not closed"]),
        ("[{},".to_owned(), &["it ends within its array"]),
        ("nonsense".to_owned(), &["expected an object", "found n"]),
        ("\u{0}\u{1}".to_owned(), &["expected an object"]),
        ("{}".to_owned(), &["no column island", "found 0"]),
        (
            with(island, "\"Island\":1"),
            &["no column island", "Island"],
        ),
        (
            with(island, "\"island\":{}"),
            &["\"island\" holds an object"],
        ),
        (
            with(island, "\"island\":1,\"island\":2"),
            &["is there twice"],
        ),
        (
            with("39.1", "\"long\""),
            &["column bill_length_mm", "\"long\""],
        ),
        (with("39.1", "NaN"), &["not a JSON object", "write null"]),
        (deep, &["request: "]),
        ("[[1,2]]".to_owned(), &["write each row as an object"]),
    ] {
        client.predict(body).refused(400, parts);
    }
    client
        .predict([b"{\"a\":\"", &[0xff, 0xfe][..], b"\"}"].concat())
        .refused(400, &["request:1"]);
    let lines = format!("{good}\n{}", with("39.1", "\"long\""));
    client.predict(lines).refused(400, &["request:2: column"]);
    let reply = client.predict(with("{", "{\"other\":[1.5],").replace("[1.5]", "1.5"));
    assert_eq!(reply.status, 200, "an extra column: {reply:?}");
    client.send(b"POST /predict HTTP/1.1\r\nhost: here\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n").unwrap();
    client.receive().refused(415, &["gzip"]);
}

#[test]
fn paths_describe_the_service_and_the_model() {
    let dir = folder();
    train_penguins(dir.path());
    let server = Server::start(dir.path(), &["--quiet"]);
    let mut client = server.connect();
    let health: serde_json::Value = serde_json::from_str(&client.get("/health").body).unwrap();
    assert_eq!(
        (&health["status"], &health["model"]),
        (&"ok".into(), &"m".into())
    );
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    let told = client.get("/model").body;
    assert_eq!(client.get("/").body, told);
    let model: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(model["predicts"]["classes"].as_array().unwrap().len(), 3);
    assert_eq!(model["reads"]["columns"][0]["kind"], "category");
    let example = model["reads"]["example"].to_string();
    assert_eq!(client.predict(example).status, 200);
    client.get("/predict").refused(405, &["GET", "POST"]);
    client
        .get("/other")
        .refused(404, &["/other", "POST /predict"]);
    client
        .send(b"DELETE /model HTTP/1.1\r\nhost: here\r\n\r\n")
        .unwrap();
    let reply = client.receive();
    reply.refused(405, &["DELETE"]);
    assert!(
        reply.head.contains(&"allow: get, head".to_owned()),
        "{reply:?}"
    );
}
