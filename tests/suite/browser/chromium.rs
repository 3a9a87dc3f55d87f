//! Chromium, driven through chromedriver: started for one story, with a profile of its own, and ended with it.

use std::{
    io::{BufRead as _, BufReader},
    os::unix::process::CommandExt as _,
    process::{Child, Command, Stdio},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use fantoccini::{
    Client, ClientBuilder, Locator, elements::Element, error::CmdError, wd::WebDriverCompatibleCommand,
};
use serde_json::{Value, json};
use url::{ParseError, Url};

use crate::world::{Folder, visitor::Visitor};

/// Do pages run their scripts?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    On,
    Off,
}

/// A browser window of one person.
pub struct Chromium {
    pub client: Client,
    driver: Child,
    _profile: Folder,
}

/// Whether this machine can run the story; a run that allows no skips fails instead.
pub fn is_here() -> bool {
    let programs = ["chromium", "chromedriver"].iter().all(|program| {
        std::env::var_os("PATH")
            .is_some_and(|paths| std::env::split_paths(&paths).any(|path| path.join(program).is_file()))
    });
    let found = programs && super::rules::file().is_file();
    assert!(
        found || std::env::var("MOXI_ALLOW_SKIPS").is_ok(),
        "no chromium, chromedriver or axe for the tests: run scripts/needs and scripts/browser first, or scripts/test"
    );
    found
}

/// A driver and its port. Two that start at the same moment may choose the same one; the second then ends at once, and
/// another is started.
fn driver() -> (Child, String) {
    for _ in 0..5 {
        let mut driver = Command::new("chromedriver")
            .args(["--port=0", "--log-level=SEVERE"])
            // A group of its own: whatever it starts ends with it.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let mut lines = BufReader::new(driver.stdout.take().expect("its output")).lines();
        while let Some(line) = lines.next() {
            let line = line.expect("text");
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                // It goes on printing; nobody reads, but the pipe must not fill.
                std::thread::spawn(move || lines.for_each(drop));
                return (driver, port.trim_end_matches('.').to_owned());
            }
        }
        end(&mut driver);
    }
    panic!("chromedriver never says its port");
}

impl Chromium {
    pub async fn start(scripts: Scripts) -> Chromium {
        let profile = Folder::new();
        let (mut driver, port) = driver();
        let connector = hyper_util::client::legacy::connect::HttpConnector::new();
        let mut builder = ClientBuilder::new(connector);
        let wanted = capabilities(scripts, &profile);
        builder.capabilities(wanted.as_object().expect("an object").clone());
        let connected = builder.connect(&format!("http://127.0.0.1:{port}")).await;
        let browser = match connected {
            Ok(client) => Chromium { client, driver, _profile: profile },
            Err(error) => {
                end(&mut driver);
                panic!("chromium does not start: {error}");
            }
        };
        browser.is_as_wide_as(1280).await;
        browser
    }

