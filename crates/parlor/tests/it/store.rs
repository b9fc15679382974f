//! One contract over every store, memory as the model: what `parlor::store::Store` promises, seen through the writer.

mod compare;
mod delete;
mod desk;
mod due;
pub mod fixture;
mod list;
mod notes;
mod sync;
mod write;

/// Runs a contract over every store. A contract is an async function of a fixture.
macro_rules! over_every_store {
    ($($contract:ident),* $(,)?) => {
        $(
            mod $contract {
                #[tokio::test]
                async fn memory() {
                    super::$contract(crate::store::fixture::Fixture::memory().await).await;
                }

                #[tokio::test]
                async fn sqlite() {
                    super::$contract(crate::store::fixture::Fixture::sqlite().await).await;
                }
            }
        )*
    };
}
pub(crate) use over_every_store;
