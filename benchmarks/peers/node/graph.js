// The part of the graph that the benchmarks ask for, for every GraphQL server of Node here.
import DataLoader from "dataloader";
import { GraphQLError, GraphQLScalarType } from "graphql";
import { Refused, callerOf, cursorOf, instant, keyOf, unauthorized } from "./store.js";

export const typeDefs = /* GraphQL */ `
  scalar DateTime

  type Query {
    me: User!
    courses(first: Int = 50, after: String): CourseConnection!
    course(id: ID!): Course!
    myEnrollments(first: Int = 50, after: String): EnrollmentConnection!
  }

  type User {
    id: ID!
    email: String!
    username: String!
    createdAt: DateTime
  }

  type Course {
    id: ID!
    title: String
    description: String
    published: Boolean!
    createdAt: DateTime
    content: [CourseContent!]!
  }

  type CourseContent {
    id: ID!
    courseId: ID!
    sequence: Int
    title: String
    body: String
  }

  type Enrollment {
    id: ID!
    userId: ID!
    courseId: ID!
    enrolledAt: DateTime!
    progress: Int!
    user: User
    course: Course
  }

  type CourseConnection {
    edges: [CourseEdge!]!
    pageInfo: PageInfo!
  }

  type CourseEdge {
    node: Course!
    cursor: String!
  }

  type EnrollmentConnection {
    edges: [EnrollmentEdge!]!
    pageInfo: PageInfo!
  }

  type EnrollmentEdge {
    node: Enrollment!
    cursor: String!
  }

  type PageInfo {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }
`;

/** A page; one document more than wanted tells whether there is another. */
function connection(found, first, after) {
  const shown = found.slice(0, first);
  return {
    edges: shown.map((node) => ({ node })),
    pageInfo: {
      hasNextPage: found.length > shown.length,
      hasPreviousPage: after !== undefined,
      startCursor: shown.length ? cursorOf(shown[0]._id) : null,
      endCursor: shown.length ? cursorOf(shown.at(-1)._id) : null,
    },
  };
}

/** Refusals in GraphQL's form. */
async function told(work) {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw new GraphQLError(error.message, { extensions: { code: error.code } });
  }
}

async function signedIn(context) {
  const userId = await context.caller();
  if (userId === null) throw unauthorized();
  return userId;
}

async function page(first, after, read) {
  const key = keyOf(after);
  return connection(await read(first + 1, key), first, key);
}

const edge = { cursor: ({ node }) => cursorOf(node._id) };

export const resolvers = {
  DateTime: new GraphQLScalarType({ name: "DateTime", serialize: (moment) => `${instant(moment)}Z` }),
  Query: {
    me: (_, args, context) => told(signedIn(context).then((id) => context.store.user(id))),
    course: (_, { id }, { store }) => told(store.course(Number(id))),
    courses: (_, { first, after }, { store }) =>
      page(first, after, (limit, key) => store.published(limit, key)),
    myEnrollments: (_, { first, after }, context) => told(signedIn(context).then((id) =>
      page(first, after, (limit, key) => context.store.enrollmentsOf(id, limit, key)))),
  },
  User: { id: (user) => user._id, createdAt: (user) => user.created_at },
  Course: {
    id: (course) => course._id,
    createdAt: (course) => course.created_at,
    content: (course, args, { loaders }) => loaders.content.load(course._id),
  },
  CourseContent: { id: (lesson) => lesson._id, courseId: (lesson) => lesson.course_id },
  Enrollment: {
    id: (enrollment) => enrollment._id,
    userId: (enrollment) => enrollment.user_id,
    courseId: (enrollment) => enrollment.course_id,
    enrolledAt: (enrollment) => enrollment.enrolled_at,
    user: (enrollment, args, { loaders }) => loaders.users.load(enrollment.user_id),
    course: (enrollment, args, { loaders }) => loaders.courses.load(enrollment.course_id),
  },
  CourseEdge: edge,
  EnrollmentEdge: edge,
};

/** The loaders of one request, made where they are used. */
class Loaders {
  constructor(store) {
    this.store = store;
  }

  get users() {
    return this.own("users", () => new DataLoader((ids) => this.store.usersById(ids)));
  }

  get courses() {
    return this.own("courses", () => new DataLoader((ids) => this.store.coursesById(ids)));
  }

  get content() {
    return this.own("content", () => new DataLoader((ids) => this.store.contentByCourse(ids)));
  }

  own(name, make) {
    const value = make();
    Object.defineProperty(this, name, { value });
    return value;
  }
}

/** What one request brings along; the caller is found when a resolver asks for it. */
export function contextOf(store, authorization, verify) {
  let found;
  return {
    store,
    loaders: new Loaders(store),
    caller: () => (found ??= authorization === undefined
      ? Promise.resolve(null)
      : callerOf(store, authorization, verify)),
  };
}
