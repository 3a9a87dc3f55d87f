//! What the page of a connection shows to our own people: how it stands and why it needs somebody, what can be done,
//! every attempt with its checks to the last detail, and everything that happened. Never a secret.

use askama::Template;

use super::{
    access_block::AccessBlock,
    after::AfterView,
    by_hand::{DecidedView, HandView},
    check_words::{asked_by, verdict},
    connection_case::{Case, Checked, Tried},
    news::News,
    next_step::NextStep,
    owner_view::Owner,
    roster::RosterView,
    sent::SentView,
    settings_rows::settings_rows,
    shared_key_view::SharedKey,
    timeline::{Day, days, told_by},
    words::{age, due_words, tag},
};
use crate::{
    actions::{
        cause_words::{CauseWords, names},
        check_in_use::may_check_in_use,
        look_for_sent::LOOK_FIRST,
        progress::EndedStep,
        staff_check_again::staff_may_press,
    },
    app::App,
    domain::{
        cause::Names,
        check::{CauseId, Origin, Outcome, Verdict},
        check_reason::CheckReason,
        connection::{CloseReason, State},
        dates,
        ids::{BrokerageId, CheckId, ConnectionId},
        instant::Instant,
        renewal::Renewal,
        review::{Need, NeedRule, SentFinding},
        staff::Deed,
    },
    http::{
        form_state::FormState,
        layout::Layout,
        pages::portal::{
            differences::{Changes, Compared},
            status_view::{LeftView, Moment, StepView, steps},
        },
        urls,
    },
};

/// The page.
#[derive(Template)]
#[template(path = "staff/connection.html")]
pub(super) struct ConnectionPage {
    pub(super) layout: Layout,
    pub(super) form: FormState,
    /// Why what was pressed was not done.
    pub(super) conflict: Option<&'static str>,
    pub(super) id: ConnectionId,
    pub(super) brokerage_id: BrokerageId,
    pub(super) company: String,
    pub(super) name: String,
    pub(super) reference: String,
    pub(super) kind: &'static str,
    pub(super) external_id: String,
    /// The version to set it at; none when it is set or the reader may not.
    pub(super) name_at: Option<i64>,
    pub(super) tag: (&'static str, &'static str),
    pub(super) since: (String, Moment),
    pub(super) cause: Option<CauseWords>,
    pub(super) needs: Vec<Needed>,
    pub(super) shared_key: Option<SharedKey>,
    pub(super) news: News,
    /// Whether two of our people, and no check, decided what is in use.
    pub(super) verified_by_hand: bool,
    /// What of ours may still be in its mailboxes.
    pub(super) left: Vec<LeftView>,
    /// Whether the reader may have it tried once more to remove what was given up.
    pub(super) may_clear: bool,
    pub(super) after: AfterView,
    pub(super) owner: Owner,
    pub(super) expires: Option<String>,
    pub(super) accepted: bool,
    pub(super) refused: bool,
    pub(super) may_note: bool,
    pub(super) asked: bool,
    /// Whether the office waits for an answer.
    pub(super) asks: bool,
    pub(super) again: Again,
    /// What can be decided by hand, and who waits for a second person.
    pub(super) by_hand: HandView,
    /// Latest one first.
    pub(super) attempts: Vec<AttemptView>,
    pub(super) roster: Option<RosterView>,
    /// Who asked to see its secrets, and the form that asks.
    pub(super) access: AccessBlock,
    /// Who acts next.
    pub(super) next: NextStep,
    /// Where the reader writes to the office; none when they may not or nobody would get it.
    pub(super) write_at: Option<String>,
    /// Whether single letters do something here.
    pub(super) keys: bool,
    /// The part of the page that a button led to: it stands open.
    pub(super) wanted: String,
    /// What happened last, and how long ago.
    pub(super) last: Option<(String, String)>,
    /// The last mail to its people: what it told, where it stands, and how long ago.
    pub(super) last_mail: Option<(String, String)>,
    /// What a check may have sent.
    pub(super) sent: SentView,
    pub(super) timeline: Vec<Day>,
    /// Where what happened before that stands.
    pub(super) older: Option<String>,
}

