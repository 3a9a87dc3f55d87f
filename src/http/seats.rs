//! Counts connections, in all and by address, so that nobody takes every place.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

/// The places of a listener.
#[derive(Clone)]
pub(super) struct Seats {
    taken: Arc<Mutex<Taken>>,
    most: usize,
    per_address: usize,
}

#[derive(Default)]
struct Taken {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A place that is held; dropping gives it back.
pub(super) struct Seat {
    seats: Seats,
    address: Option<IpAddr>,
}

impl Seats {
    pub(super) fn new(most: usize, per_address: usize) -> Self {
        Self { taken: Arc::default(), most, per_address }
    }

    /// A place for a connection, or none. A named proxy's connections are many visitors': they count in all only.
    pub(super) fn take(&self, address: IpAddr, proxy: bool) -> Option<Seat> {
        let address = (!proxy).then(|| household(address));
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let held = address.and_then(|address| taken.by_address.get(&address).copied()).unwrap_or(0);
        if taken.all >= self.most || held >= self.per_address {
            return None;
        }
        taken.all += 1;
        if let Some(address) = address {
            taken.by_address.insert(address, held + 1);
        }
        Some(Seat { seats: self.clone(), address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.all -= 1;
        let Some(address) = self.address else { return };
        match taken.by_address.get_mut(&address) {
            Some(held) if *held > 1 => *held -= 1,
            _ => {
                taken.by_address.remove(&address);
            }
        }
    }
}

/// One IPv6 visitor has a whole /64 to come from.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_and_given_back() {
        let seats = Seats::new(3, 2);
        let (home, next_door) =
            ("2001:db8::1".parse().expect("address"), "2001:db8::2".parse().expect("address"));
        let first = seats.take(home, false);
        let second = seats.take(next_door, false);
        assert!(first.is_some() && second.is_some());
        assert!(seats.take(home, false).is_none(), "one household, two places");
        let proxy = seats.take(home, true);
        assert!(proxy.is_some());
        assert!(seats.take("192.0.2.1".parse().expect("address"), false).is_none(), "three in all");
        drop((first, proxy));
        assert!(seats.take(home, false).is_some());
        drop(second);
        let taken = seats.taken.lock().expect("lock");
        assert!(taken.all == 0 && taken.by_address.is_empty());
    }
}
