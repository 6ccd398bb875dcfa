"use strict";

(() => {
  const root = document.getElementById("graphiql");
  const endpoint = new URL(root.dataset.endpoint, location.href);
  const stream = new URL(endpoint);
  stream.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  // The name under which GraphiQL's style elements look for their nonce.
  window.__webpack_nonce__ = root.dataset.nonce;
  const asked = new URLSearchParams(location.search);

  // GraphiQL sends the headers of its editor as the connection's parameters too.
  const fetcher = GraphiQL.createFetcher({ url: endpoint.href, subscriptionUrl: stream.href });

  ReactDOM.createRoot(root).render(
    React.createElement(GraphiQL, {
      fetcher,
      defaultQuery: root.dataset.query,
      query: asked.get("query") ?? undefined,
      variables: asked.get("variables") ?? undefined,
      operationName: asked.get("operationName") ?? undefined,
      isHeadersEditorEnabled: true,
      // Headers carry credentials, and these do not belong into the browser's storage.
      shouldPersistHeaders: false,
    }),
  );
})();
