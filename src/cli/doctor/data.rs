//! The database: reachable, of this version, sealed under our keys, and worked on.

use secrecy::ExposeSecret as _;

use super::{Finding, Findings, audit, keys::Keys};
use crate::{
    clock::{Clock, Randomness},
    config::Settings,
    store::{Read, Result, Standing, Store},
};

/// A worker takes a due job within a second; after this long somebody has to look.
const LATE: i64 = 5 * 60;
/// Leases and codes bear this much.
const APART: i64 = 2;

pub(super) async fn look(settings: &Settings, keys: &Keys, findings: &mut Findings) {
    let clock = Clock::system();
    let url = settings.database.url.expose_secret();
    if let Some(file) = settings.database.file().filter(|file| !file.exists()) {
        return findings.add(Finding::note(
            "database",
            format!("{} is not there yet", file.display()),
            "nothing: the first start makes it; where it should be there, see [database] url",
        ));
    }
    let store = match Store::open_to_look(url, clock.clone(), Randomness::system()).await {
        Ok(store) => store,
        Err(error) => return findings.add(away(&error)),
    };
    match store.standing().await {
        Ok(standing) => {
            let whole = standing.applied == standing.newest;
            version(&store, standing, findings).await;
            if whole {
                rows(&store, keys, &clock, findings).await;
            }
        }
        Err(error) => findings.add(away(&error)),
    }
    store.close().await;
}

fn away(error: &crate::store::StoreError) -> Finding {
    Finding::red("database", error.to_string(), "see whether it runs, and [database] url")
}

async fn version(store: &Store, standing: Standing, findings: &mut Findings) {
    let name = store.version().await.unwrap_or_else(|_| "the database".to_owned());
    let Standing { applied, newest, trouble } = standing;
    if let Some(trouble) = trouble {
        let to_do = "make the database anew as it says, before anything is in it";
        findings.add(Finding::red("database order", trouble, to_do));
    }
    findings.add(match applied {
        0 => Finding::note(
            "database",
            format!("{name} answers and is empty"),
            "nothing: the first start fills it",
        ),
        _ if applied > newest => Finding::red(
            "database",
            format!("{name} is at version {applied}, and this program knows {newest}"),
            "start the newer program that made it",
        ),
        _ if applied < newest => Finding::note(
            "database",
            format!("{name} is at version {applied} of {newest}"),
            "nothing: the next start brings it to this version; make a backup before",
        ),
        _ => Finding::good("database", format!("{name} answers and is at this version, {applied}")),
    });
}

async fn rows(store: &Store, keys: &Keys, clock: &Clock, findings: &mut Findings) {
    let looked = async {
        let mut read = store.read().await?;
        time(&mut read, clock, findings).await?;
        sealed(&mut read, keys, findings).await?;
        jobs(&mut read, clock, findings).await
    };
    if let Err(error) = looked.await {
        return findings.add(away(&error));
    }
    audit::look(store, keys.audit.as_ref(), keys.signed, clock, findings).await;
}

async fn time(read: &mut Read, clock: &Clock, findings: &mut Findings) -> Result<()> {
    let apart = read.shared_now().await?.since(clock.now()).as_secs().abs();
    findings.add(clocks(apart));
    Ok(())
}

fn clocks(apart: i64) -> Finding {
    if apart <= APART {
        return Finding::good("clock", "this machine and the database agree on the time");
    }
    let text = format!("this machine and the database are {apart} s apart");
    Finding::red("clock", text, "let both follow a time server")
}

/// Whether what is in the database was sealed and encrypted under the keys of this machine.
async fn sealed(read: &mut Read, keys: &Keys, findings: &mut Findings) -> Result<()> {
    let Some(vault) = &keys.vault else { return Ok(()) };
    let used = read.secret_key_ids().await?;
    let known: Vec<String> = vault.sealing.keyring().all().map(|key| key.id().to_string()).collect();
    let strange: Vec<&str> = used.iter().filter(|id| !known.contains(id)).map(String::as_str).collect();
    findings.add(if strange.is_empty() {
        Finding::good("sealed secrets", format!("{} keys are in use, and all are in the keyring", used.len()))
    } else {
        Finding::red(
            "sealed secrets",
            format!("secrets are sealed to {}, which the keyring does not list", strange.join(", ")),
            "put the key files of this installation back; without that key these secrets never open",
        )
    });
    findings.add(match read.any_box().await? {
        Some(record) if !vault.settings.wrote(&record) => Finding::red(
            "settings key",
            format!("the database was written under another settings key than {}", vault.settings.id()),
            "put settings.key of this installation back",
        ),
        _ => Finding::good("settings key", format!("{} fits the database", vault.settings.id())),
    });
    Ok(())
}

async fn jobs(read: &mut Read, clock: &Clock, findings: &mut Findings) -> Result<()> {
    let waits = read.oldest_due_job().await?.map(|since| clock.now().since(since).as_secs());
    findings.add(match waits {
        Some(seconds) if seconds > LATE => Finding::red(
            "jobs",
            format!("the oldest job that is due waits for {} min", seconds / 60),
            "start a worker; where one runs, its log says what it is at",
        ),
        _ => Finding::good("jobs", "no job waits for long"),
    });
    let parked = read.count_jobs().await?.parked;
    findings.add(if parked == 0 {
        Finding::good("parked jobs", "none")
    } else {
        Finding::red(
            "parked jobs",
            format!("{parked} jobs were given up"),
            "look for \"a job is given up\" in the workers' logs; what they were about stands on the staff site",
        )
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_differ_by_more_than_codes_bear_are_red() {
        let colour = |apart| serde_json::to_value(clocks(apart)).expect("JSON")["colour"].clone();
        assert_eq!([colour(0), colour(APART), colour(APART + 1)], ["good", "good", "red"]);
    }
}
