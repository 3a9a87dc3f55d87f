//! Somebody asks for a sign-in code. The answer, and the work behind it, is the same for addresses we know and for
//! those we do not.

use std::net::IpAddr;

use jiff::SignedDuration;

use super::{limits::Limit, outbox};
use crate::{
    app::App,
    domain::{
        address::MailAddress,
        audit::{Actor, AuditLine},
        code,
        ids::SignInId,
        refused::Refused,
    },
    store::{NewSignIn, Quiet},
};

/// How long a code counts, by the shared clock.
pub const CODE_LASTS: SignedDuration = SignedDuration::from_mins(10);
/// How many codes may be typed for one sign-in.
pub const TRIES: i64 = 5;

/// The purpose under which a browser's cookie is blinded.
pub(super) const BROWSER: &str = "sign_ins.browser";
/// The purpose under which the address of a sign-in is encrypted; the owner is the sign-in's id.
pub(super) const ADDRESS_BOX: &str = "sign_ins.address";
/// The purpose of the keyed digest over cookie and code.
pub(super) const CODE: &str = "sign_ins.code";

const AGAIN: Limit = Limit { what: "limit.code.again", window: SignedDuration::from_secs(30), most: 1 };
const HOURLY: Limit = Limit { what: "limit.code.hourly", window: SignedDuration::from_hours(1), most: 10 };
const NETWORK: Limit = Limit { what: "limit.code.network", window: SignedDuration::from_hours(1), most: 200 };
/// Wrong codes for one address from one network; see `prove_code`.
pub(super) const WRONG: Limit =
    Limit { what: "limit.code.wrong", window: SignedDuration::from_mins(15), most: TRIES };

/// A browser that may now type a code.
pub struct Asked {
    /// The value of its cookie: 64 hexadecimal letters. It is kept nowhere else.
    pub cookie: String,
}

/// Writes a sign-in for a fresh cookie and puts the mail with its code into the outbox.
///
/// Errs with `TooMany` when the address or the network asked too often; the time is when it goes on.
pub async fn ask_code(app: &App, address: &MailAddress, from: IpAddr) -> Result<Asked, Refused> {
    let cookie: String = app.randomness.bytes::<32>().iter().map(|byte| format!("{byte:02x}")).collect();
    let code = code::make(app.randomness.bytes());
    let id = app.new_id(SignInId::from_random);
    let mail = outbox::prepare_code(app, address, &id, &code, None)?;
    let address_box = app.to_box(ADDRESS_BOX, id.as_str(), address)?;
    let code_mac = app.vault.settings.mac(CODE, &[cookie.as_bytes(), code.as_bytes()]).to_vec();

    let mut write = app.store.write().await?;
    if let Some(until) = over(app, &mut write, address, from).await? {
        write.commit_quietly(Quiet::RateLimit).await?;
        return Err(Refused::TooMany(until));
    }
    let now = write.shared_now().await?;
    let new = NewSignIn {
        browser_hash: app.blind(BROWSER, &cookie),
        address_key: app.blind(super::people::ADDRESS_KEY, &address.key()),
        address_box,
        mail_domain: address.domain(),
        code_mac,
        tries: TRIES,
        created_at: now,
        expires_at: now.plus(CODE_LASTS),
        id,
    };
    write.insert_sign_in(&new).await?;
    write.post_mail(&mail).await?;
    write.commit(&[AuditLine::new(Actor::Anonymous, "sign_in.ask", new.id.as_str())]).await?;
    Ok(Asked { cookie })
}

/// When asking goes on, where one of the limits is used up.
async fn over(
    app: &App,
    write: &mut crate::store::Write,
    address: &MailAddress,
    from: IpAddr,
) -> Result<Option<crate::domain::instant::Instant>, Refused> {
    let (key, network) = (address.key(), network(from));
    let wrong = WRONG.look(app, write, &format!("{key} {network}")).await?;
    let limits = [(NETWORK, network.as_str()), (HOURLY, key.as_str()), (AGAIN, key.as_str())];
    let mut latest = wrong;
    for (limit, who) in limits {
        latest = latest.max(limit.take(app, write, who).await?);
        if latest.is_some() {
            break;
        }
    }
    Ok(latest)
}

/// The network an address belongs to: /24 for IPv4, /56 for IPv6, the sizes that one customer usually gets.
pub(super) fn network(address: IpAddr) -> String {
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
