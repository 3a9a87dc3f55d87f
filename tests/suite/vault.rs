//! The vault through its front door: key files on disk, the `keys` command, sealing and opening.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use clap::Parser;
use moxi_onboard::{
    cli::keys,
    clock::{Clock, Randomness},
    domain::{
        ids::{BrokerageId, ConnectionId, SecretId, SignInId},
        instant::Instant,
    },
    vault::{
        KeyFileError, Vault,
        context::{Context, SecretField},
        files::{Holds, KeyFiles},
        open::OpenError,
        seal::{SealError, Sealed},
        settings_key::SettingsError,
    },
};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

const SECRET: &str = "Xq18Q~abcdefghijklmnopqrstuvwxyz0123456.";

/// An installation's key files in a folder that goes when the test ends.
struct Installation {
    folder: PathBuf,
    files: KeyFiles,
    clock: Clock,
}

impl Installation {
    fn new() -> Self {
        let name: [u8; 8] = Randomness::system().bytes();
        let folder = std::env::temp_dir().join(format!("moxi-vault-{:016x}", u64::from_be_bytes(name)));
        let files = KeyFiles {
            public_keys: folder.join("public.keys"),
            private_keys: folder.join("private.keys"),
            settings_key: folder.join("settings.key"),
            audit_key: folder.join("audit.key"),
            audit_public_keys: folder.join("audit.public"),
            audit_head: folder.join("audit.head"),
        };
        let clock = Clock::standing_at(Instant::from_micros(1_795_257_720_000_000));
        Self { folder, files, clock }
    }

    fn with_keys() -> Self {
        let installation = Self::new();
        installation.keys("new").expect("makes the files");
        installation
    }

    /// What `keys` prints, or the sentence with which it ends.
    fn keys(&self, command: &str) -> Result<String, String> {
        #[derive(Parser)]
        struct Line {
            #[command(flatten)]
            keys: keys::Args,
        }
        let line = Line::parse_from(["keys"].into_iter().chain(command.split(' ')));
        let mut out = Vec::new();
        keys::run(&line.keys, &self.files, &self.clock, &Randomness::system(), &mut out)
            .map(|()| String::from_utf8(out).expect("a text"))
            .map_err(|error| error.to_string())
    }

    fn vault(&self, holds: Holds) -> Vault {
        self.files.open(holds, &Randomness::system()).expect("the key files are good")
    }