/// Why it needs somebody.
pub(super) struct Needed {
    pub(super) title: &'static str,
    /// The entry of the catalogue that says more.
    pub(super) cause: Option<&'static str>,
    pub(super) age: String,
    pub(super) since: Moment,
    /// When somebody should have looked, and whether that is over.
    pub(super) due: (String, bool),
    /// The same as a moment.
    due_at: Moment,
}

impl Needed {
    fn of(need: &Need, now: Instant) -> Self {
        Self {
            title: need.rule.title(),
            cause: need.rule.cause(),
            age: age(now, need.since),
            since: Moment::of(need.since),
            due: (due_words(now, need.due), need.due < now),
            due_at: Moment::of(need.due),
        }
    }
}

/// Whether it can be checked again.
pub(super) enum Again {
    /// At this version of the connection.
    Offered(i64),
    /// The credential in use, at this version of the connection.
    InUse(i64),
    /// Not now; why.
    Not(String),
    /// Not by this reader.
    Hidden,
}

/// An attempt.
pub(super) struct AttemptView {
    pub(super) number: i64,
    pub(super) reference: String,
    pub(super) tag: (&'static str, &'static str),
    pub(super) submitted: Moment,
    pub(super) by: String,
    pub(super) settings: Vec<(&'static str, String)>,
    pub(super) secret: &'static str,
    /// What changed since the attempt before.
    pub(super) changes: Option<Changes>,
    pub(super) names: NamesView,
    /// What was decided by hand, first one first.
    pub(super) by_hand: Vec<DecidedView>,
    pub(super) checks: Vec<CheckView>,
}

/// Whether the names of an attempt may be used again.
pub(super) enum NamesView {
    /// Its cause does not use them up.
    Kept,
    /// The cause uses them up; whether the reader may allow them.
    Spent(bool),
    /// One of our own people allowed them: who, when and why.
    Allowed(String, Moment, String),
}

/// A check of an attempt.
pub(super) struct CheckView {
    pub(super) id: CheckId,
    /// Tells its steps from those of other checks.
    pub(super) prefix: String,
    /// Whether none was run.
    pub(super) by_hand: bool,
    pub(super) title: String,
    pub(super) look: &'static str,
    pub(super) asked: String,
    pub(super) created: Moment,
    pub(super) run: i64,
    pub(super) due: Option<Moment>,
    pub(super) ended: Option<Moment>,
    pub(super) took: String,
    pub(super) open: bool,
    pub(super) steps: Option<Vec<StepView>>,
    pub(super) cause: Option<CauseWords>,
    pub(super) warnings: Vec<CauseWords>,
}

impl ConnectionPage {
    /// The same with the part open that a button led to.
    pub(super) fn opened_at(self, part: String) -> Self {
        Self { wanted: part, ..self }
    }
}

impl Case {
    /// The page that shows it.
    pub(super) fn page(
        mut self,
        app: &App,
        layout: Layout,
        form: FormState,
        conflict: Option<&'static str>,
    ) -> ConnectionPage {
        let roster = self.roster.take();
        let access = std::mem::take(&mut self.access);
        let connection = &self.connection;
        let attempts: Vec<AttemptView> =
            self.attempts.iter().rev().map(|tried| self.attempt(app, tried)).collect();
        let current = self.current();
        let cause = current.and_then(|tried| {
            let cause = match connection.state {
                State::Verified => self.cause_in_use(tried)?,
                _ => tried.attempt.cause.as_ref()?,
            };
            Some(CauseWords::of(Some(cause), &names(app, &tried.settings, tried.attempt.number)))
        });
        let last = self.stretch.entries.first().map(|entry| (entry.title.clone(), age(self.now, entry.at)));
        ConnectionPage {
            next: NextStep::of(&self, cause.as_ref()),
            sent: SentView::of(&self),
            wanted: String::new(),
            write_at: (self.people > 0 && self.scope.may(Deed::AnswerQuestion))
                .then(|| urls::write(&connection.id)),
            last,
            last_mail: self
                .stretch
                .last_mail
                .as_ref()
                .map(|mail| (told_by(mail).0, age(self.now, mail.entry.created_at))),
            layout,
            form,
            conflict,
            id: connection.id.clone(),
            brokerage_id: self.brokerage.id.clone(),
            company: self.brokerage.company.as_str().to_owned(),
            name: connection.name.as_str().to_owned(),
            reference: connection.reference.as_str().to_owned(),
            kind: connection.system(),
            external_id: connection.external_id.as_ref().map(|id| id.as_str().to_owned()).unwrap_or_default(),
            name_at: (connection.external_id.is_none() && self.scope.may(Deed::PrepareConnection))
                .then_some(connection.version),
            tag: tag(connection.state, connection.phase),
            since: (age(self.now, connection.changed_at), Moment::of(connection.changed_at)),
            cause,
            needs: self.review.needs.iter().map(|need| Needed::of(need, self.now)).collect(),
            after: AfterView::of(&self),
            owner: Owner::new(
                (&self.review, self.handed_by.as_deref()),
                &self.scope,
                &self.colleagues,
                self.now,
            ),
            expires: current.and_then(|tried| tried.attempt.last_day(&tried.settings)).map(dates::words),
            accepted: self.brokerage.accepted_at.is_some(),
            refused: self.brokerage.refused_at.is_some(),
            may_note: self.scope.may(Deed::LeaveNote),
            keys: self.keys,
            news: self.news.clone(),
            shared_key: self.shared_key.take(),
            verified_by_hand: self.is_verified_by_hand(),
            asked: self.needs(NeedRule::Question),
            asks: self.needs(NeedRule::OfficeAsked),
            again: self.again(),
            by_hand: HandView::of(&self),
            older: self
                .stretch
                .older
                .as_ref()
                .map(|place| urls::timeline(&connection.id, &place.to_string())),
            timeline: days(std::mem::take(&mut self.stretch.entries)),
            roster,
            access,
            may_clear: self.scope.may(Deed::CheckAgain) && self.left.iter().any(|left| !left.tried),
            left: self.left.into_iter().map(LeftView::of).collect(),
            attempts,
        }
    }

