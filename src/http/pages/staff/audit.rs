//! The audit: who did what to which thing, each line with its place in the chain of hashes, and whether anybody changed
//! what is written.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use serde::Deserialize;
use tower_sessions::Session;

use super::{
    audit_asked::{Asked, Understood},
    audit_view::{Found, Row, SignedView, VerifiedView, ids_in, rows},
};
use crate::{
    actions::have_audit_verified::have_audit_verified,
    app::App,
    domain::{audit_words::verb_words, refused::Refused, staff::StaffScope},
    http::{
        error::PageError,
        form::{NoFields, ScopedForm},
        layout::{AUDIT, Layout},
        pages::portal::status_view::Moment,
        render::{page, see_other},
        session, urls,
    },
    store::{
        self, CheckpointRow, Read, SealerRefusal, Verification,
        all_brokerages::{Hole, MOST_LOOKED, Record, RecordPlace, RecordsPage},
    },
};

/// Where the address goes on.
#[derive(Default, Deserialize)]
pub struct Onward {
    #[serde(default)]
    after: String,
}

/// The page.
#[derive(Template)]
#[template(path = "staff/audit.html")]
struct AuditPage {
    layout: Layout,
    asked: Asked,
    slip: Option<&'static str>,
    /// Who or what is called that, where several are: address and name.
    namesakes: Vec<(String, String)>,
    /// In words, and as it is written.
    verbs: Vec<(String, String)>,
    /// What the brokerage that is asked for is called.
    company: String,
    rows: Vec<Row>,
    cut_short: Option<i64>,
    newest: String,
    older: String,
    signed: Option<SignedView>,
    verified: Option<VerifiedView>,
    /// Nothing is signed any more: the row that was signed last, and since when.
    unsigned: Option<(i64, Moment)>,
}

/// What was read.
#[derive(Default)]
struct Shown {
    asked: Asked,
    goes_on: bool,
    slip: Option<&'static str>,
    namesakes: Vec<(String, String)>,
    verbs: Vec<String>,
    found: RecordsPage,
    /// What people call the ids of these lines.
    names: BTreeMap<String, String>,
    holes: Vec<Hole>,
    signed: Option<CheckpointRow>,
    verified: Option<Verification>,
    refusal: Option<SealerRefusal>,
}

/// Shows the lines that are asked for, newest first.
pub async fn show(
    State(app): State<App>,
    scope: StaffScope,
    Query(asked): Query<Asked>,
    Query(onward): Query<Onward>,
    layout: Layout,
) -> Result<Response, PageError> {
    let mut read = app.store.read().await.map_err(Refused::from)?;
    let Understood { filter, slip, namesakes } =
        asked.understand(&app, &mut read.records(&scope)?).await.map_err(Refused::from)?;
    let after = RecordPlace::parse(&onward.after);
    let mut shown = Shown { slip, namesakes, goes_on: after.is_some(), ..Shown::default() };
    shown.verbs = read.records(&scope)?.verbs().await.map_err(Refused::from)?;
    shown.signed = read.last_checkpoint().await.map_err(Refused::from)?;
    shown.verified = read.verifications(1).await.map_err(Refused::from)?.pop();
    shown.refusal = read.sealer_refusal().await.map_err(Refused::from)?;
    if slip.is_none() {
        shown.found = read.records(&scope)?.page(&filter, after.as_ref()).await.map_err(Refused::from)?;
        let ids = ids_in(&shown.found.records);
        shown.names = read.records(&scope)?.names_of(ids).await.map_err(Refused::from)?;
        let span = span(&mut read, &scope, &shown, filter.is_everything(), after.as_ref()).await?;
        if let Some((first, last)) = span {
            shown.holes = read.records(&scope)?.holes(first, last).await.map_err(Refused::from)?;
        }
    }
    shown.asked = asked;
    Ok(page(&AuditPage::new(layout.at(AUDIT), shown)))
}

