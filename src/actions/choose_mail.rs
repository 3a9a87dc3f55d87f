//! One of our people says which mails about the queue they want.

use crate::{
    app::App,
    domain::{
        audit::{Actor, AuditLine},
        refused::Refused,
        staff::StaffScope,
        staff_mail::MailChoice,
    },
};

/// Keeps their choice. What must not be silent is sent all the same.
///
/// Errs with the field when the choice is none of those offered.
pub async fn choose_mail(app: &App, scope: &StaffScope, typed: &str) -> Result<MailChoice, Refused> {
    let choice =
        MailChoice::parse(typed).ok_or_else(|| Refused::field("mail", "Choose which mails you want"))?;
    let mut write = app.store.write().await?;
    write.choose_staff_mail(&scope.staff, choice).await?;
    let line = AuditLine::new(Actor::Staff(scope.staff.clone()), "staff.mail", scope.staff.as_str());
    write.commit(&[line.with("choice", choice.as_str())]).await?;
    Ok(choice)
}
