//! What an address brings and takes: so many bytes a second, and a second's worth at once. Beyond that nothing
//! more is read from its connections until the debt is worked off, so that whoever pushes bytes as fast as the
//! wire carries them leaves the processors to others.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// New connections that use up what an address has for a second.
const CONNECTIONS_PER_SECOND: u64 = 256;
const MICROS_PER_SECOND: u128 = 1_000_000;

/// What one address may still bring and take.
#[derive(Debug)]
pub(super) struct Meter {
    per_second: u64,
    credit: Mutex<Credit>,
}

/// Bytes that are left, or owed, at some point.
#[derive(Clone, Copy, Debug)]
struct Credit {
    bytes: i64,
    at: Instant,
}

impl Meter {
    fn new(per_second: u64, now: Instant) -> Self {
        Self { per_second, credit: Mutex::new(Credit { bytes: full(per_second), at: now }) }
    }

    /// Counts bytes that came, or that are to go.
    pub(super) fn charge(&self, bytes: usize) {
        self.charge_at(bytes, Instant::now());
    }

    /// How long nothing more is to be read; none where there is no debt.
    pub(super) fn debt(&self) -> Option<Duration> {
        self.debt_at(Instant::now())
    }

    fn charge_at(&self, bytes: usize, now: Instant) {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.with(now, |credit| credit.bytes = credit.bytes.saturating_sub(bytes));
    }

    fn debt_at(&self, now: Instant) -> Option<Duration> {
        let owed = self.with(now, |credit| credit.bytes).checked_neg().filter(|owed| *owed > 0)?;
        let owed = u128::from(owed.unsigned_abs()) * MICROS_PER_SECOND;
        let micros = owed.div_ceil(u128::from(self.per_second.max(1)));
        Some(Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX)))
    }

    fn is_full(&self, now: Instant) -> bool {
        self.with(now, |credit| credit.bytes) >= full(self.per_second)
    }

    /// Looks at the credit as it is `now`.
    fn with<T>(&self, now: Instant, look: impl FnOnce(&mut Credit) -> T) -> T {
        let mut credit = self.credit.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(credit.at).as_micros();
        let gained = passed.saturating_mul(self.per_second.into()) / MICROS_PER_SECOND;
        // What is less than a byte goes on to count.
        if gained > 0 {
            let gained = i64::try_from(gained).unwrap_or(i64::MAX);
            *credit = Credit {
                bytes: credit.bytes.saturating_add(gained).min(full(self.per_second)),
                at: now,
            };
        }
        look(&mut credit)
    }
}

/// The most that is left: what comes in a second.
fn full(per_second: u64) -> i64 {
    i64::try_from(per_second).unwrap_or(i64::MAX)
}

/// The meters of all addresses that have connections, or had some a moment ago.
#[derive(Debug)]
pub(super) struct Meters {
    per_second: u64,
    /// Meters without a connection that are kept until their debt is worked off.
    kept_max: usize,
    of: HashMap<IpAddr, Arc<Meter>>,
}

impl Meters {
    pub(super) fn new(per_second: u64, kept_max: usize) -> Self {
        Self { per_second, kept_max, of: HashMap::new() }
    }

    /// The meter of `address`, which has just connected.
    pub(super) fn connected(&mut self, address: IpAddr) -> Arc<Meter> {
        let now = Instant::now();
        if self.of.len() > self.kept_max {
            self.of.retain(|_, meter| Arc::strong_count(meter) > 1 || !meter.is_full(now));
        }
        // Addresses beyond number are each nobody's neighbour: the debts of those that left are forgiven.
        if self.of.len() > 2 * self.kept_max {
            self.of.retain(|_, meter| Arc::strong_count(meter) > 1);
        }
        let meter =
            self.of.entry(address).or_insert_with(|| Meter::new(self.per_second, now).into());
        let bytes = self.per_second / CONNECTIONS_PER_SECOND;
        meter.charge_at(usize::try_from(bytes).unwrap_or(usize::MAX), now);
        Arc::clone(meter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(start: Instant, millis: u64) -> Instant {
        start + Duration::from_millis(millis)
    }

    #[test]
    fn a_seconds_worth_comes_at_once_and_more_is_waited_for() {
        let start = Instant::now();
        let meter = Meter::new(1_000, start);
        meter.charge_at(1_000, start);
        assert_eq!(meter.debt_at(start), None);
        meter.charge_at(500, start);
        assert_eq!(meter.debt_at(start), Some(Duration::from_millis(500)));
        assert_eq!(meter.debt_at(after(start, 200)), Some(Duration::from_millis(300)));
        assert_eq!(meter.debt_at(after(start, 500)), None);
        // Who was idle for long has no more than a second's worth.
        meter.charge_at(1_001, after(start, 60_000));
        assert_eq!(meter.debt_at(after(start, 60_000)), Some(Duration::from_millis(1)));
    }

    #[test]
    fn looking_often_loses_nothing() {
        let start = Instant::now();
        let meter = Meter::new(1, start);
        meter.charge_at(2, start);
        for millis in 0..1_000 {
            assert!(meter.debt_at(after(start, millis)).is_some());
        }
        assert_eq!(meter.debt_at(after(start, 1_000)), None);
    }

    #[test]
    fn debts_outlive_connections_and_meters_are_bounded() {
        let address = |byte| IpAddr::from([127, 0, 1, byte]);
        let mut meters = Meters::new(256_000, 4);
        let meter = meters.connected(address(0));
        meter.charge(1 << 40);
        drop(meter);
        assert!(meters.connected(address(0)).debt().is_some(), "it comes back with its debt");
        for byte in 0..100 {
            meters.connected(address(byte)).charge(1 << 40);
            assert!(meters.of.len() <= 2 * 4 + 1);
        }
    }
}
