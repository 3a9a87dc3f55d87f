//! Stories of whole journeys through the running product.

mod first;
mod samples;
mod second;
mod tenants;
mod terminal;
