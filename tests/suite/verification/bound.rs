//! A brokerage that staff have not accepted may check only the tenant that owns its domain.

use moxi_onboard::{
    domain::{address::MailDomain, check::Verdict},
    verification::Nobody,
};

use super::lab::{Lab, cause, credential};

#[tokio::test]
async fn no_secret_is_tried_at_somebody_elses_tenant() {
    let lab = Lab::open().await;
    let (own, other) = (lab.sample("healthy"), lab.sample("secret-wrong"));
    let domain = MailDomain::parse(&own.tenant_domain).expect("a domain");
    let bound = lab.verifier().bound_to(domain);

    let report = bound.check(&credential(&own), &Nobody).await;
    assert_eq!((report.verdict, cause(&report)), (Verdict::Passed, None));

    let report = bound.check(&credential(&other), &Nobody).await;
    assert_eq!((report.verdict, cause(&report)), (Verdict::Failed, Some("tenant_of_others")));
    assert_eq!(lab.simulator.token_requests(&other.tenant_id), 0, "the secret stayed here");
    assert!(
        report.steps[0].facts.iter().all(|fact| fact.value != own.tenant_id),
        "{:?}",
        report.steps[0].facts
    );

    let nowhere = MailDomain::parse("no-tenant.example").expect("a domain");
    let report = lab.verifier().bound_to(nowhere).check(&credential(&own), &Nobody).await;
    assert_eq!(cause(&report), Some("tenant_of_others"));
}