/// The rows of the chain between which a page would show a gap: from its lowest to its highest line. Where every line is
/// asked for, also up to the end that was signed, or to the page before, and down to the first.
async fn span(
    read: &mut Read,
    scope: &StaffScope,
    shown: &Shown,
    everything: bool,
    after: Option<&RecordPlace>,
) -> Result<Option<(i64, i64)>, Refused> {
    let rows = || shown.found.records.iter().filter_map(|record| record.sealed.as_ref().map(|(seq, _)| *seq));
    let (mut first, mut last) = (rows().min(), rows().max());
    if everything {
        let end = match after {
            Some(place) => read.records(scope)?.row_of(&place.id).await?.map(|row| row.saturating_sub(1)),
            None => signed_end(read, shown).await?,
        };
        last = last.max(end);
        if shown.found.next.is_none() {
            first = Some(1);
        }
    }
    Ok(first.zip(last))
}

/// Where the chain ends, or ended when it was signed.
async fn signed_end(read: &mut Read, shown: &Shown) -> store::Result<Option<i64>> {
    let head = read.chain_head().await?.map(|head| head.seq);
    let signed = shown.signed.as_ref().map(|row| row.seq);
    let refused = shown.refusal.map(|refusal| refusal.signed);
    Ok(head.max(signed).max(refused))
}

/// Has the whole chain looked through.
pub async fn verify(
    State(app): State<App>,
    session: Session,
    ScopedForm { scope, .. }: ScopedForm<NoFields, StaffScope>,
) -> Result<Response, PageError> {
    have_audit_verified(&app, &scope).await?;
    session::leave_line(&session, "The whole audit is being looked through. What is found stands here.")
        .await?;
    Ok(see_other(urls::AUDIT))
}

impl AuditPage {
    fn new(layout: Layout, shown: Shown) -> Self {
        let asked = shown.asked.cut();
        let records: &[Record] = &shown.found.records;
        let named =
            records.iter().find(|_| !asked.brokerage.is_empty()).and_then(|record| record.company.clone());
        Self {
            layout,
            slip: shown.slip,
            namesakes: shown.namesakes,
            verbs: shown.verbs.into_iter().map(|verb| (verb_words(&verb).to_owned(), verb)).collect(),
            company: named.unwrap_or_else(|| asked.brokerage.clone()),
            rows: rows(records, &shown.holes, &asked, &shown.names),
            cut_short: shown.found.cut_short.then_some(MOST_LOOKED),
            newest: if shown.goes_on { urls::audit(&asked.pairs()) } else { String::new() },
            older: shown.found.next.as_ref().map(|next| asked.behind(&next.to_string())).unwrap_or_default(),
            signed: shown.signed.as_ref().map(SignedView::of),
            verified: shown.verified.map(VerifiedView::of),
            unsigned: shown.refusal.map(|refusal| (refusal.signed, Moment::of(refusal.since))),
            asked,
        }
    }

