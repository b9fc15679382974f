//! SQLite's errors as the store's.

use rusqlite::ErrorCode;

use crate::store::StoreError;

/// Turns what SQLite said into what the store says.
pub(crate) trait OrStore<T> {
    fn or_store(self) -> Result<T, StoreError>;
}

impl<T> OrStore<T> for rusqlite::Result<T> {
    fn or_store(self) -> Result<T, StoreError> {
        self.map_err(|error| of(&error))
    }
}

pub(crate) fn of(error: &rusqlite::Error) -> StoreError {
    let text = error.to_string();
    match error {
        rusqlite::Error::ToSqlConversionFailure(_) => StoreError::Content(text),
        _ => match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => StoreError::Unavailable(
                "so much is written meanwhile that it was broken off before the log fills the disk"
                    .to_owned(),
            ),
            Some(ErrorCode::DiskFull) => StoreError::Full(text),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy(text),
            Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch) => {
                StoreError::Content(text)
            }
            Some(_) => StoreError::Unavailable(text),
            // A row that is not what we take it for: the disk did its part.
            None => StoreError::Content(text),
        },
    }
}

/// A file operation's error.
pub(crate) fn of_io(doing: &str, error: &std::io::Error) -> StoreError {
    let text = format!("{doing}: {error}");
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => StoreError::Full(text),
        _ => StoreError::Unavailable(text),
    }
}

/// A row that no version of Parlor wrote.
pub(crate) fn corrupt(what: &str) -> StoreError {
    StoreError::Content(format!("the database holds {what} that cannot be read back"))
}
