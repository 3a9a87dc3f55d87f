//! The mails that tell of a verdict, one to each person of the brokerage.

use crate::{
    actions::{decide::Decision, undone::Undone},
    app::App,
    store::{NewCheck, PreparedMail},
};

use super::{conclude::Ran, load::Loaded};

pub(super) async fn prepare(
    _app: &App,
    _loaded: &Loaded,
    _decision: &Decision,
    _ran: &Ran,
    _look: Option<&NewCheck>,
) -> Result<Vec<PreparedMail>, Undone> {
    Ok(Vec::new())
}
