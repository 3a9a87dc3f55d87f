//! The sealer as a process among others, and `audit verify` as a command.

use std::time::Duration;

use crate::{
    databases::{Database, Kind},
    world::{Cast, Plan, World, rows, runs},
};

fn verify(world: &World<'_>, more: &[&str]) -> (i32, String) {
    let file = std::fs::read_dir(world.folder.path()).expect("a folder").flatten();
    let file =
        file.map(|entry| entry.path()).find(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let file = file.expect("a settings file").display().to_string();
    let output = runs(world.folder.path(), &[&["audit", "verify", "--config", &file], more].concat());
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code().expect("it ends by itself"), text)
}

#[test]
fn without_settings_one_sentence_says_what_it_needs() {
    let folder = std::env::temp_dir().join(format!("moxi-audit-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let output = runs(&folder, &["audit", "verify"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("needs the portal's settings file") && said.contains("--config FILE"), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    let _ = std::fs::remove_dir_all(&folder);
}

async fn all_sealed(database: &Database) {
    for _ in 0..1200 {
        if rows::count(database, "SELECT COUNT(*) FROM audit_unsealed").await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the audit is not sealed");
}

/// The process that seals.
async fn sealing(world: &World<'_>) -> usize {
    for _ in 0..400 {
        let holder =
            rows::texts(world.database, "SELECT leased_by FROM audit_sealer").await.remove(0).remove(0);
        let place = world.processes.iter().position(|process| format!("worker-{}", process.id()) == holder);
        if let Some(place) = place {
            return place;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("nobody seals");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_sealer_is_followed_by_another_and_the_chain_goes_on() {
    let Some(database) = Database::make(Kind::Postgres).await else { return };
    let cast = [Cast::Portal, Cast::Worker, Cast::Worker];
    let mut world = World::start_with(&database, Plan::default(), &cast).await;
    world.admin("healthy").begins().await;
    all_sealed(&database).await;
    let first = rows::count(&database, "SELECT COUNT(*) FROM audit_chain").await;
    assert!(first > 0, "something was sealed");
    let place = sealing(&world).await;
    world.processes.remove(place).kill();
    let admin = world.admin("secret-wrong");
    admin.begins().await;
    admin.creates_connection("Main office").await;
    all_sealed(&database).await;
    sealing(&world).await;
    assert!(rows::count(&database, "SELECT COUNT(*) FROM audit_chain").await > first);
    let (code, text) = verify(&world, &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("Intact: "), "{text}");
    world.ends_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_says_plainly_what_it_found() {
    let database = Database::make(Kind::Sqlite).await.expect("SQLite is always there");
    let mut world = World::start(&database).await;
    let admin = world.admin("healthy");
    admin.begins().await;
    let form = admin.creates_connection("Main office").await;
    all_sealed(&database).await;
    let review = admin.enters(&form, &admin.credential()).await;
    let status = admin.submits(&review).await;
    admin.sees_the_end(&status).await;
    let mail = admin.mail("Verified").await;
    let quoted = mail.words();
    let quoted = quoted.split("Audit checkpoint: ").nth(1).and_then(|rest| rest.split(' ').next());
    let quoted = quoted.expect("the mail quotes a checkpoint").to_owned();
    all_sealed(&database).await;
    world.ends_well().await;
    let log = world.processes[0].log();
    let address = world.portal.trim_start_matches("http://");
    assert!(log.contains(&format!("\"portal\":\"{address}\"")) && !log.contains("Some("), "{log}");
    // Offline: from the database and the public keys alone.
    world.processes.pop().expect("one").terminate().await;

    let (code, text) = verify(&world, &["--checkpoint", &quoted]);
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("Intact: ") && text.contains("Last checkpoint"), "{text}");
    let (code, text) = verify(&world, &["--json"]);
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((code, &json["intact"], &json["waiting"]), (0, &true.into(), &0.into()), "{text}");
    let head = json["checkpoint"].as_str().expect("a checkpoint").to_owned();

    let forged = format!("1:{}", "ab".repeat(32));
    let (code, text) = verify(&world, &["--checkpoint", &forged]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("not the one of a checkpoint that was kept"), "{text}");
    assert_eq!(verify(&world, &["--checkpoint", "7"]).0, 2);
    assert_eq!(verify(&world, &["--public-key", "nowhere"]).0, 2);

    database.execute("DROP TRIGGER audit_is_not_changed").await;
    database.execute("UPDATE audit SET detail = '{\"by\":\"nobody\"}' WHERE id = (SELECT audit_id FROM audit_chain WHERE seq = 2)").await;
    let (code, text) = verify(&world, &[]);
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("NOT INTACT: row 2: the line \"aud_"), "{text}");
    let (code, text) = verify(&world, &["--json", "--checkpoint", &head]);
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(
        (code, &json["wrong"]["kind"], &json["wrong"]["row"]),
        (1, &"changed".into(), &2.into()),
        "{text}"
    );
}
