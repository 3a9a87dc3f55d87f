//! Stories of whole journeys through the running product.

mod demo;
mod first;
mod kinds;
mod samples;
mod second;
mod tenants;
mod terminal;
