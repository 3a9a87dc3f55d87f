//! The audit as a file that is verified on another machine: taken through the front door, then held against the public keys
//! alone, as it is and after everything that somebody could do to it.

use std::{path::PathBuf, sync::Arc};

use http::Method;
use jiff::civil::date;
use moxi_onboard::{
    actions::{
        seal_audit::{seal_audit, stop_sealing},
        verify_export::{VerifiedExport, verify_export},
    },
    app::App,
    clock::{Clock, Randomness},
    domain::{
        audit::{Actor, AuditLine, Checkpoint},
        staff::StaffRole,
    },
    vault::{
        audit_key::{AuditKey, AuditPublicKeys},
        files::{Holds, KeyFiles},
    },
};
use serde_json::Value;
use tokio::task::JoinSet;

use super::{found, happens, pages::behind_our_back, portal, sealer, seals};
use crate::{
    databases::{Database, Kind, START, on_both},
    office,
    staff_site::StaffSite,
    world::{Folder, free_port, runs, visitor::Visitor},
};

const ROWS: usize = 30;
const TIMES: usize = 600;

/// A staff site whose audit is sealed, and somebody who takes it away.
struct House {
    folder: Folder,
    app: App,
    keys: AuditPublicKeys,
    ada: Visitor,
    _site: StaffSite,
}

impl House {
    async fn of(database: &Database) -> Self {
        let folder = Folder::new();
        let keys = folder.path().join("keys");
        let files = KeyFiles {
            public_keys: keys.join("public.keys"),
            private_keys: keys.join("private.keys"),
            settings_key: keys.join("settings.key"),
            audit_key: keys.join("audit.key"),
            audit_public_keys: keys.join("audit.public"),
            audit_head: keys.join("audit.head"),
        };
        let (mut app, _) = portal(database).await;
        files.create_missing(date(2026, 11, 21), &app.randomness).expect("keys");
        let opened = files.open(Holds::OpeningKeys, &app.randomness).expect("keys").audit;
        Arc::get_mut(&mut app.vault).expect("alone").audit = opened;
        let text = format!("[staff]\nlisten = \"{}\"\n", free_port());
        let plain = office::portal_at(database, Clock::standing_at(START), &text, true).await;
        let app = App { settings: plain.settings, ..app };
        let site = StaffSite::of(app.clone()).await;
        let ada = site.colleague("Ada Byrne", &[StaffRole::Auditor]).await;
        let one = sealer(&app, "one");
        for object in 1..=ROWS {
            app.clock.advance(std::time::Duration::from_secs(1));
            happens(&app, object).await;
            if object % 5 == 0 {
                seals(&app, &one).await;
            }
        }
        stop_sealing(&app, &one).await.expect("the lease is given back");
        let keys = files.read_audit_public().expect("public keys");
        Self { folder, app, keys, ada, _site: site }
    }

    /// Seals what happens from now on, as the sealer of a worker does, until it is dropped.
    fn seals_on(&self) -> JoinSet<()> {
        let (app, one) = (self.app.clone(), sealer(&self.app, "two"));
        let mut running = JoinSet::new();
        let mut woken = app.store.wakes().hear();
        running.spawn(async move {
            while woken.recv().await.is_ok() {
                seal_audit(&app, &one).await.expect("it seals");
            }
        });
        running
    }

    async fn taken(&self, address: &str, sort: &str) -> String {
        let form = self.ada.opens(address).await.form_that_says("As NDJSON");
        self.ada.presses(&form, sort).await.source
    }

    fn file(&self, text: &str) -> PathBuf {
        let file = self.folder.path().join("audit.ndjson");
        std::fs::write(&file, text).expect("a file");
        file
    }

    /// What the command says on a machine that has this file and the public keys.
    fn verified(&self, text: &str, more: &[&str]) -> (i32, String) {
        let (file, elsewhere) = (self.file(text), Folder::new());
        let key = elsewhere.path().join("audit.public");
        std::fs::copy(self.folder.path().join("keys").join("audit.public"), &key).expect("a copy");
        let (file, key) = (file.display().to_string(), key.display().to_string());
        let all = [&["audit", "verify", "--export", &file, "--public-key", &key], more].concat();
        let output = runs(elsewhere.path(), &all);
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().expect("it ends by itself"), said)
    }
}

