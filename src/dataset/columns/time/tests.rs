//! Tests of dates and times.

use super::months::MONTHS;
use super::*;

fn column(texts: &[&str]) -> CellColumn {
    let mut column = CellColumn::new("when".to_owned());
    texts.iter().for_each(|text| column.push(text));
    column
}

#[test]
fn dates_are_read_as_they_are_usually_written() {
    let new_year = 1_704_067_200.0;
    for (text, seconds) in [
        ("2024-01-01", new_year),
        ("2024-01-01T01:00:00", new_year + 3600.0),
        ("2024-01-01 01:00:00.5", new_year + 3600.0),
        ("2024-01-01T01:00:00Z", new_year + 3600.0),
        ("2024-01-01T01:00:00+02:00", new_year + 3600.0),
        ("2024-01-01 01:00", new_year + 3600.0),
        ("01.01.2024", new_year),
        ("31.12.2023 23:00", new_year - 3600.0),
        ("2024/01/01", new_year),
        ("01-Jan-2024", new_year),
        ("Jan 1, 2024", new_year),
        ("12/31/2023", new_year - 86400.0),
        ("31/12/2023", new_year - 86400.0),
        ("01:30", 5400.0),
    ] {
        match read(&column(&[text]), &Marks::default()) {
            Times::All(reading) => assert_eq!(reading.texts, [seconds], "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn what_is_no_date_is_none_and_two_readings_are_told() {
    for text in [
        "abcd",
        "1234",
        "12-3456",
        "2024-13-01",
        "1.5.3",
        "A-12",
        "10-20",
        "2024-1",
        "north",
    ] {
        assert_eq!(
            read(&column(&[text]), &Marks::default()),
            Times::Not,
            "{text}"
        );
    }
    let told = read(&column(&["03/04/2024", "NA"]), &Marks::default());
    assert!(
        matches!(&told, Times::Twofold(why) if why.contains("2024-04-03 or 2024-03-04")),
        "{told:?}"
    );
    let clear = read(&column(&["03/04/2024", "13/04/2024"]), &Marks::default());
    assert!(matches!(clear, Times::All(reading) if reading.format == "%d/%m/%Y"));
}

#[test]
fn a_model_reads_times_as_its_training_file_wrote_them() {
    let as_trained = |texts: &[&str], format: &str| {
        let read = read_as(&column(texts), &Marks::default(), format);
        read.map(|reading| written(format, reading.texts[0]))
    };
    let ok = |day: &str| Ok(day.to_owned());
    let american = "%m/%d/%Y";
    assert_eq!(as_trained(&["03/02/2019"], american), ok("2019-03-02"));
    // The other rows of a file do not change the order.
    let texts = ["03/02/2019", "13/02/2019"];
    assert_eq!(as_trained(&texts, american), Err(1));
    assert_eq!(as_trained(&texts, "%d/%m/%Y"), ok("2019-02-03"));
    assert_eq!(as_trained(&texts, "iso"), Err(0));
    assert_eq!(as_trained(&["03-02-2019"], american), Err(0));
    // What has one reading is read, too.
    for text in ["2019-03-02", "2 Mar 2019", "03/02/2019 05:30", "3/2/19"] {
        assert_eq!(as_trained(&[text], american), ok("2019-03-02"), "{text}");
    }
    let mistake = ["2019-03-02", "2019-03-02", "2019-02-30"];
    assert_eq!(as_trained(&mistake, american), Err(2));
    assert_eq!(as_trained(&["05:30"], american), Err(0));
    assert_eq!(as_trained(&["2019-03-02"], "%H:%M"), Err(0));
    assert_eq!(as_trained(&["2019", "03/02/2019"], american), Err(0));
    assert_eq!(as_trained(&["2019-03"], american), Err(0));
    assert_eq!(as_trained(&["2019-03"], "iso"), Err(0));
    assert_eq!(as_trained(&["2019"], "iso"), Err(0));
    assert_eq!(as_trained(&["2019-03"], "iso-partial"), ok("2019-03-01"));
    assert_eq!(as_trained(&["2019-03", "12"], "iso-partial"), Err(1));
    assert_eq!(as_trained(&["Mar 2019"], "%Y-%m"), ok("2019-03-01"));
    assert_eq!(as_trained(&["2019-03-02"], "%Y-%m"), ok("2019-03-02"));
    assert_eq!(as_trained(&["05:30"], "duration"), ok("1970-01-01"));
    let missing = read_as(&column(&["NA", ""]), &Marks::default(), american);
    assert!(missing.is_ok_and(|reading| reading.texts.iter().all(|time| time.is_nan())));
}

#[test]
fn examples_are_of_their_format() {
    for (format, text) in [
        ("iso", "2024-12-31"),
        ("%m/%d/%Y", "12/31/2024"),
        ("%d %b %Y %I:%M %p", "31 Dec 2024 11:59 PM"),
        ("%H:%M", "23:59"),
        ("%d/%m/%y", "31/12/24"),
        ("iso-partial", "2024-12-31"),
        ("duration", "46:32"),
    ]
    .into_iter()
    .chain(MONTHS.iter().map(|month| (*month, "")))
    {
        let example = example(format);
        assert!(text.is_empty() || example == text, "{example}");
        assert!(seconds(&example, format).is_some(), "{format}: {example}");
    }
}

fn read_column(texts: &[&str]) -> Times {
    super::read(&column(texts), &Marks::default())
}

/// Reads texts; returns the format and the day of the first text, or why not.
fn way(texts: &[&str]) -> String {
    match read(&column(texts), &Marks::default()) {
        Times::All(way) => format!("{} {}", way.format, written(&way.format, way.texts[0])),
        Times::Twofold(why) => why,
        Times::Mostly { text, .. } => format!("mistake {text}"),
        Times::Not => "not".to_owned(),
    }
}

#[test]
fn years_of_two_digits_need_an_order_too() {
    for (texts, expected) in [
        (&["25/11/63", "01/02/64"][..], "%d/%m/%y 2063-11-25"),
        (&["11/25/63", "01/02/64"], "%m/%d/%y 2063-11-25"),
        (&["26-09-98", "01-02-99"], "%d-%m-%y 1998-09-26"),
        (&["09-26-98", "01-02-99"], "%m-%d-%y 1998-09-26"),
        (&["98-09-26", "99-02-01"], "%y-%m-%d 1998-09-26"),
        (&["26.09.98", "01.02.99"], "%d.%m.%y 1998-09-26"),
        (
            &["25/11/63 05:30", "1/2/64 5:30"],
            "%d/%m/%y %H:%M 2063-11-25",
        ),
        // Days vary more than years.
        (&["15/02/24", "16/03/24"], "%d/%m/%y 2024-02-15"),
        (
            &["01/09/15", "02/09/15"],
            "\"01/09/15\" may be 2015-09-01 or 2015-01-09; write dates as 2015-09-01",
        ),
        (
            &["19-09-26", "19-09-27"],
            "\"19-09-26\" may be 2026-09-19 or 2019-09-26; write dates as 2026-09-19",
        ),
        (
            &["10.11.12", "11.11.12"],
            "\"10.11.12\" may be 2012-11-10 or 10:11:12; write dates as 2012-11-10, or times as 10:11:12",
        ),
        (&["13.45.00", "10.11.12"], "%H.%M.%S 13:45:00"),
        (&["1-5-03", "13-5-03"], "not"),
        (&["1.5.03", "13.5.03"], "not"),
        (&["13/1/5", "14/1/5"], "not"),
        (&["10-20-30", "20-10-30"], "not"),
    ] {
        assert_eq!(way(texts), expected, "{texts:?}");
    }
}

#[test]
fn months_quarters_and_weeks_are_their_first_day() {
    for (text, expected) in [
        ("1949-01", "%Y-%m 1949-01-01"),
        ("2019/09", "%Y/%m 2019-09-01"),
        ("09/2019", "%m/%Y 2019-09-01"),
        ("9/2019", "%m/%Y 2019-09-01"),
        ("Sep 2019", "%b %Y 2019-09-01"),
        ("September 2019", "%b %Y 2019-09-01"),
        ("Sept 2019", "%b %Y 2019-09-01"),
        ("1960 Jan", "%Y %b 1960-01-01"),
        ("Oct-75", "%b-%y 1975-10-01"),
        ("Dec-2015", "%b-%Y 2015-12-01"),
        ("2019M09", "%YM%m 2019-09-01"),
        ("1960m1", "%YM%m 1960-01-01"),
        ("2000Q1", "%YQ%q 2000-01-01"),
        ("1970 Q2", "%Y Q%q 1970-04-01"),
        ("1970-Q4", "%Y-Q%q 1970-10-01"),
        ("Q3 2019", "Q%q %Y 2019-07-01"),
        ("2019-W39", "%G-W%V 2019-09-23"),
        ("2020 W53", "%G W%V 2020-12-28"),
    ] {
        assert_eq!(way(&[text]), expected, "{text}");
    }
}

#[test]
fn what_only_looks_like_months_is_left_alone() {
    for texts in [
        &["2009-10", "2010-11", "2011-12"][..],
        &["2009/10", "2010/11"],
        &["2011-12", "2012-13"],
        &["10-75", "11-80"],
        &["25-34", "35-44"],
        &["1000-12", "1001-11"],
        &["2019-9", "2019-8"],
        &["2019 09", "2019 08"],
        &["13/2019", "14/2019"],
        &["2019Q5", "2019Q6"],
        &["2019-W54", "2019-W60"],
        &["Sep-28", "Sep-29", "Sep-30"],
        &["Jun-01", "Jun-15", "Jul-01"],
        &["Mars 2019", "Avril 2019"],
        &["4500Q1", "4500Q2"],
        &["Q1-19", "Q2-19"],
    ] {
        assert_eq!(way(texts), "not", "{texts:?}");
    }
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let of_two_years = ["-11", "-12"].map(|year| months.map(|month| month.to_owned() + year));
    let of_two_years: Vec<&str> = of_two_years.iter().flatten().map(String::as_str).collect();
    assert_eq!(way(&of_two_years), "%b-%y 2011-01-01");
    // A word among months is no mistake: they may be levels.
    assert_eq!(
        way(&["Sep 2019", "Oct 2019", "Nov 2019", "Dec 2019", "soon"]),
        "not"
    );
}

#[test]
fn dates_of_iso_8601_may_lack_their_end() {
    let full = ["2012-05-01", "2012-05-02", "2012-05-03T10:20:00"];
    let with = |others: &[&'static str]| way(&[others, &full].concat());
    assert_eq!(with(&["2012"]), "iso-partial 2012-05-01");
    assert_eq!(with(&["2013-04", "2012"]), "iso-partial 2013-04-01");
    assert_eq!(with(&["2012-04", "2013", "2014-01"]), "not");
    assert_eq!(with(&["12"]), "not");
    assert_eq!(with(&["2012-13"]), "not");
    assert_eq!(
        way(&["20141013T000000", "20141014T053000"]),
        "iso 2014-10-13"
    );
    assert_eq!(way(&["20141013T000000+0200"]), "iso 2014-10-13");
    let offset = "%Y/%m/%d %H:%M:%S 1970-01-01";
    assert_eq!(
        way(&["1970/01/01 00:00:00+00", "1970/01/02 00:00:00-05:30"]),
        offset
    );
    assert_eq!(
        way(&["26. September 2019", "1. May 2019"]),
        "%d. %B %Y 2019-09-26"
    );
    assert_eq!(
        way(&["26. Sep 2019", "1. Oct 2019"]),
        "%d. %b %Y 2019-09-26"
    );
}

#[test]
fn the_first_of_each_month_has_one_reading() {
    let months = |years: std::ops::Range<u32>, last: u32| -> Vec<String> {
        let of_year = |year| (1..=last).map(move |month| format!("01/{month:02}/{year}"));
        years.flat_map(of_year).collect()
    };
    let read = |texts: &[String]| way(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(read(&months(1982..1984, 12)), "%d/%m/%Y 1982-01-01");
    assert!(read(&months(1982..1983, 12)).contains("may be"));
    assert!(read(&months(1982..1990, 11)).contains("may be"));
    let american: Vec<String> = months(1982..1984, 12)
        .iter()
        .map(|text| format!("{}/01/{}", &text[3..5], &text[6..]))
        .collect();
    assert_eq!(read(&american), "%m/%d/%Y 1982-01-01");
    let texts: Vec<&str> = american.iter().map(String::as_str).collect();
    let told = "dates on the first of each month: 02/01/1982 is 1982-02-01";
    assert!(
        matches!(read_column(&texts), Times::All(way) if way.told.as_deref() == Some(told)),
        "{texts:?}"
    );
}

#[test]
fn durations_are_seconds_if_they_cannot_be_times_of_day() {
    let first = |texts: &[&str]| match read(&column(texts), &Marks::default()) {
        Times::All(way) => Some((way.format, way.texts[0])),
        _ => None,
    };
    let seconds = |seconds: f64| Some(("duration".to_owned(), seconds));
    for (texts, expected) in [
        (&["46:32", "12:05"][..], 2792.0),
        (&["12:05", "46:32", "1:02:03"], 725.0),
        (&["25:58:11", "05:00:00"], 93_491.0),
        (&["00:34.9", "11:05"], 34.9),
        (&["14h 8m", "2h", "45m"], 50_880.0),
        (&["1 hour 30 min", "2 hours"], 5400.0),
        (&["1d 2h", "3h"], 93_600.0),
    ] {
        assert_eq!(first(texts), seconds(expected), "{texts:?}");
    }
    assert_eq!(way(&["12:05", "23:59"]), "%H:%M 12:05:00");
    let day = [
        "12:05", "13:05", "14:05", "15:05", "16:05", "17:05", "18:05", "19:05", "20:05",
    ];
    assert_eq!(way(&[&day[..], &["24:10"]].concat()), "mistake 24:10");
    assert_eq!(first(&[&day[..], &["00:34.9"]].concat()), seconds(725.0));
    for texts in [
        &["60:40", "50:50", "80:20"][..],
        &["12:30", "12:30:15"],
        &["46:72", "10:05"],
        &["120 min", "90 min"],
        &["8m", "5m"],
        &["5m 2h", "2h 5m"],
        &["40:10", "2h 5m"],
        &["ab:cd", "40:10"],
    ] {
        assert_eq!(way(texts), "not", "{texts:?}");
    }
}

#[test]
fn names_of_months_are_english() {
    use months::first_day;
    for text in ["Ma 2019", "Sepp 2019", "Septembre 2019", " 2019", "é 2019"] {
        assert_eq!(first_day(text, "%b %Y"), None, "{text}");
    }
    assert!(first_day("may 2019", "%b %Y").is_some());
}
