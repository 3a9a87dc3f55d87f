use std::sync::LazyLock;

use aws_lc_rs::{encoding::AsDer, rsa::KeySize};
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// A key as Google makes them; making one takes a while, so all tests share it.
static PEM: LazyLock<String> = LazyLock::new(|| {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
    let der = pair.as_der().expect("PKCS#8");
    let letters = STANDARD.encode(der.as_ref());
    let lines: Vec<&str> =
        letters.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
});

fn file() -> Value {
    json!({
        "type": "service_account",
        "project_id": "lakeshore-mail",
        "private_key_id": "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567",
        "private_key": PEM.as_str(),
        "client_email": "moxiengage@lakeshore-mail.iam.gserviceaccount.com",
        "client_id": "104857600000000000001",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": TOKEN_URI,
        "universe_domain": "googleapis.com",
    })
}

fn problem(text: &str) -> Option<KeyFileProblem> {
    read_key_file(text).err()
}

fn with(member: &str, value: Value) -> String {
    let mut file = file();
    file[member] = value;
    file.to_string()
}

#[test]
fn a_key_file_is_read_and_only_what_is_needed_is_kept() {
    let text = format!("\u{feff}\r\n{:#}\r\n", file());
    let Ok((account, key)) = read_key_file(&text) else { panic!("a key file") };
    assert_eq!(account.email, "moxiengage@lakeshore-mail.iam.gserviceaccount.com");
    assert_eq!(
        (account.client_id.as_str(), account.project.as_str()),
        ("104857600000000000001", "lakeshore-mail")
    );
    assert!(!key.expose().contains("auth_uri") && !key.expose().contains("universe"));
    let (again, pair) = open(&key).expect("opens");
    assert_eq!(again, account);
    assert_eq!(pair.public_modulus_len(), 256);
    let Ok((_, same)) = read_key_file(key.expose()) else { panic!("what is kept is a key file") };
    assert!(same.expose() == key.expose());
}

#[test]
fn other_files_are_named_by_what_they_are() {
    let client = json!({"client_id": "1.apps.googleusercontent.com", "client_secret": "GOCSPX-x", "token_uri": TOKEN_URI});
    let p12 = String::from_utf8_lossy(b"0\x82\x0a\x10\x02\x01\x030\x82").into_owned();
    for (text, expected) in [
        (String::new(), KeyFileProblem::Empty),
        (" \u{feff}\n".to_owned(), KeyFileProblem::Empty),
        (json!({"installed": client}).to_string(), KeyFileProblem::OauthClient),
        (json!({"web": client}).to_string(), KeyFileProblem::OauthClient),
        (client.to_string(), KeyFileProblem::OauthClient),
        (with("type", json!("authorized_user")), KeyFileProblem::Person),
        (json!({"refresh_token": "1//x"}).to_string(), KeyFileProblem::Person),
        (with("type", json!("external_account")), KeyFileProblem::Federated),
        (with("type", json!("gdch_service_account")), KeyFileProblem::OtherType),
        (json!({"hello": 1}).to_string(), KeyFileProblem::OtherType),
        ("AIzaSyA1234567890abcdefghijklmnopqrstuv".to_owned(), KeyFileProblem::ApiKey),
        (PEM.clone(), KeyFileProblem::BareKey),
        (p12, KeyFileProblem::Binary),
        ("MIIKEAIBAzCCCc".to_owned(), KeyFileProblem::Binary),
        (file().to_string()[..900].to_owned(), KeyFileProblem::Damaged),
        ("[1]".to_owned(), KeyFileProblem::Damaged),
        ("x".repeat(KEY_FILE_MOST + 1), KeyFileProblem::TooLong),
        (
            with("token_uri", json!("https://oauth2.googleapis.com.evil.example/token")),
            KeyFileProblem::ForeignTokenUri,
        ),
        (with("token_uri", json!("http://oauth2.googleapis.com/token")), KeyFileProblem::ForeignTokenUri),
        (
            with("token_uri", json!("https://accounts.google.com/o/oauth2/token")),
            KeyFileProblem::ForeignTokenUri,
        ),
        (with("token_uri", Value::Null), KeyFileProblem::Missing("token_uri")),
        (with("private_key", json!("")), KeyFileProblem::Missing("private_key")),
        (
            with("private_key", json!(PEM.replace("BEGIN PRIVATE", "BEGIN RSA PRIVATE"))),
            KeyFileProblem::BadKey,
        ),
        (with("private_key", json!(PEM.replacen("MII", "MIJ", 1))), KeyFileProblem::BadKey),
        (with("private_key", json!(PEM.replace('\n', "\\n"))), KeyFileProblem::BadKey),
        (with("client_email", json!("pat@lakeshore.example")), KeyFileProblem::NoAccount),
        (with("client_email", json!("a@b.iam.gserviceaccount.com ")), KeyFileProblem::NoAccount),
        (
            with("client_id", json!(104857600000000000001_u128.to_string() + "x")),
            KeyFileProblem::Missing("client_id"),
        ),
        (with("private_key_id", json!("short")), KeyFileProblem::Missing("private_key_id")),
    ] {
        assert_eq!(problem(&text), Some(expected), "{text:.80}");
    }
}

#[test]
fn a_key_that_is_too_small_or_of_another_sort_is_no_key() {
    let ed25519 = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
    assert_eq!(problem(&with("private_key", json!(ed25519))), Some(KeyFileProblem::BadKey));
}

proptest! {
    /// Whatever is pasted, reading ends and never takes what is no key file.
    #[test]
    fn any_text_is_read_to_an_end(text in "\\PC{0,400}") {
        prop_assert!(read_key_file(&text).is_err());
    }

    /// A file that is cut, or in which one letter of the key changed, is never taken as whole.
    #[test]
    fn a_cut_file_is_never_taken(at in 0usize..2000) {
        let text = file().to_string();
        let cut = at.min(text.len() - 1);
        prop_assert!(read_key_file(&text[..cut]).is_err());
    }

    /// Members of any other sort end in a problem that has a sentence.
    #[test]
    fn odd_members_end_in_a_sentence(member in 0usize..7, number in any::<i64>()) {
        let names = ["type", "project_id", "private_key_id", "private_key", "client_email", "client_id", "token_uri"];
        for value in [json!(number), json!([number]), json!({"a": number}), json!(true), Value::Null] {
            let found = problem(&with(names[member], value));
            prop_assert!(found.is_some_and(|problem| !problem.sentence().is_empty()));
        }
    }
}
