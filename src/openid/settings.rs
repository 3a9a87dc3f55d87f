//! What the operator says of the provider.

use std::time::Duration;

use jiff::SignedDuration;
use secrecy::SecretString;

/// What the operator says of the provider.
pub struct Settings {
    /// Its issuer, to the last letter.
    pub issuer: String,
    /// Our id there.
    pub client_id: String,
    /// The secret that goes with it.
    pub client_secret: SecretString,
    /// Where it sends people back to.
    pub redirect_uri: String,
    /// The claim that names roles.
    pub roles_claim: String,
    /// What is asked for.
    pub scopes: Vec<String>,
    /// How long ago people may have signed in there.
    pub max_age: SignedDuration,
    /// Ways of signing in, one of which is demanded; none: any.
    pub acr: Vec<String>,
    /// How long one answer may take.
    pub patience: Duration,
}
