//! The settings that both clients have, written once.
//!
//! Each client is built on a field `tracing`, a [`ClientTracing`](crate::tracing::ClientTracing).

/// The settings that both clients have; each of them is built on a field `tracing`.
macro_rules! settings {
    () => {
        /// Begins traces with this tracer. Calls below a span stay in the trace of that span.
        pub fn tracer(mut self, tracer: &packdog::Tracer) -> Self {
            self.tracing.tracer = Some(tracer.clone());
            self
        }

        /// Sets which hosts get trace headers, and which get baggage; those of the tracer's
        /// configuration by default (`PACKDOG_EGRESS_TRACE` and others).
        pub fn egress(mut self, egress: crate::Egress) -> Self {
            self.tracing.egress = Some(egress);
            self
        }

        /// Sets the operation name of the spans; `http.request` by default, and `grpc.client` for gRPC
        /// calls.
        pub fn operation_name(mut self, name: impl Into<std::borrow::Cow<'static, str>>) -> Self {
            self.tracing.operation_name = Some(name.into());
            self
        }

        /// Sets the service of the spans; that of the span above by default.
        pub fn service(mut self, service: impl Into<std::borrow::Cow<'static, str>>) -> Self {
            self.tracing.service = Some(service.into());
            self
        }

        /// Takes the called host as the service of a span, where no other is chosen
        /// (`DD_TRACE_HTTP_CLIENT_SPLIT_BY_DOMAIN`); off by default.
        pub fn split_by_domain(mut self, is_split: bool) -> Self {
            self.tracing.is_split_by_domain = Some(is_split);
            self
        }

        /// Sets the service that is called, as the tag `peer.service`.
        pub fn peer_service(mut self, service: impl Into<std::borrow::Cow<'static, str>>) -> Self {
            self.tracing.peer_service = Some(service.into());
            self
        }

        /// Calls `hook` with the span and the head of each call, to set your own resource
        /// and tags.
        ///
        /// ```
        /// use packdog_client::ClientTraceLayer;
        ///
        /// let layer = ClientTraceLayer::new().on_request(|span, head| {
        ///     if head.path().starts_with("/ingredients/") {
        ///         span.set_resource("GET /ingredients/{id}");
        ///     }
        /// });
        /// # drop(layer);
        /// ```
        pub fn on_request(
            mut self,
            hook: impl Fn(&packdog::Span, &crate::CallHead<'_>) + Send + Sync + 'static,
        ) -> Self {
            let hook = crate::tracing::RequestHook(std::sync::Arc::new(hook));
            self.tracing.on_request = Some(hook);
            self
        }

        /// Calls `hook` with the span and the head of each response.
        pub fn on_response(
            mut self,
            hook: impl Fn(&packdog::Span, &crate::ResponseHead<'_>) + Send + Sync + 'static,
        ) -> Self {
            self.tracing.on_response = Some(packdog_http::ResponseHook::new(hook));
            self
        }

        /// Sets the statuses that mark a span as an error; by default those that are configured
        /// (`DD_TRACE_HTTP_CLIENT_ERROR_STATUSES`), else 400 to 499. gRPC calls go by their gRPC
        /// status.
        pub fn error_statuses(mut self, statuses: packdog::http::StatusRanges) -> Self {
            self.tracing.error_statuses = Some(statuses);
            self
        }
    };
}
pub(crate) use settings;
