//! What must never change (stored bytes outlive every version) and what must never exist (copies and texts of
//! secrets). The room's front door is tested in the suite.

use std::fmt::{Debug, Display};

use jiff::civil::date;
use secrecy::ExposeSecret;
use serde::Serialize;

use super::{
    Vault,
    body::DataKey,
    context::{Context, SecretField},
    keyring::{PrivateKey, PrivateKeyring, PublicKeyring},
    keyring_text,
    open::OpeningKeys,
    seal::SealingKeys,
    settings_key::SettingsKey,
};
use crate::{
    clock::Randomness,
    domain::ids::{BrokerageId, ConnectionId, SecretId},
};

fn vault() -> Vault {
    let randomness = Randomness::seeded(2026);
    let private = PrivateKey::generate(date(2026, 11, 21), &randomness);
    Vault {
        sealing: SealingKeys::new(
            PublicKeyring::new(private.public().clone(), Vec::new()),
            randomness.clone(),
        ),
        opening: Some(OpeningKeys::new(PrivateKeyring::new(vec![private]))),
        settings: SettingsKey::generate(randomness),
        audit: None,
        audit_head: None,
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

fn unhex(text: &str) -> Vec<u8> {
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    hex::decode(digits).expect("digits")
}

/// An envelope of version 1, suite 1. If this test fails, stored secrets no longer open: write a new suite instead.
const GOLDEN: &str = "\
    4d4f5845010198e01f6065516b6dc322a0103e9de57854bcb5dd74d2028b9c86aa250b4d424c317f676e4000503738dc7ba5\
    f5a7cc2c52e8f34554b238ef77eaa249ac0c02817b8a7f819f21390cfa1cbc694df3a3af74c9971a5d8d18b8263359b7be44\
    dcfaba1abba0aeaad231001e9ba1c4d853457d580719aae0e78245459dccebfdf91062ef0255c66e8d7d6de2d45fecdc9ccc\
    2e4497246cf40845bfd0e338648186bd2b76720000005000e7866007e904444f5500603bb6c89b34fae9b4b52caef8899bc2\
    ec9b3257dec8834a5c3ca63ef8427aa19acc10f11342ab652d22c957190092538f1ef42838f32a84b800793e82cef5a370f5\
    38bc76";
/// A settings record of version 1.
const GOLDEN_RECORD: &str = "\
    016133a1396b85f4554959619f9577f9e8e22ba9824c17caaea97dcf95d690e78f684ae2c40a7feb584810e9322a3c259c18\
    62e5afeb84bd1a820b83";

#[test]
fn the_envelope_has_not_drifted() {
    let vault = vault();
    let sealed = vault.seal(&context(), "Xq18Q~golden").expect("seals");
    assert_eq!(hex::encode(sealed.bytes), GOLDEN);
    let opening = vault.opening.as_ref().expect("opens");
    let opened = opening.open(&context(), &unhex(GOLDEN), &sealed.sha256).expect("opens");
    assert_eq!(opened.expose_secret(), "Xq18Q~golden");
}

#[test]
fn the_settings_record_has_not_drifted() {
    let key = SettingsKey::generate(Randomness::seeded(2026));
    assert_eq!(hex::encode(key.encrypt("answers", "drf_1", b"golden")), GOLDEN_RECORD);
    let plain = key.decrypt("answers", "drf_1", &unhex(GOLDEN_RECORD)).expect("decrypts");
    assert_eq!(plain.as_slice(), b"golden");
    insta::assert_snapshot!(hex::encode(key.blind("address", "it@lakeshore.example")), @"c35d3514d8a4cd4df970fb86d52d5d7efe70ec522af9f8a6d6b0b0bf16651fd5");
    insta::assert_snapshot!(hex::encode(key.mac("code", &[b"cookie", b"ABCD2345"])), @"6e5a6db5e2e539f2f0f1acc09e4d610a4b2283c4644cf3ccdf0a2a8397635824");
}

#[test]
fn key_files_have_not_drifted() {
    let randomness = Randomness::seeded(2026);
    let (new, old) = (
        PrivateKey::generate(date(2026, 11, 21), &randomness),
        PrivateKey::generate(date(2025, 1, 2), &randomness),
    );
    let public = PublicKeyring::new(new.public().clone(), vec![old.public().clone()]);
    let private = PrivateKeyring::new(vec![new, old]);
    let settings = SettingsKey::generate(randomness.clone());
    insta::assert_snapshot!(keyring_text::write_public(&public), @r#"
    # Public sealing keys. They seal and cannot open; every role needs this file.
    # The current key seals. Keep an older one as long as something sealed to it exists, backups too.
    # standing, algorithm, key id, day it was made, key
    moxi-onboard public keys 1
    current x25519 98e01f6065 2026-11-21 4m3bXfDjiI6fZtxNQkgKKSZl1g0X10W/fonqbqZnJUQ=
    older   x25519 0e9db48e8b 2025-01-02 jEwnrHGPYfayEJhPtOWi2zJy214zahYut1rHAe19Wno=
    "#);
    insta::assert_snapshot!(*keyring_text::write_private(&private), @r#"
    # PRIVATE keys. Whoever reads this file can open every credential. Only the worker needs it.
    # Keep a copy offline: without it nothing that was sealed can be opened again.
    # algorithm, key id, day it was made, key
    moxi-onboard private keys 1
    x25519 98e01f6065 2026-11-21 SBVH0lxFI65VpfrxYL+xKxE/aT+pEIFn5V3mEF61C2U=
    x25519 0e9db48e8b 2025-01-02 WD/tKtbE2FDvP7L8EgjND4+dsN1s6OXG8jgejRb+ZXk=
    "#);
    insta::assert_snapshot!(*keyring_text::write_settings(&settings, date(2026, 11, 21)), @r#"
    # SECRET settings key. Every role of this installation needs the same one, and nobody else.
    # algorithm, key id, day it was made, key
    moxi-onboard settings key 1
    aes256 9cf55e7144 2026-11-21 GSuqzZ4xi4FZvMaI5YdFpWx2SjKfIkOQcTHY7QBtYK8=
    "#);
    assert_eq!(keyring_text::read_public(&keyring_text::write_public(&public)), Ok(public));
    assert!(keyring_text::read_private(&keyring_text::write_private(&private)).is_ok());
}

/// Compiles only while the type lacks the trait: with it, two blanket implementations fit and the call is ambiguous.
macro_rules! lacks {
    ($kind:ty: $($unwanted:path),+) => {$({
        trait Ambiguous<Marker> {
            fn call() {}
        }
        impl<T: ?Sized> Ambiguous<()> for T {}
        struct Has;
        impl<T: ?Sized + $unwanted> Ambiguous<Has> for T {}
        <$kind as Ambiguous<_>>::call();
    })+};
}

#[test]
fn keys_cannot_be_copied_or_shown() {
    lacks!(PrivateKey: Clone, Debug, Display, Serialize);
    lacks!(PrivateKeyring: Clone, Debug, Display, Serialize);
    lacks!(OpeningKeys: Clone, Debug, Display, Serialize);
    lacks!(DataKey: Clone, Debug, Display, Serialize);
    lacks!(SettingsKey: Clone, Display, Serialize);
    lacks!(Vault: Clone, Display, Serialize);
    let vault = vault();
    assert_eq!(format!("{vault:?} {:?}", vault.settings), "Vault SettingsKey");
}
