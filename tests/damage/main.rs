//! Homes that a crash, a bad disk or a wrong backup has left: recovered with everything that was
//! acknowledged, or refused in clear words; never silently wrong.
//!
//! `TALLY_LONG=1` looks at every byte where the tests otherwise take samples.

#![allow(clippy::print_stderr, reason = "a run says what it counted, and what it could not try")]

mod backups;
mod crashes;
mod disk;
mod faults;
mod files;
mod home;
mod judge;
mod launch;
mod recording;
