//! Token requests with a person's login and password, checked in the order in which the real service finds fault.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::refusal::Refusal;
use super::ticket;
use super::token::{OUTLOOK, asked_tenant, missing, usable_app};
use crate::simulator::identity::stable_guid;
use crate::simulator::web::{Call, json};
use crate::simulator::world::live::World;
use crate::simulator::world::server::AccountState;
use crate::simulator::world::tenant::{Account, App, Tenant};

const PERMISSION: &str = "EWS.AccessAsUser.All";
/// Seconds a token lasts.
const LIFETIME: i64 = 3599;

/// Answers a token request of this kind.
pub(crate) fn issue(name: &str, call: &Call, world: &World) -> Response {
    match granted(name, call, world) {
        Ok(body) => json(StatusCode::OK, "application/json; charset=utf-8", &body),
        Err(refusal) => refusal.response(Some(call), world),
    }
}

fn granted(name: &str, call: &Call, world: &World) -> Result<Value, Refusal> {
    let given = |name: &str| call.form(name).filter(|text| !text.is_empty()).ok_or_else(|| missing(name));
    let tenant = asked_tenant(name, call, world)?;
    let app = usable_app(&tenant, &given("client_id")?)?;
    if !app.script.public_client {
        let text =
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
        return Err(Refusal::new(401, "invalid_client", 7000218, text));
    }
    let scope = given("scope")?;
    if !scope.split(' ').any(|scope| scope == format!("{OUTLOOK}/{PERMISSION}")) {
        let text = format!(
            "The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."
        );
        return Err(Refusal::new(400, "invalid_scope", 70011, text));
    }
    let login = given("username")?;
    let account = let_in(&tenant, &login, &given("password")?)?;
    if !app.script.consent {
        let text = format!(
            "The user or administrator has not consented to use the application with ID '{}' named '{}'. Send an \
             interactive authorization request for this user and resource.",
            app.client_id, app.script.name
        );
        return Err(Refusal::new(400, "invalid_grant", 65001, text));
    }
    Ok(token(&tenant, app, account, world))
}

/// The account, if its password is right and nothing keeps it out.
fn let_in<'a>(tenant: &'a Tenant, login: &str, password: &str) -> Result<&'a Account, Refusal> {
    let refuse = |code, text: &str| Err(Refusal::new(400, "invalid_grant", code, text));
    let Some(account) = tenant.cloud_account(login) else {
        let text = format!(
            "The user account {login} does not exist in the {} directory. To sign into this application, the \
             account must be added to the directory.",
            tenant.id
        );
        return refuse(50034, &text);
    };
    match account.script.state {
        AccountState::Disabled => return refuse(50057, "The user account is disabled."),
        AccountState::Locked => {
            return refuse(
                50053,
                "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
            );
        }
        _ if account.password != password => {
            return refuse(50126, "Error validating credentials due to invalid username or password.");
        }
        AccountState::PasswordExpired | AccountState::MustChange => {
            return refuse(50055, "The password is expired.");
        }
        AccountState::Good | AccountState::EwsOff => {}
    }
    Ok(account)
}

fn token(tenant: &Tenant, app: &App, account: &Account, world: &World) -> Value {
    let now = (world.now)().as_second();
    let address = tenant.address(&account.script.name);
    let claims = json!({
        "aud": OUTLOOK,
        "iss": format!("https://sts.windows.net/{}/", tenant.id),
        "iat": now,
        "nbf": now,
        "exp": now.saturating_add(LIFETIME),
        "amr": ["pwd"],
        "app_displayname": app.script.name,
        "appid": app.client_id,
        "appidacr": "0",
        "idtyp": "user",
        "oid": stable_guid(&format!("user {address}")),
        "scp": PERMISSION,
        "tid": tenant.id,
        "upn": address,
        "uti": world.ids.short(),
        "ver": "1.0",
    });
    let text = ticket::sign(&claims, world.ids.key());
    let scope = format!("{OUTLOOK}/{PERMISSION}");
    json!({"token_type": "Bearer", "scope": scope, "expires_in": LIFETIME, "ext_expires_in": LIFETIME, "access_token": text})
}
