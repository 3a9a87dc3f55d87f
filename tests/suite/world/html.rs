//! Pages as a person without scripts meets them: text, links and forms. It reads the HTML that our templates write
//! and is strict where they must be: a form field without a name or an attribute that stands twice fails the test.

use std::collections::BTreeMap;

/// One tag or piece of text, in page order.
#[derive(Debug, Clone)]
enum Token {
    Open { name: String, attributes: BTreeMap<String, String> },
    Close(String),
    Text(String),
}

/// A form: where it posts to and what it would post as it stands.
#[derive(Debug, Clone)]
pub struct Form {
    pub action: String,
    pub method: String,
    /// Names and values as the page filled them in; an unchecked choice is not among them.
    pub fields: Vec<(String, String)>,
    /// Every name that can be filled, with the kind of input.
    pub inputs: Vec<(String, String)>,
    /// The buttons: name, value and what they say.
    pub buttons: Vec<(String, String, String)>,
}

impl Form {
    /// The form with `value` typed into `name`. Fails the test when the form has no such field.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Form {
        assert!(self.has(name), "the form {} has no field {name}: {:?}", self.action, self.inputs);
        self.fields.retain(|(field, _)| field != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Whether there is a field of this name.
    pub fn has(&self, name: &str) -> bool {
        self.inputs.iter().any(|(field, _)| field == name)
    }

    /// What stands in a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// What a button says, in any of its forms.
    pub fn says(&self, words: &str) -> bool {
        self.buttons.iter().any(|(_, _, text)| text.contains(words))
    }
}

/// Reads a page.
pub struct Html {
    tokens: Vec<Token>,
}

const VOID: [&str; 8] = ["area", "br", "hr", "img", "input", "link", "meta", "wbr"];

impl Html {
    pub fn read(source: &str) -> Html {
        let mut tokens = Vec::new();
        let mut rest = source;
        while let Some(at) = rest.find('<') {
            push_text(&mut tokens, &rest[..at]);
            rest = &rest[at..];
            if let Some(after) = rest.strip_prefix("<!--") {
                rest = after.split_once("-->").map_or("", |(_, rest)| rest);
                continue;
            }
            let end = tag_end(rest);
            let inner = &rest[1..end];
            rest = rest.get(end + 1..).unwrap_or("");
            if inner.starts_with('!') {
                continue;
            }
            if let Some(name) = inner.strip_prefix('/') {
                tokens.push(Token::Close(name.trim().to_ascii_lowercase()));
                continue;
            }
            let (name, attributes) = tag(inner);
            let raw = matches!(name.as_str(), "script" | "style");
            tokens.push(Token::Open { name: name.clone(), attributes });
            if raw {
                rest = rest.find(&format!("</{name}")).map_or("", |at| &rest[at..]);
            }
        }
        push_text(&mut tokens, rest);
        Html { tokens }
    }

