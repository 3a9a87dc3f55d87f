//! A browser without scripts: it keeps cookies, says where its requests come from, follows redirects and knows the
//! forms of the page it is on. What it is shown is kept for the search at the journey's end.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use reqwest::{Client, Method, StatusCode, header};

use super::{
    client::{client, client_at},
    html::{Form, Html},
    seen::{Answer, NeedleKind, Seen},
};

/// Where somebody is: the last page of a browser.
#[derive(Clone)]
pub struct Page {
    pub status: StatusCode,
    /// Path and query.
    pub url: String,
    pub headers: header::HeaderMap,
    pub source: String,
}

impl Page {
    pub fn html(&self) -> Html {
        Html::read(&self.source)
    }

    /// What a person reads.
    pub fn text(&self) -> String {
        self.html().text()
    }

    pub fn title(&self) -> String {
        self.html().inside("title").unwrap_or_default()
    }

    /// The one heading.
    pub fn heading(&self) -> String {
        let headings = self.html().all("h1");
        assert_eq!(headings.len(), 1, "{} has one h1: {headings:?}", self.url);
        headings[0].clone()
    }

    /// The form whose action or fields fit. Fails the test, with the page's text, when there is none.
    pub fn form(&self, what: &str, fits: impl Fn(&Form) -> bool) -> Form {
        let forms = self.html().forms();
        forms.iter().find(|form| fits(form)).cloned().unwrap_or_else(|| {
            let all: Vec<_> = forms.iter().map(|form| (&form.action, &form.inputs, &form.buttons)).collect();
            panic!("{} {} has no form {what}: {all:#?}\n{}", self.status, self.url, self.text())
        })
    }

    /// The form that has this field.
    pub fn form_with(&self, field: &str) -> Form {
        self.form(&format!("with {field}"), |form| form.has(field))
    }

    /// The form with a button that says this.
    pub fn form_that_says(&self, words: &str) -> Form {
        self.form(&format!("that says {words:?}"), |form| form.says(words))
    }

    /// The address of the link that says this.
    pub fn link(&self, words: &str) -> String {
        let links = self.html().links();
        let found = links.iter().find(|(_, text)| text.contains(words));
        found.unwrap_or_else(|| panic!("{} has no link {words:?}: {links:?}", self.url)).0.clone()
    }

    /// Whether a person can read this on the page.
    pub fn says(&self, words: &str) -> bool {
        self.text().contains(words)
    }

    /// Fails the test unless the page says this.
    #[track_caller]
    pub fn must_say(&self, words: &str) {
        assert!(self.says(words), "{} {} does not say {words:?}: {}", self.status, self.url, self.text());
    }
}

/// One browser.
pub struct Visitor {
    client: Client,
    /// Scheme and host of the portal.
    pub origin: String,
    cookies: Mutex<BTreeMap<String, String>>,
    seen: Seen,
}

impl Visitor {
    pub fn new(origin: &str, seen: &Seen) -> Visitor {
        Visitor { client: client(), origin: origin.to_owned(), cookies: Mutex::default(), seen: seen.clone() }
    }

    /// The same browser in another network: its requests come from this address.
    #[must_use]
    pub fn at(self, address: IpAddr) -> Visitor {
        Visitor { client: client_at(address), ..self }
    }

    /// Opens a page and follows redirects.
    pub async fn opens(&self, url: &str) -> Page {
        let page = self.once(Method::GET, url, None).await;
        self.follow(page).await
    }

    /// Opens a page and stays where it leads.
    pub async fn opens_once(&self, url: &str) -> Page {
        self.once(Method::GET, url, None).await
    }

    /// Sends a form and follows to the page it leads to.
    pub async fn sends(&self, form: &Form) -> Page {
        let page = self.posts(form).await;
        self.follow(page).await
    }

    /// Sends a form by the button that says this.
    pub async fn presses(&self, form: &Form, words: &str) -> Page {
        let (name, value, _) =
            form.buttons.iter().find(|(_, _, text)| text.contains(words)).expect("the button is there");
        let mut form = form.clone();
        if !name.is_empty() {
            form.fields.push((name.clone(), value.clone()));
        }
        self.sends(&form).await
    }

