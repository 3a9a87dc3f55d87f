//! Who one is on the staff site, and what one may do there.

use askama::Template;
use axum::{extract::State, response::Response};

use crate::{
    app::App,
    domain::{
        refused::Refused,
        staff::{Deed, StaffScope},
    },
    http::{
        error::PageError,
        layout::{ACCOUNT, Layout},
        render::page,
    },
};

/// Name, roles and rights of the reader.
#[derive(Template)]
#[template(path = "staff/account.html")]
struct AccountPage {
    layout: Layout,
    scope: StaffScope,
    /// Whether single letters do something in the queue.
    keys: bool,
}

impl AccountPage {
    fn rights(&self) -> Vec<(&'static str, bool)> {
        Deed::ALL.iter().map(|deed| (words(*deed), self.scope.may(*deed))).collect()
    }
}

const fn words(deed: Deed) -> &'static str {
    match deed {
        Deed::ReadQueue => "Read the queue, and the brokerages and connections in it",
        Deed::TakeItem => "Take an item, and give it back",
        Deed::LeaveNote => "Leave notes for colleagues",
        Deed::AcceptBrokerage => "Accept a brokerage that started by itself",
        Deed::NameKeeper => "Name the account manager of a brokerage",
        Deed::InviteAdmin => "Invite a brokerage admin",
        Deed::CheckAgain => "Have an attempt checked again, and open closed connections again",
        Deed::DecideByHand => "Decide an attempt by hand, or be the second person who says yes",
        Deed::AnswerQuestion => "Answer what somebody of an office asked",
        Deed::AllowNames => "Allow the names of a failed attempt again",
        Deed::AskAccess => "Ask a brokerage for a look at a secret",
        Deed::OpenAccess => "Open a secret together with a second operations person",
        Deed::ReviewAccess => "Look over what others opened in an emergency",
        Deed::SendAgain => "Have a mail sent once more",
        Deed::ReadAudit => "Read the audit, have it verified, and take it away as a file",
        Deed::Enable => "Say from which day on a connection is enabled",
    }
}

/// Shows it.
pub async fn show(State(app): State<App>, scope: StaffScope, layout: Layout) -> Result<Response, PageError> {
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let keys = read.staff_keys(&scope.staff).await.map_err(Refused::from)?;
    Ok(page(&AccountPage { layout: layout.at(ACCOUNT), scope, keys }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{ids::StaffId, staff::StaffRole},
        http::render::Sample,
    };

    impl Sample for AccountPage {
        fn samples() -> Vec<Self> {
            [(vec![StaffRole::Auditor], "Dana Reyes"), (StaffRole::ALL.to_vec(), "<script>alert(1)</script>")]
                .into_iter()
                .map(|(roles, name)| Self {
                    layout: Layout::staff_sample().at(ACCOUNT),
                    keys: roles.len() > 1,
                    scope: StaffScope { staff: StaffId::from_random([1; 16]), name: name.to_owned(), roles },
                })
                .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        AccountPage::assert_renders();
    }

    #[test]
    fn an_auditor_reads_what_they_may_not_do() {
        let samples = AccountPage::samples();
        let allowed = samples[0].rights().into_iter().filter(|(_, may)| *may).count();
        assert_eq!(allowed, 2, "reading only");
    }
}