    /// The attempt that is being decided, or failed last.
    pub(super) fn candidate(&self) -> Option<&Tried> {
        let candidate = self.connection.candidate.as_ref()?;
        self.attempts.iter().find(|tried| tried.attempt.id == *candidate)
    }

    /// The attempt that is decided, failed last, or is in use.
    pub(super) fn current(&self) -> Option<&Tried> {
        let shown = self.connection.candidate.as_ref().or(self.connection.in_use.as_ref())?;
        self.attempts.iter().find(|tried| tried.attempt.id == *shown)
    }

    /// Of what the credential in use failed, while that is what counts.
    fn cause_in_use(&self, tried: &Tried) -> Option<&CauseId> {
        let check = tried.attempt.failed_in_use.as_ref()?;
        let found = self.checks.iter().find(|checked| checked.entry.check.id == *check)?;
        found.entry.check.cause.as_ref()
    }

    fn is_verified_by_hand(&self) -> bool {
        let in_use = self.connection.in_use.as_ref();
        let decided = in_use.map(|attempt| DecidedView::all_of(&self.wishes, attempt)).unwrap_or_default();
        decided.iter().any(|decision| decision.verified)
    }

    fn needs(&self, rule: NeedRule) -> bool {
        self.review.needs.iter().any(|need| need.rule == rule)
    }

    fn again(&self) -> Again {
        let Some(tried) = self.current().filter(|_| self.scope.may(Deed::CheckAgain)) else {
            return Again::Hidden;
        };
        if self.needs(NeedRule::MayHaveSent) {
            return Again::Not(LOOK_FIRST.to_string());
        }
        if self.connection.state == State::Verified && self.connection.candidate.is_none() {
            return match may_check_in_use(&self.connection, &tried.attempt, self.checked_beside) {
                Ok(()) => Again::InUse(self.connection.version),
                Err(refused) => Again::Not(refused.to_string()),
            };
        }
        match staff_may_press(&self.connection, &tried.attempt, self.needs(NeedRule::ParkedJob)) {
            Ok(()) => Again::Offered(self.connection.version),
            Err(refused) => Again::Not(refused.to_string()),
        }
    }

