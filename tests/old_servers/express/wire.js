// A server on the libraries of the old ones, whose routes tell what reached them.
//
// Run as `node wire.js VARIANT FOLDER`; it prints its port, then forgets its counts on each line of its input
// and says "ready", until its input ends.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const readline = require("node:readline");
const modules = path.join(process.argv[3], "node_modules");
const load = (name) => require(path.join(modules, name));
const compression = load("compression");
const cors = load("cors");
const express = load("express");
const helmet = load("helmet");
const { MemoryStore, rateLimit } = load("express-rate-limit");

const variant = JSON.parse(fs.readFileSync(path.join(__dirname, "variants.json")))[process.argv[2]];
const stores = [];

function limiter(said) {
  const store = new MemoryStore();
  stores.push(store);
  return rateLimit({
    windowMs: said.window * 1000,
    limit: said.amount,
    store,
    standardHeaders: said.headers === "draft-6" ? "draft-6" : false,
    legacyHeaders: said.headers === "legacy",
    validate: false,
    message: { error: "Too many requests" },
  });
}

const app = express();
app.use(helmet({ contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'self'"] } } }));
app.disable("x-powered-by");
app.set("trust proxy", variant.hops);
const steps = {
  cors: () =>
    app.use(
      cors({
        origin: variant.cors.origins,
        credentials: true,
        methods: variant.cors.methods,
        allowedHeaders: variant.cors.headers ?? undefined,
        optionsSuccessStatus: variant.cors.preflight,
      }),
    ),
  compress: () => app.use(compression()),
  body: () => {
    app.use(express.json({ limit: variant.body }));
    app.use(express.urlencoded({ extended: true, limit: variant.body }));
  },
};
for (const step of variant.before) {
  const said = variant.limits.find((each) => `limit:${each.name}` === step);
  if (!said) steps[step]();
  else for (let time = 0; time < said.cost; time++) app.use(said.paths ?? "/", limiter0(said));
}

// Of one limiter that stands twice, each request counts twice.
function limiter0(said) {
  said.made ??= limiter(said);
  return said.made;
}

const told = (req, res) =>
  res.json({ params: req.params, query: req.query, body: req.body ?? null, path: req.originalUrl });
app.get("/api/echo", told);
app.post("/api/echo", told);
app.put("/api/echo/:id", told);
app.get("/api/echo/:id/parts/:part", told);
const things = express.Router();
things.get("/", told);
things.post("/", told);
things.get("/:id", told);
things.delete("/:id", (req, res) => res.status(204).send());
app.use("/api/things", things);
app.get("/health", (req, res) => res.json({ status: "ok", text: "ü😀\u2028\u007f</" }));
app.get("/big/:size", (req, res) => res.json({ text: "x".repeat(Number(req.params.size) || 0) }));
app.get("/csv", (req, res) => res.type("text/csv").send("a,b\n".repeat(400)));
app.get("/gedcom", (req, res) => res.set("Content-Type", "application/x-gedcom").send("0 HEAD\n".repeat(400)));
app.get("/raw", (req, res) => {
  res.setHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  res.end("# HELP\n".repeat(300));
});
const pages = path.join(process.argv[3], "pages");
fs.mkdirSync(path.join(pages), { recursive: true });
app.use("/docs", express.static(pages));
if (variant.otherwise) {
  app.all("/api/*", (req, res) => res.status(501).json({ error: `${req.method} ${req.originalUrl}` }));
  app.use((req, res) => res.status(404).json({ error: "Not found", path: req.originalUrl }));
}
app.use((err, req, res, next) => {
  if (!variant.development) return res.status(err.status || 500).json({ error: err.name, message: err.message });
  // Frames name the folders of a server, the body may hold a password, and how much had come in is chance.
  const { body, received, ...error } = err;
  const stack = err.stack.split("\n    at ")[0];
  return res.status(err.status || 500).json({ status: "error", error, message: err.message, stack });
});

const server = app.listen(0, "127.0.0.1", () => console.log(server.address().port));
readline.createInterface({ input: process.stdin }).on("line", async () => {
  for (const store of stores) await store.resetAll();
  console.log("ready");
}).on("close", () => process.exit(0));
