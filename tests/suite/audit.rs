//! The audit's chain: sealed within a second, never two of them, and whatever is done to it behind the portal's back
//! is found.

mod chain;
mod cut_back;
mod export;
mod manipulated;
mod pages;
mod processes;

use std::{sync::Arc, time::Duration};

use jiff::civil::date;
use moxi_onboard::{
    actions::{
        seal_audit::{Sealer, seal_audit},
        verify_audit::{Verified, verify_audit},
    },
    app::App,
    domain::audit::{Actor, AuditLine, Checkpoint},
    vault::audit_key::{AuditKey, AuditPublicKeys},
};

use crate::{databases::Database, office};

/// A portal that holds an audit key.
async fn portal(database: &Database) -> (App, AuditPublicKeys) {
    let mut app = office::portal(database).await;
    let key = AuditKey::generate(date(2026, 11, 21), &app.randomness);
    let keys = AuditPublicKeys::new(key.public().clone(), Vec::new());
    Arc::get_mut(&mut app.vault).expect("nobody else has it").audit = Some(key);
    (app, keys)
}

fn sealer(app: &App, name: &str) -> Sealer {
    Sealer { name: name.to_owned(), token: app.randomness.bytes(), lease: Duration::from_secs(30) }
}

/// Something happened.
async fn happens(app: &App, object: usize) {
    let write = app.store.write().await.expect("a transaction");
    let line = AuditLine::new(Actor::System, "test.event", format!("obj_{object}"))
        .with("number", object.to_string());
    write.commit(&[line]).await.expect("a commit");
}

async fn seals(app: &App, sealer: &Sealer) {
    assert!(seal_audit(app, sealer).await.expect("it seals"), "the lease is free");
}

async fn found(app: &App, keys: &AuditPublicKeys, kept: &[Checkpoint]) -> Verified {
    verify_audit(&app.store, keys, kept).await.expect("the database answers")
}
