//! Tests of what a client may take, and of how the service ends.

use super::client::{Server, head};
use super::{PENGUINS, objects, predicted, train, train_penguins};
use crate::endings::signal;
use crate::rig::{folder, wgrad};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

#[test]
fn a_request_that_is_too_large_is_refused_and_not_kept_in_memory() {
    let dir = folder();
    train_penguins(dir.path());
    let server = Server::start(dir.path(), &["--max-request", "1", "--max-rows", "50"]);
    let mut client = server.connect();
    client.send(head(1 << 30).as_bytes()).unwrap();
    let reply = client.receive();
    reply.refused(413, &["more than 1 MiB"]);
    assert_eq!(client.rest(), "");

    let mut client = server.connect();
    client
        .send(b"POST /predict HTTP/1.1\r\nhost: here\r\ntransfer-encoding: chunked\r\n\r\n")
        .unwrap();
    let chunk = [b"100000\r\n", &vec![b' '; 1 << 20][..], b"\r\n"].concat();
    // The server answers after the second, and reads on for a while.
    let sent = (0..200).take_while(|_| client.send(&chunk).is_ok()).count();
    assert!(sent >= 1);
    client.receive().refused(413, &["more than 1 MiB"]);

    let rows = objects(PENGUINS);
    server
        .connect()
        .predict(rows.join("\n"))
        .refused(413, &["more than 50 rows"]);
    assert_eq!(server.connect().predict(rows[..50].join("\n")).status, 200);
    assert!(server.peak() < 150_000, "{} KiB", server.peak());
}

#[test]
fn rows_with_ever_new_keys_take_no_time() {
    let dir = folder();
    train_penguins(dir.path());
    let server = Server::start(dir.path(), &[]);
    let rows: Vec<String> = (0..90_000).map(|n| format!("{{\"k{n}\":1}}")).collect();
    let start = Instant::now();
    let reply = server.connect().predict(rows.join("\n"));
    reply.refused(400, &["no column island", "found 90000"]);
    assert!(
        start.elapsed() < Duration::from_secs(10),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_slow_client_and_one_too_many_are_turned_away() {
    let dir = folder();
    train_penguins(dir.path());
    let server = Server::start(dir.path(), &["--timeout", "1", "--max-connections", "2"]);
    let mut silent = server.connect();
    silent.send(b"POST /pre").unwrap();
    let mut slow = server.connect();
    slow.send((head(100) + "{").as_bytes()).unwrap();
    // Both are accepted before this one.
    std::thread::sleep(Duration::from_millis(100));
    server.connect().receive().refused(503, &["2 connections"]);
    slow.receive().refused(408, &["not complete after 1 s"]);
    silent.rest();
    assert_eq!(server.connect().get("/health").status, 200);
}

#[test]
fn a_signal_lets_a_request_in_flight_end() {
    let dir = folder();
    train_penguins(dir.path());
    let row = &objects(PENGUINS)[0];
    let expected = predicted(dir.path(), std::slice::from_ref(row), &[]);
    for name in ["TERM", "INT"] {
        let server = Server::start(dir.path(), &[]);
        let (mut busy, mut idle) = (server.connect(), server.connect());
        assert_eq!(idle.get("/health").status, 200);
        let request = head(row.len()) + row;
        let (first, rest) = request.split_at(request.len() - 20);
        busy.send(first.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(200));
        signal(server.child(), name);
        assert_eq!(idle.rest(), "");
        assert!(TcpStream::connect(("127.0.0.1", server.port)).is_err());
        busy.send(rest.as_bytes()).unwrap();
        assert_eq!(busy.receive().body, expected);
        let ended = server.ended();
        assert_eq!(ended.code, 0, "{name}: {}", ended.err);
    }
}

#[test]
fn an_address_that_cannot_be_had_is_refused() {
    let dir = folder();
    train(dir.path(), "iris --epochs 1");
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = wgrad(dir.path(), &["serve", "m", "--port", &port]);
    run.fails(
        1,
        &[
            "another program listens there",
            "choose another --port",
            &port,
        ],
    );
    let run = wgrad(
        dir.path(),
        &["serve", "m", "--host", "192.0.2.1", "--port", "0"],
    );
    run.fails(
        1,
        &["--host 192.0.2.1", "an address or a name of this machine"],
    );
    let run = wgrad(dir.path(), &["serve", "nowhere"]);
    run.fails(3, &["nowhere", "expected a model.safetensors"]);
}