    fn refusal(&self, holds: Holds) -> KeyFileError {
        match self.files.open(holds, &Randomness::system()) {
            Ok(_) => panic!("the key files were taken"),
            Err(error) => error,
        }
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn context() -> Context {
    Context::of_credential(
        "production",
        &BrokerageId::from_random([1; 16]),
        &ConnectionId::from_random([2; 16]),
        &SecretId::from_random([3; 16]),
        SecretField::ClientSecret,
    )
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Opens with the digest of these very bytes, as somebody could who changes the note as well.
fn open(vault: &Vault, context: &Context, bytes: &[u8]) -> Result<String, OpenError> {
    vault.open(context, bytes, &sha256(bytes)).map(|secret| secret.expose_secret().to_owned())
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("is there").permissions().mode() & 0o777
}

fn expose(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("changes the mode");
}

#[test]
fn a_portal_takes_secrets_in_and_cannot_read_them_back_but_a_worker_can() {
    let home = Installation::with_keys();
    let (portal, worker) = (home.vault(Holds::SealingKeys), home.vault(Holds::OpeningKeys));
    for secret in ["", "x", SECRET, &"ö€🏡".repeat(700)] {
        let sealed = portal.seal(&context(), secret).expect("seals");
        assert_eq!(sealed.sha256, sha256(&sealed.bytes));
        assert_eq!(open(&portal, &context(), &sealed.bytes), Err(OpenError::NoPrivateKeys));
        assert_eq!(open(&worker, &context(), &sealed.bytes).as_deref(), Ok(secret));
    }
    assert_eq!(portal.seal(&context(), &"x".repeat(32 * 1024 + 1)), Err(SealError::TooLong));
}

#[test]
fn a_portal_does_not_even_look_at_private_keys() {
    let home = Installation::with_keys();
    fs::remove_file(&home.files.private_keys).expect("removes");
    let portal = home.vault(Holds::SealingKeys);
    assert!(portal.seal(&context(), SECRET).is_ok());
    assert!(home.keys("list").expect("lists").contains("this process seals and cannot open"));
}

#[test]
fn two_seals_of_one_secret_share_nothing() {
    let home = Installation::with_keys();
    let vault = home.vault(Holds::SealingKeys);
    let seal = || vault.seal(&context(), SECRET).expect("seals").bytes;
    let (one, two) = (seal(), seal());
    assert_eq!(one[..11], two[..11], "the head names the same form and key");
    for (part, range) in [
        ("message id", 11..43),
        ("wrapped key", 45..125),
        ("commitment", 125..157),
        ("nonce", 157..169),
        ("body", 173..one.len()),
    ] {
        let (one, two) = (&one[range.clone()], &two[range]);
        let alike = one.iter().zip(two).filter(|(a, b)| a == b).count();
        assert!(alike <= one.len() / 8, "{part}: {alike} of {} bytes are alike", one.len());
    }
}

#[test]
fn secrets_of_like_length_have_envelopes_of_one_length() {
    let home = Installation::with_keys();
    let vault = home.vault(Holds::SealingKeys);
    let length = |letters| vault.seal(&context(), &"x".repeat(letters)).expect("seals").bytes.len();
    assert_eq!(length(0), length(63));
    assert_eq!(length(64), length(127));
    assert!(length(63) < length(64));
}

#[test]
fn no_bit_of_an_envelope_can_be_changed() {
    let home = Installation::with_keys();
    let vault = home.vault(Holds::OpeningKeys);
    let Sealed { bytes, sha256, .. } = vault.seal(&context(), SECRET).expect("seals");
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(vault.open(&context(), &changed, &sha256).err(), Some(OpenError::Replaced), "bit {bit}");
        assert!(open(&vault, &context(), &changed).is_err(), "bit {bit}, digest changed as well");
    }
}

#[test]
fn no_envelope_opens_that_was_cut_or_lengthened() {
    let home = Installation::with_keys();
    let vault = home.vault(Holds::OpeningKeys);
    let bytes = vault.seal(&context(), SECRET).expect("seals").bytes;
    for end in 0..bytes.len() {
        let refused = open(&vault, &context(), &bytes[..end]);
        assert!(matches!(refused, Err(OpenError::Malformed(_))), "cut at {end}: {refused:?}");
    }
    let longer = [bytes, vec![0]].concat();
    assert!(matches!(open(&vault, &context(), &longer), Err(OpenError::Malformed(_))));
}

#[test]
fn an_envelope_opens_only_where_it_was_sealed() {
    let home = Installation::with_keys();
    let vault = home.vault(Holds::OpeningKeys);
    let bytes = vault.seal(&context(), SECRET).expect("seals").bytes;
    let here = context();
    let elsewhere = [
        Context { environment: "test".into(), ..here.clone() },
        Context { brokerage: Some(BrokerageId::from_random([9; 16])), ..here.clone() },
        Context { brokerage: None, ..here.clone() },
        Context { connection: Some(ConnectionId::from_random([9; 16])), ..here.clone() },
        Context { connection: None, ..here.clone() },
        Context { secret: SecretId::from_random([9; 16]).as_str().into(), ..here.clone() },
        Context { field: SecretField::SignInCode, ..here.clone() },
        Context::of_sign_in_code("production", &SignInId::from_random([3; 16])),
    ];
    for context in &elsewhere {
        assert_eq!(open(&vault, context, &bytes), Err(OpenError::Refused), "{context:?}");
    }
    assert_eq!(open(&vault, &here, &bytes).as_deref(), Ok(SECRET));
}

#[test]
fn parts_of_two_envelopes_make_no_third() {
    let home = Installation::with_keys();
    let vault = home.vault(Holds::OpeningKeys);
    let one = vault.seal(&context(), "the one secret").expect("seals").bytes;
    let two = vault.seal(&context(), "the two secret").expect("seals").bytes;
    for range in [11..43, 45..125, 125..157, 157..169, 173..one.len()] {
        let mut mixed = one.clone();
        mixed[range.clone()].copy_from_slice(&two[range.clone()]);
        assert_eq!(open(&vault, &context(), &mixed), Err(OpenError::Refused), "{range:?}");
    }
}

#[test]
fn another_installation_does_not_open_it() {
    let (here, there) = (Installation::with_keys(), Installation::with_keys());
    let sealed = here.vault(Holds::SealingKeys).seal(&context(), SECRET).expect("seals");
    let other = there.vault(Holds::OpeningKeys);
    assert_eq!(open(&other, &context(), &sealed.bytes), Err(OpenError::UnknownKey(sealed.key_id)));
    let relabelled =
        [&sealed.bytes[..6], &other.sealing.keyring().current().id().to_bytes(), &sealed.bytes[11..]];
    assert_eq!(open(&other, &context(), &relabelled.concat()), Err(OpenError::Refused));
}

#[test]
fn a_new_key_seals_from_now_on_and_the_old_one_still_opens() {
    let home = Installation::with_keys();
    let before = home.vault(Holds::OpeningKeys).seal(&context(), "before").expect("seals");
    let printed = home.keys("new").expect("makes a key");
    let vault = home.vault(Holds::OpeningKeys);
    let after = vault.seal(&context(), "after").expect("seals");
    assert_ne!(before.key_id, after.key_id);
    assert!(printed.contains(&after.key_id.to_string()), "{printed}");
    assert_eq!(open(&vault, &context(), &before.bytes).as_deref(), Ok("before"));
    assert_eq!(open(&vault, &context(), &after.bytes).as_deref(), Ok("after"));
    let listed = home.keys("list").expect("lists");
    assert!(listed.contains(&format!("current  {}  made on 2026-11-21", after.key_id)), "{listed}");
    assert!(listed.contains(&format!("older    {}", before.key_id)), "{listed}");
}

#[test]
fn no_command_prints_a_key() {
    let home = Installation::with_keys();
    let printed = [home.keys("new"), home.keys("new --audit"), home.keys("list")]
        .map(|out| out.expect("runs"))
        .concat();
    for file in [&home.files.private_keys, &home.files.settings_key, &home.files.audit_key] {
        let text = fs::read_to_string(file).expect("reads");
        for key in
            text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split(' ').nth(3))
        {
            assert!(key.len() < 40 || !printed.contains(key), "a key stands in the answer");
        }
    }
}

#[test]
fn private_files_are_made_for_their_owner_alone_and_refused_when_others_can_read_them() {
    let home = Installation::with_keys();
    home.keys("new").expect("makes a key");
    let files = &home.files;
    assert_eq!(
        [
            &files.private_keys,
            &files.settings_key,
            &files.audit_key,
            &files.public_keys,
            &files.audit_public_keys
        ]
        .map(|f| mode(f)),
        [0o600, 0o600, 0o600, 0o644, 0o644]
    );
    assert_eq!(mode(&home.folder), 0o700);
    assert_eq!(fs::read_dir(&home.folder).expect("lists").count(), 5, "nothing is left lying about");
    for exposed in [0o640, 0o604, 0o660, 0o601] {
        expose(&files.private_keys, exposed);
        let refusal = home.refusal(Holds::OpeningKeys);
        assert!(matches!(refusal, KeyFileError::Exposed { .. }), "{refusal}");
        assert!(refusal.to_string().contains("chmod 600"), "{refusal}");
    }
    expose(&files.private_keys, 0o400);
    assert!(home.files.open(Holds::OpeningKeys, &Randomness::system()).is_ok());
    expose(&files.audit_key, 0o640);
    assert!(matches!(home.refusal(Holds::OpeningKeys), KeyFileError::Exposed { .. }));
    expose(&files.audit_key, 0o600);
    expose(&files.settings_key, 0o644);
    assert!(matches!(home.refusal(Holds::SealingKeys), KeyFileError::Exposed { .. }));
}

#[test]
fn an_audit_key_is_renewed_by_order_and_never_overwritten() {
    let home = Installation::with_keys();
    let first = home.files.read_audit_public().expect("public keys").current().clone();
    home.keys("new").expect("makes a sealing key");
    assert_eq!(home.files.read_audit_public().expect("public keys").current(), &first, "the audit key stays");
    let said = home.keys("new --audit").expect("makes an audit key");
    let keys = home.files.read_audit_public().expect("public keys");
    assert_eq!((keys.all().count(), keys.all().nth(1)), (2, Some(&first)), "its public half is kept");
    assert!(said.contains(&keys.current().id().to_string()), "{said}");
    let listed = home.keys("list").expect("lists");
    for words in [
        format!("audit    current  {}", keys.current().id()),
        format!("audit    older    {}  made on 2026-11-21", first.id()),
        format!("settings current  {}", home.vault(Holds::OpeningKeys).settings.id()),
        "private audit key     0600".to_owned(),
        "public sealing keys   0644".to_owned(),
    ] {
        assert!(listed.contains(&words), "{words}: {listed}");
    }
    // Half of a pair is never completed by another key.
    fs::remove_file(&home.files.audit_key).expect("goes");
    let refused = home.keys("new").expect_err("a key is missing");
    assert!(refused.contains("Put the missing file back"), "{refused}");
}

#[test]
fn an_older_installation_gets_the_audit_key_it_lacks_and_nothing_else() {
    let home = Installation::with_keys();
    fs::remove_file(&home.files.audit_key).expect("goes");
    fs::remove_file(&home.files.audit_public_keys).expect("goes");
    let before = home.files.read_public().expect("public keys");
    assert!(home.vault(Holds::OpeningKeys).audit.is_none(), "a worker without it runs");
    let said = home.keys("new").expect("makes it");
    assert!(said.contains("Made the audit key"), "{said}");
    assert_eq!(home.files.read_public().expect("public keys"), before, "no sealing key was made");
    assert!(home.vault(Holds::OpeningKeys).audit.is_some());
    assert!(home.vault(Holds::SealingKeys).audit.is_none(), "who only seals secrets never looks at it");
}

#[test]
fn files_that_do_not_belong_together_are_refused() {
    let (here, there) = (Installation::with_keys(), Installation::with_keys());
    fs::copy(&there.files.public_keys, &here.files.public_keys).expect("copies");
    assert!(matches!(here.refusal(Holds::OpeningKeys), KeyFileError::Unpaired { .. }));
    assert!(here.keys("new").is_err(), "and no key is added to them");
}

#[test]
fn a_first_start_makes_all_files_or_none() {
    let home = Installation::new();
    let (day, random) = (home.clock.today(), Randomness::system());
    assert!(matches!(home.files.create_missing(day, &random), Ok(true)));
    let before = fs::read(&home.files.private_keys).expect("reads");
    assert!(matches!(home.files.create_missing(day, &random), Ok(false)));
    assert_eq!(fs::read(&home.files.private_keys).expect("reads"), before);
    fs::remove_file(&home.files.private_keys).expect("removes");
    let refused = home.files.create_missing(day, &random);
    assert!(matches!(refused, Err(KeyFileError::Partial { .. })), "{refused:?}");
    assert!(!home.files.private_keys.exists(), "no new key beside old envelopes");
}

#[test]
fn first_starts_at_the_same_time_make_one_set_of_files() {
    let home = Installation::new();
    let made = std::thread::scope(|scope| {
        let start = || home.files.create_missing(home.clock.today(), &Randomness::system()).expect("starts");
        let starts: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
        starts.into_iter().map(|start| start.join().expect("ends")).filter(|made| *made).count()
    });
    assert_eq!(made, 1);
    assert!(home.files.open(Holds::OpeningKeys, &Randomness::system()).is_ok());
}

#[test]
fn a_damaged_key_file_is_refused_with_its_line() {
    let home = Installation::with_keys();
    let good = fs::read_to_string(&home.files.public_keys).expect("reads");
    let key = good.lines().last().expect("a key").to_owned();
    let zero = Sha256::new().chain_update("moxi-onboard key id 1").chain_update([0; 32]).finalize();
    let zero_id: String = zero[..5].iter().map(|byte| format!("{byte:02x}")).collect();
    let small_order = format!("current x25519 {zero_id} 2026-11-21 {}=", "A".repeat(43));
    for (text, sentence) in [
        (String::new(), "it is empty"),
        (good.replace("keys 1", "keys 2"), "line 4: the first line must be \"moxi-onboard public keys 1\""),
        (good.replace("x25519", "kms"), "line 5: this version knows only keys of the sort x25519"),
        (good.replace("current", "newest"), "line 5: \"newest\" is neither current nor older"),
        (good.replace("current", "older"), "no key is marked current"),
        (format!("{good}{key}\n"), "line 6: a second current key"),
        (format!("{good}{}\n", key.replace("current", "older")), "stands there twice"),
        (good.replace("2026-11-21", "21.11.2026"), "line 5: a day is written 2026-11-21"),
        (good.replace('=', ""), "line 5: a key is 32 bytes in base64"),
        (good.replace(&key[15..25], "0123456789"), "line 5: the key does not have this id"),
        (good.replace(&key[15..25], "+123456789"), "line 5: a key id has 10 hexadecimal digits"),
        (good.replace(&key, &small_order), "line 5: the key does not have this id"),
        ("x".repeat(300_000), "too large"),
    ] {
        fs::write(&home.files.public_keys, &text).expect("writes");
        let refusal = home.refusal(Holds::SealingKeys).to_string();
        assert!(refusal.contains(sentence), "{refusal} does not say {sentence}");
        assert!(refusal.contains("public.keys"), "{refusal}");
    }
    fs::remove_file(&home.files.public_keys).expect("removes");
    assert!(matches!(home.refusal(Holds::SealingKeys), KeyFileError::Read { .. }));
}

#[test]
fn a_settings_record_reads_only_for_its_purpose_owner_and_key() {
    let home = Installation::with_keys();
    let (portal, worker) = (home.vault(Holds::SealingKeys).settings, home.vault(Holds::OpeningKeys).settings);
    let record = portal.encrypt("answers", "drf_1", b"it@lakeshore.example");
    assert_eq!(
        worker.decrypt("answers", "drf_1", &record).as_deref().map(Vec::as_slice),
        Ok(&b"it@lakeshore.example"[..])
    );
    assert_ne!(record, portal.encrypt("answers", "drf_1", b"it@lakeshore.example"));
    for (purpose, owner) in
        [("answer", "sdrf_1"), ("answers", "drf_2"), ("people", "drf_1"), ("", "answersdrf_1")]
    {
        assert_eq!(worker.decrypt(purpose, owner, &record).err(), Some(SettingsError::Refused));
    }
    for bit in 0..record.len() * 8 {
        let mut changed = record.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(worker.decrypt("answers", "drf_1", &changed).is_err(), "bit {bit}");
    }
    for end in 0..record.len() {
        assert!(worker.decrypt("answers", "drf_1", &record[..end]).is_err(), "cut at {end}");
    }
    let other = Installation::with_keys().vault(Holds::SealingKeys).settings;
    assert_eq!(other.decrypt("answers", "drf_1", &record).err(), Some(SettingsError::OtherKey(portal.id())));
}

#[test]
fn settings_are_kept_as_json_and_as_text() {
    let settings = Installation::with_keys().vault(Holds::SealingKeys).settings;
    let answers = vec![("tenant".to_owned(), 3_u8)];
    let record = settings.encrypt_json("answers", "drf_1", &answers).expect("encrypts");
    assert_eq!(settings.decrypt_json("answers", "drf_1", &record), Ok(answers));
    assert_eq!(settings.decrypt_json::<String>("answers", "drf_1", &record), Err(SettingsError::Value));
    let record = settings.encrypt_text("name", "per_1", "Ana");
    assert_eq!(settings.decrypt_text("name", "per_1", &record).as_deref(), Ok("Ana"));
}

#[test]
fn blinded_values_meet_and_codes_are_compared() {
    let (here, there) = (Installation::with_keys(), Installation::with_keys());
    let (portal, staff) = (here.vault(Holds::SealingKeys).settings, here.vault(Holds::SealingKeys).settings);
    let other = there.vault(Holds::SealingKeys).settings;
    let address = "it@lakeshore.example";
    assert_eq!(portal.blind("address", address), staff.blind("address", address));
    assert_ne!(portal.blind("address", address), portal.blind("domain", address));
    assert_ne!(portal.blind("address", address), other.blind("address", address));
    let code = portal.mac("code", &[b"cookie", b"ABCD2345"]);
    assert!(staff.mac_fits("code", &[b"cookie", b"ABCD2345"], &code));
    assert!(!staff.mac_fits("code", &[b"cookieA", b"BCD2345"], &code), "parts do not flow into each other");
    assert!(!staff.mac_fits("code", &[b"cookie", b"ABCD2346"], &code));
    assert!(!staff.mac_fits("code", &[b"cookie", b"ABCD2345"], &code[..31]));
    assert!(!other.mac_fits("code", &[b"cookie", b"ABCD2345"], &code));
}