    /// Sends a form and stays: what came back, redirects not followed.
    pub async fn posts(&self, form: &Form) -> Page {
        let method = if form.method == "post" { Method::POST } else { Method::GET };
        self.once(method, &form.action, Some(&form.fields)).await
    }

    /// Follows redirects, at most ten.
    pub async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..10 {
            let Some(location) = page.headers.get(header::LOCATION) else { return page };
            let location = location.to_str().expect("a location is plain").to_owned();
            page = self.once(Method::GET, &location, None).await;
        }
        panic!("redirects without end at {}", page.url);
    }

    /// A request of this browser, ready to be sent; its answer is not kept.
    pub fn request(&self, method: Method, url: &str) -> reqwest::RequestBuilder {
        let path = url.strip_prefix(&self.origin).unwrap_or(url);
        assert!(path.starts_with('/'), "{url} leads away from {}", self.origin);
        let mut request = self
            .client
            .request(method.clone(), format!("{}{path}", self.origin))
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-mode", "navigate")
            .header("sec-fetch-dest", "document")
            .header(header::COOKIE, self.cookie_line());
        if method == Method::POST {
            request = request.header(header::ORIGIN, &self.origin);
        }
        request
    }

    async fn once(&self, method: Method, url: &str, fields: Option<&[(String, String)]>) -> Page {
        let mut request = self.request(method.clone(), url);
        request = match fields {
            Some(fields) if method == Method::POST => request.form(fields),
            Some(fields) => request.query(fields),
            None => request,
        };
        self.answers(request, &method, url).await
    }

    /// Sends a request of this browser that was made ready, and keeps its answer.
    pub async fn answers(&self, request: reqwest::RequestBuilder, method: &Method, url: &str) -> Page {
        let response = request.send().await.unwrap_or_else(|error| panic!("{method} {url}: {error:?}"));
        self.keep_cookies(response.headers());
        let (status, headers) = (response.status(), response.headers().clone());
        let path = response.url().path().to_owned();
        let url = response.url().query().map_or(path.clone(), |query| format!("{path}?{query}"));
        let body = response.bytes().await.unwrap_or_else(|error| panic!("{method} {url}: {error:?}"));
        self.note(&format!("{method} {url}"), status, &headers, &body);
        assert_ne!(status.as_u16(), 500, "{method} {url}: {}", String::from_utf8_lossy(&body));
        Page { status, url, headers, source: String::from_utf8_lossy(&body).into_owned() }
    }

    /// Keeps an answer for the search at the journey's end.
    pub fn note(&self, request: &str, status: StatusCode, headers: &header::HeaderMap, body: &[u8]) {
        let lines = headers.iter().filter(|(name, _)| *name != header::SET_COOKIE);
        let headers = lines.map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap_or("?")));
        self.seen.answered(Answer {
            request: request.to_owned(),
            status: status.as_u16(),
            headers: headers.collect(),
            body: body.to_vec(),
        });
    }

    fn keep_cookies(&self, headers: &header::HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for line in headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().expect("a cookie is plain");
            let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a name");
            let attributes = attributes.to_ascii_lowercase();
            if name.starts_with("__Host-") {
                for rule in ["secure", "path=/"] {
                    assert!(attributes.contains(rule), "{name} lacks {rule}: {attributes}");
                }
                assert!(!attributes.contains("domain="), "{name} is of this host alone");
            }
            let gone = attributes.contains("max-age=0") || value.is_empty();
            if gone {
                cookies.remove(name);
                continue;
            }
            if value.len() >= 16 {
                assert!(attributes.contains("httponly"), "{name} is hidden from scripts: {attributes}");
                self.seen.typed(NeedleKind::Cookie, "a cookie's value", value);
            }
            cookies.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Has a cookie from elsewhere.
    pub fn takes_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value.to_owned());
    }

    /// What the browser sends as `Cookie`.
    pub fn cookie_line(&self) -> String {
        let cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Closes the browser and opens it again: nothing is remembered.
    pub fn forgets_everything(&self) {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