    pub async fn goes_to(&self, url: &str) {
        self.client.goto(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// The window goes on where another browser is: with its cookies and no others.
    pub async fn takes_over(&self, other: &Visitor) {
        self.client.delete_all_cookies().await.expect("cookies are forgotten");
        for cookie in other.cookie_line().split("; ") {
            let (name, value) = cookie.split_once('=').expect("a cookie has a name");
            let cookie = json!({ "name": name, "value": value, "url": other.origin, "path": "/", "secure": true, "httpOnly": true });
            let set = self.asks("Network.setCookie", cookie).await;
            assert_eq!(set["success"], json!(true), "{name}");
        }
    }

    /// A viewport this wide, in CSS pixels.
    pub async fn is_as_wide_as(&self, width: u32) {
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.asks("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    pub async fn find(&self, css: &str) -> Element {
        let found = self.client.wait().at_most(Duration::from_secs(10)).for_element(Locator::Css(css)).await;
        match found {
            Ok(found) => found,
            Err(error) => {
                let source = self.client.source().await.unwrap_or_default();
                panic!("{css} at {:?}: {error}\n{source}", self.client.current_url().await)
            }
        }
    }

    /// Types into a field as a person does, over what stood there.
    pub async fn types(&self, field: &str, text: &str) {
        let input = self.find(&format!("[name=\"{field}\"]:not([type=hidden])")).await;
        input.clear().await.expect("a field is cleared");
        input.send_keys(text).await.expect("keys are typed");
    }

    /// Presses what says this, a button or a link, and waits for the page that follows.
    pub async fn presses(&self, words: &str) {
        let quoted = format!("'{words}'");
        let path = format!(
            "//main//button[contains(normalize-space(.), {quoted})] | //main//a[contains(normalize-space(.), {quoted})]"
        );
        let found =
            self.client.wait().at_most(Duration::from_secs(10)).for_element(Locator::XPath(&path)).await;
        let Ok(found) = found else {
            panic!("nothing says {words:?} on:\n{}", self.client.source().await.unwrap_or_default())
        };
        self.leaves_by(found).await;
    }

    /// Clicks on what leads to another page, and waits until this one is gone.
    async fn leaves_by(&self, found: Element) {
        let here = self.find("html").await;
        found.click().await.expect("a click");
        for _ in 0..500 {
            if here.tag_name().await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the click leads nowhere:\n{}", self.reads().await);
    }

    /// Presses the one button of the page's first form.
    pub async fn presses_the_button(&self) {
        let button = self.find("main form button.btn").await;
        self.leaves_by(button).await;
    }

    /// Opens what is folded away under these words.
    pub async fn unfolds(&self, words: &str) {
        let path = format!("//main//summary[contains(normalize-space(.), '{words}')]");
        let found =
            self.client.wait().at_most(Duration::from_secs(10)).for_element(Locator::XPath(&path)).await;
        let Ok(found) = found else { panic!("nothing is folded under {words:?}:\n{}", self.reads().await) };
        found.click().await.expect("a click");
    }

    /// Makes a choice.
    pub async fn chooses(&self, field: &str, value: &str) {
        let choice = format!("input[name={field}][value=\"{value}\"]");
        self.find(&choice).await.click().await.expect("a choice");
    }

    /// The text of the page's main part. A page that is loaded anew by itself may go between two questions: then the new
    /// one is read.
    pub async fn reads(&self) -> String {
        for _ in 0..20 {
            match self.find("main").await.text().await {
                Err(error) if is_gone(&error) => {}
                text => return text.expect("text"),
            }
        }
        panic!("the page is loaded anew again and again")
    }

    /// Waits until the main part says this.
    pub async fn sees(&self, words: &str) {
        for _ in 0..300 {
            if self.reads().await.contains(words) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the page does not say {words:?}:\n{}", self.reads().await);
    }

    /// A command of the DevTools protocol.
    pub async fn asks(&self, command: &str, parameters: Value) -> Value {
        let command =
            Vendor { path: "goog/cdp/execute", body: json!({ "cmd": command, "params": parameters }) };
        self.client.issue_cmd(command).await.expect("an answer of the browser")
    }

    /// What the console said since the last look, as `LEVEL: message`.
    pub async fn console(&self) -> Vec<String> {
        let command = Vendor { path: "se/log", body: json!({ "type": "browser" }) };
        let lines = self.client.issue_cmd(command).await.expect("the console's lines");
        let line = |line: &Value| format!("{}: {}", text(&line["level"]), text(&line["message"]));
        lines.as_array().map(|lines| lines.iter().map(line).collect()).unwrap_or_default()
    }

    /// A picture of the whole page, PNG.
    pub async fn picture(&self) -> Vec<u8> {
        let wanted = json!({ "format": "png", "captureBeyondViewport": true });
        let answer = self.asks("Page.captureScreenshot", wanted).await;
        STANDARD.decode(text(&answer["data"])).expect("base64")
    }

    /// Closes the window and ends the driver. A story that fails is ended by the drop.
    pub async fn closes(self) {
        self.client.clone().close().await.expect("the session closes");
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        end(&mut self.driver);
    }
}

/// Ends chromedriver and everything it started.
fn end(driver: &mut Child) {
    let group = rustix::process::Pid::from_child(driver);
    let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    let _ = driver.wait();
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn capabilities(scripts: Scripts, profile: &Folder) -> Value {
    let mut arguments = vec![
        "--headless=new".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-quic".to_owned(),
        "--no-first-run".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--disable-sync".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--window-size=1280,900".to_owned(),
        format!("--user-data-dir={}", profile.path().display()),
    ];
    if rustix::process::geteuid().is_root() {
        arguments.push("--no-sandbox".to_owned());
    }
    let mut options = json!({ "args": arguments });
    if scripts == Scripts::Off {
        options["prefs"] = json!({ "profile.managed_default_content_settings.javascript": 2 });
    }
    json!({
        "browserName": "chrome",
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL" },
        "timeouts": { "script": 60_000, "pageLoad": 120_000 },
    })
}

/// Whether what was asked about went with its page. In the middle of a change chromedriver hands on what Chromium says of
/// it, in words of its own.
fn is_gone(error: &CmdError) -> bool {
    error.is_stale_element_reference()
        || error.to_string().contains("Node with given id does not belong to the document")
}

/// A command that only chromedriver knows.
#[derive(Debug)]
struct Vendor {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