    fn attempt(&self, app: &App, tried: &Tried) -> AttemptView {
        let attempt = &tried.attempt;
        let names = names(app, &tried.settings, attempt.number);
        let of_attempt = |checked: &&Checked| checked.entry.check.attempt_id.as_ref() == Some(&attempt.id);
        let checks = self.checks.iter().filter(of_attempt);
        let changes = self.changes(tried);
        AttemptView {
            changes,
            names: self.names_view(tried),
            by_hand: DecidedView::all_of(&self.wishes, &attempt.id),
            number: attempt.number,
            reference: self.connection.reference.of_attempt(attempt.number),
            tag: match attempt.ended {
                Some((end, _)) => ("", end.title()),
                None => tag(attempt.state, attempt.phase),
            },
            submitted: Moment::of(attempt.submitted_at),
            by: tried.by.as_ref().map(|name| name.as_str().to_owned()).unwrap_or_default(),
            settings: settings_rows(&tried.settings),
            secret: match (attempt.secret_id.is_some(), attempt.can_be_checked()) {
                (true, _) => "kept sealed",
                (false, true) => "not needed: nothing secret was handed over",
                (false, false) => "deleted when its time was over",
            },
            checks: checks
                .enumerate()
                .map(|(place, checked)| {
                    let latest = place == 0 && self.current().is_some_and(|it| it.attempt.id == attempt.id);
                    check_view(checked, attempt.kind, &names, latest)
                })
                .collect(),
        }
    }
}

impl Case {
    /// What changed since the attempt before; its steps only where both are shown step by step.
    fn changes(&self, tried: &Tried) -> Option<Changes> {
        let number = tried.attempt.number;
        let before = self.attempts.iter().rev().find(|it| it.attempt.number < number)?;
        let compared = |it: &'_ Tried| -> &[EndedStep] {
            let decides = |checked: &&Checked| {
                let check = &checked.entry.check;
                it.attempt.check_id.as_ref() == Some(&check.id) && check.verdict.is_some()
            };
            let found = self.checks.iter().find(decides);
            found.and_then(|checked| checked.steps.as_deref()).unwrap_or_default()
        };
        let earlier =
            Compared { number: before.attempt.number, settings: &before.settings, steps: compared(before) };
        let now = Compared { number, settings: &tried.settings, steps: compared(tried) };
        Some(Changes::of(tried.attempt.kind, &earlier, &now))
    }

    fn names_view(&self, tried: &Tried) -> NamesView {
        match &tried.allowed {
            Some((who, at, why)) => NamesView::Allowed(who.clone(), Moment::of(*at), why.as_str().to_owned()),
            None if Renewal::after_id(tried.attempt.cause.as_ref()) == Renewal::Names => {
                NamesView::Spent(self.scope.may(Deed::AllowNames))
            }
            None => NamesView::Kept,
        }
    }
}

fn check_view(
    checked: &Checked,
    kind: crate::domain::kind::AccessKind,
    names: &Names,
    open: bool,
) -> CheckView {
    let check = &checked.entry.check;
    let blamed = check.cause.as_ref().map(|cause| cause.as_str());
    let (title, look) = verdict(check);
    let took = check.started_at.zip(check.decided_at).map(|(from, to)| to.since(from));
    let told = |step: &EndedStep| matches!(step.outcome, Outcome::Failed | Outcome::Warning);
    let trouble = |step: &EndedStep| match &step.cause {
        Some(cause) if told(step) => CauseWords::of(Some(cause), names).title,
        _ => String::new(),
    };
    let failed = !matches!(check.verdict, None | Some(Verdict::Passed | Verdict::PassedWithWarnings));
    CheckView {
        id: check.id.clone(),
        by_hand: check.origin == Origin::ByHand,
        prefix: check.id.as_str().chars().rev().take(8).collect(),
        title,
        look,
        asked: asked_by(&checked.entry),
        created: Moment::of(check.created_at),
        run: check.run,
        due: check.verdict.is_none().then(|| Moment::of(check.due_at)),
        ended: check.decided_at.map(Moment::of),
        took: took.map(|took| format!("{:.1} s", took.as_secs_f64())).unwrap_or_default(),
        open,
        steps: checked
            .steps
            .as_ref()
            .map(|ended| with_words(steps(kind, check, ended, blamed, trouble), ended)),
        cause: failed.then(|| CauseWords::of(check.cause.as_ref(), names)),
        warnings: check.warnings.iter().map(|cause| CauseWords::of(Some(cause), names)).collect(),
    }
}

