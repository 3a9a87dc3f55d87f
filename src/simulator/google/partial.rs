//! The parameter `fields`, by which a client asks for a part of an answer: `items(id,summary),nextPageToken`.

use serde_json::Value;

/// What a text of this kind leaves of an answer; of one that cannot be read, all.
pub(crate) fn left(value: Value, fields: Option<&str>) -> Value {
    match fields {
        Some(fields) if !fields.is_empty() && fields != "*" => narrowed(value, fields),
        _ => value,
    }
}

fn narrowed(value: Value, fields: &str) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| narrowed(item, fields)).collect(),
        Value::Object(mut members) => {
            let wanted = parted(fields);
            members.retain(|name, _| wanted.iter().any(|(known, _)| *known == name));
            for (name, inner) in wanted {
                if let (Some(inner), Some(member)) = (inner, members.get_mut(name)) {
                    *member = narrowed(member.take(), inner);
                }
            }
            Value::Object(members)
        }
        plain => plain,
    }
}

/// The names at this level, each with what is wanted inside it.
fn parted(fields: &str) -> Vec<(&str, Option<&str>)> {
    let (mut depth, mut start) = (0_usize, 0);
    let mut parts = Vec::new();
    for (at, letter) in fields.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&fields[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&fields[start..]);
    parts.into_iter().map(|part| one(part.trim())).collect()
}

fn one(part: &str) -> (&str, Option<&str>) {
    if let Some((name, inner)) = part.split_once('(').filter(|(name, _)| !name.contains('/')) {
        return (name, Some(inner.strip_suffix(')').unwrap_or(inner)));
    }
    part.split_once('/').map_or((part, None), |(name, inner)| (name, Some(inner)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_part_is_what_was_asked_for() {
        let all =
            json!({"items": [{"id": 1, "start": {"date": "x", "zone": "y"}}], "next": "n", "kind": "k"});
        let part = |fields: &str| left(all.clone(), Some(fields));
        assert_eq!(part("items(id),next"), json!({"items": [{"id": 1}], "next": "n"}));
        assert_eq!(part("items/start(date)"), json!({"items": [{"start": {"date": "x"}}]}));
        assert_eq!(part("items(start/zone,id)"), json!({"items": [{"id": 1, "start": {"zone": "y"}}]}));
        assert_eq!(part("*"), all);
        assert_eq!(part("nothing"), json!({}));
    }
}
