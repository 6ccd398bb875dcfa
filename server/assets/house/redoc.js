"use strict";

(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  // ReDoc reads its theme once, so another light is another page; the address keeps the place.
  dark.addEventListener("change", () => location.reload());

  const letters = 'system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';
  const typography = {
    fontFamily: letters,
    fontSize: "15px",
    headings: { fontFamily: letters, fontWeight: "600", lineHeight: "1.4em" },
  };
  const code = { fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" };
  // Tabs stand on the dark ground of the samples in any light.
  const responses = {
    success: { tabTextColor: "#6fcf7c" },
    redirect: { tabTextColor: "#ffb94d" },
    error: { tabTextColor: "#ff8a80" },
  };
  const light = {
    typography: { ...typography, code: { ...code, color: "#b3261e" } },
    colors: { primary: { main: "#1f4fd8" }, warning: { main: "#8a5200" }, responses },
  };
  const night = {
    typography: {
      ...typography,
      code: { ...code, color: "#ff9c8f", backgroundColor: "rgba(255, 255, 255, 0.08)" },
    },
    colors: {
      primary: { main: "#8fb0ff" },
      success: { main: "#6fcf7c" },
      warning: { main: "#ffb94d" },
      error: { main: "#ff8a80" },
      text: { primary: "#e8eaed", secondary: "#a3aab3" },
      gray: { 50: "#1d2024", 100: "#24282d" },
      border: { dark: "rgba(255, 255, 255, 0.16)", light: "#33383e" },
      responses,
    },
    schema: { linesColor: "#5d6b8f", nestedBackground: "#1d2024" },
    sidebar: {
      backgroundColor: "#1b1e22",
      textColor: "#e8eaed",
      activeTextColor: "#8fb0ff",
      groupItems: { activeBackgroundColor: "#2a2f36" },
      level1Items: { activeBackgroundColor: "#2a2f36" },
    },
    rightPanel: {
      backgroundColor: "#1f2529",
      servers: {
        overlay: { backgroundColor: "#24282d", textColor: "#e8eaed" },
        url: { backgroundColor: "#16181b" },
      },
    },
    codeBlock: { backgroundColor: "#121416" },
    fab: { backgroundColor: "#2a2f36", color: "#8fb0ff" },
  };

  const root = document.getElementById("redoc");
  Redoc.init(
    root.dataset.contract,
    { theme: dark.matches ? night : light, nativeScrollbars: true, pathInMiddlePanel: true },
    root,
  );
})();
