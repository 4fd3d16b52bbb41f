//! The cashier: a gRPC service of tonic, written by hand where code is usually generated.

use std::{
    convert::Infallible,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use axum::http::{Request, Response};
use packdog_server::ServerTraceLayer;
use tonic::{
    Status,
    body::Body,
    server::{Grpc, NamedService},
    transport::{Server, server::TcpIncoming},
};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

use crate::agent::Failure;

/// The method of [`Charge`].
pub(crate) const CHARGE: &str = "/shop.Cashier/Charge";

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Charge {
    #[prost(uint64, tag = "1")]
    pub(crate) price: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Receipt {
    #[prost(string, tag = "1")]
    pub(crate) text: String,
}

pub(crate) fn serve() -> Result<SocketAddr, Failure> {
    let incoming = TcpIncoming::bind(([127, 0, 0, 1], 0).into())?;
    let address = incoming.local_addr()?;
    let layer = ServerTraceLayer::new().service("cashier");
    tokio::spawn(Server::builder().layer(layer).add_service(Cashier).serve_with_incoming(incoming));
    Ok(address)
}

async fn charge(request: tonic::Request<Charge>) -> Result<tonic::Response<Receipt>, Status> {
    let price = request.into_inner().price;
    let customer = packdog::current_span().baggage().get("user.id");
    let customer = customer.ok_or_else(|| Status::unauthenticated("no customer"))?;
    open_till(price);
    let text = format!("customer {customer} paid {price}");
    Ok(tonic::Response::new(Receipt { text }))
}

#[tracing::instrument]
fn open_till(price: u64) {
    tracing::info!("the till is open");
}

#[derive(Clone)]
struct Cashier;

impl NamedService for Cashier {
    const NAME: &'static str = "shop.Cashier";
}

impl Service<Request<Body>> for Cashier {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(async move {
            let codec = ProstCodec::<Receipt, Charge>::default();
            Ok(match request.uri().path() {
                CHARGE => Grpc::new(codec).unary(service_fn(charge), request).await,
                _ => Status::unimplemented("no such method").into_http(),
            })
        })
    }
}
