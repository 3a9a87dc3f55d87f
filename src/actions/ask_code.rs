//! Somebody asks for a sign-in code. The answer, and the work behind it, is the same for addresses we know and for
//! those we do not.

use std::net::IpAddr;

use jiff::SignedDuration;

use super::{
    limits::{Limit, Meter},
    outbox,
    people::ADDRESS_KEY,
};
use crate::{
    app::App,
    domain::{
        address::MailAddress,
        audit::{Actor, AuditLine},
        browser::Browser,
        code,
        ids::SignInId,
        instant::Instant,
        refused::Refused,
    },
    store::{self, NewSignIn, PreparedMail, Read},
};

/// How long a code counts, by the shared clock.
pub const CODE_LASTS: SignedDuration = SignedDuration::from_mins(10);
/// How many codes may be typed for one sign-in, and by one network for one address before it has to wait.
pub const TRIES: i64 = 5;

/// The purpose under which a browser's cookie is blinded.
pub(super) const BROWSER: &str = "sign_ins.browser";
/// The purpose under which the address of a sign-in is encrypted; the owner is the sign-in's id.
pub(super) const ADDRESS_BOX: &str = "sign_ins.address";
/// The purpose of the keyed digest over cookie and code.
pub(super) const CODE: &str = "sign_ins.code";

const NETWORK: Limit = Limit { what: "limit.code.network", window: SignedDuration::from_hours(1), most: 200 };
const HOURLY: Limit = Limit { what: "limit.code.hourly", window: SignedDuration::from_hours(1), most: 10 };
const AGAIN: Limit = Limit { what: "limit.code.again", window: SignedDuration::from_secs(30), most: 1 };
const WRONG: Limit = Limit { what: "limit.code.wrong", window: SignedDuration::from_mins(15), most: TRIES };

/// A browser that asks for a code.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// Where the code goes.
    pub address: &'a MailAddress,
    /// Whether the link of an invitation leads here: then the address was not typed, and no page shows it.
    pub by_invitation: bool,
    /// The value of the browser's cookie from now on: 64 hexadecimal letters, the same for two presses of one form.
    /// It is kept nowhere else.
    pub cookie: &'a str,
    /// The value it had before, if any: that sign-in ends.
    pub older_cookie: Option<&'a str>,
    /// Where the request came from.
    pub from: IpAddr,
    /// What the browser says of itself.
    pub user_agent: &'a str,
}

/// Writes a sign-in for the cookie and puts the mail with its code into the outbox. The second press of one form
/// finds what the first has written and sends nothing.
///
/// Errs with `TooMany` when the address or the network asked too often; the time is when it goes on.
pub async fn ask_code(app: &App, asking: Asking<'_>) -> Result<(), Refused> {
    let who = Who::of(app, asking);
    let mut read = app.store.read().await?;
    let now = read.shared_now().await?;
    if who.has_asked(&mut read, now).await? {
        return Ok(());
    }
    if let Some(until) = who.over(&mut read, now).await? {
        return Err(Refused::TooMany(until));
    }
    drop(read);
    let ready = Ready::make(app, asking)?;
    write_all(app, who, ready).await
}

async fn write_all(app: &App, who: Who, ready: Ready) -> Result<(), Refused> {
    let mut write = app.store.write().await?;
    let now = write.shared_now().await?;
    let mut until = who.wrong.look(&mut write, now).await?;
    // Always in this order, so that two requests wait for each other and never each for the other.
    for meter in &who.asked {
        until = until.max(meter.take(&mut write, now).await?);
    }
    if let Some(until) = until {
        return if who.has_asked(&mut write, now).await? { Ok(()) } else { Err(Refused::TooMany(until)) };
    }
    let new = NewSignIn {
        browser_hash: who.browser,
        older_hash: who.older,
        address_key: who.address_key,
        address_box: ready.address_box,
        mail_domain: ready.address.domain(),
        code_mac: ready.code_mac,
        tries: TRIES,
        created_at: now,
        expires_at: now.plus(CODE_LASTS),
        by_invitation: ready.by_invitation,
        id: ready.id,
    };
    write.insert_sign_in(&new).await?;
    write.post_mail(&ready.mail).await?;
    Ok(write.commit(&[AuditLine::new(Actor::Anonymous, "sign_in.ask", new.id.as_str())]).await?)
}

/// Everything by which the one who asks is looked up: blinded before the transaction begins.
struct Who {
    browser: Vec<u8>,
    older: Vec<u8>,
    address_key: Vec<u8>,
    asked: [Meter; 3],
    wrong: Meter,
}

impl Who {
    fn of(app: &App, asking: Asking<'_>) -> Self {
        let (key, network) = (asking.address.key(), network(asking.from));
        Self {
            browser: app.blind(BROWSER, asking.cookie),
            older: app.blind(BROWSER, asking.older_cookie.unwrap_or(asking.cookie)),
            address_key: app.blind(ADDRESS_KEY, &key),
            asked: [NETWORK.of(app, &network), HOURLY.of(app, &key), AGAIN.of(app, &key)],
            wrong: wrong_codes(app, asking.address, asking.from),
        }
    }

    /// Whether this very form has just been taken.
    async fn has_asked(&self, read: &mut Read, now: Instant) -> store::Result<bool> {
        let found = read.sign_in_of(&self.browser).await?;
        Ok(found.is_some_and(|found| {
            found.ended_at.is_none()
                && found.address_key == self.address_key
                && now.since(found.created_at) < AGAIN.window
        }))
    }

    /// When asking goes on, where one of the limits is used up.
    async fn over(&self, read: &mut Read, now: Instant) -> store::Result<Option<Instant>> {
        let mut until = self.wrong.look(read, now).await?;
        for meter in &self.asked {
            until = until.max(meter.look(read, now).await?);
        }
        Ok(until)
    }
}

/// What is written, computed before the transaction begins.
struct Ready {
    id: SignInId,
    address: MailAddress,
    by_invitation: bool,
    address_box: Vec<u8>,
    code_mac: Vec<u8>,
    mail: PreparedMail,
}

impl Ready {
    fn make(app: &App, asking: Asking<'_>) -> Result<Self, Refused> {
        let code = code::make(app.randomness.bytes());
        let id = app.new_id(SignInId::from_random);
        let browser = Browser::from_user_agent(asking.user_agent);
        Ok(Self {
            mail: outbox::prepare_code(app, asking.address, &id, &code, browser)?,
            address_box: app.to_box(ADDRESS_BOX, id.as_str(), asking.address)?,
            code_mac: app.vault.settings.mac(CODE, &[asking.cookie.as_bytes(), code.as_bytes()]).to_vec(),
            address: asking.address.clone(),
            by_invitation: asking.by_invitation,
            id,
        })
    }
}

/// Counts wrong codes for one address from one network. From elsewhere the address's owner still gets in, so that
/// nobody is locked out by a stranger.
pub(super) fn wrong_codes(app: &App, address: &MailAddress, from: IpAddr) -> Meter {
    WRONG.of(app, &format!("{} {}", address.key(), network(from)))
}

/// The network an address belongs to: /24 for IPv4, /56 for IPv6, the sizes that one customer usually gets.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{:x}::/56", d & 0xff00)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_a_network() {
        let of = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(of("203.0.113.7"), of("203.0.113.200"));
        assert_eq!(of("::ffff:203.0.113.7"), "203.0.113.0/24");
        assert_eq!(of("2001:db8:1:2ff::1"), of("2001:db8:1:2aa:9::2"));
        assert_ne!(of("2001:db8:1:2ff::1"), of("2001:db8:1:3ff::1"));
    }
}
