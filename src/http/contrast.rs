//! Measures the contrast of the colours in the style sheet, in both themes, by the formula of WCAG 2.

const SHEET: &str = include_str!("../../static/app.css");

/// Text needs 4.5 to 1.
const TEXT: f64 = 4.5;
/// Edges of controls and the focus ring need 3 to 1.
const EDGE: f64 = 3.0;

/// Foreground, background, and what is needed.
const PAIRS: &[(&str, &str, f64)] = &[
    ("text", "bg", TEXT),
    ("text", "surface", TEXT),
    ("text", "raised", TEXT),
    ("text", "sunken", TEXT),
    ("text", "accent-soft", TEXT),
    ("text", "ok-soft", TEXT),
    ("muted", "bg", TEXT),
    ("muted", "surface", TEXT),
    ("muted", "sunken", TEXT),
    ("muted", "accent-soft", TEXT),
    ("faint", "bg", TEXT),
    ("faint", "surface", TEXT),
    ("field", "bg", EDGE),
    ("field", "surface", EDGE),
    ("accent", "bg", TEXT),
    ("accent", "surface", TEXT),
    ("focus", "bg", EDGE),
    ("focus", "surface", EDGE),
    ("on-accent", "accent", TEXT),
    ("on-accent", "accent-hover", TEXT),
    ("on-bad", "bad", TEXT),
    ("accent-text", "accent-soft", TEXT),
    ("accent-text", "surface", TEXT),
    ("accent-text", "bg", TEXT),
    ("ok", "ok-soft", TEXT),
    ("warn", "warn-soft", TEXT),
    ("bad", "bad-soft", TEXT),
    ("info", "info-soft", TEXT),
    ("bad", "surface", TEXT),
    ("bad", "bg", TEXT),
    ("code-fg", "code-bg", TEXT),
];

/// The light and the dark value of a token.
fn token(name: &str) -> Option<[[u8; 3]; 2]> {
    let (_, rest) = SHEET.split_once(&format!("--{name}: light-dark("))?;
    let (light, rest) = rest.split_once(',')?;
    let (dark, _) = rest.split_once(')')?;
    Some([colour(light.trim())?, colour(dark.trim())?])
}

fn colour(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}

fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn the_formula_measures_what_is_known() {
    assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 0.001);
    let (grey, white) = (colour("#767676").expect("colour"), [255; 3]);
    assert!((contrast(grey, white) - 4.54).abs() < 0.01, "the lightest grey that may be text on white");
}

#[test]
fn every_pair_can_be_read_in_both_themes() {
    let mut short = Vec::new();
    for (front, back, needed) in PAIRS {
        let (front_values, back_values) =
            (token(front).expect("a token of two colours"), token(back).expect("a token of two colours"));
        for (theme, (a, b)) in ["light", "dark"].iter().zip(front_values.into_iter().zip(back_values)) {
            let measured = contrast(a, b);
            if measured < *needed {
                short.push(format!("{front} on {back}, {theme}: {measured:.2} of {needed}"));
            }
        }
    }
    assert!(short.is_empty(), "{}", short.join("\n"));
}

#[test]
fn colours_stand_in_the_tokens_only() {
    let (before, rest) = SHEET.split_once("@layer tokens {").expect("tokens");
    let (_, after) = rest.split_once("@layer base").expect("the layer behind them");
    for (number, line) in before.lines().chain(after.lines()).enumerate() {
        let hex = line
            .match_indices('#')
            .any(|(at, _)| line[at + 1..].chars().take_while(char::is_ascii_hexdigit).count() >= 3);
        assert!(!hex, "line {number} outside of the tokens names a colour nobody measures: {line}");
    }
}
