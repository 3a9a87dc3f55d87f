//! The check: does what MoxiEngage does, and names what is wrong.
//!
//! | file | holds |
//! |---|---|
//! | `verifier` | the front door: plan and check |
//! | `observer`, `progress` | who is told of steps, and the steps so far |
//! | `evidence`, `scrub`, `json` | what a call showed, free of secrets, and JSON that may be hostile |
//! | `rules`, `diagnose` | signs and causes as data; evidence in, cause and verdict out |
//! | `step` | the steps and the plan of each kind |
//! | `run`, `pace`, `cut` | one check under way, its times, and how work ends in order when they are over |
//! | `visits`, `hold` | many mailboxes with one sign-in; the pause that a busy server is given by all of them |
//! | `recognise` | which mail system a domain seems to have |
//! | `writing`, `traces` | writing to a mailbox and removing it again, however the mailbox is reached |
//! | `writing`, `traces`, `cleanup` | writing to a mailbox and removing it again, at once or later, however it is reached |
//! | `bearer`, `key_file` | what signs in: an access token; the key file of a service account |
//! | `microsoft/`, `google/` | the checks of Microsoft 365 and of Google Workspace |
//! | `outside` | the look at a mailbox that must be refused |

mod bearer;
mod cleanup;
mod cut;
mod diagnose;
mod evidence;
mod ews;
mod exchange;
mod google;
mod hold;
mod json;
mod key_file;
mod means;
mod microsoft;
mod observer;
mod outside;
mod pace;
mod progress;
mod recognise;
mod request_id;
mod rules;
mod run;
mod scrub;
mod segment;
mod signed;
mod step;
mod traces;
mod verifier;
mod visits;
mod waits;
mod writing;

/// What a verifier calls through, for whoever makes one.
pub use crate::net::{ExtraRoot, Net, Settings as NetSettings, SettingsProblem as NetProblem};
pub use cleanup::{Cleared, Fate};
pub use google::SigningKey;
pub use key_file::{KEY_FILE_MOST, read_key_file};
pub use microsoft::key_belongs;
pub use observer::{Nobody, NotNoted, Observer, SignInDenied};
pub use pace::Pace;
pub use verifier::{Verifier, plan};
pub use visits::{Host, Visits};
