//! Every address of the sites, built here and nowhere else: routes, links, redirects and templates read these.
//!
//! A fixed page is a constant. A page of a thing has a `..._ROUTE` for the router and a function for links.

mod both;
mod portal;
mod staff;

pub use both::*;
pub use portal::*;
pub use staff::*;