/// The same list with the server's words at every step: this page has no other place for them.
fn with_words(views: Vec<StepView>, ended: &[EndedStep]) -> Vec<StepView> {
    let words = |id: &str| ended.iter().find(|step| step.id == id).and_then(|step| step.notes.words.clone());
    views
        .into_iter()
        .map(|view| {
            let words = words(&view.id).filter(|words| !words.is_empty());
            StepView { has_more: view.has_more || words.is_some(), words, ..view }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            after::ClosingView,
            by_hand::{HandForm, OpenWish},
            roster::RosterShare,
        },
        *,
    };
    use crate::{
        domain::{check::Fact, ids::DecisionId, instant::Instant, refused::FieldError, roster::RosterTally},
        http::{layout::QUEUE, render::Sample},
    };

    const AT: Instant = Instant::from_micros(1_795_257_720_000_000);
    const HOSTILE: &str = "</code><script>\"'&{{7*7}}";

    fn step(id: &str, look: &'static str) -> StepView {
        StepView {
            id: id.to_owned(),
            title: HOSTILE.to_owned(),
            look,
            time: "0.3 s".to_owned(),
            has_more: look == "failed",
            open: look == "failed",
            trouble: HOSTILE.to_owned(),
            facts: vec![Fact { label: "Tenant".to_owned(), value: HOSTILE.to_owned() }],
            words: Some(HOSTILE.to_owned()),
        }
    }

    fn check(prefix: &str, steps: bool) -> CheckView {
        let cause = CauseWords::of(None, &Names::default());
        CheckView {
            id: CheckId::from_random([3; 16]),
            prefix: prefix.to_owned(),
            by_hand: false,
            title: "Failed".to_owned(),
            look: "bad",
            asked: format!("Checked again by {HOSTILE}"),
            created: Moment::of(AT),
            run: 2,
            due: (!steps).then(|| Moment::of(AT)),
            ended: steps.then(|| Moment::of(AT)),
            took: "1.2 s".to_owned(),
            open: steps,
            steps: steps.then(|| vec![step("tenant", "passed"), step("token", "failed")]),
            cause: steps.then(|| cause.clone()),
            warnings: vec![cause],
        }
    }

    fn sample(again: Again, full: bool, form: FormState, conflict: Option<&'static str>) -> ConnectionPage {
        let attempt = |number| AttemptView {
            number,
            reference: format!("LKS-0042-{number}"),
            tag: ("bad", "Failed"),
            submitted: Moment::of(AT),
            by: HOSTILE.to_owned(),
            settings: vec![("Tenant", HOSTILE.to_owned())],
            secret: "kept sealed",
            changes: (number > 1).then(|| Changes::sample(HOSTILE)),
            names: match number {
                1 => NamesView::Allowed(HOSTILE.to_owned(), Moment::of(AT), HOSTILE.to_owned()),
                _ => NamesView::Spent(true),
            },
            by_hand: vec![DecidedView::sample(HOSTILE)],
            checks: vec![check(&format!("a{number}"), true), check(&format!("b{number}"), false)],
        };
        ConnectionPage {
            asks: true,
            layout: Layout::staff_sample().at(QUEUE),
            form: form.clone(),
            conflict,
            id: ConnectionId::from_random([1; 16]),
            brokerage_id: BrokerageId::from_random([2; 16]),
            company: HOSTILE.to_owned(),
            name: HOSTILE.to_owned(),
            reference: "LKS-0042".to_owned(),
            kind: "Microsoft 365",
            external_id: if full { HOSTILE.to_owned() } else { String::new() },
            name_at: (!full).then_some(3),
            tag: tag(State::Failed, None),
            since: ("3 h".to_owned(), Moment::of(AT)),
            cause: full.then(|| CauseWords::of(None, &Names::default())),
            needs: NeedRule::ALL
                .iter()
                .filter(|_| full)
                .map(|rule| {
                    Needed::of(
                        &Need {
                            rule: *rule,
                            since: AT,
                            due: crate::domain::due::WorkingHours::default().due(*rule, AT),
                        },
                        AT,
                    )
                })
                .collect(),
            may_clear: full,
            shared_key: full.then(|| SharedKey::sample(HOSTILE, AT)),
            verified_by_hand: full,
            left: [true, false]
                .into_iter()
                .filter(|_| full)
                .map(|tried| LeftView {
                    thing: "contact",
                    mailbox: HOSTILE.to_owned(),
                    since: Moment::of(AT),
                    tried,
                })
                .collect(),
            after: AfterView {
                closing: full.then(|| ClosingView {
                    at: Moment::of(AT),
                    reason: CloseReason::Other,
                    words: HOSTILE.to_owned(),
                    unread: true,
                    by_us: conflict.is_some(),
                }),
                may_reopen: full,
                close_at: Some(3),
                renewal: full.then_some((3, "is being tested")),
                enabled_on: full.then(|| "30 November 2026".to_owned()),
                enable_at: Some(3),
                accept_first: full,
            },
            by_hand: HandView {
                open: full.then(|| OpenWish {
                    id: DecisionId::from_random([5; 16]),
                    who: HOSTILE.to_owned(),
                    at: Moment::of(AT),
                    reason: HOSTILE.to_owned(),
                    may_second: conflict.is_some(),
                    own: conflict.is_none(),
                }),
                form: (!full || form.has_errors()).then(|| HandForm {
                    seen: 3,
                    fails: true,
                    verifies: true,
                    why_not: Some("It has failed already."),
                    cause: HOSTILE.to_owned(),
                }),
                absent: full.then_some("Accept its brokerage first: nobody has looked at it yet."),
            },
            owner: Owner::sample(full, AT, HOSTILE),
            expires: full.then(|| "21 November 2028".to_owned()),
            accepted: !full,
            refused: full,
            may_note: true,
            keys: full,
            news: News::sample(),
            asked: full,
            again,
            attempts: if full { vec![attempt(2), attempt(1)] } else { Vec::new() },
            roster: full.then(|| RosterView {
                tag: ("bad", "Some do not work"),
                progress: "120 of 120 have a result.".to_owned(),
                tally: RosterTally { mailboxes: 120, work: 118, fail: 2, outside: 2, refused: 2, wrong: 0 },
                round: 2,
                asked: Moment::of(AT),
                ended: Some(Moment::of(AT)),
                sign_in: HOSTILE.to_owned(),
                groups: vec![RosterShare {
                    count: 2,
                    title: HOSTILE.to_owned(),
                    cause: "mailbox_not_found".to_owned(),
                    masked: vec!["i…@lakeshore.example".to_owned()],
                }],
            }),
            access: AccessBlock::sample(full),
            next: NextStep {
                who: "The office",
                what: HOSTILE.to_owned(),
                rule: full.then_some("Failed twice or more"),
                button: full.then(|| ("/connections/con_x?do=check#check-again".to_owned(), "Check again")),
            },
            write_at: full.then(|| "/connections/con_x/messages".to_owned()),
            wanted: if full { "check" } else { "" }.to_owned(),
            last: full.then(|| (HOSTILE.to_owned(), "3 h".to_owned())),
            sent: SentView::samples(HOSTILE).into_iter().nth(usize::from(!full)).expect("two"),
            last_mail: full.then(|| (HOSTILE.to_owned(), "3 h".to_owned())),
            timeline: if full { Day::samples(HOSTILE) } else { Vec::new() },
            older: full.then(|| "/connections/con_x/timeline?before=1.0.aud_x".to_owned()),
        }
    }

    impl Sample for ConnectionPage {
        fn samples() -> Vec<Self> {
            let wrong = [
                "text",
                "kind",
                "reason",
                "words",
                "way",
                "of_attempt",
                "reason_of_access",
                "ticket",
                "hand",
                "hand_cause",
                "hand_reason",
                "minutes",
                "close_reason",
                "close_words",
                "external_id",
                "found",
                "found_words",
            ]
            .map(|field| FieldError::new(field, HOSTILE.to_owned()));
            let refused =
                FormState::new().with("text", HOSTILE).with("reason", "look").refused(wrong.to_vec());
            vec![
                sample(Again::Offered(3), true, FormState::new(), None),
                sample(Again::Offered(3), true, refused, None),
                sample(
                    Again::Not("A check is under way.".to_owned()),
                    true,
                    FormState::new(),
                    Some("Dana took it."),
                ),
                sample(Again::InUse(3), true, FormState::new(), None),
                sample(Again::Hidden, false, FormState::new(), None),
            ]
        }
    }

    #[test]
    fn every_sample_renders() {
        ConnectionPage::assert_renders();
        for sample in ConnectionPage::samples() {
            let html = sample.render().expect("renders");
            assert!(!html.contains("<script>\""), "{html}");
            let ids: Vec<&str> =
                html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
            let unique: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
            assert_eq!(ids.len(), unique.len(), "an id stands twice: {ids:?}");
        }
    }
}
