//! A server in a process of its own, and a plain client of it.

use crate::rig::{Run, read};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running `wgrad serve`.
pub(crate) struct Server {
    child: Option<Child>,
    pub(crate) port: u16,
}

impl Server {
    /// Serves the model at `m` in `dir` on a free port.
    pub(crate) fn start(dir: &Path, more: &[&str]) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wgrad"));
        command.args(["serve", "m", "--port", "0", "--json"]);
        command.args(more).current_dir(dir);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary runs");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("stdout");
        let read = BufReader::new(stdout).read_line(&mut line);
        assert!(read.expect("a line") > 0, "{}", child_error(child));
        let told: serde_json::Value = serde_json::from_str(&line).expect("a JSON line");
        assert_eq!(
            (&told["type"], &told["host"]),
            (&"listening".into(), &"127.0.0.1".into())
        );
        Server {
            child: Some(child),
            port: told["port"].as_u64().expect("a port") as u16,
        }
    }

    pub(crate) fn child(&self) -> &Child {
        self.child.as_ref().expect("it runs")
    }

    pub(crate) fn connect(&self) -> Client {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.set_nodelay(true).expect("a socket");
        let limit = Some(Duration::from_secs(60));
        stream.set_read_timeout(limit).expect("a socket");
        Client(BufReader::new(stream))
    }

    /// Waits until the server ends by itself.
    pub(crate) fn ended(mut self) -> Run {
        let child = self.child.take().expect("it runs");
        read(child.wait_with_output().expect("it ends"))
    }

    /// Returns the largest memory so far, in KiB; 0 where the system does not say.
    pub(crate) fn peak(&self) -> u64 {
        let path = format!("/proc/{}/status", self.child().id());
        let status = std::fs::read_to_string(path).unwrap_or_default();
        let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
        let number = line.and_then(|l| l.split_whitespace().next());
        number.map_or(0, |kib| kib.parse().expect("a number"))
    }
}

fn child_error(child: Child) -> String {
    read(child.wait_with_output().expect("it ends")).err
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// A connection that is kept alive.
pub(crate) struct Client(BufReader<TcpStream>);

/// An answer.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The lines of its head, in lower case.
    pub(crate) head: Vec<String>,
    pub(crate) body: String,
}

impl Client {
    pub(crate) fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.get_mut().write_all(bytes)
    }

    /// Says that no more requests follow.
    pub(crate) fn finish(&mut self) {
        self.0
            .get_mut()
            .shutdown(Shutdown::Write)
            .expect("a socket");
    }

    /// Reads the next answer.
    pub(crate) fn receive(&mut self) -> Reply {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            let count = self.0.read_line(&mut line).expect("an answer");
            assert!(count > 0, "the connection ended after {head:?}");
            match line.trim_end() {
                "" => break,
                line => head.push(line.to_lowercase()),
            }
        }
        let length = head.iter().find_map(|l| l.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |l| l.parse().expect("a length"))];
        self.0.read_exact(&mut body).expect("a body");
        Reply {
            status: head[0]
                .split(' ')
                .nth(1)
                .expect("a status")
                .parse()
                .expect("a number"),
            head,
            body: String::from_utf8(body).expect("text"),
        }
    }

    pub(crate) fn get(&mut self, path: &str) -> Reply {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: here\r\n\r\n").as_bytes())
            .expect("sent");
        self.receive()
    }

    /// Asks for predictions.
    pub(crate) fn predict(&mut self, body: impl AsRef<[u8]>) -> Reply {
        let body = body.as_ref();
        let request = [head(body.len()).as_bytes(), body].concat();
        self.send(&request).expect("sent");
        self.receive()
    }

    /// Returns what comes until the server ends the connection.
    pub(crate) fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        drop(self.0.read_to_end(&mut rest));
        String::from_utf8(rest).expect("text")
    }
}

/// Returns the head of a request with so many bytes of rows.
pub(crate) fn head(length: usize) -> String {
    format!("POST /predict HTTP/1.1\r\nhost: here\r\ncontent-length: {length}\r\n\r\n")
}

impl Reply {
    /// Asserts that the request was refused with this status and a message with these parts.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, parts: &[&str]) {
        assert_eq!(self.status, status, "{self:?}");
        let told: serde_json::Value = serde_json::from_str(&self.body).expect("JSON");
        let why = told["error"].as_str().expect("an error");
        for part in parts {
            assert!(why.contains(part), "no {part:?} in: {why}");
        }
    }
}
