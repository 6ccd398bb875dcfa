// Express 4 with what a production server of it usually has: security headers, CORS, rate limit in Valkey,
// bearer tokens, validation, one log line a request, and metrics.
import { randomUUID } from "node:crypto";
import { Ajv } from "ajv";
import cors from "cors";
import express from "express";
import { rateLimit } from "express-rate-limit";
import helmet from "helmet";
import { Redis } from "ioredis";
import jwt from "jsonwebtoken";
import { pino } from "pino";
import { pinoHttp } from "pino-http";
import prometheus from "prom-client";
import { RedisStore } from "rate-limit-redis";
import { Refused, callerOf, connect, keyOf, showCourse, showEnrollment, showUser } from "./store.js";

const store = await connect();
const valkey = new Redis(process.env.REDIS_URL);
const secret = process.env.JWT_SECRET_KEY;
const verify = (token) => jwt.verify(token, secret, { algorithms: ["HS256"] });
const app = express();
app.disable("x-powered-by");
app.set("etag", false);

const route = (handle) => (request, response, next) => handle(request, response).catch(next);

// Buffered and asynchronous, as pino's documentation advises where throughput counts.
const logger = pino(pino.destination({ dest: process.env.LOG_FILE, sync: false, minLength: 4096 }));
app.use(pinoHttp({
  logger,
  genReqId: (request) => request.headers["x-request-id"] ?? randomUUID(),
  serializers: {
    req: ({ id, method, url, remoteAddress }) => ({ id, method, url, remoteAddress }),
    res: ({ statusCode }) => ({ statusCode }),
  },
}));

prometheus.collectDefaultMetrics();
const requests = new prometheus.Counter({
  name: "http_requests_total",
  help: "Requests that were answered.",
  labelNames: ["operation", "method", "status"],
});
const duration = new prometheus.Histogram({
  name: "http_request_duration_seconds",
  help: "Time from a request to the end of its answer.",
  labelNames: ["operation"],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
});
app.use((request, response, next) => {
  const begin = process.hrtime.bigint();
  response.once("finish", () => {
    const operation = request.route?.path ?? "none";
    requests.inc({ operation, method: request.method, status: response.statusCode });
    duration.observe({ operation }, Number(process.hrtime.bigint() - begin) / 1e9);
  });
  next();
});

app.use(helmet());
app.use(cors());
app.use(rateLimit({
  windowMs: 60_000,
  limit: 1_000_000_000,
  standardHeaders: "draft-8",
  legacyHeaders: false,
  store: new RedisStore({ sendCommand: (command, ...rest) => valkey.call(command, ...rest) }),
}));
app.use(express.json());

const ajv = new Ajv({ coerceTypes: true });
const courseId = ajv.compile({
  type: "object",
  required: ["id"],
  properties: { id: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER } },
});
const page = ajv.compile({ type: "object", properties: { after: { type: "string" } } });
const fits = (check, part) => (request, response, next) => {
  if (check(request[part])) next();
  else response.status(400).json({ error: "Invalid request" });
};
const validated = fits(courseId, "params");
const validatedPage = fits(page, "query");
const authenticated = (request, response, next) => {
  callerOf(store, request.headers.authorization, verify).then((userId) => {
    request.userId = userId;
    next();
  }, next);
};

app.get("/courses/:id(\\d+)", authenticated, validated, route(async (request, response) => {
  response.json({ course: showCourse(await store.course(Number(request.params.id))) });
}));

app.get("/courses/", authenticated, validatedPage, route(async (request, response) => {
  response.json({ courses: (await store.published(20, keyOf(request.query.after))).map(showCourse) });
}));

app.post("/courses/:id(\\d+)/enroll", authenticated, validated, route(async (request, response) => {
  const enrollment = await store.enroll(Number(request.params.id), request.userId);
  response.status(201).json({ enrollment: showEnrollment(enrollment) });
}));

app.get("/metrics", route(async (request, response) => {
  response.type(prometheus.register.contentType).send(await prometheus.register.metrics());
}));

app.use((error, request, response, next) => {
  if (error instanceof Refused) response.status(error.status).json({ error: error.message });
  else next(error);
});

app.listen(Number(process.env.PORT), process.env.HOST, 511);
