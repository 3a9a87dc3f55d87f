//! Templates, their structs and the samples that show them with every kind of content.

use crate::source::{Breach, House};

/// Structs made from a value, not by hand: the value's samples stand for theirs. File, value, samples.
const FROM_VALUES: [(&str, &str, &str, &str); 1] =
    [("src/notify/compose.rs", "src/notify/notice.rs", "Notice", "src/notify/samples.rs")];

/// A template file that nothing renders or takes in.
pub fn orphans(house: &House) -> Vec<Breach> {
    const REASON: &str = "what nothing renders is not tried by any test, and lies about the pages there are";
    let templates =
        || house.other.iter().filter_map(|(path, text)| Some((path.strip_prefix("templates/")?, text)));
    templates()
        // Guides are read at run time, as a folder.
        .filter(|(path, _)| !path.starts_with("guides/"))
        .filter(|(path, _)| {
            let quoted = format!("\"{path}\"");
            !house.shipped().any(|file| file.code.contains(&quoted))
                && !templates().any(|(other, text)| other != *path && text.contains(&quoted))
        })
        .map(|(path, _)| Breach {
            file: format!("templates/{path}"),
            line: 1,
            what: "no struct renders it".to_owned(),
            reason: REASON,
        })
        .collect()
}

/// A template struct that no test renders with samples.
pub fn sampleless(house: &House) -> Vec<Breach> {
    const REASON: &str = "every page is rendered with every kind of content before a reader sees it";
    let mut breaches = Vec::new();
    for file in house.shipped() {
        if let Some(values) = FROM_VALUES.iter().find(|values| values.0 == file.path) {
            breaches.extend(values_without_samples(house, values));
            continue;
        }
        for (at, _) in file.bare.match_indices("#[template(") {
            let rest = &file.bare[at..];
            let Some(name) = rest.split_once("struct ").map(|(_, rest)| {
                rest.chars().take_while(|letter| letter.is_alphanumeric()).collect::<String>()
            }) else {
                continue;
            };
            let near = |text: &str| {
                text.contains(&format!("Sample for {name} ")) || text.contains(&format!("Sample for {name}<"))
            };
            // A piece of a page is no page: its test looks at its samples by itself.
            let tried = |text: &str| {
                text.contains(&format!("{name}::assert_renders()"))
                    || text.contains(&format!("{name}::samples()"))
            };
            let whole = house.rust.iter().filter(|other| other.path.starts_with(folder(&file.path)));
            // A page outside of the sites has no frame to look at: rendering it in its own test will do.
            let own = file.text.split_once("#[cfg(test)]").map_or("", |(_, tests)| tests);
            if file.room() != "http" && own.contains(&format!("{name} {{")) && own.contains(".render()") {
                continue;
            }
            let (mut has, mut is_tried) = (false, false);
            for text in whole.map(|other| other.text.as_str()) {
                has |= near(text);
                is_tried |= tried(text);
            }
            if !has || !is_tried {
                let what =
                    format!("{name} has no samples, or no test renders them ({name}::assert_renders())");
                breaches.push(file.breach(at, what, REASON));
            }
        }
    }
    breaches
}

fn folder(path: &str) -> &str {
    path.trim_end_matches(".rs").trim_end_matches("/mod")
}

fn values_without_samples(
    house: &House,
    (file, values, name, samples): &(&str, &str, &str, &str),
) -> Vec<Breach> {
    const REASON: &str = "every mail is composed with every kind of content before somebody gets it";
    let text =
        |path: &str| house.rust.iter().find(|file| file.path == path).map_or("", |file| file.text.as_str());
    let body = text(values).split_once(&format!("pub enum {name} {{")).map_or("", |(_, rest)| rest);
    let body = body.split_once("\n}").map_or("", |(body, _)| body);
    let variants: Vec<&str> = body
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with(|letter: char| letter.is_ascii_uppercase()))
        .filter_map(|line| line.split(['(', ',', ' ', '{']).next())
        .collect();
    let breach = |what: String| Breach { file: (*file).to_owned(), line: 1, what, reason: REASON };
    if variants.is_empty() {
        return vec![breach(format!("{values} has no enum {name}"))];
    }
    variants
        .into_iter()
        .filter(|variant| !text(samples).contains(&format!("{name}::{variant}")))
        .map(|variant| breach(format!("{samples} has no {name}::{variant}")))
        .collect()
}

#[test]
fn planted_templates_are_found() {
    let shown = "#[derive(Template)]\n#[template(path = \"pages/a.html\")]\npub struct A { x: u8 }\n";
    let sampled = format!(
        "{shown}#[cfg(test)]\nmod tests {{ impl Sample for A {{ }}\n fn t() {{ A::assert_renders(); }} }}\n"
    );
    crate::finds(
        orphans,
        &[("templates/pages/b.html", "hello"), ("src/http/a.rs", shown)],
        &[
            ("templates/pages/a.html", "{% include \"parts/c.html\" %}"),
            ("templates/parts/c.html", ""),
            ("src/http/a.rs", shown),
        ],
    );
    crate::finds(sampleless, &[("src/http/a.rs", shown)], &[("src/http/a.rs", &sampled)]);
    let unseen = sampled.replace("A::assert_renders();", "");
    crate::finds(sampleless, &[("src/http/a.rs", &unseen)], &[("src/http/a.rs", &sampled)]);
    let notice =
        ("src/notify/notice.rs", "pub enum Notice {\n    /// x\n    Code(Code),\n    Failed(Failed),\n}\n");
    crate::finds(
        sampleless,
        &[("src/notify/compose.rs", ""), notice, ("src/notify/samples.rs", "Notice::Code(x)")],
        &[
            ("src/notify/compose.rs", ""),
            notice,
            ("src/notify/samples.rs", "Notice::Code(x) Notice::Failed(y)"),
        ],
    );
}
