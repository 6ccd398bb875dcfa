// Fastify and the mongodb driver; answers are written by compiled schemas, as its documentation advises.
import { createVerifier } from "fast-jwt";
import Fastify from "fastify";
import { Refused, callerOf, connect, keyOf, showCourse, showEnrollment, showUser } from "./store.js";

const store = await connect();
const verify = createVerifier({ key: process.env.JWT_SECRET_KEY, algorithms: ["HS256"], cache: 5000 });
const caller = (request) => callerOf(store, request.headers.authorization, verify);
const app = Fastify({ logger: false });

const nullable = { type: ["string", "null"] };
const courseSchema = {
  type: "object",
  properties: {
    created_at: nullable,
    description: nullable,
    id: { type: "integer" },
    published: { type: "boolean" },
    title: nullable,
  },
};
const userSchema = {
  type: "object",
  properties: {
    created_at: nullable,
    email: { type: "string" },
    id: { type: "integer" },
    username: { type: "string" },
  },
};
const enrollmentSchema = {
  type: "object",
  properties: {
    course_id: { type: "integer" },
    enrolled_at: { type: "string" },
    id: { type: "integer" },
    progress: { type: "integer" },
    user_id: { type: "integer" },
  },
};
const answers = (status, name, schema) => ({
  response: { [status]: { type: "object", properties: { [name]: schema } } },
});
const point = { schema: answers(200, "course", courseSchema) };
const list = { schema: answers(200, "courses", { type: "array", items: courseSchema }) };

app.get("/hello", async (request, reply) => {
  reply.type("text/plain; charset=utf-8");
  return "Hello, world!";
});
app.get("/courses/:id", point, async (request) => ({
  course: showCourse(await store.course(Number(request.params.id))),
}));
app.get("/courses/", list, async (request) => ({
  courses: (await store.published(20, keyOf(request.query.after))).map(showCourse),
}));
app.get("/catalog/", list, async (request) => ({
  courses: (await store.published(1000, keyOf(request.query.after))).map(showCourse),
}));
app.get("/auth/me", { schema: answers(200, "user", userSchema) }, async (request) => ({
  user: showUser(await store.user(await caller(request))),
}));
app.post("/courses/:id/enroll", { schema: answers(201, "enrollment", enrollmentSchema) }, async (request, reply) => {
  const userId = await caller(request);
  reply.code(201);
  return { enrollment: showEnrollment(await store.enroll(Number(request.params.id), userId)) };
});
app.setErrorHandler((error, request, reply) => {
  if (!(error instanceof Refused)) throw error;
  reply.code(error.status).send({ error: error.message });
});

await app.listen({ port: Number(process.env.PORT), host: process.env.HOST });
