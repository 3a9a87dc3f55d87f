//! Inviting a brokerage admin: the link shows and spends nothing, the code makes the person.

use std::time::Duration;

use moxi_onboard::{
    actions::{
        invitation::invitation_of_link,
        invite_admin::{TypedInvitation, invite_admin},
        revoke_invitation::revoke_invitation,
    },
    app::App,
    domain::{
        ids::{BrokerageId, InvitationId},
        refused::Refused,
        staff::{StaffRole, StaffScope},
    },
};

use super::staff;
use crate::{
    databases::on_both,
    office::{fresh_key, key_with, office_of},
    sign_in::house::House,
};

const IDA: &str = "ida@lakeshore.example";

fn typed(address: &str) -> TypedInvitation {
    TypedInvitation {
        company: "Lakeshore Realty".to_owned(),
        contact: "Ida Larsen".to_owned(),
        address: address.to_owned(),
        connection: None,
    }
}

async fn invites(app: &App, dana: &StaffScope, address: &str) -> BrokerageId {
    invite_admin(app, dana, None, &typed(address), &fresh_key()).await.expect("invited")
}

/// The path of the link in the n-th mail to an address.
async fn link(house: &House, to: &str, n: usize) -> String {
    let mail = house.mail(to, n).await;
    let line = mail.lines().find(|line| line.contains("/invitation/")).expect("a link").trim().to_owned();
    let (_, token) = line.rsplit_once("/invitation/").expect("a path");
    token.chars().take(43).collect()
}

async fn open_invitation(app: &App, dana: &StaffScope, of: &BrokerageId) -> InvitationId {
    let mut read = app.store.read().await.expect("a transaction");
    let all = read.all_brokerages(dana).expect("may read").invitations_of(of).await.expect("rows");
    all.into_iter().find(|one| one.ended_at.is_none()).expect("one").id
}

