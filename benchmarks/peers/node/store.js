// The reads and writes of the course platform on the mongodb driver, for every Node server here.
import { createHash } from "node:crypto";
import { MongoClient } from "mongodb";

/** An error that a client is told about. */
export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const unauthorized = () => new Refused(401, "NOT_SIGNED_IN", "Unauthorized");
const courseNotFound = () => new Refused(404, "COURSE_NOT_FOUND", "Course not found");
const userNotFound = () => new Refused(404, "USER_NOT_FOUND", "User not found");
const alreadyEnrolled = () => new Refused(400, "ALREADY_ENROLLED", "Already enrolled");

const PUBLIC = { password_hash: 0 };
const DUPLICATE_KEY = 11000;

/** The collections of a database; every write is acknowledged by the majority and journaled. */
export async function connect() {
  const client = new MongoClient(process.env.MONGODB_URI, { writeConcern: { w: "majority", journal: true } });
  await client.connect();
  return new Store(client.db(process.env.MONGODB_DATABASE));
}

export class Store {
  constructor(db) {
    this.courses = db.collection("courses");
    this.content = db.collection("course_content");
    this.users = db.collection("users");
    this.enrollments = db.collection("enrollments");
    this.counters = db.collection("counters");
    this.revocations = db.collection("revocations");
  }

  async course(id) {
    const course = await this.courses.findOne({ _id: id });
    if (course === null) throw courseNotFound();
    return course;
  }

  /** Published courses by id; the whole list is one batch, where the driver's first would end at 101. */
  published(limit, after) {
    const wanted = after === undefined ? { published: true } : { published: true, _id: { $gt: after } };
    return this.courses.find(wanted, { sort: { _id: 1 }, limit, batchSize: limit + 1 }).toArray();
  }

  async user(id) {
    const user = await this.users.findOne({ _id: id }, { projection: PUBLIC });
    if (user === null) throw userNotFound();
    return user;
  }

  enrollmentsOf(userId, limit, after) {
    const own = after === undefined ? { user_id: userId } : { user_id: userId, _id: { $gt: after } };
    return this.enrollments.find(own, { sort: { _id: 1 }, limit, batchSize: limit + 1 }).toArray();
  }

  async enroll(courseId, userId) {
    await this.course(courseId);
    const pair = { user_id: userId, course_id: courseId };
    if ((await this.enrollments.findOne(pair, { projection: { _id: 1 } })) !== null) throw alreadyEnrolled();
    const known = await this.users.findOne({ _id: userId }, { projection: { _id: 1 } });
    if (known === null) throw userNotFound();
    const counter = await this.counters.findOneAndUpdate(
      { _id: "enrollments" },
      { $inc: { last: 1 } },
      { upsert: true, returnDocument: "after" },
    );
    const enrolledAt = { at: new Date(), us: 0, text: null };
    const enrollment = { _id: counter.last, ...pair, enrolled_at: enrolledAt, progress: 0 };
    try {
      await this.enrollments.insertOne(enrollment);
    } catch (error) {
      if (error.code === DUPLICATE_KEY) throw alreadyEnrolled();
      throw error;
    }
    return enrollment;
  }

  /** Whether a token was given back: the document that Lockstep's logout writes. */
  async isRevoked(token) {
    const signed = createHash("sha256").update(token.slice(0, token.lastIndexOf("."))).digest("hex");
    const digest = createHash("sha256").update(`jwt:${signed}`).digest("hex");
    return (await this.revocations.findOne({ _id: digest }, { projection: { _id: 1 } })) !== null;
  }

  /** Documents by id in the order of the ids, null where there is none, for DataLoader. */
  async byId(collection, ids, options) {
    const found = new Map();
    for (const document of await collection.find({ _id: { $in: ids } }, options).toArray()) {
      found.set(document._id, document);
    }
    return ids.map((id) => found.get(id) ?? null);
  }

  usersById(ids) {
    return this.byId(this.users, [...ids], { projection: PUBLIC });
  }

  coursesById(ids) {
    return this.byId(this.courses, [...ids], {});
  }

  /** The lessons of each course in their sequence. */
  async contentByCourse(ids) {
    const lessons = new Map(ids.map((id) => [id, []]));
    const options = { sort: { course_id: 1, sequence: 1 }, batchSize: 10_000 };
    for (const lesson of await this.content.find({ course_id: { $in: [...ids] } }, options).toArray()) {
      lessons.get(lesson.course_id).push(lesson);
    }
    return ids.map((id) => lessons.get(id));
  }
}

/** The id of the caller of a request; `verify` checks the signature and gives the claims. */
export async function callerOf(store, authorization, verify) {
  if (authorization === undefined || !authorization.startsWith("Bearer ")) throw unauthorized();
  const token = authorization.slice(7);
  let claims;
  try {
    claims = verify(token);
  } catch {
    throw unauthorized();
  }
  if (await store.isRevoked(token)) throw unauthorized();
  return Number(claims.sub);
}

/** An instant in UTC with its microseconds. */
export const instant = (moment) => moment.at.toISOString().slice(0, -1) + String(moment.us).padStart(3, "0");

/** The text that stands for a place in a list, and the place that it stands for. */
export const cursorOf = (id) => Buffer.from(String(id)).toString("base64url");
export const keyOf = (cursor) => (cursor === undefined || cursor === null
  ? undefined
  : Number(Buffer.from(cursor, "base64url").toString()));

const legacy = (moment) => (moment === null ? null : (moment.text ?? instant(moment)));

export const showCourse = (course) => ({
  created_at: legacy(course.created_at),
  description: course.description,
  id: course._id,
  published: course.published,
  title: course.title,
});

export const showUser = (user) => ({
  created_at: legacy(user.created_at),
  email: user.email,
  id: user._id,
  username: user.username,
});

export const showEnrollment = (enrollment) => ({
  course_id: enrollment.course_id,
  enrolled_at: legacy(enrollment.enrolled_at),
  id: enrollment._id,
  progress: enrollment.progress,
  user_id: enrollment.user_id,
});
