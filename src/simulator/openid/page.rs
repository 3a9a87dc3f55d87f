//! The provider's one page: who do you want to be?

use super::people::PEOPLE;

/// The page; `hidden` are the parameters that the next request brings along.
pub(crate) fn page(hidden: &[(&str, &str)]) -> String {
    let fields: String = hidden
        .iter()
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escaped(value)))
        .collect();
    let people: String = PEOPLE
        .iter()
        .map(|colleague| {
            let roles =
                if colleague.roles.is_empty() { "no role".to_owned() } else { colleague.roles.join(", ") };
            format!(
                "<p><button name=\"account\" value=\"{}\">{} ({roles})</button></p>",
                colleague.account, colleague.name
            )
        })
        .collect();
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>Company sign-in (simulated)</title></head><body><main><h1>Company sign-in (simulated)</h1>\
         <p>This stands where your company's sign-in would be. Press the person you want to be.</p>\
         <form method=\"get\" action=\"/authorize/as\">{fields}{people}\
         <p><button name=\"account\" value=\"\">None of them</button></p></form></main></body></html>"
    )
}

fn escaped(text: &str) -> String {
    text.chars()
        .map(|letter| match letter {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '"' => "&quot;".to_owned(),
            other => other.to_string(),
        })
        .collect()
}
