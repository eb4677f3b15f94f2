//! A link on which messages are late, and which fails.

use std::collections::HashMap;
use std::io::{Error, Result};
use std::time::{Duration, Instant};
use wgrad::distributed::{Link, Tag, ThreadLink};

/// A link that delays messages, and that breaks or falls silent after some of them.
pub(super) struct Bad {
    link: ThreadLink,
    /// What this link lets through.
    left: usize,
    breaks: bool,
    /// When the next message of a sender may arrive.
    held: HashMap<(usize, Tag), Instant>,
    turn: u64,
}

impl Bad {
    /// Lets through so many messages, and then `breaks` or falls silent.
    pub(super) fn new(link: ThreadLink, left: usize, breaks: bool) -> Bad {
        Bad {
            left,
            breaks,
            held: HashMap::new(),
            turn: link.rank() as u64,
            link,
        }
    }
}

impl Link for Bad {
    fn rank(&self) -> usize {
        self.link.rank()
    }

    fn count(&self) -> usize {
        self.link.count()
    }

    fn send(&mut self, to: usize, tag: Tag, message: Vec<u8>) -> Result<()> {
        match (self.left, self.breaks) {
            (0, true) => Err(Error::other("the cable is out")),
            (0, false) => Ok(()),
            _ => {
                self.left -= 1;
                self.link.send(to, tag, message)
            }
        }
    }

    fn receive(&mut self, from: usize, tag: Tag) -> Result<Option<Vec<u8>>> {
        let now = Instant::now();
        if self
            .held
            .get(&(from, tag))
            .is_some_and(|until| now < *until)
        {
            return Ok(None);
        }
        self.turn = self
            .turn
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let wait = Duration::from_micros(self.turn >> 54);
        self.held.insert((from, tag), now + wait);
        self.link.receive(from, tag)
    }

    fn is_idle(&mut self) -> bool {
        self.link.is_idle()
    }

    fn close(&mut self) {
        self.link.close();
    }
}
