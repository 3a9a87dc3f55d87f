//! Values of the product: ids, kinds, states, texts that were parsed at the border.
//!
//! Nothing here reads, writes, waits or knows the time. Inside the house only these types travel;
//! whoever takes text from outside parses it into one of them first.

pub mod address;
pub mod answers;
pub mod app;
pub mod attempt;
pub mod audit;
pub mod brokerage;
pub mod cause;
pub mod causes;
pub mod check;
pub mod check_reason;
pub mod client_secret;
pub mod code;
pub mod connection;
pub mod credential;
pub mod dates;
pub mod differences;
pub mod dry_run;
pub mod duty;
pub mod exchange;
pub mod google;
pub mod guid;
pub mod guide;
pub mod ids;
pub mod instant;
pub mod invitation;
pub mod job;
pub mod kind;
pub mod leftovers;
pub mod mail;
pub mod microsoft365;
pub mod naming;
pub mod recognition;
pub mod reference;
pub mod refused;
pub mod renewal;
pub mod reserved;
pub mod review;
pub mod roster;
pub mod scope;
pub mod search;
pub mod staff;
pub mod tenant_name;
pub mod test_item;
pub mod text;
