//! How many connections there may be: in all, not yet authenticated, and of those from one address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use parlor_core::limits;

/// The counts of one process.
#[derive(Default)]
pub struct Admission {
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    open: usize,
    waiting: usize,
    /// Bounded by `waiting`.
    waiting_from: HashMap<IpAddr, u32>,
}

/// A connection's place; given back when dropped.
pub struct Seat {
    admission: Arc<Admission>,
    /// The address that counts while the connection is not authenticated.
    waiting_from: Option<IpAddr>,
}

impl Admission {
    /// A place for a connection from `address` that is or is not authenticated yet; `None` when there is none.
    pub fn admit(self: &Arc<Self>, address: IpAddr, is_authenticated: bool) -> Option<Seat> {
        let mut counts = self.lock();
        if counts.open >= limits::SOCKETS {
            return None;
        }
        let waiting_from = (!is_authenticated).then(|| network(address));
        if let Some(address) = waiting_from {
            let from = counts.waiting_from.get(&address).copied().unwrap_or_default();
            let is_full = counts.waiting >= limits::SOCKETS_UNAUTHENTICATED
                || from >= limits::SOCKETS_UNAUTHENTICATED_PER_ADDRESS;
            if is_full {
                return None;
            }
            counts.waiting += 1;
            *counts.waiting_from.entry(address).or_default() += 1;
        }
        counts.open += 1;
        Some(Seat { admission: self.clone(), waiting_from })
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn arrived(&mut self, address: IpAddr) {
        self.waiting -= 1;
        if let Some(from) = self.waiting_from.get_mut(&address) {
            *from -= 1;
            if *from == 0 {
                self.waiting_from.remove(&address);
            }
        }
    }
}

impl Seat {
    /// The connection is authenticated now.
    pub fn authenticated(&mut self) {
        if let Some(address) = self.waiting_from.take() {
            self.admission.lock().arrived(address);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut counts = self.admission.lock();
        counts.open -= 1;
        if let Some(address) = self.waiting_from.take() {
            counts.arrived(address);
        }
    }
}

/// What counts as one address: of IPv6 the /64, because a household has all of it.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE_ADDRESS: u32 = limits::SOCKETS_UNAUTHENTICATED_PER_ADDRESS;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_has_twenty_seats_until_they_authenticate_or_leave() {
        let admission = Arc::new(Admission::default());
        let here = address("2001:db8::1");
        let mut seats: Vec<Seat> =
            (0..ONE_ADDRESS).map(|_| admission.admit(here, false).expect("a seat")).collect();
        assert!(admission.admit(address("2001:db8::2"), false).is_none(), "the same /64");
        assert!(admission.admit(address("2001:db8:0:1::1"), false).is_some(), "another /64");
        assert!(admission.admit(here, true).is_some(), "authenticated at the upgrade");
        seats[0].authenticated();
        let another = admission.admit(here, false).expect("one has authenticated");
        assert!(admission.admit(here, false).is_none());
        drop(another);
        assert!(admission.admit(here, false).is_some());
        drop(seats);
        let counts = admission.lock();
        assert_eq!((counts.open, counts.waiting, counts.waiting_from.len()), (0, 0, 0));
    }

    #[test]
    fn all_addresses_together_have_a_bound_too() {
        let admission = Arc::new(Admission::default());
        let many = (0_u32..).map(|n| IpAddr::from(n.to_be_bytes()));
        let seats: Vec<Seat> = many.map_while(|address| admission.admit(address, false)).collect();
        assert_eq!(seats.len(), limits::SOCKETS_UNAUTHENTICATED);
    }
}
