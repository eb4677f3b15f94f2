//! Accepts connections, up to a limit, and ends them cleanly when a signal arrives.

use super::service::{Service, answer, fault};
use super::socket::Socket;
use hyper::rt::Write;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{Sleep, sleep, sleep_until, timeout};
use wgrad::threads::threads;

/// How often the flag that ends the service is looked at.
const POLL: Duration = Duration::from_millis(50);

/// Answers requests until `stop` is set. Then answers those that have begun to arrive, and returns.
pub(super) fn serve(
    listener: std::net::TcpListener,
    service: Service,
    stop: &AtomicBool,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    // Connections take turns on this thread. Each prediction has a thread of its own, and as many run as there are cores.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .max_blocking_threads(threads())
        .build()?;
    let served = runtime.block_on(accept(listener, Arc::new(service), stop));
    runtime.shutdown_background();
    served
}

async fn accept(
    listener: std::net::TcpListener,
    service: Arc<Service>,
    stop: &AtomicBool,
) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let (end, ended) = watch::channel(false);
    let open = Arc::new(AtomicUsize::new(0));
    let limits = service.limits();
    while !stop.load(Ordering::Relaxed) {
        let stream = match timeout(POLL, listener.accept()).await {
            Err(_) => continue,
            Ok(Ok((stream, _))) => stream,
            // Out of file descriptors, for example: others may end.
            Ok(Err(_)) => {
                sleep(POLL).await;
                continue;
            }
        };
        let counted = Counted::new(&open);
        match counted.number {
            number if number <= limits.connections => {
                let (service, ended) = (service.clone(), ended.clone());
                tokio::spawn(connection(stream, service, ended, counted));
            }
            number if number <= 2 * limits.connections => {
                tokio::spawn(refuse(stream, limits.connections, counted));
            }
            _ => {}
        }
    }
    drop(listener);
    end.send_replace(true);
    let end = Instant::now() + limits.time;
    while open.load(Ordering::Relaxed) > 0 && Instant::now() < end {
        sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// A connection, counted as long as it is open.
struct Counted {
    open: Arc<AtomicUsize>,
    /// How many there are with this one.
    number: usize,
}

impl Counted {
    fn new(open: &Arc<AtomicUsize>) -> Counted {
        Counted {
            number: open.fetch_add(1, Ordering::Relaxed) + 1,
            open: open.clone(),
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Answers the requests of a connection.
async fn connection(
    stream: TcpStream,
    service: Arc<Service>,
    mut ended: watch::Receiver<bool>,
    _counted: Counted,
) {
    let time = service.limits().time;
    let is_unread = Arc::new(AtomicBool::new(false));
    let socket = Socket::new(stream, time, is_unread.clone());
    let answer = service_fn(move |request| answer(service.clone(), is_unread.clone(), request));
    let served = http1::Builder::new()
        .timer(Clock)
        .header_read_timeout(time)
        // A client may say that it sends no more, and wait for the answer.
        .half_close(true)
        .serve_connection(socket, answer);
    let (mut served, mut ended) = (pin!(served), pin!(ended.wait_for(|ended| *ended)));
    let mut is_ending = false;
    poll_fn(|cx| {
        if !is_ending && ended.as_mut().poll(cx).is_ready() {
            is_ending = true;
            served.as_mut().graceful_shutdown();
        }
        // A client that is gone needs no answer.
        served.as_mut().poll(cx).map(drop)
    })
    .await;
}

/// Answers that there are too many connections, without reading the request.
async fn refuse(stream: TcpStream, most: usize, _counted: Counted) {
    let body = fault(&format!(
        "{most} connections are open, and no more are taken; close those that are idle, or try again later"
    ));
    let head = "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 1\r\n";
    let kind = "content-type: application/json";
    let answer = format!(
        "{head}{kind}\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut socket = Socket::new(stream, POLL, Arc::new(AtomicBool::new(true)));
    // It fits into the socket's buffer. A client that is gone needs no answer.
    drop(poll_fn(|cx| Pin::new(&mut socket).poll_write(cx, answer.as_bytes())).await);
    drop(poll_fn(|cx| Pin::new(&mut socket).poll_shutdown(cx)).await);
}

/// The clock of the runtime, for hyper.
#[derive(Clone)]
struct Clock;

struct Wait(Pin<Box<Sleep>>);

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

impl hyper::rt::Sleep for Wait {}

impl hyper::rt::Timer for Clock {
    fn sleep(&self, time: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(Wait(Box::pin(sleep(time))))
    }

    fn sleep_until(&self, end: Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(Wait(Box::pin(sleep_until(end.into()))))
    }
}
