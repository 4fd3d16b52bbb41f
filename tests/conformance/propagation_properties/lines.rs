//! Generated header lines.

use proptest::{collection::vec, prelude::*};

use super::contexts::{long_text, text, vendor_members};

/// Header lines that are almost right, or not at all.
pub(super) fn hostile_lines() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let name = proptest::sample::select(vec![
        "x-datadog-trace-id",
        "x-datadog-parent-id",
        "x-datadog-sampling-priority",
        "x-datadog-origin",
        "x-datadog-tags",
        "traceparent",
        "Tracestate",
        "b3",
        "x-b3-traceid",
        "x-b3-spanid",
        "x-b3-sampled",
        "x-b3-flags",
        "BAGGAGE",
        "ot-baggage-Key",
    ]);
    let piece = proptest::sample::select(vec![
        "1",
        "-",
        ",",
        ";",
        "=",
        ":",
        "%",
        "%4",
        " ",
        "00-",
        "dd=",
        "s:",
        "t.dm:-4",
        "t.tid:",
        "o:rum",
        "_dd.p.",
        "dm=-4",
        "tid=",
        "640cfd8d00000000",
        "4bf92f3577b34da6a3ce929d0e0e4736-",
        "a=b",
        "d",
        "18446744073709551615",
        "\t",
        "\u{e9}",
    ]);
    let value = prop_oneof![
        vec(any::<u8>(), 0..=80),
        vec(piece, 0..=40).prop_map(|pieces| pieces.concat().into_bytes()),
        Just(b"5".to_vec()),
        Just(b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_vec()),
    ];
    vec((name.prop_map(str::to_owned), value), 0..=20)
}

/// Header lines that fit together: ids of one trace, lists with odd members.
pub(super) fn plausible_lines() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let key = prop_oneof!["[a-z]{1,3}", text(0..=3), Just("dm".to_owned()), Just("tid".to_owned())];
    let value = prop_oneof![text(0..=8), "-[0-9-]{1,4}", long_text(300)];
    let tag = (key, value);
    let tags = vec(tag.clone(), 0..=5).prop_map(|tags| {
        let tags = tags.into_iter().map(|(key, value)| format!("_dd.p.{key}={value}"));
        tags.collect::<Vec<_>>().join(",")
    });
    let item = prop_oneof![
        3 => tag.prop_map(|(key, value)| format!("t.{key}:{value}")),
        1 => text(0..=20).prop_map(|origin| format!("o:{origin}")),
        1 => (-2..=3_i32).prop_map(|priority| format!("s:{priority}")),
        1 => text(0..=6),
    ];
    let many = ("[a-z]", 0..=100_usize).prop_map(|(value, count)| {
        (0..count).map(|number| format!("t.{number}:{value}")).collect::<Vec<_>>()
    });
    let ours = prop_oneof![4 => vec(item, 0..=8), 1 => many]
        .prop_map(|items| format!("dd={}", items.join(";")));
    let field = prop_oneof![
        2 => ("(rv|th)", "[0-9a-f]{1,14}").prop_map(|(key, digits)| format!("{key}:{digits}")),
        1 => text(0..=6),
    ];
    let ot = vec(field, 0..=4).prop_map(|fields| format!("ot={}", fields.join(";")));
    let member = prop_oneof![3 => vendor_members(3), 2 => ours, 1 => ot, 1 => text(0..=12)];
    let tracestate = vec(member, 0..=6).prop_map(|members| members.join(","));
    let baggage = vec((text(0..=4), text(0..=8)), 0..=5).prop_map(|items| {
        let escaped = |text: String| text.replace([',', ';'], "%2C").replace(' ', "%20");
        let items =
            items.into_iter().map(|(key, value)| format!("{}={}", escaped(key), escaped(value)));
        items.collect::<Vec<_>>().join(",")
    });
    let origin = prop_oneof![3 => text(0..=20), 1 => long_text(400)];
    let present = vec(any::<bool>(), 8);
    (present, -2..=3_i32, origin, tags, tracestate, baggage, 0..4_u8, text(0..=6)).prop_map(
        |(present, priority, origin, tags, tracestate, baggage, flags, item)| {
            let lines = [
                ("x-datadog-trace-id", "5".to_owned()),
                ("x-datadog-parent-id", "7".to_owned()),
                ("x-datadog-sampling-priority", priority.to_string()),
                ("x-datadog-origin", origin),
                ("x-datadog-tags", tags),
                ("traceparent", format!("00-{:032x}-{:016x}-0{flags}", 5, 7)),
                ("tracestate", tracestate),
                ("baggage", baggage),
                ("ot-baggage-A", item),
            ];
            // Without ids there is nothing to be seen of the lists.
            let present = [&[true], present.as_slice()].concat();
            let lines = lines.into_iter().zip(present).filter(|(_, is_present)| *is_present);
            lines.map(|((name, value), _)| (name.to_owned(), value.into_bytes())).collect()
        },
    )
}
