//! What the parts promise to each other; the room's front door is tested in the suite.

use jiff::civil::date;
use secrecy::ExposeSecret;

use super::{
    Vault,
    context::{Context, SecretField},
    keyring::{PrivateKey, PrivateKeyring, PublicKeyring},
    open::OpeningKeys,
    seal::SealingKeys,
    settings_key::SettingsKey,
};
use crate::{
    clock::Randomness,
    domain::ids::{BrokerageId, ConnectionId, SecretId},
};

fn vault(seed: u64) -> Vault {
    let randomness = Randomness::seeded(seed);
    let private = PrivateKey::generate(date(2026, 11, 21), &randomness);
    Vault {
        sealing: SealingKeys::new(PublicKeyring::new(private.public(), Vec::new()), randomness.clone()),
        opening: Some(OpeningKeys::new(PrivateKeyring::new(vec![private]))),
        settings: SettingsKey::generate(randomness),
    }
}

fn context() -> Context {
    Context::of_credential(
        "test",
        &BrokerageId::from_random([1; 16]),
        &ConnectionId::from_random([2; 16]),
        &SecretId::from_random([3; 16]),
        SecretField::ClientSecret,
    )
}

#[test]
fn what_is_sealed_opens() {
    let vault = vault(1);
    let sealed = vault.seal(&context(), "Xq18Q~secret").expect("seals");
    let opened = vault.open(&context(), &sealed.bytes, &sealed.sha256).expect("opens");
    assert_eq!(opened.expose_secret(), "Xq18Q~secret");
}
