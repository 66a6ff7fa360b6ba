//! The market, block by block through the runtime's one entry: the golden vectors, what is refused, how
//! orders and contracts live and end, and random books and schedules against naive models.

mod books;
mod commands;
mod contracts;
mod filters;
mod floor;
mod hosts;
mod lives;
mod proposals;
mod proved;
mod ranges;
mod refusals;
mod standing;
mod vectors;
