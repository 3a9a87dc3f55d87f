//! What a sealed secret belongs to. The context is not part of the envelope: whoever opens says where the row was
//! found, and an envelope that was moved to another row, brokerage or environment does not open.

use super::{envelope::FORMAT, framed::framed, keyring::KeyId};
use crate::domain::ids::{BrokerageId, ConnectionId, SecretId, SignInId};

const PRODUCT: &str = "moxi-onboard";

/// Which secret of a record it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretField {
    /// The client secret of an app registration.
    ClientSecret,
    /// The private key of an app's certificate.
    PrivateKey,
    /// The password of a service account.
    ServicePassword,
    /// The key of a service account.
    ServiceAccountKey,
    /// The code of a sign-in, until its mail is sent.
    SignInCode,
}

impl SecretField {
    /// The word that is bound into the envelope. It never changes: old envelopes would not open.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecret => "client_secret",
            Self::PrivateKey => "private_key",
            Self::ServicePassword => "service_password",
            Self::ServiceAccountKey => "service_account_key",
            Self::SignInCode => "sign_in_code",
        }
    }
}

/// What a sealed secret belongs to. None of it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The environment of the product: a test system's database opens nowhere else.
    pub environment: String,
    /// Whose secret it is; none while somebody is only signing in.
    pub brokerage: Option<BrokerageId>,
    /// The connection it is for.
    pub connection: Option<ConnectionId>,
    /// The id of the row: a [`SecretId`], or the [`SignInId`] of a code.
    pub secret: String,
    /// Which secret of that row.
    pub field: SecretField,
}

impl Context {
    /// The context of a credential's secret.
    pub fn of_credential(
        environment: &str,
        brokerage: &BrokerageId,
        connection: &ConnectionId,
        secret: &SecretId,
        field: SecretField,
    ) -> Self {
        Self {
            environment: environment.to_owned(),
            brokerage: Some(brokerage.clone()),
            connection: Some(connection.clone()),
            secret: secret.as_str().to_owned(),
            field,
        }
    }

    /// The context of a sign-in code: its person may not belong to a brokerage yet.
    pub fn of_sign_in_code(environment: &str, sign_in: &SignInId) -> Self {
        Self {
            environment: environment.to_owned(),
            brokerage: None,
            connection: None,
            secret: sign_in.as_str().to_owned(),
            field: SecretField::SignInCode,
        }
    }

    /// What the body of the envelope is bound to. It leaves the key id out, so that a rotation can wrap the same
    /// body to another key.
    pub(super) fn body_binding(&self) -> Vec<u8> {
        self.binding("moxi-onboard envelope body", None)
    }

    /// What the wrapped key is bound to.
    pub(super) fn wrap_binding(&self, key: KeyId) -> Vec<u8> {
        self.binding("moxi-onboard envelope key", Some(key))
    }

    fn binding(&self, label: &str, key: Option<KeyId>) -> Vec<u8> {
        let brokerage = self.brokerage.as_ref().map_or("", BrokerageId::as_str);
        let connection = self.connection.as_ref().map_or("", ConnectionId::as_str);
        let key_id = key.map(KeyId::to_bytes).unwrap_or_default();
        let mut parts: Vec<&[u8]> = vec![
            label.as_bytes(),
            PRODUCT.as_bytes(),
            self.environment.as_bytes(),
            brokerage.as_bytes(),
            connection.as_bytes(),
            self.secret.as_bytes(),
            self.field.as_str().as_bytes(),
            &FORMAT,
        ];
        if key.is_some() {
            parts.push(&key_id);
        }
        framed(&parts)
    }
}
