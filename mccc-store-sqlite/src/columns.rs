//! How domain values become columns and come back.

use mccc_core::port::store::StoreError;
use mccc_core::zone::LocalDay;
use mccc_core::{Id, Kind, PhoneNumber, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::types::Json;
use sqlx::{AssertSqlSafe, Row, Sqlite, SqliteConnection};
use uuid::Uuid;

use crate::error::At;

/// A statement that is being given its values.
pub(crate) type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

/// Gives domain values to a statement, in the order of its placeholders.
pub(crate) trait Give: Sized {
    fn id<K: Kind>(self, id: Id<K>) -> Self;
    fn maybe_id<K: Kind>(self, id: Option<Id<K>>) -> Self;
    fn time(self, at: Timestamp) -> Self;
    fn maybe_time(self, at: Option<Timestamp>) -> Self;
    fn phone(self, number: &PhoneNumber) -> Self;
    fn maybe_phone(self, number: Option<&PhoneNumber>) -> Self;
    fn text(self, text: &str) -> Self;
    fn maybe_text(self, text: Option<&str>) -> Self;
    fn number(self, number: impl Into<i64>) -> Self;
    fn maybe_number(self, number: Option<impl Into<i64>>) -> Self;
    /// Counters and versions: anything past 63 bits is a mistake and makes the statement fail.
    fn count(self, number: u64) -> Self;
    fn flag(self, yes: bool) -> Self;
    fn document<T: Serialize>(self, value: &T) -> Self;
    fn maybe_document<T: Serialize>(self, value: Option<&T>) -> Self;
    fn day(self, day: LocalDay) -> Self;
    fn bytes(self, bytes: &[u8]) -> Self;
}

impl Give for Statement<'_> {
    fn id<K: Kind>(self, id: Id<K>) -> Self {
        self.bind(id.uuid())
    }
    fn maybe_id<K: Kind>(self, id: Option<Id<K>>) -> Self {
        self.bind(id.map(Id::uuid))
    }
    fn time(self, at: Timestamp) -> Self {
        self.bind(at.as_micros())
    }
    fn maybe_time(self, at: Option<Timestamp>) -> Self {
        self.bind(at.map(Timestamp::as_micros))
    }
    fn phone(self, number: &PhoneNumber) -> Self {
        self.bind(number.to_string())
    }
    fn maybe_phone(self, number: Option<&PhoneNumber>) -> Self {
        self.bind(number.map(ToString::to_string))
    }
    fn text(self, text: &str) -> Self {
        self.bind(text.to_owned())
    }
    fn maybe_text(self, text: Option<&str>) -> Self {
        self.bind(text.map(ToOwned::to_owned))
    }
    fn number(self, number: impl Into<i64>) -> Self {
        self.bind(number.into())
    }
    fn maybe_number(self, number: Option<impl Into<i64>>) -> Self {
        self.bind(number.map(Into::into))
    }
    fn count(self, number: u64) -> Self {
        // No version or position comes near: at a million a second it would take 292,000 years.
        self.bind(i64::try_from(number).unwrap_or(i64::MAX))
    }
    fn flag(self, yes: bool) -> Self {
        self.bind(i64::from(yes))
    }
    fn document<T: Serialize>(self, value: &T) -> Self {
        self.bind(Json(value))
    }
    fn maybe_document<T: Serialize>(self, value: Option<&T>) -> Self {
        self.bind(value.map(Json))
    }
    fn day(self, day: LocalDay) -> Self {
        self.bind(day.to_string())
    }
    fn bytes(self, bytes: &[u8]) -> Self {
        self.bind(bytes.to_vec())
    }
}

