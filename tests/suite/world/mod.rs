//! A running portal with everything around it, for stories: a simulated Microsoft 365, a database of its own, mail
//! as files, and people who visit. The portal runs as processes of the built program.
//!
//! A story ends with [`World::ends_well`]: no job failed or is stuck, every mail was expected, and nothing that was
//! typed lies where it must not.

mod admin;
pub mod client;
mod colleague;
mod folder;
mod html;
mod line;
mod mailbox;
mod needles;
pub mod process;
pub mod rows;
mod running;
pub mod seen;
mod settings;
mod smtp;
mod typed;
pub mod visitor;

pub use admin::Admin;
pub use colleague::comes_in;
pub use folder::Folder;
pub use html::Form;
pub use line::Line;
pub use mailbox::Mailbox;
pub use process::{Process, runs};
pub use running::{Cast, World};
pub use seen::NeedleKind;
pub use settings::{Plan, free_port};
pub use smtp::SmtpServer;
pub use typed::Typed;
pub use visitor::Page;
