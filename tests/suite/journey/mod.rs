//! Stories of whole journeys through the running product.

mod certificates;
mod demo;
mod first;
mod google;
mod ideal;
mod kinds;
mod renewal;
pub mod samples;
mod second;
mod tenants;
mod terminal;
