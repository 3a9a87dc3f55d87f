//! One of our own people at the staff site: they come in by the company's sign-in, with one press there.

use reqwest::header;
use url::Url;

use super::{
    client::client,
    html::Html,
    seen::{NeedleKind, Seen},
    visitor::{Page, Visitor},
};

/// Opens the staff site, goes to the company's sign-in and presses this person there. Gives their browser and the
/// page that it is on then.
pub async fn comes_in(origin: &str, name: &str, seen: &Seen) -> (Visitor, Page) {
    let visitor = Visitor::new(origin, seen);
    let door = visitor.opens("/").await;
    let begun = visitor.opens_once(&door.link("Sign in with your company account")).await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    let company = location(&begun.headers);

    let asked = client().get(company.clone()).send().await.expect("the company answers");
    let form = Html::read(&asked.text().await.expect("a page")).forms().remove(0);
    let button = form.buttons.iter().find(|(_, _, words)| words.starts_with(name));
    let (field, account, _) = button.unwrap_or_else(|| panic!("{name} is not among {:?}", form.buttons));
    let mut fields = form.fields.clone();
    fields.push((field.clone(), account.clone()));
    let to = company.join(&form.action).expect("an address");
    let answer = client().get(to).query(&fields).send().await.expect("the company answers");
    let back = location(answer.headers());

    let code = back.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
    seen.typed(NeedleKind::Secret, "a code of the company's sign-in", &code);
    let back = back.as_str().strip_prefix(origin).expect("back to the site").to_owned();
    let page = visitor.opens(&back).await;
    (visitor, page)
}

fn location(headers: &header::HeaderMap) -> Url {
    headers[header::LOCATION].to_str().expect("plain").parse().expect("an address")
}
