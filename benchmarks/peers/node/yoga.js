// GraphQL Yoga on Node's own HTTP server, with the compiler that its documentation offers.
import { createServer } from "node:http";
import { useGraphQlJit } from "@envelop/graphql-jit";
import { createVerifier } from "fast-jwt";
import { createSchema, createYoga } from "graphql-yoga";
import { contextOf, resolvers, typeDefs } from "./graph.js";
import { connect } from "./store.js";

const store = await connect();
const verify = createVerifier({ key: process.env.JWT_SECRET_KEY, algorithms: ["HS256"], cache: 5000 });
const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context: ({ request }) => contextOf(store, request.headers.get("authorization") ?? undefined, verify),
  plugins: [useGraphQlJit()],
  graphiql: false,
  landingPage: false,
  logging: false,
  healthCheckEndpoint: "/hello",
});
createServer(yoga).listen(Number(process.env.PORT), process.env.HOST, 511);