on_both! {
    async fn mail_and_page_say_as_what_somebody_is_invited_and_what_that_is(database) {
        let house = House::open(database).await;
        let mut ida = house.begins(IDA).await;
        for (name, duty, told) in [
            ("cora", "coordinator", "You are invited as the coordinator. You see to it that it gets done"),
            ("max", "it_admin", "You are invited as the mail administrator. You set the access up in the mail system"),
            ("vera", "vendor", "You are invited as the mail host or IT company. You set the access up for this office"),
        ] {
            let to = format!("{name}@lakeshore.example");
            ida.get("/people").await;
            let sent = ida.post("/people", &[("contact", name), ("address", &to), ("duty", duty)]).await;
            assert_eq!(sent.status, 303, "{}", sent.body);
            let mail = house.mail(&to, 1).await.replace("=\r\n", "").replace("=20", "");
            assert!(mail.split_whitespace().collect::<Vec<_>>().join(" ").contains(told), "{mail}");
            let token = link(&house, &to, 1).await;
            let page = house.browser().get(&format!("/invitation/{token}")).await;
            let plain = page.body.replace("<strong>", "").replace("</strong>", "");
            assert!(page.status == 200 && plain.contains(told), "{}", page.body);
        }
    }

    async fn who_was_invited_becomes_a_person_by_the_code_and_not_by_the_link(database) {
        let house = House::open(database).await;
        let dana = staff(database, 1, "Dana Reyes", StaffRole::AccountManager).await;
        let brokerage = invites(&house.app, &dana, IDA).await;
        let token = link(&house, IDA, 1).await;
        for _ in 0..50 {
            let shown = invitation_of_link(&house.app, &token).await.expect("shown");
            assert_eq!(shown.company.as_str(), "Lakeshore Realty");
        }
        assert_eq!(database.count("people").await, 0);
        assert_eq!(database.count("sessions").await, 0);
        assert!(matches!(invitation_of_link(&house.app, "x").await, Err(Refused::NotFound)));
        assert!(matches!(invitation_of_link(&house.app, &"A".repeat(43)).await, Err(Refused::NotFound)));
        let rows = crate::world::rows::everything(database).await;
        let clear = |needle: &str| rows.iter().any(|(_, bytes)| bytes.windows(needle.len()).any(|at| at == needle.as_bytes()));
        assert!(!clear(&token) && !clear(IDA), "token or address stands in clear");

        let mut ida = house.asks(IDA).await;
        let code = house.code(IDA, 2).await;
        let answer = ida.types(&code).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/overview"), "{answer:?}");
        let people = house.app.store.read().await.expect("a transaction").people_of(&brokerage).await.expect("rows");
        assert_eq!(people.iter().map(|one| one.person.name.as_str()).collect::<Vec<_>>(), ["Ida Larsen"]);
        assert_eq!(invitation_of_link(&house.app, &token).await.err(), Some(Refused::NotFound), "it was used");
        let made = house.app.store.read().await.expect("a transaction").brokerage(&brokerage).await.expect("rows").expect("one");
        assert!(made.accepted_at.is_some());
        let id = database.count("invitations WHERE ended_by = 'used' AND person_id IS NOT NULL").await;
        assert_eq!(id, 1);
    }

    async fn who_was_invited_after_proving_an_address_joins_and_begins_nothing(database) {
        let house = House::open(database).await;
        let dana = staff(database, 1, "Dana Reyes", StaffRole::Reviewer).await;
        let mut ida = house.proves(IDA, 1).await;
        let brokerage = invites(&house.app, &dana, IDA).await;
        let answer = ida.begins("Another Name").await;
        assert_eq!((answer.status, answer.header("location")), (303, "/overview"), "{answer:?}");
        assert_eq!(database.count("brokerages").await, 1);
        let people = house.app.store.read().await.expect("a transaction").people_of(&brokerage).await.expect("rows");
        assert_eq!(people.len(), 1);
    }

    async fn what_was_taken_back_replaced_or_is_over_lets_nobody_in(database) {
        let house = House::open(database).await;
        let app = &house.app;
        let dana = staff(database, 1, "Dana Reyes", StaffRole::Reviewer).await;
        let brokerage = invites(app, &dana, IDA).await;
        let first = link(&house, IDA, 1).await;
        invite_admin(app, &dana, Some(&brokerage), &typed(IDA), &fresh_key()).await.expect("once more");
        let second = link(&house, IDA, 2).await;
        let opens = async |token: &str| invitation_of_link(app, token).await.is_ok();
        assert!(!opens(&first).await && opens(&second).await, "the newer one took its place");

        let id = open_invitation(app, &dana, &brokerage).await;
        let support = staff(database, 2, "Lee", StaffRole::Support).await;
        assert!(matches!(revoke_invitation(app, &support, &id).await, Err(Refused::Forbidden(_))));
        assert_eq!(revoke_invitation(app, &dana, &id).await, Ok(brokerage.clone()));
        assert_eq!(revoke_invitation(app, &dana, &id).await, Ok(brokerage.clone()), "twice is once");
        assert_eq!(revoke_invitation(app, &dana, &InvitationId::from_random([9; 16])).await, Err(Refused::NotFound));
        assert!(!opens(&second).await, "it was taken back");
        let mut ida = house.asks(IDA).await;
        let code = house.code(IDA, 3).await;
        let answer = ida.types(&code).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/start"), "the address is proven, and nobody's");

        invite_admin(app, &dana, Some(&brokerage), &typed("tom@lakeshore.example"), &fresh_key()).await.expect("invited");
        let third = link(&house, "tom@lakeshore.example", 1).await;
        app.clock.advance(Duration::from_secs(14 * 24 * 3600 - 1));
        assert!(opens(&third).await);
        app.clock.advance(Duration::from_secs(1));
        assert!(!opens(&third).await, "its two weeks are over");
        house.asks("tom@lakeshore.example").await;
        assert_eq!(database.count("people").await, 0);
    }

    async fn an_address_is_of_one_brokerage_and_a_form_counts_once(database) {
        let house = House::open(database).await;
        let app = &house.app;
        let dana = staff(database, 1, "Dana Reyes", StaffRole::Reviewer).await;
        let here = office_of(app, "harbor.example", true, &["Hal"]).await;
        let key = key_with("invitekey00000000001", "a");
        let first = invite_admin(app, &dana, None, &typed(IDA), &key).await.expect("invited");
        assert_eq!(invite_admin(app, &dana, None, &typed(IDA), &key).await, Ok(first.clone()));
        assert_eq!(database.count("invitations").await, 1);
        for (of, address, words) in [
            (Some(&here.brokerage), IDA, "invited to another"),
            (Some(&here.brokerage), "hal@harbor.example", "for this brokerage already"),
            (None, "HAL@harbor.example", "another brokerage"),
            (None, "nobody", "in the form"),
        ] {
            let refused = invite_admin(app, &dana, of, &typed(address), &fresh_key()).await;
            let Err(Refused::Fields(fields)) = refused else { panic!("{refused:?}") };
            assert!(fields[0].field == "address" && fields[0].sentence.contains(words), "{fields:?}");
        }
        assert_eq!(database.count("brokerages").await, 2, "a refused form makes no brokerage");
        let unknown = BrokerageId::from_random([9; 16]);
        assert_eq!(invite_admin(app, &dana, Some(&unknown), &typed("a@b.example"), &fresh_key()).await, Err(Refused::NotFound));
        let auditor = staff(database, 3, "Ada", StaffRole::Auditor).await;
        assert!(matches!(invite_admin(app, &auditor, None, &typed("a@b.example"), &fresh_key()).await, Err(Refused::Forbidden(_))));
    }
}
