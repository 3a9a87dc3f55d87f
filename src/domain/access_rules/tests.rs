//! Each way around the rule, one after the other, from a case in which a look is allowed.

use std::sync::LazyLock;

use super::*;
use crate::domain::{
    access::ANSWER_WITHIN,
    ids::{AccessId, AttemptId, BrokerageId, PersonId},
};

static ME: LazyLock<StaffId> = LazyLock::new(|| staff(1));
static CONNECTION: LazyLock<ConnectionId> = LazyLock::new(|| ConnectionId::from_random([1; 16]));
static SECRET: LazyLock<SecretId> = LazyLock::new(|| SecretId::from_random([1; 16]));

const NOW: Instant = Instant::from_micros(1_795_257_720_000_000);

fn staff(n: u8) -> StaffId {
    StaffId::from_random([n; 16])
}

fn ago(minutes: i64) -> Instant {
    NOW.plus(-SignedDuration::from_mins(minutes))
}

/// Approved five minutes ago, for a quarter of an hour.
fn open(way: AccessWay) -> Access {
    let by = match way {
        AccessWay::Grant => Approver::Person(PersonId::from_random([5; 16])),
        AccessWay::Operations | AccessWay::BreakGlass => Approver::Second(staff(2)),
    };
    Access {
        approval: Some(Approval { by, at: ago(5), until: NOW.plus(SignedDuration::from_mins(10)) }),
        ..waiting(way)
    }
}

fn waiting(way: AccessWay) -> Access {
    Access {
        id: AccessId::from_random([1; 16]),
        brokerage_id: BrokerageId::from_random([1; 16]),
        connection_id: ConnectionId::from_random([1; 16]),
        attempt_id: AttemptId::from_random([1; 16]),
        secret_id: SecretId::from_random([1; 16]),
        way,
        asked_by: staff(1),
        asked_at: ago(10),
        minutes: 15,
        approval: None,
        end: None,
        reviewed_at: None,
    }
}

fn roles(way: AccessWay) -> &'static [StaffRole] {
    match way {
        AccessWay::Grant => &[StaffRole::Support],
        AccessWay::Operations | AccessWay::BreakGlass => &[StaffRole::Operations],
    }
}

/// What comes of it, when one thing is changed about the case.
fn look<'a>(access: &Access, change: impl FnOnce(&mut Looking<'a>)) -> Result<(), NoAccess> {
    let mut looking = Looking {
        staff: &ME,
        roles: roles(access.way),
        fresh: true,
        connection: &CONNECTION,
        secret: &SECRET,
        frozen: false,
        now: NOW,
    };
    change(&mut looking);
    may_look(access, &looking)
}

#[test]
fn each_way_leads_to_a_look_and_nothing_else_does() {
    for way in AccessWay::ALL.iter().copied() {
        assert_eq!(look(&open(way), |_| {}), Ok(()), "{way:?}");
        let other = staff(3);
        assert_eq!(look(&open(way), |looking| looking.staff = &other), Err(NoAccess::NotYours));
        assert_eq!(look(&open(way), |looking| looking.roles = &[]), Err(NoAccess::Role));
        let all_but: Vec<StaffRole> =
            StaffRole::ALL.iter().copied().filter(|role| !roles(way).contains(role)).collect();
        assert_eq!(look(&open(way), |looking| looking.roles = &all_but), Err(NoAccess::Role));
        let secret = SecretId::from_random([2; 16]);
        assert_eq!(look(&open(way), |looking| looking.secret = &secret), Err(NoAccess::OtherSecret));
        let connection = ConnectionId::from_random([2; 16]);
        assert_eq!(look(&open(way), |looking| looking.connection = &connection), Err(NoAccess::OtherSecret));
        assert_eq!(look(&open(way), |looking| looking.fresh = false), Err(NoAccess::NotFresh));
        assert_eq!(look(&open(way), |looking| looking.frozen = true), Err(NoAccess::Frozen));
        let at_the_end = NOW.plus(SignedDuration::from_mins(10));
        assert_eq!(look(&open(way), |looking| looking.now = at_the_end), Err(NoAccess::Over));
        assert_eq!(look(&waiting(way), |_| {}), Err(NoAccess::Waiting));
        let late = NOW.plus(ANSWER_WITHIN);
        assert_eq!(look(&waiting(way), |looking| looking.now = late), Err(NoAccess::Unanswered));
        for (end, why) in [
            (AccessEnd::Declined, NoAccess::Declined),
            (AccessEnd::Stopped, NoAccess::Stopped),
            (AccessEnd::Withdrawn, NoAccess::Withdrawn),
        ] {
            let ended = Access { end: Some((end, ago(1))), ..open(way) };
            assert_eq!(look(&ended, |_| {}), Err(why));
        }
    }
}

