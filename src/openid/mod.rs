//! Our own people's sign-in at the company's OpenID Connect provider: the authorization code flow with PKCE, state
//! and nonce, and every rule by which its token is believed.
//!
//! | file | holds |
//! |---|---|
//! | `login` | the values of one sign-in, all made from the browser's cookie |
//! | `provider` | the provider as we know it: begin a sign-in, and have somebody vouched for |
//! | `settings`, `way` | what the operator says of it, and the way there |
//! | `discovery` | its own description, and what of it is believed |
//! | `exchange` | the code for tokens, through the OAuth library and our own client |
//! | `kept` | what was fetched from it, by one fetch for all who ask meanwhile |
//! | `keys` | its public keys, and which of them fits a token |
//! | `look` | what it shows of itself, for whoever looks over the installation |
//! | `token` | the rules for the token |
//! | `refusal` | why nobody comes in |
//!
//! Nothing in here reads a database or knows a page. Whatever the provider sends is held to be hostile until the last
//! rule is passed.

mod discovery;
mod exchange;
mod kept;
mod keys;
mod login;
mod look;
mod provider;
mod refusal;
mod settings;
mod token;
mod way;

pub use login::Login;
pub use look::{Challenge, Looked, Trouble};
pub use provider::{Back, OpenId};
pub use refusal::Refusal;
pub use settings::Settings;
pub use token::Vouched;
