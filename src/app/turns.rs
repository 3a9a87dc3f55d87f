//! How much of one kind goes on at the same time in this process: so many checks at one server, one as one account.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Who is being looked at right now; clones share it.
#[derive(Clone, Default)]
pub struct Turns(Arc<Mutex<HashMap<String, usize>>>);

/// Something that stands only so much at the same time.
pub struct Narrow {
    /// Its name; the same for everybody who means the same.
    pub name: String,
    /// How many may be at it at once.
    pub most: usize,
}

/// Room at everything that was asked for. Dropping it makes the room free again.
pub struct Turn {
    turns: Turns,
    names: Vec<String>,
}

impl Turns {
    /// Takes room at all of these at once; `None` when one of them is full. Nobody waits in here, so that nobody can
    /// wait for somebody who waits for him.
    pub fn take(&self, wanted: &[Narrow]) -> Option<Turn> {
        let mut under_way = self.under_way();
        if wanted.iter().any(|one| under_way.get(&one.name).copied().unwrap_or(0) >= one.most) {
            return None;
        }
        for one in wanted {
            *under_way.entry(one.name.clone()).or_default() += 1;
        }
        drop(under_way);
        Some(Turn { turns: self.clone(), names: wanted.iter().map(|one| one.name.clone()).collect() })
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut under_way = self.turns.under_way();
        for name in &self.names {
            let left = under_way.get(name).map_or(0, |count| count.saturating_sub(1));
            if left == 0 {
                under_way.remove(name);
            } else {
                under_way.insert(name.clone(), left);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrow(name: &str, most: usize) -> Narrow {
        Narrow { name: name.to_owned(), most }
    }

    #[test]
    fn room_is_taken_at_all_or_at_none_and_given_back() {
        let turns = Turns::default();
        let first = turns.take(&[narrow("server", 2), narrow("one", 1)]);
        assert!(first.is_some());
        assert!(turns.take(&[narrow("server", 2), narrow("one", 1)]).is_none(), "the account is taken");
        let second = turns.take(&[narrow("server", 2), narrow("two", 1)]);
        assert!(second.is_some(), "the refused one took no room at the server");
        assert!(turns.take(&[narrow("server", 2), narrow("three", 1)]).is_none(), "the server is full");
        drop(first);
        assert!(turns.take(&[narrow("server", 2), narrow("one", 1)]).is_some());
        drop(second);
        assert!(turns.under_way().is_empty(), "nothing is kept of those who left");
    }
}