/// Reads domain values from a row. A value that does not parse is corruption of the named column.
pub(crate) trait Take {
    fn id<K: Kind>(&self, column: &'static str) -> Result<Id<K>, StoreError>;
    fn maybe_id<K: Kind>(&self, column: &'static str) -> Result<Option<Id<K>>, StoreError>;
    fn time(&self, column: &'static str) -> Result<Timestamp, StoreError>;
    fn maybe_time(&self, column: &'static str) -> Result<Option<Timestamp>, StoreError>;
    fn phone(&self, column: &'static str) -> Result<PhoneNumber, StoreError>;
    fn maybe_phone(&self, column: &'static str) -> Result<Option<PhoneNumber>, StoreError>;
    fn text(&self, column: &'static str) -> Result<String, StoreError>;
    fn maybe_text(&self, column: &'static str) -> Result<Option<String>, StoreError>;
    /// A whole number of any width.
    fn number<N: TryFrom<i64>>(&self, column: &'static str) -> Result<N, StoreError>;
    fn maybe_number<N: TryFrom<i64>>(&self, column: &'static str) -> Result<Option<N>, StoreError>;
    fn flag(&self, column: &'static str) -> Result<bool, StoreError>;
    fn document<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError>;
    /// One of the values with a stored name.
    fn named<T>(&self, column: &'static str, from_name: fn(&str) -> Option<T>) -> Result<T, StoreError>;
    fn day(&self, column: &'static str) -> Result<LocalDay, StoreError>;
    fn bytes(&self, column: &'static str) -> Result<Vec<u8>, StoreError>;
    fn hash(&self, column: &'static str) -> Result<[u8; 32], StoreError>;
}

impl Take for SqliteRow {
    fn id<K: Kind>(&self, column: &'static str) -> Result<Id<K>, StoreError> {
        Ok(Id::from_uuid(self.try_get::<Uuid, _>(column).at(column)?))
    }
    fn maybe_id<K: Kind>(&self, column: &'static str) -> Result<Option<Id<K>>, StoreError> {
        Ok(self.try_get::<Option<Uuid>, _>(column).at(column)?.map(Id::from_uuid))
    }
    fn time(&self, column: &'static str) -> Result<Timestamp, StoreError> {
        Ok(Timestamp::from_micros(self.try_get(column).at(column)?))
    }
    fn maybe_time(&self, column: &'static str) -> Result<Option<Timestamp>, StoreError> {
        let micros: Option<i64> = self.try_get(column).at(column)?;
        Ok(micros.map(Timestamp::from_micros))
    }
    fn phone(&self, column: &'static str) -> Result<PhoneNumber, StoreError> {
        parse_phone(column, &Take::text(self, column)?)
    }
    fn maybe_phone(&self, column: &'static str) -> Result<Option<PhoneNumber>, StoreError> {
        self.maybe_text(column)?
            .map(|text| parse_phone(column, &text))
            .transpose()
    }
    fn text(&self, column: &'static str) -> Result<String, StoreError> {
        self.try_get(column).at(column)
    }
    fn maybe_text(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        self.try_get(column).at(column)
    }
    fn number<N: TryFrom<i64>>(&self, column: &'static str) -> Result<N, StoreError> {
        narrow(column, self.try_get(column).at(column)?)
    }
    fn maybe_number<N: TryFrom<i64>>(&self, column: &'static str) -> Result<Option<N>, StoreError> {
        let wide: Option<i64> = self.try_get(column).at(column)?;
        wide.map(|wide| narrow(column, wide)).transpose()
    }
    fn flag(&self, column: &'static str) -> Result<bool, StoreError> {
        Ok(self.try_get::<i64, _>(column).at(column)? != 0)
    }
    fn document<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        read_document(column, &Take::text(self, column)?)
    }
    fn named<T>(&self, column: &'static str, from_name: fn(&str) -> Option<T>) -> Result<T, StoreError> {
        from_name(&Take::text(self, column)?).ok_or_else(|| StoreError::corrupt(column, "an unknown name"))
    }
    fn day(&self, column: &'static str) -> Result<LocalDay, StoreError> {
        Take::text(self, column)?
            .parse()
            .map_err(|_| StoreError::corrupt(column, "not a day"))
    }
    fn bytes(&self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        self.try_get(column).at(column)
    }
    fn hash(&self, column: &'static str) -> Result<[u8; 32], StoreError> {
        <[u8; 32]>::try_from(Take::bytes(self, column)?).map_err(|_| StoreError::corrupt(column, "not 32 bytes"))
    }
}

/// Reads a JSON document. The parser's own message could quote the document, so only the position is kept.
pub(crate) fn read_document<T: DeserializeOwned>(column: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| {
        StoreError::corrupt(
            column,
            format!("unreadable document at line {} column {}", error.line(), error.column()),
        )
    })
}

/// Several identifiers as one JSON array of hexadecimal texts, for `unhex(value) … json_each(?)`.
pub(crate) fn hex_list<K: Kind>(ids: impl Iterator<Item = Id<K>>) -> String {
    let list: Vec<String> = ids.map(hex).collect();
    serde_json::Value::from(list).to_string()
}

/// An identifier as 32 hexadecimal digits.
pub(crate) fn hex<K: Kind>(id: Id<K>) -> String {
    id.uuid().as_simple().to_string()
}

/// Inserts rows with few statements: their texts repeat (64, 16, 4 or 1 rows), so that each is prepared once.
pub(crate) async fn insert_rows<T: Sync>(
    connection: &mut SqliteConnection,
    into: Insert,
    rows: &[T],
    give: impl for<'q> Fn(Statement<'q>, &T) -> Statement<'q> + Send + Sync,
) -> Result<(), StoreError> {
    let mut rest = rows;
    while !rest.is_empty() {
        let size = [64, 16, 4, 1].into_iter().find(|size| *size <= rest.len()).unwrap_or(1);
        let (these, others) = rest.split_at(size);
        rest = others;
        let mut statement = sqlx::query(AssertSqlSafe(into.sql(size)));
        for row in these {
            statement = give(statement, row);
        }
        statement.execute(&mut *connection).await.at(into.table)?;
    }
    Ok(())
}

/// What to insert where. All parts are literals of this crate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Insert {
    /// The table.
    pub(crate) table: &'static str,
    /// Its columns, separated by commas.
    pub(crate) columns: &'static str,
    /// What follows the values, such as a conflict clause.
    pub(crate) tail: &'static str,
}

impl Insert {
    /// The statement for this many rows.
    pub(crate) fn sql(&self, rows: usize) -> String {
        let one = format!("({})", placeholders(self.columns));
        let all = vec![one; rows].join(",");
        format!(
            "INSERT INTO {} ({}) VALUES {all} {}",
            self.table, self.columns, self.tail
        )
    }
}

/// One question mark for each of the comma-separated columns.
pub(crate) fn placeholders(columns: &str) -> String {
    vec!["?"; columns.split(',').count()].join(",")
}

fn parse_phone(column: &'static str, text: &str) -> Result<PhoneNumber, StoreError> {
    PhoneNumber::parse(text).map_err(|error| StoreError::corrupt(column, error))
}

fn narrow<N: TryFrom<i64>>(column: &'static str, wide: i64) -> Result<N, StoreError> {
    N::try_from(wide).map_err(|_| StoreError::corrupt(column, "a number out of range"))
}
