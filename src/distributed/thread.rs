//! A link between threads of one process.

use super::{Link, Tag};
use crate::threads::locked;
use std::collections::{HashMap, VecDeque};
use std::io::Result;
use std::sync::{Arc, Mutex};

/// Messages that wait for a rank, by sender and kind.
type Mailbox = Mutex<HashMap<(usize, Tag), VecDeque<Vec<u8>>>>;

/// The link of one of several threads.
#[derive(Clone, Debug)]
pub struct ThreadLink {
    rank: usize,
    mailboxes: Arc<Vec<Mailbox>>,
}

/// Returns the links of so many threads.
pub fn links(count: usize) -> Vec<ThreadLink> {
    let mailboxes: Arc<Vec<Mailbox>> = Arc::new((0..count).map(|_| Mailbox::default()).collect());
    let link = |rank| ThreadLink {
        rank,
        mailboxes: mailboxes.clone(),
    };
    (0..count).map(link).collect()
}

impl Link for ThreadLink {
    fn rank(&self) -> usize {
        self.rank
    }

    fn count(&self) -> usize {
        self.mailboxes.len()
    }

    fn send(&mut self, to: usize, tag: Tag, message: Vec<u8>) -> Result<()> {
        let mut mailbox = locked(&self.mailboxes[to]);
        mailbox
            .entry((self.rank, tag))
            .or_default()
            .push_back(message);
        Ok(())
    }

    fn receive(&mut self, from: usize, tag: Tag) -> Result<Option<Vec<u8>>> {
        let mut mailbox = locked(&self.mailboxes[self.rank]);
        Ok(mailbox.get_mut(&(from, tag)).and_then(VecDeque::pop_front))
    }

    fn is_idle(&mut self) -> bool {
        true
    }

    fn close(&mut self) {}
}
