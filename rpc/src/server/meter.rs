//! What an address may use of a server: so much a second, and a second's worth at once.
//!
//! Of connections, once they are used up, more are closed as they come. Of bytes, once they are used up, nothing more is read from its connections until the debt is worked off, so
//! that whoever pushes bytes as fast as the wire carries them leaves the processors to others. Of processor
//! time, its calls run behind those of others until then.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const MICROS_PER_SECOND: u128 = 1_000_000;

/// What one address may still use.
#[derive(Debug)]
pub(super) struct Allowance {
    /// Connections that it opens.
    pub(super) connections: Meter,
    /// Bytes that it brings and takes.
    pub(super) bytes: Meter,
    /// Microseconds of processor time that its calls take.
    pub(super) effort: Meter,
}

/// How much of an allowance comes in a second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rates {
    pub(super) connections: u64,
    pub(super) bytes: u64,
    pub(super) effort: u64,
}

impl Allowance {
    pub(super) fn new(rates: Rates, now: Instant) -> Self {
        Self {
            connections: Meter::new(rates.connections, now),
            bytes: Meter::new(rates.bytes, now),
            effort: Meter::new(rates.effort, now),
        }
    }

    fn is_full(&self, now: Instant) -> bool {
        [&self.connections, &self.bytes, &self.effort].iter().all(|meter| meter.is_full(now))
    }
}

/// So much of something a second.
#[derive(Debug)]
pub(super) struct Meter {
    per_second: u64,
    credit: Mutex<Credit>,
}

/// What is left, or owed, at some point.
#[derive(Clone, Copy, Debug)]
struct Credit {
    left: i64,
    at: Instant,
}

impl Meter {
    fn new(per_second: u64, now: Instant) -> Self {
        Self { per_second, credit: Mutex::new(Credit { left: full(per_second), at: now }) }
    }

    /// Counts what was used.
    pub(super) fn charge(&self, used: usize) {
        self.charge_at(used, Instant::now());
    }

    /// How long it takes until the debt is worked off; none where there is none.
    pub(super) fn debt(&self) -> Option<Duration> {
        self.debt_at(Instant::now())
    }

    fn charge_at(&self, used: usize, now: Instant) {
        let used = i64::try_from(used).unwrap_or(i64::MAX);
        self.with(now, |credit| credit.left = credit.left.saturating_sub(used));
    }

    fn debt_at(&self, now: Instant) -> Option<Duration> {
        let owed = self.with(now, |credit| credit.left).checked_neg().filter(|owed| *owed > 0)?;
        let owed = u128::from(owed.unsigned_abs()) * MICROS_PER_SECOND;
        let micros = owed.div_ceil(u128::from(self.per_second.max(1)));
        Some(Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX)))
    }

    fn is_full(&self, now: Instant) -> bool {
        self.with(now, |credit| credit.left) >= full(self.per_second)
    }

    /// Looks at the credit as it is `now`.
    fn with<T>(&self, now: Instant, look: impl FnOnce(&mut Credit) -> T) -> T {
        let mut credit = self.credit.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.saturating_duration_since(credit.at).as_micros();
        let gained = passed.saturating_mul(self.per_second.into()) / MICROS_PER_SECOND;
        // What is less than one goes on to count.
        if gained > 0 {
            let gained = i64::try_from(gained).unwrap_or(i64::MAX);
            *credit = Credit {
                left: credit.left.saturating_add(gained).min(full(self.per_second)),
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

/// The allowances of all addresses that have connections, or had some a moment ago.
#[derive(Debug)]
pub(super) struct Allowances {
    rates: Rates,
    /// Those without a connection that are kept until their debt is worked off.
    kept_max: usize,
    of: HashMap<IpAddr, Arc<Allowance>>,
}

impl Allowances {
    pub(super) fn new(rates: Rates, kept_max: usize) -> Self {
        Self { rates, kept_max, of: HashMap::new() }
    }

    /// The allowance of `address`, which has just connected.
    pub(super) fn connected(&mut self, address: IpAddr) -> Arc<Allowance> {
        let now = Instant::now();
        if self.of.len() > self.kept_max {
            self.of.retain(|_, it| Arc::strong_count(it) > 1 || !it.is_full(now));
        }
        // Addresses beyond number are each nobody's neighbour: the debts of those that left are forgiven.
        if self.of.len() > 2 * self.kept_max {
            self.of.retain(|_, it| Arc::strong_count(it) > 1);
        }
        let new = || Allowance::new(self.rates, now).into();
        let allowance = self.of.entry(address).or_insert_with(new);
        allowance.connections.charge_at(1, now);
        Arc::clone(allowance)
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
        let mut all = Allowances::new(Rates { connections: 1_000, bytes: 1_000, effort: 1_000 }, 4);
        for meter in
            [(|it| &it.connections) as fn(&Allowance) -> &Meter, |it| &it.bytes, |it| &it.effort]
        {
            let first = all.connected(address(0));
            meter(&first).charge(1 << 40);
            drop(first);
            let again = all.connected(address(0));
            assert!(meter(&again).debt().is_some(), "it comes back with its debt");
            for byte in 0..100 {
                meter(&all.connected(address(byte))).charge(1 << 40);
                assert!(all.of.len() <= 2 * 4 + 1);
            }
        }
    }
}