/// A line of the audit as one that waits for the sealer.
fn waiting(line: &Value) -> String {
    let text = |name: &str| line[name].to_string();
    format!(
        "{{\"row\":null,\"hash\":\"\",\"waits\":true,\"at\":{},\"actor\":{},\"actor_id\":{},\"name\":{},\"verb\":{},\
         \"object\":{},\"brokerage_id\":{},\"detail\":{},\"id\":{}}}",
        text("at"),
        text("actor"),
        text("actor_id"),
        text("name"),
        text("verb"),
        text("object"),
        text("brokerage_id"),
        text("detail"),
        text("id"),
    )
}

fn looked(text: &str, keys: &AuditPublicKeys, kept: &[Checkpoint]) -> Result<VerifiedExport, String> {
    verify_export(text.as_bytes(), keys, kept).map_err(|unreadable| unreadable.to_string())
}

fn is_intact(text: &str, keys: &AuditPublicKeys, kept: &[Checkpoint]) -> bool {
    looked(text, keys, kept).is_ok_and(|export| export.is_proven())
}

/// Somebody who holds the file and no key.
struct Forger {
    good: Vec<String>,
    chance: Randomness,
}

impl Forger {
    fn one_of(&self, from: usize, to: usize) -> usize {
        let number = u32::from_be_bytes(self.chance.bytes());
        from + usize::try_from(number).expect("small") % (to - from + 1)
    }

    /// A row or a checkpoint: what the chain is made over.
    fn sealed(&self) -> usize {
        loop {
            let line = self.one_of(1, self.good.len() - 2);
            if !self.good[line].contains("\"row\":null") {
                return line;
            }
        }
    }

    /// One letter of a line becomes another one, names apart, which nobody sealed.
    fn letter(&self, lines: &mut [String]) {
        let line = self.sealed();
        let text = lines[line].clone();
        let name = text.find("\"name\":\"").map(|at| {
            let begin = at + "\"name\":\"".len();
            begin..begin + text[begin..].find('"').expect("an end")
        });
        let place = loop {
            let place = self.one_of(0, text.len() - 1);
            if !name.as_ref().is_some_and(|name| name.contains(&place)) {
                break place;
            }
        };
        let other = if text.as_bytes()[place] == b'7' { "8" } else { "7" };
        lines[line].replace_range(place..=place, other);
    }

    fn forges(&self) -> (String, String) {
        let mut lines = self.good.clone();
        let last = lines.len() - 1;
        let which = self.one_of(0, 8);
        match which {
            0 | 1 => self.letter(&mut lines),
            2 => drop(lines.remove(self.one_of(0, last))),
            3 => {
                let one = self.one_of(0, last - 1);
                lines.swap(one, self.one_of(one + 1, last));
            }
            4 => {
                let line = lines[self.sealed()].clone();
                lines.insert(self.one_of(1, last + 1), line);
            }
            5 => {
                let text = lines.join("\n");
                let cut = self.one_of(0, text.len() - 2);
                return (format!("cut at {cut}"), text[..cut].to_owned());
            }
            6 => {
                // A line that looks like the portal's, behind the last row or behind the end.
                let row = lines.iter().rfind(|line| line.contains("\"verb\"")).expect("a row").clone();
                lines.insert(self.one_of(last, last + 1), row.replace("aud_", "aud_x"));
            }
            7 => {
                // The lines between two places go, and the count is put right.
                let (from, to) = (self.sealed(), self.one_of(1, 6));
                lines.drain(from..(from + to).min(last));
                self.counts_again(&mut lines);
            }
            _ => {
                // Everything behind a checkpoint goes, and the count is put right: only what was kept finds that.
                let ends: Vec<usize> = (0..last).filter(|at| lines[*at].contains("\"checkpoint\"")).collect();
                let keep = ends[self.one_of(0, ends.len() - 2)];
                lines.drain(keep + 1..last);
                self.counts_again(&mut lines);
            }
        }
        (format!("{which}"), lines.join("\n") + "\n")
    }

    fn counts_again(&self, lines: &mut Vec<String>) {
        let count = lines.iter().filter(|line| line.contains("\"verb\"")).count();
        lines.pop();
        lines.push(format!("{{\"end\":{{\"lines\":{count}}}}}"));
    }
}

