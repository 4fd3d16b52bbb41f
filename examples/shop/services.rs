//! The four services, started on free ports.

use std::{net::SocketAddr, sync::Arc};

use axum::Router;
use packdog_server::ServerTraceLayer;
use tokio::{net::TcpListener, sync::Semaphore};

use crate::{agent::Failure, cashier, gateway, stock, worker};

/// The number of spans of the first order, in all services together.
pub(crate) const SPANS: usize = 15;

/// An open shop.
pub(crate) struct Shop {
    gateway: SocketAddr,
    /// A permit for each parcel that was packed.
    packed: Arc<Semaphore>,
}

impl Shop {
    /// Opens the shop. Its spans belong to the current tracer.
    pub(crate) async fn open() -> Result<Self, Failure> {
        let packed = Arc::new(Semaphore::new(0));
        let parcels = worker::start(Arc::clone(&packed));
        let stock = serve("stock", stock::router()).await?;
        let cashier = cashier::serve()?;
        let gateway = serve("gateway", gateway::router(stock, cashier, parcels)?).await?;
        Ok(Self { gateway, packed })
    }

    /// Returns the address that takes orders.
    pub(crate) fn gateway(&self) -> SocketAddr {
        self.gateway
    }

    /// Orders as a customer does, from outside of all traces.
    pub(crate) async fn order(&self, item: &'static str) -> reqwest::Result<String> {
        let client = reqwest::Client::builder().no_proxy().build()?;
        let response = client.post(format!("http://{}/orders", self.gateway)).body(item).send();
        response.await?.error_for_status()?.text().await
    }

    /// Waits until the worker has packed one more parcel.
    pub(crate) async fn wait_until_packed(&self) {
        if let Ok(parcel) = self.packed.acquire().await {
            parcel.forget();
        }
    }
}

async fn serve(service: &'static str, router: Router) -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let router = router.layer(ServerTraceLayer::new().service(service));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(address)
}
