package dev.batuta.gateway.json;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.batuta.codec.Amount;
import dev.batuta.codec.Refused;
import dev.batuta.codec.TaskMessage.Compute;
import dev.batuta.codec.TaskMessage.NewTask;
import dev.batuta.codec.TaskMessage.Operation;
import dev.batuta.codec.TaskMessage.Payload;
import dev.batuta.codec.TaskMessage.Query;
import dev.batuta.codec.TaskMessage.Transfer;
import dev.batuta.codec.TaskMessage.Update;
import dev.batuta.identity.UserName;
import dev.batuta.orchestrator.Bounds;
import dev.batuta.orchestrator.TaskRules;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a bulk of tasks as nearly all are, straight from its bytes: plain names and amounts, known
 * fields, each once. Whatever is not so obvious it leaves to {@link SubmissionJson}, which reads
 * the tree, decides, and words the refusal. What both take, both take for the same.
 */
final class BulkReader {
  /** The tasks, and the key that stands beside them. */
  record Bulk(List<NewTask> tasks, @Nullable String key) {}

  private final JsonParser parser;

  // Of the task that is read.
  private int seen;
  private @Nullable String kind;
  private int priority;
  private long notBeforeMillis;
  private long timeoutMillis;
  private int maxAttempts;
  private @Nullable String user;
  private @Nullable String from;
  private @Nullable String to;
  private @Nullable String amount;
  private @Nullable Operation operation;
  private long durationMillis;
  private boolean crash;

  /** An instant is often that of all: it is read once. */
  private @Nullable String instant;

  private long instantMillis;

  private BulkReader(JsonParser parser) {
    this.parser = parser;
  }

  /** Fields of a task and of its payload, as bits of {@link #seen}. */
  private enum Field {
    KIND(1),
    PAYLOAD(2),
    PRIORITY(4),
    NOT_BEFORE(8),
    TIMEOUT(16),
    MAX_ATTEMPTS(32),
    USER(64),
    FROM(128),
    TO(256),
    AMOUNT(512),
    OPERATION(1024),
    DURATION(2048),
    CRASH(4096);

    final int bit;

    Field(int bit) {
      this.bit = bit;
    }
  }

  private static final int OF_TASK =
      Field.KIND.bit
          | Field.PAYLOAD.bit
          | Field.PRIORITY.bit
          | Field.NOT_BEFORE.bit
          | Field.TIMEOUT.bit
          | Field.MAX_ATTEMPTS.bit;

  /** Something is not as usual: the tree decides. */
  private static final class Unusual extends Exception {
    private static final long serialVersionUID = 1;

    Unusual() {
      super(null, null, false, false);
    }
  }

  /** The bulk in a body, null if it is not such a plain one. */
  static @Nullable Bulk read(byte[] body) {
    try (JsonParser parser = ExactJson.parser(body)) {
      return new BulkReader(parser).bulk();
    } catch (Unusual | IOException | Refused unusual) {
      return null;
    }
  }

