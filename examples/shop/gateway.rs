//! The gateway: takes orders, and calls the other three services.

use std::net::SocketAddr;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, Uri, uri::PathAndQuery},
    routing::post,
};
use packdog_client::{AtBodyEnd, ClientTrace, ClientTraceLayer, ClientTraceMiddleware};
use packdog_server::ActiveBaggage;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use reqwest_retry::{RetryTransientMiddleware, policies::ExponentialBackoff};
use tonic::{client::Grpc, transport::Channel};
use tonic_prost::ProstCodec;
use tower::Layer;

use crate::{
    agent::Failure,
    cashier::{self, Charge, Receipt},
    worker::Parcels,
};

/// The longest time between two attempts at the stock.
const MOST_BACKOFF: std::time::Duration = std::time::Duration::from_millis(100);

/// The clients of the other services.
#[derive(Clone)]
struct Gateway {
    http: ClientWithMiddleware,
    stock: SocketAddr,
    /// With `AtBodyEnd`, since the status of a gRPC call comes after the body.
    cashier: ClientTrace<Channel, AtBodyEnd>,
    parcels: Parcels,
}

pub(crate) fn router(
    stock: SocketAddr,
    cashier: SocketAddr,
    parcels: Parcels,
) -> Result<Router, Failure> {
    let policy = ExponentialBackoff::builder()
        .retry_bounds(MOST_BACKOFF / 10, MOST_BACKOFF)
        .build_with_max_retries(2);
    let http = ClientBuilder::new(reqwest::Client::builder().no_proxy().build()?)
        .with(RetryTransientMiddleware::new_with_policy(policy))
        // Added last, so that it is innermost: each attempt has a span.
        .with(ClientTraceMiddleware::new())
        .build();
    let origin: Uri = format!("http://{cashier}").parse()?;
    let channel = Channel::builder(origin.clone()).connect_lazy();
    let cashier = ClientTraceLayer::new().origin(origin).until_body_end().layer(channel);
    let gateway = Gateway { http, stock, cashier, parcels };
    Ok(Router::new().route("/orders", post(order)).with_state(gateway))
}

async fn order(
    baggage: ActiveBaggage,
    State(gateway): State<Gateway>,
    item: String,
) -> Result<String, (StatusCode, String)> {
    baggage.set("user.id", "7"); // It reaches all three services.
    let unavailable = |error: Failure| (StatusCode::BAD_GATEWAY, error.to_string());
    let price = price(&item);
    gateway.reserve(&item).await.map_err(unavailable)?;
    let receipt = gateway.charge(price).await.map_err(unavailable)?;
    gateway.parcels.send(item);
    Ok(receipt)
}

#[tracing::instrument]
fn price(item: &str) -> u64 {
    let price = if item == "club" { 12 } else { 5 };
    tracing::info!(price, "priced");
    price
}

impl Gateway {
    #[tracing::instrument(skip(self), err)]
    async fn reserve(&self, item: &str) -> Result<(), Failure> {
        let url = format!("http://{}/stock/{item}", self.stock);
        self.http.get(url).send().await?.error_for_status()?;
        Ok(())
    }

    #[tracing::instrument(skip(self), err)]
    async fn charge(&self, price: u64) -> Result<String, Failure> {
        let mut cashier = Grpc::new(self.cashier.clone());
        cashier.ready().await?;
        let request = tonic::Request::new(Charge { price });
        let method = PathAndQuery::from_static(cashier::CHARGE);
        let codec = ProstCodec::<Charge, Receipt>::default();
        Ok(cashier.unary(request, method, codec).await?.into_inner().text)
    }
}
