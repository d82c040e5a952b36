//! How what went wrong is written where it is carried over a redirect.

/// Moments, as milliseconds.
pub(crate) mod moment {
    use chrono::{DateTime, Utc};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// The moment as a number.
    pub(crate) fn serialize<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(at.timestamp_millis())
    }

    /// The moment of a number.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        let millis = i64::deserialize(deserializer)?;
        DateTime::from_timestamp_millis(millis).ok_or_else(|| D::Error::custom("a moment out of range"))
    }
}

/// Identifiers, as text.
pub(crate) mod id {
    use domain::Id;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// The identifier as text.
    pub(crate) fn serialize<T, S: Serializer>(id: &Id<T>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(id)
    }

    /// The identifier of a text.
    pub(crate) fn deserialize<'de, T, D: Deserializer<'de>>(deserializer: D) -> Result<Id<T>, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_| D::Error::custom("no identifier"))
    }
}
