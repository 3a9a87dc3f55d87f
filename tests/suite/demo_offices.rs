//! A demo that was asked for offices has work for each of our own people, several pieces in every state.

use crate::world::{Folder, Process, comes_in, free_port, seen::Seen};

/// A view of the queue and how many connections of the played offices are there at least.
const VIEWS: &[(&str, usize)] = &[
    ("/?view=needs", 6),
    ("/?view=failed", 5),
    ("/?view=verified", 6),
    ("/?view=draft", 5),
    ("/?view=waiting", 2),
    ("/?view=snoozed", 1),
    ("/?state=closed", 2),
    ("/?rule=acceptance", 2),
    ("/?rule=second_person", 1),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_of_our_people_finds_work_in_a_demo_with_offices() {
    let folder = Folder::new();
    let (portal, staff, desk) = (free_port(), free_port(), free_port());
    let addresses = [portal, staff, desk].map(|at| at.to_string());
    let mut demo = Process::start(
        "demo",
        folder.path(),
        &[
            "demo",
            "--offices",
            "--data",
            "demo",
            "--portal",
            &addresses[0],
            "--staff",
            &addresses[1],
            "--desk",
            &addresses[2],
        ],
    );
    let site = format!("http://{staff}");
    demo.ready(&format!("{site}/readyz")).await;
    demo.says("offices are there for the staff site.").await;
    assert!(!demo.log().contains("could not be played"), "{}", demo.log());

    let (dana, _) = comes_in(&site, "Dana Reyes", &Seen::default()).await;
    for (view, least) in VIEWS {
        let list = dana.opens(view).await;
        let listed = list.html().all("tbody").concat().matches("Main office").count();
        assert!(listed >= *least, "{view} has {listed}, not {least}: {}", list.text());
    }
    let invited = dana.opens("/brokerages").await;
    invited.must_say("Saltmarsh Realty");
    // Whoever answers for the product looks over what operations opened; operations wait for a second person.
    let (olga, _) = comes_in(&site, "Olga Weiss", &Seen::default()).await;
    let opened = olga.opens("/?rule=break_glass").await;
    assert_eq!(opened.html().all("tbody").concat().matches("Main office").count(), 1, "{}", opened.text());
    let (ines, _) = comes_in(&site, "Ines Falk", &Seen::default()).await;
    let audit = ines.opens("/audit?verb=access.ask").await;
    assert!(audit.html().all("tbody").concat().matches("Asked").count() >= 5, "{}", audit.text());
    let (status, _) = demo.terminate().await;
    assert!(status.success(), "{status}");
}