on_both! {
    async fn what_nobody_sealed_is_not_proven(database) {
        let house = House::of(database).await;
        happens(&house.app, 999).await;
        let text = house.taken("/audit", "As NDJSON").await;
        let (code, said) = house.verified(&text, &[]);
        assert_eq!(code, 3, "{said}");
        assert!(said.starts_with("NOT PROVEN TO ITS END: ") && said.contains("2 lines were not sealed yet"), "{said}");
        let (_, said) = house.verified(&text, &["--json"]);
        let json: Value = serde_json::from_str(&said).expect("JSON");
        assert_eq!((&json["intact"], &json["waiting"]), (&Value::Null, &2.into()), "{said}");
        assert!(!is_intact(&text, &house.keys, &[]));

        // Whoever holds the file makes of its rows lines that wait, and says in them what they like.
        for kept in [0, 1, 3] {
            let (mut signed, mut waits) = (0, Vec::new());
            let stays = text.lines().filter_map(|line| {
                let mut json: Value = serde_json::from_str(line).expect("JSON");
                let checkpoint = json.get("checkpoint").is_some();
                signed += i32::from(checkpoint);
                if signed < kept || signed == kept && checkpoint || json.get("verb").is_none() {
                    return (!checkpoint || signed <= kept).then(|| line.to_owned());
                }
                json["actor"] = "someone".into();
                waits.push((json["at"].to_string(), json["id"].to_string(), waiting(&json)));
                None
            });
            let mut forged: Vec<String> = stays.collect();
            waits.sort();
            let end = forged.pop().expect("an end");
            forged.extend(waits.into_iter().map(|(_, _, line)| line).chain([end]));
            let (code, said) = house.verified(&forged.join("\n"), &[]);
            assert!(code == 3 || code == 1 && said.contains("put in past the portal"), "{kept}: {said}");
        }
        let head = text.lines().next().expect("a head");
        let (code, said) = house.verified(&format!("{head}\n{{\"end\":{{\"lines\":0}}}}\n"), &[]);
        assert!(code == 3 && said.contains("nothing of it is proven"), "{said}");
    }

    async fn a_file_on_its_way_ends_where_its_reader_may_not_read_on(database) {
        let house = House::of(database).await;
        // More than what waits between a site and a slow reader.
        let long = "x".repeat(20_000);
        let lines: Vec<AuditLine> = (0..3000)
            .map(|number| AuditLine::new(Actor::System, "test.event", format!("long_{number}")).with("text", long.clone()))
            .collect();
        house.app.store.write().await.expect("a transaction").commit(&lines).await.expect("a commit");
        for sort in ["ndjson", "csv"] {
            let form = house.ada.opens("/audit").await.form_that_says("As NDJSON");
            let fields: Vec<_> = form.fields.iter().cloned().chain([("sort".to_owned(), sort.to_owned())]).collect();
            let asked = house.ada.request(Method::POST, &form.action).form(&fields).send();
            let mut answer = asked.await.expect("an answer");
            assert_eq!(answer.status(), 200);
            let mut text = answer.chunk().await.expect("bytes").expect("a beginning").to_vec();
            database.execute("UPDATE staff_roles SET role = 'support' WHERE role = 'auditor'").await;
            while let Some(more) = answer.chunk().await.expect("bytes") {
                text.extend_from_slice(&more);
            }
            database.execute("UPDATE staff_roles SET role = 'auditor' WHERE role = 'support'").await;
            let text = String::from_utf8_lossy(&text);
            assert!(text.trim_end().lines().last().expect("a line").contains("may not read on; this file is not whole"), "{sort}");
            assert!(text.len() < 50_000_000, "{sort}: all of it came");
        }
    }

    async fn a_line_under_a_number_that_is_none_is_hidden_from_nobody(database) {
        let house = House::of(database).await;
        let numbers: &[&str] = match database.kind {
            Kind::Sqlite => &["-9223372036854775808", "0", "NULL"],
            Kind::Postgres => &["-9223372036854775808", "0"],
        };
        for number in numbers {
            let id = format!("aud_x{}", number.len());
            let at = house.app.clock.now().as_micros();
            for text in [
                format!("INSERT INTO audit VALUES ('{id}', {at}, 'staff', 'stf_1', 'access.show', 'look_1', NULL, '{{}}')"),
                format!("INSERT INTO audit_chain SELECT {number}, '{id}', hash FROM audit_chain WHERE seq = 1"),
            ] {
                database.execute(&text).await;
            }
            let wrong = found(&house.app, &house.keys, &[]).await.wrong.expect("it is found");
            assert!(wrong.word() == "stranger" && wrong.to_string().contains(&id), "{number}: {wrong}");
            let text = house.taken("/audit", "As NDJSON").await;
            let (code, said) = house.verified(&text, &[]);
            assert!(code == 1 && said.contains(&id) && said.contains("put in past the portal"), "{number}: {said}");
            assert_eq!(house.ada.opens("/audit").await.status, 200, "{number}");
            behind_our_back(database, &format!("DELETE FROM audit_chain WHERE audit_id = '{id}'; DELETE FROM audit WHERE id = '{id}'")).await;
        }
        assert_eq!(found(&house.app, &house.keys, &[]).await.wrong, None);
    }

    async fn an_export_verifies_without_the_database_and_whatever_is_done_to_it_is_found(database) {
        let house = House::of(database).await;
        happens(&house.app, 999).await;
        let sealing = house.seals_on();
        let text = house.taken("/audit", "As NDJSON").await;
        drop(sealing);
        let good: Vec<String> = text.lines().map(str::to_owned).collect();
        let (code, said) = house.verified(&text, &[]);
        let rows = good.iter().filter(|line| line.contains("\"verb\"") && !line.contains("\"row\":null")).count();
        assert_eq!(code, 0, "{said}");
        assert!(rows >= ROWS && said.starts_with(&format!("Intact: {rows} rows are as they were sealed.")), "{said}");
        assert!(said.contains("--checkpoint SEQ:HASH"), "{said}");
        assert!(!text.contains("\"row\":null"), "its own line is sealed: {text}");
        assert!(said.contains("names beside the ids"), "{said}");
        let (code, said) = house.verified(&text, &["--json"]);
        let json: Value = serde_json::from_str(&said).expect("JSON");
        assert_eq!((code, &json["intact"], &json["sealed"]), (0, &true.into(), &rows.into()), "{said}");
        let kept = json["checkpoint"].as_str().expect("a checkpoint").to_owned();
        let (code, said) = house.verified(&text, &["--checkpoint", &kept]);
        assert!(code == 0 && !said.contains("--checkpoint SEQ:HASH"), "{said}");
        // Cut off behind the checkpoint before, and the count put right: it does not tell of itself.
        let own = good.iter().position(|line| line.contains("\"audit.export\"")).expect("its own line");
        let cut = good[..own].iter().rposition(|line| line.contains("\"checkpoint\"")).expect("a checkpoint");
        let lines = good[..=cut].iter().filter(|line| line.contains("\"verb\"")).count();
        let end = format!("{{\"end\":{{\"lines\":{lines}}}}}");
        let (code, said) = house.verified(&[&good[..=cut], &[end]].concat().join("\n"), &[]);
        assert!(code == 3 && said.contains(&format!("NOT PROVEN TO ITS END: {lines} rows")), "{said}");
        assert!(said.contains("its end was cut off"), "{said}");
        // The way of a file over another system's mail does not change what it says.
        assert_eq!(house.verified(&text.replace('\n', "\r\n"), &[]).0, 0);
        assert_eq!(house.verified(text.trim_end(), &[]).0, 0);

        let beyond = format!("{}:{}", rows + 7, "ab".repeat(32));
        let (code, said) = house.verified(&text, &["--checkpoint", &kept, "--checkpoint", &beyond]);
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("rows were cut off"), "{said}");
        let (code, said) = house.verified(&text, &["--checkpoint", &format!("3:{}", "ab".repeat(32))]);
        assert!(code == 1 && said.contains("not the one of a checkpoint that was kept"), "{said}");
        let stranger = AuditKey::generate(date(2026, 11, 21), &Randomness::seeded(3));
        let strange = AuditPublicKeys::new(stranger.public().clone(), Vec::new());
        let found = looked(&text, &strange, &[]).expect("it is read");
        assert_eq!(found.found.wrong.map(|wrong| wrong.word()), Some("signature"));

        let kept = [Checkpoint::parse(&kept).expect("a checkpoint")];
        assert!(is_intact(&text, &house.keys, &kept));
        // What fits its own hash is not proven: whoever changed it could have calculated the hash, too.
        let (mut proven, mut seen) = (0, Vec::new());
        for at in 1..good.len() {
            let line: Value = serde_json::from_str(&good[at]).expect("JSON");
            if let Some(row) = line["row"].as_i64().filter(|row| [2, 30].contains(row)) {
                let mut lines = good.clone();
                lines.remove(at);
                let (code, said) = house.verified(&lines.join("\n"), &[]);
                assert!(code == 1 && row > proven, "{said}");
                let words = match proven {
                    0 => "No signed checkpoint proves the rows before it.".to_owned(),
                    last => format!("A signed checkpoint proves rows 1 to {last};"),
                };
                assert!(said.contains(&words), "{row}: {said}");
                seen.push(proven);
            }
            proven = line["checkpoint"]["row"].as_i64().unwrap_or(proven);
        }
        assert!(seen.len() == 2 && seen[0] == 0 && seen[1] > 0, "{seen:?}");
        let forger = Forger { good, chance: Randomness::seeded(20_261_123) };
        for time in 0..TIMES {
            let (which, forged) = forger.forges();
            if forged == text {
                continue;
            }
            assert!(!is_intact(&forged, &house.keys, &kept), "not found, time {time}: {which}\n{forged}");
        }
    }

    async fn a_selection_says_what_it_proves_and_no_more(database) {
        let house = House::of(database).await;
        let text = house.taken("/audit?verb=test.event", "As NDJSON").await;
        let (code, said) = house.verified(&text, &[]);
        assert_eq!(code, 3, "{said}");
        assert!(said.contains("is a selection, not the whole audit"), "{said}");
        // Nothing stands between the events: each run reaches its checkpoint.
        assert!(said.contains(&format!("{ROWS} rows are as they were sealed")), "{said}");
        let one = house.taken("/audit?thing=obj_7", "As NDJSON").await;
        let (code, said) = house.verified(&one, &["--json"]);
        let json: Value = serde_json::from_str(&said).expect("JSON");
        assert_eq!((code, &json["intact"]), (3, &Value::Null), "{said}");
        assert_eq!((&json["part"]["proven"], &json["part"]["own_hash_only"]), (&0.into(), &1.into()), "{said}");
        let (_, said) = house.verified(&one, &[]);
        assert!(said.contains("0 rows are as they were sealed") && said.contains("1 rows match their own hash"), "{said}");
        // A checkpoint that was kept proves the row at which it ends.
        let row: Value = serde_json::from_str(one.lines().nth(1).expect("a row")).expect("JSON");
        let kept = format!("{}:{}", row["row"], row["hash"].as_str().expect("digits"));
        let (code, said) = house.verified(&one, &["--checkpoint", &kept]);
        assert!(code == 3 && said.contains("1 rows are as they were sealed"), "{said}");

        let forger = Forger { good: text.lines().map(str::to_owned).collect(), chance: Randomness::seeded(5) };
        for time in 0..200 {
            let mut lines = forger.good.clone();
            forger.letter(&mut lines);
            let forged = lines.join("\n");
            let wrong = looked(&forged, &house.keys, &[]).map_or(true, |export| export.found.wrong.is_some());
            assert!(wrong, "not found, time {time}: {forged}");
        }
        let table = house.taken("/audit", "As a table").await;
        let (code, said) = house.verified(&table, &[]);
        assert!(code == 2 && said.contains("line 1: this is a table") && said.contains("NDJSON"), "{said}");
    }
}

