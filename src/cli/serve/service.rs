//! The answers to requests.

use super::description::{description, empty_row};
use super::limits::Limits;
use super::sessions::Sessions;
use crate::cli::messages::tell_line;
use crate::cli::predict::Table;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use hyper::header::{ALLOW, CONNECTION, CONTENT_ENCODING, CONTENT_TYPE};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::time::timeout;
use wgrad::dataset::{DataErrorKind, JsonRows, Schema, read_json_for};
use wgrad::device::Device;
use wgrad::text::shown_json;
use wgrad::train::Model;

const JSON: &str = "application/json";
const JSON_LINES: &str = "application/x-ndjson";

/// A model that predicts the rows of requests.
pub(super) struct Service {
    model: &'static Model,
    sessions: Sessions,
    /// What the model reads, without targets.
    schema: Schema,
    probabilities: bool,
    limits: Limits,
    /// What `/model` and `/health` answer.
    description: String,
    health: String,
}

/// An answer to a request.
struct Answer {
    status: StatusCode,
    kind: &'static str,
    body: String,
    /// The methods that the path has, where the request has another.
    allowed: Option<&'static str>,
}

impl Answer {
    fn new(kind: &'static str, body: String) -> Answer {
        Answer {
            status: StatusCode::OK,
            kind,
            body,
            allowed: None,
        }
    }

    fn fault(status: StatusCode, why: &str) -> Answer {
        Answer {
            status,
            ..Answer::new(JSON, fault(why))
        }
    }
}

/// Returns the body of an answer about an error.
pub(super) fn fault(why: &str) -> String {
    line(&json!({"error": why}))
}

fn line(object: &serde_json::Value) -> String {
    format!("{}\n", shown_json(&object.to_string()))
}

impl Service {
    /// Creates the service, and predicts a row without cells: a model that the device cannot hold fails now.
    pub(super) fn new(
        name: &str,
        model: Model,
        device: Device,
        probabilities: bool,
        limits: Limits,
    ) -> Result<Service, wgrad::Error> {
        // Until the process ends. Sessions borrow it.
        let model: &Model = Box::leak(Box::new(model));
        let version = env!("CARGO_PKG_VERSION");
        let health = json!({"status": "ok", "model": name, "version": version});
        let service = Service {
            schema: Schema {
                target_names: Vec::new(),
                ..model.schema.clone()
            },
            description: line(&description(name, model, probabilities, &limits)),
            health: line(&health),
            model,
            sessions: Sessions::new(device, model),
            probabilities,
            limits,
        };
        service.predicted(empty_row(&service.schema))?;
        Ok(service)
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    /// Predicts the rows of a request. Returns the answer, whether it is an array, and the number of rows.
    fn predicted(&self, text: Vec<u8>) -> Result<(String, bool, usize), wgrad::Error> {
        let read = read_json_for("request", text, &self.schema, self.limits.rows)?;
        let JsonRows { data, is_array } = read;
        let predictions = self.sessions.predict(&data)?;
        let table = Table::new(self.model, &data, &predictions, self.probabilities);
        let rows = (0..table.rows()).map(|row| table.json(row));
        let body = match is_array {
            true => format!("[{}]\n", rows.collect::<Vec<_>>().join(",")),
            false => rows.flat_map(|row| [row, "\n".to_owned()]).collect(),
        };
        Ok((body, is_array, data.rows))
    }

    /// Answers a request to predict. `lines` says that its rows are JSON lines, though it may have only one.
    fn predict(&self, text: Vec<u8>, lines: bool) -> Answer {
        let mut shown = text.iter().filter(|byte| !byte.is_ascii_whitespace());
        match [shown.next(), shown.next(), shown.next()] {
            [None, ..] => return Answer::fault(StatusCode::BAD_REQUEST, EMPTY),
            [Some(b'['), Some(b']'), None] => return Answer::new(JSON, "[]\n".to_owned()),
            _ => {}
        }
        match self.predicted(text) {
            Ok((body, is_array, rows)) => match is_array || rows == 1 && !lines {
                true => Answer::new(JSON, body),
                false => Answer::new(JSON_LINES, body),
            },
            Err(why) => failed(&why),
        }
    }
}

const EMPTY: &str = "request: no rows; expected JSON: a row as an object, as {\"column\": 1.5, ...}, an array of rows, or one row per line";

/// Returns the answer for an error, which is the client's if it is about the rows.
fn failed(why: &wgrad::Error) -> Answer {
    let status = match why {
        wgrad::Error::Data(why) if why.kind == DataErrorKind::TooLarge => {
            StatusCode::PAYLOAD_TOO_LARGE
        }
        wgrad::Error::Data(_) | wgrad::Error::Model(_) => StatusCode::BAD_REQUEST,
        _ => {
            tell_line(&format!("wgrad: {why}"));
            StatusCode::INTERNAL_SERVER_ERROR
        }
    };
    Answer::fault(status, &why.to_string())
}

/// Answers a request. Sets `is_unread` if it does not read it to its end.
pub(super) async fn answer(
    service: Arc<Service>,
    is_unread: Arc<AtomicBool>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let is_get = [Method::GET, Method::HEAD].contains(&head.method);
    let (answer, is_read) = match head.uri.path() {
        "/predict" if head.method == Method::POST => {
            let lines = says_lines(&head.headers);
            match read(service.limits, &head.headers, body).await {
                Ok(text) => (in_thread(service, text, lines).await, true),
                Err(refused) => (refused, false),
            }
        }
        path => {
            let answer = match path {
                "/" | "/model" if is_get => Answer::new(JSON, service.description.clone()),
                "/health" if is_get => Answer::new(JSON, service.health.clone()),
                "/predict" => not_allowed(&head.method, "POST"),
                "/" | "/model" | "/health" => not_allowed(&head.method, "GET, HEAD"),
                _ => unknown(path),
            };
            (answer, body.is_end_stream())
        }
    };
    is_unread.store(!is_read, Ordering::Relaxed);
    let mut response = Response::new(Full::from(answer.body));
    *response.status_mut() = answer.status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, answer.kind.parse().expect("a plain value"));
    if let Some(allowed) = answer.allowed {
        headers.insert(ALLOW, allowed.parse().expect("a plain value"));
    }
    if !is_read {
        headers.insert(CONNECTION, "close".parse().expect("a plain value"));
    }
    Ok(response)
}