#[test]
fn the_word_of_the_wrong_one_counts_for_nothing() {
    let by = |way, by| {
        let mut access = open(way);
        access.approval = access.approval.map(|approval| Approval { by, ..approval });
        look(&access, |_| {})
    };
    let person = || Approver::Person(PersonId::from_random([5; 16]));
    assert_eq!(by(AccessWay::Grant, Approver::Second(staff(2))), Err(NoAccess::Own));
    for way in [AccessWay::Operations, AccessWay::BreakGlass] {
        assert_eq!(by(way, person()), Err(NoAccess::Own));
        assert_eq!(by(way, Approver::Second(staff(1))), Err(NoAccess::Own), "oneself");
    }
}

#[test]
fn a_brokerage_approves_what_waits_for_it_and_nothing_of_its_own() {
    let fresh = Some(ago(4));
    let yes = |access: &Access, duty, own, proven| may_approve(access, duty, own, proven, NOW);
    let waits = waiting(AccessWay::Grant);
    assert_eq!(yes(&waits, Duty::Coordinator, false, fresh), Ok(()));
    assert_eq!(yes(&waits, Duty::ItAdmin, false, fresh), Ok(()));
    assert_eq!(yes(&waits, Duty::Vendor, false, fresh), Err(NoAccess::Role));
    assert_eq!(yes(&waits, Duty::Coordinator, true, fresh), Err(NoAccess::Own));
    assert_eq!(yes(&waits, Duty::Coordinator, false, Some(ago(6))), Err(NoAccess::NotFresh));
    assert_eq!(yes(&waits, Duty::Coordinator, false, None), Err(NoAccess::NotFresh));
    assert_eq!(yes(&open(AccessWay::Grant), Duty::Coordinator, false, fresh), Err(NoAccess::Answered));
    assert_eq!(
        yes(&waiting(AccessWay::Operations), Duty::Coordinator, false, fresh),
        Err(NoAccess::OthersAnswer)
    );
    let late = Access { asked_at: ago(12 * 60), ..waits };
    assert_eq!(yes(&late, Duty::Coordinator, false, fresh), Err(NoAccess::Unanswered));
    assert_eq!(may_decline(&late, Duty::Coordinator, NOW), Err(NoAccess::Unanswered));
}

#[test]
fn the_second_person_is_another_one_and_an_emergency_is_looked_over_by_a_third() {
    let ops = &[StaffRole::Operations];
    let second = |access: &Access, who, roles, frozen| {
        may_second(access, &staff(who), roles, Some(ago(1)), frozen, NOW)
    };
    let waits = waiting(AccessWay::BreakGlass);
    assert_eq!(second(&waits, 2, ops, false), Ok(()));
    assert_eq!(second(&waits, 1, ops, false), Err(NoAccess::Own));
    assert_eq!(second(&waits, 2, &[StaffRole::Support], false), Err(NoAccess::Role));
    assert_eq!(second(&waits, 2, ops, true), Err(NoAccess::Frozen));
    assert_eq!(second(&waiting(AccessWay::Grant), 2, ops, false), Err(NoAccess::OthersAnswer));
    assert_eq!(may_second(&waits, &staff(2), ops, Some(ago(6)), false, NOW), Err(NoAccess::NotFresh));

    let opened = open(AccessWay::BreakGlass);
    let over = NOW.plus(jiff::SignedDuration::from_hours(1));
    let review = |access: &Access, who, roles: &[StaffRole], now| may_review(access, &staff(who), roles, now);
    assert_eq!(review(&opened, 3, &[StaffRole::Owner], NOW), Err(NoAccess::StillOpen));
    assert_eq!(review(&opened, 3, &[StaffRole::Owner], over), Ok(()));
    assert_eq!(review(&opened, 1, ops, over), Err(NoAccess::Own));
    assert_eq!(review(&opened, 2, ops, over), Err(NoAccess::Own));
    assert_eq!(review(&opened, 3, &[StaffRole::Auditor], over), Err(NoAccess::Role));
    let done = Access { reviewed_at: Some(NOW), ..opened };
    assert_eq!(review(&done, 3, ops, over), Err(NoAccess::Answered));
}