    /// Whether anything but every line is asked for.
    fn is_narrowed(&self) -> bool {
        self.asked.pairs().iter().any(|(_, value)| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{audit::AuditEntry, ids::VerificationId, instant::Instant},
        http::render::Sample,
    };

    const AT: Instant = Instant::from_micros(1_795_257_720_000_000);
    const HOSTILE: &str = "</td><script>\"'&{{7*7}}";

    fn record(seq: Option<i64>, actor: &str, detail: &str, waits: bool) -> Record {
        Record {
            entry: AuditEntry {
                id: "aud_1".to_owned(),
                at: AT,
                actor: actor.to_owned(),
                actor_id: (actor == "staff").then(|| "stf_1".to_owned()),
                verb: HOSTILE.to_owned(),
                object: HOSTILE.to_owned(),
                brokerage_id: Some("brk_1".to_owned()),
                detail: detail.to_owned(),
            },
            sealed: seq.map(|seq| (seq, vec![7; 32])),
            previous: seq.filter(|seq| *seq != 3).map(|_| vec![6; 32]),
            waits,
            name: (actor == "staff").then(|| HOSTILE.to_owned()),
            company: Some(HOSTILE.to_owned()),
            reference: None,
        }
    }

    fn verification(ended: bool, sealed: Option<i64>, wrong: Option<&str>) -> Verification {
        Verification {
            id: VerificationId::from_random([1; 16]),
            name: HOSTILE.to_owned(),
            asked_at: AT,
            ended_at: ended.then_some(AT),
            sealed,
            waiting: Some(2),
            checkpoint: None,
            checkpoint_at: None,
            wrong: wrong.map(|_| "gap".to_owned()),
            wrong_row: None,
            wrong_words: wrong.map(str::to_owned),
        }
    }

    fn full() -> Shown {
        let records = vec![
            record(None, "staff", "{}", true),
            record(None, "person", "no JSON", false),
            record(Some(9), "system", "{\"number\":\"1\",\"of\":2}", false),
            record(Some(3), "anonymous", "{}", false),
        ];
        let holes = vec![
            Hole { first: 10, last: 12, line: None },
            Hole { first: 4, last: 4, line: Some("aud_9".to_owned()) },
            Hole { first: 2, last: 2, line: None },
        ];
        let next = Some(RecordPlace { at: AT, id: "aud_1".to_owned() });
        Shown {
            found: RecordsPage { records, next, cut_short: true },
            holes,
            verbs: vec!["attempt.submit".to_owned(), HOSTILE.to_owned()],
            signed: Some(CheckpointRow {
                seq: 9,
                first_seq: 7,
                hash: vec![0xab; 32],
                at: AT,
                key_id: "a1".to_owned(),
                signature: Vec::new(),
            }),
            verified: Some(verification(true, Some(8), Some(HOSTILE))),
            refusal: Some(SealerRefusal { since: AT, signed: 12, found: 9 }),
            goes_on: true,
            ..Shown::default()
        }
    }

    impl Sample for AuditPage {
        fn samples() -> Vec<Self> {
            let asked = Asked { who: HOSTILE.to_owned(), verb: HOSTILE.to_owned(), ..Asked::default() };
            let namesakes = vec![("stf_1".to_owned(), HOSTILE.to_owned())];
            let slip = Some("Several people are called that. Choose one.");
            [
                Shown::default(),
                full(),
                Shown { asked: Asked { brokerage: "brk_1".to_owned(), ..asked.clone() }, ..full() },
                Shown {
                    asked,
                    slip,
                    namesakes,
                    verified: Some(verification(false, None, None)),
                    ..Shown::default()
                },
                Shown { verified: Some(verification(true, Some(8), None)), ..Shown::default() },
                Shown { verified: Some(verification(true, None, None)), ..Shown::default() },
            ]
            .into_iter()
            .map(|shown| Self::new(Layout::staff_sample().at(AUDIT), shown))
            .collect()
        }
    }

    #[test]
    fn every_sample_renders() {
        AuditPage::assert_renders();
        for sample in AuditPage::samples() {
            assert!(!sample.render().expect("renders").contains("<script>\""));
        }
    }

    #[test]
    fn gaps_stand_where_they_are() {
        let page = AuditPage::new(Layout::staff_sample(), full());
        let order: Vec<String> = page
            .rows
            .iter()
            .map(|row| match row {
                Row::Line(line) => line.row.map_or_else(|| "-".to_owned(), |row| row.to_string()),
                Row::Hole(words) => words.clone(),
            })
            .collect();
        assert_eq!(
            order,
            [
                "-",
                "-",
                "Rows 10 to 12 of the chain are missing.",
                "9",
                "Row 4: the line aud_9 was sealed here and is no longer in the audit.",
                "3",
                "Row 2 of the chain is missing."
            ]
        );
    }
}