fn not_allowed(method: &Method, allowed: &'static str) -> Answer {
    let why = format!("the method is {method}, expected {allowed}");
    Answer {
        allowed: Some(allowed),
        ..Answer::fault(StatusCode::METHOD_NOT_ALLOWED, &why)
    }
}

fn unknown(path: &str) -> Answer {
    let why = format!("no {path}; expected POST /predict, GET /model or GET /health");
    Answer::fault(StatusCode::NOT_FOUND, &why)
}

/// Returns whether a request says that its rows are JSON lines.
fn says_lines(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let names = ["ndjson", "jsonl", "json-lines", "jsonlines"];
    kind.is_some_and(|kind| names.iter().any(|name| kind.contains(name)))
}

/// Reads the body of a request, up to the limit.
async fn read(limits: Limits, headers: &HeaderMap, body: Incoming) -> Result<Vec<u8>, Answer> {
    if let Some(packed) = headers
        .get(CONTENT_ENCODING)
        .filter(|how| *how != "identity")
    {
        let why = format!("request: packed with {packed:?}; send it as it is");
        return Err(Answer::fault(StatusCode::UNSUPPORTED_MEDIA_TYPE, &why));
    }
    let too_large = || {
        let most = limits.request >> 20;
        let why = format!("request: more than {most} MiB; send the rows in several parts");
        Answer::fault(StatusCode::PAYLOAD_TOO_LARGE, &why)
    };
    if body.size_hint().lower() > limits.request {
        return Err(too_large());
    }
    let body = Limited::new(body, limits.request as usize).collect();
    match timeout(limits.time, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes().into()),
        Ok(Err(why)) if why.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(why)) => {
            let why = format!("request: it broke off ({why}); send it again");
            Err(Answer::fault(StatusCode::BAD_REQUEST, &why))
        }
        Err(_) => {
            let seconds = limits.time.as_secs();
            let why = format!("request: not complete after {seconds} s; send fewer rows at once");
            Err(Answer::fault(StatusCode::REQUEST_TIMEOUT, &why))
        }
    }
}

/// Predicts in another thread, so that other connections go on.
async fn in_thread(service: Arc<Service>, text: Vec<u8>, lines: bool) -> Answer {
    let predicted = tokio::task::spawn_blocking(move || service.predict(text, lines));
    predicted.await.unwrap_or_else(|_| {
        let why = "the prediction failed: a fault of wgrad; its stderr says more";
        Answer::fault(StatusCode::INTERNAL_SERVER_ERROR, why)
    })
}
