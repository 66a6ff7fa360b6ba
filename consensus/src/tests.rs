//! The engine under a toy application: alone in real time, and four of it in simulated time.

mod abstaining;
mod four;
mod gossip;
mod solo;
pub(crate) mod toy;
