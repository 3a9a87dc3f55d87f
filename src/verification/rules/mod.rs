//! The diagnosis as data: signs and the cause they point to.
//!
//! A rule holds when all its signs do; the first that holds wins. So rules that look at several steps stand
//! first, then the most specific of one answer, then what is left of a layer.

mod codes;
mod exchange;
mod google;
mod graph;
mod online;
mod password;
mod sign;
mod sign_in;

pub use graph::NO_USABLE_MAILBOX;
#[cfg(test)]
pub use sign::Sign;
pub use sign::{PHRASES, Rule, Scene, Speaker, finding};

/// The rules for a speaker's answers, in tables that follow each other.
pub const fn rules(speaker: Speaker) -> &'static [&'static [Rule]] {
    match speaker {
        Speaker::SignIn => &[sign_in::RULES],
        Speaker::Graph => &[graph::RULES],
        Speaker::Exchange => &[exchange::FIRST, codes::RULES, exchange::REST],
        Speaker::Password => &[password::SIGN_IN, sign_in::RULES],
        Speaker::AccountOnline => {
            &[password::ONLINE_FIRST, online::FIRST, codes::RULES, password::ONLINE_REST, online::REST]
        }
        Speaker::ExchangeOnline => &[online::FIRST, codes::RULES, online::REST],
        Speaker::GoogleToken => &[google::TOKEN],
        Speaker::Google => &[google::INTERFACES],
    }
}