  private Bulk bulk() throws IOException, Unusual {
    expect(parser.nextToken() == JsonToken.START_OBJECT);
    List<NewTask> tasks = null;
    String key = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      switch (parser.currentName()) {
        case "tasks" -> {
          expect(tasks == null);
          tasks = tasks();
        }
        case "idempotencyKey" -> {
          expect(key == null);
          key = text();
        }
        default -> throw new Unusual();
      }
    }
    expect(parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null);
    if (tasks == null || tasks.isEmpty()) {
      throw new Unusual();
    }
    return new Bulk(List.copyOf(tasks), key);
  }

  private List<NewTask> tasks() throws IOException, Unusual {
    expect(parser.nextToken() == JsonToken.START_ARRAY);
    List<NewTask> tasks = new ArrayList<>();
    NewTask before = null;
    while (parser.nextToken() == JsonToken.START_OBJECT) {
      expect(tasks.size() < TaskRules.MAX_BATCH);
      NewTask task = task();
      // Equal ones are one in memory, where hundreds of thousands may wait.
      before = task.equals(before) ? before : task;
      tasks.add(before);
    }
    expect(parser.currentToken() == JsonToken.END_ARRAY);
    return tasks;
  }

  private NewTask task() throws IOException, Unusual {
    seen = 0;
    priority = 0;
    notBeforeMillis = 0;
    timeoutMillis = 0;
    maxAttempts = 0;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      switch (parser.currentName()) {
        case "kind" -> kind = once(Field.KIND, text());
        case "payload" -> {
          once(Field.PAYLOAD, "");
          fields();
        }
        case "priority" -> priority = (int) number(Field.PRIORITY, TaskRules.PRIORITY);
        case "notBefore" -> notBeforeMillis = instant(once(Field.NOT_BEFORE, text()));
        case "timeoutMillis" -> timeoutMillis = number(Field.TIMEOUT, TaskRules.TIMEOUT_MILLIS);
        case "maxAttempts" -> maxAttempts = (int) number(Field.MAX_ATTEMPTS, TaskRules.ATTEMPTS);
        default -> throw new Unusual();
      }
    }
    expect(parser.currentToken() == JsonToken.END_OBJECT);
    return new NewTask(payload(), priority, notBeforeMillis, timeoutMillis, maxAttempts);
  }

  private void fields() throws IOException, Unusual {
    expect(parser.nextToken() == JsonToken.START_OBJECT);
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      switch (parser.currentName()) {
        case "user" -> user = once(Field.USER, name());
        case "from" -> from = once(Field.FROM, name());
        case "to" -> to = once(Field.TO, name());
        case "amount" -> amount = once(Field.AMOUNT, amount());
        case "operation" -> operation = once(Field.OPERATION, operation());
        case "durationMillis" -> durationMillis = number(Field.DURATION, TaskRules.DURATION_MILLIS);
        case "crash" -> crash = once(Field.CRASH, flag());
        default -> throw new Unusual();
      }
    }
    expect(parser.currentToken() == JsonToken.END_OBJECT);
  }

  private Payload payload() throws Unusual {
    return switch (given(kind, Field.KIND)) {
      case "QUERY" -> {
        only(Field.USER.bit);
        yield new Query(given(user, Field.USER));
      }
      case "UPDATE" -> {
        only(Field.USER.bit | Field.OPERATION.bit | Field.AMOUNT.bit);
        Operation what = has(Field.OPERATION) ? given(operation, Field.OPERATION) : Operation.SET;
        String much = given(amount, Field.AMOUNT);
        expect(what == Operation.SET || isAboveZero(much));
        yield new Update(given(user, Field.USER), what, much);
      }
      case "TRANSFER" -> {
        only(Field.FROM.bit | Field.TO.bit | Field.AMOUNT.bit);
        String payer = given(from, Field.FROM);
        String payee = given(to, Field.TO);
        String much = given(amount, Field.AMOUNT);
        expect(!payer.equals(payee) && isAboveZero(much));
        yield new Transfer(payer, payee, much);
      }
      case "COMPUTE" -> {
        only(Field.DURATION.bit | Field.CRASH.bit);
        expect(has(Field.DURATION));
        yield new Compute(durationMillis, has(Field.CRASH) && crash);
      }
      default -> throw new Unusual();
    };
  }

  private boolean has(Field field) {
    return (seen & field.bit) != 0;
  }

  private void only(int ofPayload) throws Unusual {
    expect(has(Field.PAYLOAD) && (seen & ~(OF_TASK | ofPayload)) == 0);
  }

  private <T> T given(@Nullable T value, Field field) throws Unusual {
    if (value == null || !has(field)) {
      throw new Unusual();
    }
    return value;
  }

  private <T> T once(Field field, T value) throws Unusual {
    expect(!has(field));
    seen |= field.bit;
    return value;
  }

  private String text() throws IOException, Unusual {
    expect(parser.nextToken() == JsonToken.VALUE_STRING);
    return parser.getText();
  }

  private boolean flag() throws IOException, Unusual {
    JsonToken token = parser.nextToken();
    expect(token == JsonToken.VALUE_TRUE || token == JsonToken.VALUE_FALSE);
    return token == JsonToken.VALUE_TRUE;
  }

  private long number(Field field, Bounds bounds) throws IOException, Unusual {
    expect(parser.nextToken() == JsonToken.VALUE_NUMBER_INT);
    JsonParser.NumberType type = parser.getNumberType();
    expect(type == JsonParser.NumberType.INT || type == JsonParser.NumberType.LONG);
    long number = parser.getLongValue();
    expect(bounds.hold(number));
    return once(field, number);
  }

  private long instant(String text) {
    if (!text.equals(instant)) {
      instantMillis = SubmissionJson.notBefore("", text);
      instant = text;
    }
    return instantMillis;
  }

  private String name() throws IOException, Unusual {
    String name = text();
    expect(UserName.isPlain(name));
    return name;
  }

  private Operation operation() throws IOException, Unusual {
    return switch (text()) {
      case "set" -> Operation.SET;
      case "deposit" -> Operation.DEPOSIT;
      case "withdraw" -> Operation.WITHDRAW;
      default -> throw new Unusual();
    };
  }

  /** A text of digits that begin with no needless 0, a point or none; with two decimals then. */
  private String amount() throws IOException, Unusual {
    String text = text();
    int point = text.indexOf('.');
    int whole = point < 0 ? text.length() : point;
    expect(Amount.isAmount(text) && (whole == 1 || text.charAt(0) != '0'));
    int decimals = point < 0 ? 0 : text.length() - point - 1;
    return decimals == 2 ? text : decimals == 1 ? text + "0" : text + ".00";
  }

  private static boolean isAboveZero(String amount) {
    return !amount.equals("0.00");
  }

  private static void expect(boolean usual) throws Unusual {
    if (!usual) {
      throw new Unusual();
    }
  }
}