    /// The text a person reads, with single blanks; hidden tags such as `title` are left out.
    pub fn text(&self) -> String {
        let mut silent = 0_u32;
        let mut text = String::new();
        for token in &self.tokens {
            match token {
                Token::Open { name, .. } if name == "head" => silent += 1,
                Token::Close(name) if name == "head" => silent -= 1,
                Token::Open { .. } | Token::Close(_) => text.push(' '),
                Token::Text(piece) if silent == 0 => text.push_str(piece),
                Token::Text(_) => {}
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The text inside the first element of this name.
    pub fn inside(&self, element: &str) -> Option<String> {
        let start = self.tokens.iter().position(|token| is_open(token, element))?;
        Some(self.text_from(start))
    }

    /// The text of every element of this name, in page order.
    pub fn all(&self, element: &str) -> Vec<String> {
        let starts = self.tokens.iter().enumerate().filter(|(_, token)| is_open(token, element));
        starts.map(|(start, _)| self.text_from(start)).collect()
    }

    /// The text of every element that has this attribute, with the attribute's value.
    pub fn marked(&self, attribute: &str) -> Vec<(String, String)> {
        let value = |(at, token): (usize, &Token)| match token {
            Token::Open { attributes, .. } => Some((attributes.get(attribute)?.clone(), self.text_from(at))),
            _ => None,
        };
        self.tokens.iter().enumerate().filter_map(value).collect()
    }

    /// The links: address and what they say.
    pub fn links(&self) -> Vec<(String, String)> {
        let link = |(at, token): (usize, &Token)| match token {
            Token::Open { name, attributes } if name == "a" => {
                Some((attributes.get("href")?.clone(), self.text_from(at)))
            }
            _ => None,
        };
        self.tokens.iter().enumerate().filter_map(link).collect()
    }

    /// The forms, in page order.
    pub fn forms(&self) -> Vec<Form> {
        let starts = self.tokens.iter().enumerate().filter(|(_, token)| is_open(token, "form"));
        starts.map(|(start, _)| self.form(start)).collect()
    }

    fn text_from(&self, start: usize) -> String {
        let Token::Open { name, .. } = &self.tokens[start] else { return String::new() };
        if VOID.contains(&name.as_str()) {
            return String::new();
        }
        let (mut depth, mut text) = (0_u32, String::new());
        for token in &self.tokens[start..] {
            match token {
                Token::Open { name: other, .. } if other == name => depth += 1,
                Token::Close(other) if other == name => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                Token::Text(piece) => text.push_str(piece),
                _ => text.push(' '),
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn form(&self, start: usize) -> Form {
        let Token::Open { attributes, .. } = &self.tokens[start] else { unreachable!("a form begins here") };
        let mut form = Form {
            action: attributes.get("action").cloned().unwrap_or_default(),
            method: attributes.get("method").map_or("get", String::as_str).to_ascii_lowercase(),
            fields: Vec::new(),
            inputs: Vec::new(),
            buttons: Vec::new(),
        };
        let mut select = None;
        for (at, token) in self.tokens.iter().enumerate().skip(start + 1) {
            match token {
                Token::Close(name) if name == "form" => break,
                Token::Open { name, attributes } => {
                    self.form_part(&mut form, &mut select, at, name, attributes)
                }
                _ => {}
            }
        }
        form
    }

    fn form_part(
        &self,
        form: &mut Form,
        select: &mut Option<String>,
        at: usize,
        tag: &str,
        attributes: &BTreeMap<String, String>,
    ) {
        let value = attributes.get("value").cloned().unwrap_or_default();
        let name = attributes.get("name").cloned();
        match tag {
            "input" => {
                let name = name.expect("every input has a name");
                let kind = attributes.get("type").map_or("text", String::as_str);
                if !form.has(&name) {
                    form.inputs.push((name.clone(), kind.to_owned()));
                }
                let choice = matches!(kind, "radio" | "checkbox");
                if !choice || attributes.contains_key("checked") {
                    let value = if choice && value.is_empty() { "on".to_owned() } else { value };
                    form.fields.push((name, value));
                }
            }
            "textarea" => {
                let name = name.expect("every field has a name");
                form.inputs.push((name.clone(), "textarea".to_owned()));
                form.fields.push((name, self.text_from(at)));
            }
            "select" => {
                let name = name.expect("every field has a name");
                form.inputs.push((name.clone(), "select".to_owned()));
                *select = Some(name);
            }
            "option" => {
                let Some(name) = select.clone() else { return };
                let first = !form.fields.iter().any(|(field, _)| *field == name);
                if first || attributes.contains_key("selected") {
                    form.fields.retain(|(field, _)| *field != name);
                    form.fields.push((name, value));
                }
            }
            "button" if attributes.get("type").map_or("submit", String::as_str) == "submit" => {
                form.buttons.push((name.unwrap_or_default(), value, self.text_from(at)));
            }
            _ => {}
        }
    }
}

fn is_open(token: &Token, element: &str) -> bool {
    matches!(token, Token::Open { name, .. } if name == element)
}

fn push_text(tokens: &mut Vec<Token>, text: &str) {
    if !text.is_empty() {
        tokens.push(Token::Text(decoded(text)));
    }
}

/// Where the tag that begins at 0 ends: at the first `>` outside of quotes.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (None, '>') => return at,
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            _ => {}
        }
    }
    panic!("a tag does not end: {}", text.chars().take(200).collect::<String>());
}

fn tag(inner: &str) -> (String, BTreeMap<String, String>) {
    let inner = inner.trim_end_matches('/');
    let (name, mut rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return (name.to_ascii_lowercase(), attributes);
        }
        let end = rest.find(|letter: char| letter.is_whitespace() || letter == '=').unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let (value, after) = match after.strip_prefix('=') {
            None => ("", after),
            Some(after) => match after.strip_prefix('"') {
                Some(after) => after.split_once('"').expect("a quote ends"),
                None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
            },
        };
        let twice = attributes.insert(key.to_ascii_lowercase(), decoded(value));
        assert!(twice.is_none(), "the attribute {key} stands twice in <{inner}>");
        rest = after;
    }
}

/// Text with its entities read.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity =
            rest.find(';').filter(|end| *end < 12).and_then(|end| Some((entity(&rest[1..end])?, end)));
        match entity {
            Some((letter, end)) => {
                out.push(letter);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out + rest
}

fn entity(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[test]
fn a_page_is_read_as_a_browser_reads_it() {
    let html = Html::read(
        "<!doctype html><head><title>T</title></head><h1 class=x>A &amp; B</h1><form method=\"post\" action=\"/a?b=1&amp;c\">\
         <input type=\"hidden\" name=\"csrf\" value=\"&quot;1&#39;\"><input type=\"radio\" name=\"kind\" value=\"a\">\
         <input type=\"radio\" name=\"kind\" value=\"b\" checked><select name=\"m\"><option value=\"1\">x<option value=\"2\" selected>y</select>\
         <textarea name=\"t\">1 &lt; 2</textarea><button name=\"go\" value=\"1\">Go <b>on</b></button></form><a href=\"/x\">X</a>",
    );
    assert_eq!(html.text(), "A & B x y 1 < 2 Go on X");
    let [form] = &html.forms()[..] else { panic!("one form") };
    assert_eq!((form.action.as_str(), form.method.as_str()), ("/a?b=1&c", "post"));
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(form.fields, [pair("csrf", "\"1'"), pair("kind", "b"), pair("m", "2"), pair("t", "1 < 2")]);
    assert_eq!(form.buttons, [("go".to_owned(), "1".to_owned(), "Go on".to_owned())]);
    assert_eq!(html.links(), [pair("/x", "X")]);
}
