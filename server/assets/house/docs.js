"use strict";

(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", follow);
  follow();

  const root = document.getElementById("docs");
  const ui = SwaggerUIBundle({
    domNode: root,
    url: root.dataset.contract,
    deepLinking: true,
    presets: [SwaggerUIBundle.presets.apis],
    // The validator is another host's; the contract is checked when the server starts.
    validatorUrl: null,
    // Once for all operations: each by itself has the whole contract read anew, a third of a second every time.
    onComplete: () => ui.specActions.requestResolvedSubtree(["paths"]),
  });
})();
