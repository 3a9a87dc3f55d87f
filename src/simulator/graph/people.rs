//! The directory's view of a user, and the settings of a mailbox.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::gate;
use super::page::Page;
use super::refusal::Refusal;
use crate::simulator::identity::stable_guid;
use crate::simulator::web::Call;
use crate::simulator::world::live::World;
use crate::simulator::world::script::Place;

/// A plan with Exchange Online in it.
const PLAN: &str = "3b555118-da6a-4418-894f-7df1e2096870";

/// A user of the directory; only for apps that may read all of them.
pub(crate) fn user(user: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    let caller = gate::caller(call, world)?;
    let readers = ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
    if !caller.claims.roles.iter().any(|role| readers.contains(&role.as_str())) {
        let text = "Insufficient privileges to complete the operation.";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "Authorization_RequestDenied", text));
    }
    let found = caller.tenant.mailbox(user).filter(|mailbox| mailbox.place != Place::Nowhere);
    let mailbox = found.ok_or_else(|| {
        let text = format!(
            "Resource '{user}' does not exist or one of its queried reference-property objects are not present."
        );
        Refusal::new(StatusCode::NOT_FOUND, "Request_ResourceNotFound", text)
    })?;
    let address = caller.tenant.address(&mailbox.name);
    let licences = if mailbox.licensed { json!([{"disabledPlans": [], "skuId": PLAN}]) } else { json!([]) };
    let value = json!({
        "id": stable_guid(&format!("user {address}")),
        "userPrincipalName": address,
        "mail": address,
        "displayName": mailbox.name,
        "accountEnabled": true,
        "assignedLicenses": licences,
    });
    Ok(Page::Shown(narrowed(value, "users/$entity", call)))
}

/// The settings of a mailbox.
pub(crate) fn settings(user: &str, call: &Call, world: &World) -> Result<Page, Refusal> {
    gate::open(user, "MailboxSettings.Read", call, world)?;
    let value = json!({
        "timeZone": "Pacific Standard Time",
        "dateFormat": "M/d/yyyy",
        "timeFormat": "h:mm tt",
        "userPurpose": "user",
        "language": {"locale": "en-US", "displayName": "English (United States)"},
        "automaticRepliesSetting": {"status": "disabled"},
    });
    Ok(Page::Shown(narrowed(value, "users/mailboxSettings", call)))
}

fn narrowed(mut value: Value, context: &str, call: &Call) -> Value {
    if let (Some(select), Value::Object(members)) = (call.query("$select"), &mut value) {
        let wanted: Vec<String> = select.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
        members.retain(|name, _| wanted.contains(&name.to_ascii_lowercase()));
    }
    value["@odata.context"] = json!(format!("https://graph.microsoft.com/v1.0/$metadata#{context}"));
    value
}
