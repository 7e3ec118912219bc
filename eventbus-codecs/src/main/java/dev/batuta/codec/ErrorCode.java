package dev.batuta.codec;

import java.util.Locale;

/**
 * Every code of an error that Batuta makes: stable, for programs, never reused for something else.
 * Whoever makes one writes it as it is; a test reads the sources, and fails when one is missing
 * here, when one is here that nobody makes, and when those of an {@link Reach#ANSWER} are not the
 * ones that {@code conf/openapi.yaml} lists.
 */
public enum ErrorCode {
  ACCOUNT_EXISTS(Reach.ANSWER, "An account of this user exists."),
  ACCOUNT_NOT_FOUND(Reach.ANSWER, "There is no account of this user."),
  AFTER_INVALID(Reach.ANSWER, "`after` is no value that a page gave as its next."),
  ANOTHER_TASK(Reach.ANSWER, "A worker's result is not of the task that is outstanding for it."),
  ATTEMPT_GIVEN_UP(
      Reach.ANSWER, "The attempt that a worker reports was given up; another one has the task."),
  BAD_ADDRESS(
      Reach.ANSWER,
      "The path is not percent-encoded UTF-8, or holds a step where a name would stand."),
  BAD_REQUEST(Reach.ANSWER, "What came is no HTTP request."),
  BAD_USER(
      Reach.ANSWER, "A user's name is a step in a path, where its account could not be addressed."),
  BUSY(Reach.ANSWER, "Something bounded is full; Retry-After says when to try again."),
  CHANNEL_NOT_FOUND(Reach.ANSWER, "There is no such channel."),
  DATABASE_CONTENDED(Reach.ANSWER, "Others hold what is needed in the database for too long."),
  DATABASE_ERROR(Reach.ANSWER, "The database refused a statement: a defect."),
  DATABASE_UNREACHABLE(Reach.ANSWER, "The database is away; nothing happened."),
  DRAINING(Reach.ANSWER, "This server is stopping; nothing happened."),
  ELECTION_UNDECIDED(
      Reach.ANSWER, "No coordinator was announced in time after an election was asked for."),
  FEED_LOST(Reach.ANSWER, "The stream ends: this node cannot read its messages any more."),
  FORBIDDEN(Reach.ANSWER, "Who asks may not."),
  FOREIGN_ORIGIN(Reach.ANSWER, "A page of another host may not open sockets here."),
  HEADERS_TOO_LARGE(Reach.ANSWER, "The headers of a request are too large."),
  IDLE(Reach.ANSWER, "A connection has said nothing for too long: it is closed."),
  INTERNAL(Reach.ANSWER, "A defect; the log of the node says more."),
  INVALID_AMOUNT(Reach.ANSWER, "An amount is not written as one, or is out of its range."),
  INVALID_PARAMETER(Reach.ANSWER, "A parameter has a value that it cannot have."),
  INVALID_REQUEST(Reach.ANSWER, "The request is not what the operation takes."),
  INVALID_TEXT(
      Reach.ANSWER,
      "A text holds what no text may: half of a surrogate pair, or a character that nobody can see."),
  KEY_REUSED(
      Reach.ANSWER, "The idempotency key was used with another payload, or with another message."),
  LOGIN_FAILED(Reach.ANSWER, "User and password do not belong together."),
  MALFORMED_JSON(Reach.ANSWER, "The body is not JSON."),
  MALFORMED_MESSAGE(Reach.ANSWER, "A message between servers could not be read."),
  MEDIA_TYPE(Reach.ANSWER, "The Content-Type is not the one of the operation."),
  MESSAGE_LOG_DAMAGED(
      Reach.ANSWER,
      "The messages of this server are damaged, and it fetches them from the others; another one has"
          + " them."),
  MESSAGE_LOG_UNKNOWN(
      Reach.ANSWER,
      "The disk of this server failed while it took the message: it may be kept or lost. Repeat with"
          + " the same message id."),
  MESSAGE_LOG_UNREAD(Reach.ANSWER, "This server cannot read its messages; another one can."),
  MESSAGE_LOG_UNWRITTEN(
      Reach.ANSWER, "This server takes no messages until its disk does; another one does."),
  MESSAGES_BUSY(Reach.ANSWER, "Too many messages wait for other servers."),
  MESSAGING_REQUEST(Reach.ANSWER, "Messaging does not answer such a message."),
  METHOD_NOT_ALLOWED(
      Reach.ANSWER, "There is no such method here; Allow names those that there are."),
  MISSING_BODY(Reach.ANSWER, "The body is missing."),
  NAME_BLANK(Reach.ANSWER, "A name is blank."),
  NAME_INVISIBLE(Reach.ANSWER, "A name holds a character that nobody can see."),
  NAME_NO_ADDRESS(Reach.ANSWER, "A name is a step in a path, where it could not be addressed."),
  NAME_RESERVED(Reach.ANSWER, "A name is kept for Batuta itself."),
  NAME_TAKEN(Reach.ANSWER, "A name is taken."),
  NAME_TOO_LONG(Reach.ANSWER, "A name is too long."),
  NO_ANSWER(Reach.ANSWER, "Nobody answered in time: it may have happened."),
  NO_COORDINATOR(Reach.ANSWER, "There is no coordinator now."),
  NO_HANDLER(Reach.ANSWER, "Nobody serves what was asked for now; nothing happened."),
  NO_MESSAGES(Reach.ANSWER, "This node has no copy of the messages."),
  NO_SERVER(Reach.ANSWER, "No server is ready for this now; nothing happened."),
  NO_TASK_OUTSTANDING(Reach.ANSWER, "A worker reports, and has no task."),
  NODE_STOPS(Reach.ANSWER, "The stream ends: this node stops."),
  NOT_AN_END(Reach.ANSWER, "A task cannot end in this state."),
  NOT_COORDINATOR(Reach.ANSWER, "The server that was asked is not the coordinator."),
  NOT_FOUND(Reach.ANSWER, "There is nothing at this address."),
  NOT_REGISTERED(Reach.ANSWER, "A worker serves nobody now, or a node is not registered."),
  NOT_THE_OWNER(
      Reach.ANSWER,
      "The server that was asked does not have the task, or is still adopting it; nothing happened."),
  OLD_EPOCH(Reach.ANSWER, "The epoch is over: another coordinator acts."),
  OLD_TERM(Reach.ANSWER, "The term of the queue is over; nothing happened."),
  OTHER_CONNECTION(
      Reach.ANSWER,
      "A worker reports on a connection while its other one is open, and names no task."),
  OUTCOME_UNKNOWN(
      Reach.ANSWER, "The database did not answer: it may have happened. Repeat with the same key."),
  POSITION_INVALID(Reach.ANSWER, "A position in a stream is none that it gave."),
  POSITION_LOST(
      Reach.ANSWER,
      "The stream ends: what its position names did not come from the other servers in time. Where"
          + " none has it, begin anew."),
  PUBLISH_UNKNOWN(
      Reach.ANSWER,
      "Too few servers confirmed the message in time: it may be lost or arrive later. Repeat with the same message id."),
  QUERY_BLANK(Reach.ANSWER, "There is nothing in a query that could be found."),
  QUERY_TOO_LONG(Reach.ANSWER, "A query has too many characters or words."),
  QUEUE_MOVING(
      Reach.ANSWER, "The queue of the server is being given to another one; nothing happened."),
  REGISTRATION_REFUSED(Reach.ANSWER, "A worker's registration is not the one in force."),
  REPLICA_REQUEST(Reach.ANSWER, "A replica does not answer such a message."),
  SEARCH_BUSY(Reach.ANSWER, "More searches wait on a server than it takes."),
  SEARCH_UNAVAILABLE(
      Reach.ANSWER, "A server cannot search its messages now; it tries again by itself."),
  SERVER_AWAY(Reach.ANSWER, "The server that has the task is away; nothing happened."),
  SERVER_NOT_FOUND(Reach.ANSWER, "No such server lives."),
  SERVER_STARTING(Reach.ANSWER, "The messages of this server are not open yet."),
  SERVER_STOPPING(Reach.ANSWER, "The messages of this server are closed."),
  SYNC_STUCK(Reach.ANSWER, "The copies of the messages cannot be made equal now."),
  TASK_ENDED(Reach.ANSWER, "The task has ended otherwise, and stays so."),
  TASK_NOT_DEAD(
      Reach.ANSWER, "Only a DEAD task is retried, and only after the attempt that was named."),
  TASK_NOT_FOUND(Reach.ANSWER, "There is no such task."),
  TEXT_BLANK(Reach.ANSWER, "A message has no text."),
  TEXT_TOO_LONG(Reach.ANSWER, "The text of a message is too long."),
  TOKEN_EXPIRED(Reach.ANSWER, "The token has expired, or its user has another password since."),
  TOKEN_INVALID(Reach.ANSWER, "The token is none of this cluster."),
  TOKEN_MISSING(Reach.ANSWER, "The token is missing."),
  TOO_LARGE(
      Reach.ANSWER,
      "The body is too large, or its JSON is nested too deeply or has too long a number or name."),
  TOO_MANY_CONNECTIONS(Reach.ANSWER, "This node has as many connections as it takes."),
  TOO_MANY_KEYS(
      Reach.ANSWER, "More keys have signed tokens that may not have expired than are kept."),
  TOO_MANY_LOGINS(
      Reach.ANSWER,
      "Too many logins: failed ones of this user or from this address, or of all at once."),
  TOO_MANY_REQUESTS(Reach.ANSWER, "A connection asks more often than it may."),
  TOO_MANY_STREAMS(Reach.ANSWER, "This node has as many streams of events as it takes."),
  TOO_SLOW(
      Reach.ANSWER, "A client takes less than comes, or says nothing whole in time: it is closed."),
  UNEXPECTED_ANSWER(Reach.ANSWER, "A server answered with another message than was asked for."),
  UNEXPECTED_MESSAGE(Reach.ANSWER, "A server does not take such a message."),
  UNKNOWN_KIND(Reach.ANSWER, "There is no such kind of task."),
  UNKNOWN_PARAMETER(Reach.ANSWER, "There is no such query parameter here."),
  UNKNOWN_REQUEST(Reach.ANSWER, "A server does not know such a request."),
  UNKNOWN_TYPE(Reach.ANSWER, "There is no such type of events."),
  UNREADABLE_ANSWER(Reach.ANSWER, "The answer of a server could not be read: it may have acted."),
  USER_NOT_FOUND(Reach.ANSWER, "There is no such messaging name of a user."),

