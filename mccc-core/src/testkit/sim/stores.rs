//! What a run stands on.

use std::fmt;
use std::sync::Arc;

use tokio::runtime::Runtime;

use super::bridge::{Bridge, Bridged, Way};
use super::world::{Options, Report, run};
use crate::compliance::ledger::LedgerKey;
use crate::memory::MemoryStore;
use crate::port::{Clock, Store};

/// Seals the ledger of the store in memory; one that is compared with it needs the same.
pub const LEDGER_KEY: [u8; 32] = [7; 32];

/// Runs one seed against the store in memory.
///
/// # Errors
/// As [`run`].
pub fn run_in_memory(options: Options) -> Result<Report, String> {
    run(options, |clock| Stores::ready(memory(clock)))
}

fn memory(clock: Arc<dyn Clock>) -> Arc<dyn Store> {
    Arc::new(MemoryStore::new(clock, LedgerKey::new(&LEDGER_KEY)))
}

/// The stores of a run: one for each node, and one through which the run sees what is stored.
pub struct Stores {
    pub(super) truth: Arc<dyn Store>,
    nodes: Vec<Arc<dyn Store>>,
    pub(super) bridge: Option<Arc<Bridge>>,
}

impl Stores {
    /// One store that never waits, for all nodes: the one in memory.
    #[must_use]
    pub fn ready(store: Arc<dyn Store>) -> Self {
        Self {
            truth: Arc::clone(&store),
            nodes: vec![store],
            bridge: None,
        }
    }

    /// Stores that really wait, on `runtime`: each operation is carried to its end before anything else goes on, so that
    /// a run repeats. Node `n` uses the `n`-th of `nodes`, or starts over when there are fewer. All of them, and `truth`,
    /// through which the run looks, are the same data.
    ///
    /// A store in memory on the same `clock` is asked and told the same; the first answer that is not its own is a broken
    /// promise.
    #[must_use]
    pub fn in_turn(
        runtime: Arc<Runtime>,
        clock: Arc<dyn Clock>,
        truth: Arc<dyn Store>,
        nodes: Vec<Arc<dyn Store>>,
    ) -> Self {
        let bridge = Bridge::new(runtime, Way::InTurn, Some(memory(clock)));
        Self::over(&bridge, truth, nodes)
    }

    /// Stores that really wait, on `runtime`, which has threads of its own: operations of all tasks are under way
    /// together, and are dropped halfway when their node dies. Such a run does not repeat; the promises have to hold all
    /// the same.
    #[must_use]
    pub fn at_once(runtime: Arc<Runtime>, truth: Arc<dyn Store>, nodes: Vec<Arc<dyn Store>>) -> Self {
        Self::over(&Bridge::new(runtime, Way::AtOnce, None), truth, nodes)
    }

    fn over(bridge: &Arc<Bridge>, truth: Arc<dyn Store>, nodes: Vec<Arc<dyn Store>>) -> Self {
        let bridged = |inner| {
            Arc::new(Bridged {
                inner,
                bridge: Arc::clone(bridge),
            }) as Arc<dyn Store>
        };
        Self {
            truth: bridged(truth),
            nodes: nodes.into_iter().map(bridged).collect(),
            bridge: Some(Arc::clone(bridge)),
        }
    }

    pub(super) fn of_node(&self, index: usize) -> &Arc<dyn Store> {
        let which = index.checked_rem(self.nodes.len()).unwrap_or(0);
        self.nodes.get(which).unwrap_or(&self.truth)
    }
}

impl fmt::Debug for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stores")
            .field("nodes", &self.nodes.len())
            .finish_non_exhaustive()
    }
}
