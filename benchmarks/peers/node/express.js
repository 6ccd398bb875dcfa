// Express 4 and the mongodb driver, with nothing else.
import express from "express";
import jwt from "jsonwebtoken";
import { Refused, callerOf, connect, keyOf, showCourse, showEnrollment, showUser } from "./store.js";

const store = await connect();
const secret = process.env.JWT_SECRET_KEY;
const verify = (token) => jwt.verify(token, secret, { algorithms: ["HS256"] });
const caller = (request) => callerOf(store, request.headers.authorization, verify);
const app = express();
app.disable("x-powered-by");
app.set("etag", false);

// Express 4 does not wait for a handler; this hands on what it throws.
const route = (handle) => (request, response, next) => handle(request, response).catch(next);

app.get("/hello", (request, response) => {
  response.type("text/plain").send("Hello, world!");
});

app.get("/courses/:id(\\d+)", route(async (request, response) => {
  response.json({ course: showCourse(await store.course(Number(request.params.id))) });
}));

app.get("/courses/", route(async (request, response) => {
  const first = request.query.first === undefined ? 20 : Number(request.query.first);
  response.json({ courses: (await store.published(first, keyOf(request.query.after))).map(showCourse) });
}));

app.get("/catalog/", route(async (request, response) => {
  response.json({ courses: (await store.published(1000, keyOf(request.query.after))).map(showCourse) });
}));

app.get("/auth/me", route(async (request, response) => {
  response.json({ user: showUser(await store.user(await caller(request))) });
}));

app.post("/courses/:id(\\d+)/enroll", route(async (request, response) => {
  const userId = await caller(request);
  const enrollment = await store.enroll(Number(request.params.id), userId);
  response.status(201).json({ enrollment: showEnrollment(enrollment) });
}));

app.use((error, request, response, next) => {
  if (error instanceof Refused) response.status(error.status).json({ error: error.message });
  else next(error);
});

app.listen(Number(process.env.PORT), process.env.HOST, 511);
