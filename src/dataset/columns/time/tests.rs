//! Tests of dates and times.

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
        read.map(|reading| day(reading.texts[0]))
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
    ] {
        assert_eq!(example(format), text);
        assert!(format::seconds(text, format).is_some(), "{text}");
    }
}