  CANNOT_LISTEN(Reach.START, "A port cannot be listened on."),
  DATABASE_START(Reach.START, "MariaDB did not start."),
  DATABASE_URL(Reach.START, "`database.url` is none."),
  INTERRUPTED(Reach.START, "What was waited for was interrupted."),
  MESSAGE_LOG(Reach.START, "The message log cannot be opened."),
  MESSAGE_LOG_NEWER(Reach.START, "The message log is of a newer version."),
  MIGRATION_FAILED(Reach.START, "The schema of the database could not be brought up to date."),
  NEWER_SCHEMA(Reach.START, "The schema of the database is of a newer version."),
  PORT_TAKEN(Reach.START, "A port is taken."),

  BAD_ANSWER(Reach.COMMAND, "A server answered with what is no JSON."),
  BAD_CERTIFICATE(Reach.COMMAND, "A file holds no certificates."),
  BAD_COUNT(Reach.COMMAND, "A number is out of its range."),
  BAD_KEY(Reach.COMMAND, "An idempotency key has characters that are not ASCII."),
  BAD_SETTING(Reach.COMMAND, "A setting or name is refused."),
  BAD_URL(Reach.COMMAND, "An address is no URL of a server."),
  BENCH(Reach.COMMAND, "The load of a measurement failed."),
  CLUSTER_FILE(Reach.COMMAND, "The record of the cluster cannot be read."),
  DATA_IN_USE(Reach.COMMAND, "Another `up` uses the data folder."),
  DATABASE(Reach.COMMAND, "The database cannot be measured."),
  DATABASE_SLOW(Reach.COMMAND, "The database did not answer in time."),
  DID_NOT_START(Reach.COMMAND, "A process ended while it was starting."),
  IO(Reach.COMMAND, "A file or stream cannot be read or written."),
  NAME_ALIVE(Reach.COMMAND, "A node of this name runs."),
  NO_EVENTS(Reach.COMMAND, "A server did not give the events that are waited for."),
  NO_INPUT(Reach.COMMAND, "What is asked for was not typed."),
  NO_LAUNCHER(Reach.COMMAND, "`up` was not started by the launcher."),
  NO_PORT(Reach.COMMAND, "No free port was found."),
  NO_SIGNAL(Reach.COMMAND, "A process cannot be paused."),
  NO_TAKE_OVER(Reach.COMMAND, "Nobody took over in time."),
  NOT_CALM(Reach.COMMAND, "The cluster did not become calm in time."),
  NOT_DEMO(Reach.COMMAND, "The cluster does not run the demo profile."),
  NOT_ENDED(Reach.COMMAND, "Tasks did not end in time."),
  NOT_HERE(Reach.COMMAND, "What is needed is not on this machine."),
  NOT_OURS(Reach.COMMAND, "A process is not the one that was recorded."),
  NOT_READY(Reach.COMMAND, "The cluster was not ready in time."),
  NOT_RUNNING(Reach.COMMAND, "No `up` runs the cluster."),
  NOT_STARTED(Reach.COMMAND, "A node did not start in time."),
  ONE_SERVER(Reach.COMMAND, "One server alone has nobody to take over."),
  ORPHAN(Reach.COMMAND, "The `up` that started a node has ended."),
  REFUSED(Reach.COMMAND, "A server refused the load of a measurement."),
  STOPPING(Reach.COMMAND, "A node was stopped while it was starting."),
  TOKEN_FILE(Reach.COMMAND, "The stored tokens cannot be read."),
  UNAUTHENTICATED(Reach.COMMAND, "Log in first."),
  UNKNOWN(Reach.COMMAND, "No answer came: it may have happened."),
  UNREACHABLE(Reach.COMMAND, "No server answers."),
  UNTRUSTED(Reach.COMMAND, "A server shows a certificate that is not trusted.");

  /** Who may see a code. */
  public enum Reach {
    /** Clients and other nodes, in an answer of a server or worker. */
    ANSWER,
    /** Whoever starts a node, in its log or on the terminal. */
    START,
    /** Whoever types a command: what it finds before a server is asked, or without one. */
    COMMAND
  }

  private final Reach reach;
  private final String meaning;

  ErrorCode(Reach reach, String meaning) {
    this.reach = reach;
    this.meaning = meaning;
  }

  /** As it stands in a {@link Failure} and in {@code problem+json}, such as {@code key-reused}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Who may see it. */
  public Reach reach() {
    return reach;
  }

  /** One sentence, also in {@code conf/openapi.yaml}. */
  public String meaning() {
    return meaning;
  }
}
