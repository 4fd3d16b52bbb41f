//! A gRPC service without generated code, for tonic's server and clients.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Buf, BufMut};
use http::{Request, Response};
use packdog::current_span;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::{
    Status,
    body::Body,
    codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
    server::{self, NamedService},
};
use tower::{Service, service_fn};

/// Messages are plain text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Text;

impl Codec for Text {
    type Encode = String;
    type Decode = String;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Text {
    type Item = String;
    type Error = Status;

    fn encode(&mut self, item: String, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(item.as_bytes());
        Ok(())
    }
}

impl Decoder for Text {
    type Item = String;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<String>, Status> {
        let bytes = buffer.copy_to_bytes(buffer.remaining());
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }
}

/// `Unary` returns the message, and `Stream` sends it twice.
///
/// Messages may ask for a failure: `missing` of `Unary`, `fail` of `Stream`, which never ends
/// with `go on`.
#[derive(Clone, Debug)]
pub struct Echo;

impl NamedService for Echo {
    const NAME: &'static str = "test.Echo";
}

impl Service<Request<Body>> for Echo {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(async move {
            let mut grpc = server::Grpc::new(Text);
            Ok(match request.uri().path() {
                "/test.Echo/Unary" => grpc.unary(service_fn(unary), request).await,
                "/test.Echo/Stream" => grpc.server_streaming(service_fn(stream), request).await,
                _ => Status::unimplemented("no such method").into_http(),
            })
        })
    }
}

async fn unary(request: tonic::Request<String>) -> Result<tonic::Response<String>, Status> {
    current_span().set_tag("seen", true);
    match request.into_inner().as_str() {
        "missing" => Err(Status::not_found("no bread, sorry")),
        message => Ok(tonic::Response::new(message.to_owned())),
    }
}

type Messages = UnboundedReceiverStream<Result<String, Status>>;

async fn stream(request: tonic::Request<String>) -> Result<tonic::Response<Messages>, Status> {
    let (sender, receiver) = mpsc::unbounded_channel();
    let message = request.into_inner();
    let mut messages = vec![Ok(message.clone())];
    match message.as_str() {
        "fail" => messages.push(Err(Status::internal("oven"))),
        "go on" => {}
        _ => messages.push(Ok(message.clone())),
    }
    for message in messages {
        // Refused by a receiver that is gone, which does not want it.
        let _ = sender.send(message);
    }
    if message == "go on" {
        tokio::spawn(async move { sender.closed().await });
    }
    Ok(tonic::Response::new(UnboundedReceiverStream::new(receiver)))
}