#[test]
fn a_hostile_file_is_answered_with_its_line_and_never_trusted() {
    let key = AuditKey::generate(date(2026, 11, 21), &Randomness::seeded(7));
    let keys = AuditPublicKeys::new(key.public().clone(), Vec::new());
    let head = "{\"export\":{\"format\":1,\"whole\":true,\"at\":\"2026-11-21T10:42:00Z\"}}\n";
    let row = "{\"row\":1,\"hash\":\"ab\",\"at\":\"2026-11-21T10:42:00Z\",\"actor\":\"system\",\"actor_id\":null,\
               \"name\":null,\"verb\":\"v\",\"object\":\"o\",\"brokerage_id\":null,\"detail\":{},\"id\":\"aud_1\"}";
    let with = |old: &str, new: &str| {
        assert!(row.contains(old), "{old}");
        format!("{head}{}\n", row.replacen(old, new, 1))
    };
    let long = "x".repeat(10 << 20);
    let unreadable = [
        (1, String::new(), "empty"),
        (1, "\n\r\n\n".to_owned(), "empty"),
        (1, "no JSON".to_owned(), "no export"),
        (1, row.to_owned(), "no export"),
        (1, long.clone(), "mebibyte"),
        (1, head.replace("\"format\":1", "\"format\":2"), "newer version"),
        (2, format!("{head}{long}\n"), "mebibyte"),
        (2, format!("{head}{head}"), "second time"),
        (2, format!("{head}[]"), "no line"),
        (2, format!("{head}{}", "[".repeat(200_000)), "no line"),
        (2, format!("{head}{}", "{\"end\":".repeat(50_000)), "no line"),
        (2, with("\"row\":1", &format!("\"row\":{}", "9".repeat(1_000_000))), "no line"),
        (2, with("\"row\":1", "\"row\":1.0"), "no line"),
        (2, with("\"row\":1", "\"row\":\"1\""), "no line"),
        (2, with("\"row\":1", "\"row\":1,\"row\":1"), "duplicate field"),
        (2, with("\"row\":1", "\"row\":1,\"note\":\"approved\""), "unknown field"),
        (2, with("\"hash\":\"ab\"", "\"hash\":\"ab\",\"waits\":true"), "waits"),
        (2, with("\"row\":1,\"hash\":\"ab\"", "\"hash\":\"ab\",\"row\":1"), "no line that the portal wrote"),
        (2, with("\"verb\":\"v\"", "\"verb\":\"\\u0076\""), "no line that the portal wrote"),
        (2, with("\"verb\":", "\"verb\": "), "no line that the portal wrote"),
        (2, with("\"row\":1", "\"row\u{202e}\u{2028}\u{200b}\":1"), "\\u{202e}\\u{2028}\\u{200b}"),
        (
            2,
            format!(
                "{head}[1,\"ab\",null,false,\"2026-11-21T10:42:00Z\",\"system\",null,null,\"v\",\"o\",null,{{}},null,\"aud_1\"]"
            ),
            "no line",
        ),
        (1, "{\"export\":[1,true,\"2026-11-21T10:42:00Z\"]}\n".to_owned(), "no line that the portal wrote"),
        (1, head.replace("2026-11-21T10:42:00Z", "\\u001b[2J yesterday"), "time"),
        (2, with("\"row\":1", "\"row\":null"), "a hash and no row"),
        (2, with("\"hash\":\"ab\"", "\"hash\":\"AB\""), "hash"),
        (2, with("\"hash\":\"ab\"", "\"hash\":\"é\""), "hash"),
        (2, with("10:42:00Z", "10:42:00.0Z"), "time"),
        (2, with("\"verb\":\"v\"", "\"verb\":\"\\ud800\""), "no line"),
        (2, with("\"verb\":\"v\"", "\"verb\":null"), "no line"),
        (2, with("\"detail\":{}", "\"detail\":[]"), "detail"),
        (2, with("\"detail\":{}", "\"detail\":{},\"detail_text\":\"x\""), "detail"),
        (2, with("\"hash\":\"ab\"", "\"hash\":\"ab\",\"previous\":\"ab\""), "too many"),
        (3, format!("{head}\n{{\"end\":{{\"lines\":null}}}}"), "no line"),
    ];
    for (line, text, why) in unreadable {
        let said = looked(&text, &keys, &[]).expect_err("it is refused");
        let shown: String = text.chars().take(300).collect();
        assert!(said.starts_with(&format!("line {line}: ")) && said.contains(why), "{said}\n{shown}");
        assert!(said.len() < 300, "{said}");
    }
    let bytes = [head.as_bytes(), b"\xff\xfe\n"].concat();
    assert_eq!(verify_export(bytes.as_slice(), &keys, &[]).expect_err("refused").line, 2);
    // A deep detail and a number without end are read past, and are not what was sealed.
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    for detail in [deep, format!("{{\"a\":{}}}", "9".repeat(900_000))] {
        let found =
            looked(&with("\"detail\":{}", &format!("\"detail\":{detail}")), &keys, &[]).expect("it is read");
        assert_eq!((found.line, found.found.wrong.map(|wrong| wrong.word())), (2, Some("changed")));
    }
    let wrong =
        |text: &str| looked(text, &keys, &[]).expect("it is read").found.wrong.map(|wrong| wrong.word());
    assert_eq!(wrong(head), Some("unended"));
    assert_eq!(wrong(&format!("{head}{{\"end\":{{\"lines\":1}}}}")), Some("count"));
    assert_eq!(wrong(&format!("{head}{{\"end\":{{\"lines\":0}}}}\n{row}")), Some("behind"));
    let early = looked(&format!("{head}{{\"not_whole\":\"the database was away\"}}"), &keys, &[])
        .expect("it is read");
    assert!(early.found.wrong.is_none() && early.part.is_some_and(|part| part.ended.is_some()));
}
