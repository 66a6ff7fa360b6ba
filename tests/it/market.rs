//! The market, block by block through the runtime's one entry: the golden vectors, what is refused, how
//! orders and contracts live and end, and random books against a naive model.

mod books;
mod commands;
mod floor;
mod lives;
mod refusals;
mod vectors;
